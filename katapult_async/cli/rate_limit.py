"""The command `rate-limit`: how many requests are left in the rate-limit window, and when it ends."""

import datetime
from typing import TYPE_CHECKING, Final

import click

from katapult_async.cli.declarations import Declaration
from katapult_async.cli.lazy_group import Command
from katapult_async.cli.shared_options import examples, seconds_option, shared_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from katapult_async.cli.given_options import Options
    from katapult_async.client import KatapultClient
    from katapult_async.rate_limit.status import RateLimit

_COLUMNS: Final = ("permitted", "remaining", "resets_at", "resets_in")


@click.command(
    cls=Command, name="rate-limit", epilog=examples("rate-limit --sandbox", "rate-limit -o json --fields remaining")
)
@seconds_option("--timeout", help="Seconds for all attempts and waits together. [default: 180]")
@shared_options(dict.fromkeys(_COLUMNS, Declaration(types=("int",))), columns=_COLUMNS)
def rate_limit(options: "Options", *, timeout: float | None) -> None:
    """Show how many requests of the rate limit are left.

    It also shows when the next window begins, and in how many seconds (resets_in). The headers of any response show
    all of this, so the command sends one request, for which a token needs no scope.
    """
    from katapult_async.cli.runner import run_single  # noqa: PLC0415 # aiohttp, which --help does not need

    async def fetch(katapult: "KatapultClient") -> "AsyncGenerator[object]":
        await anext(aiter(katapult.data_centers.list(timeout=timeout)), None)
        yield record_of(katapult.rate_limit)

    run_single(options, fetch=fetch)


def record_of(limit: "RateLimit") -> dict[str, object]:
    """Return the fields of the rate limit that are known. The time of the reset is on the server's clock."""
    at = limit.resets_at
    values = {
        "permitted": limit.permitted,
        "remaining": limit.remaining,
        "resets_at": None if at is None else datetime.datetime.fromtimestamp(at, tz=datetime.UTC),
        "resets_in": None if limit.resets_in is None else round(limit.resets_in, 3),
    }
    return {name: value for name, value in values.items() if value is not None}
