"""The command `rate-limit`."""

import datetime
from typing import TYPE_CHECKING, Self

import attrs
import click

from katapult_async.cli.asking import Asking
from katapult_async.cli.examples import examples
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.questions import asks, one
from katapult_async.cli.seconds import seconds

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.rate_limit.window import RateLimit


@attrs.frozen(kw_only=True)
class Budget:
    """The rate limit of a token, as the answer to one request told it."""

    permitted: int | None
    """Requests that one window permits."""

    remaining: int | None
    """Requests left of the present window."""

    resets_at: datetime.datetime | None
    """When the next window starts, on the server's clock."""

    resets_in: float | None
    """Seconds until the next window has surely started."""

    @classmethod
    def of(cls, limit: "RateLimit") -> Self:
        """Return what a snapshot says."""
        at = limit.resets_at
        return cls(
            permitted=limit.permitted,
            remaining=limit.remaining,
            resets_at=None if at is None else datetime.datetime.fromtimestamp(at, tz=datetime.UTC),
            resets_in=None if limit.resets_in is None else round(limit.resets_in, 3),
        )


@click.command(name="rate-limit", epilog=examples("rate-limit --sandbox", "rate-limit -o json --fields remaining"))
@click.option(
    "--rate-limit-window",
    "window",
    type=float,
    callback=seconds,
    metavar="SECONDS",
    help="Seconds in which the server counts requests, for one that is not Katapult's."
    " [default: 60, and 5 with --sandbox]",
)
@asks(Budget, columns=("permitted", "remaining", "resets_at", "resets_in"))
def rate_limit(asking: Asking, *, window: float | None) -> ExitCode:
    """Show what is left of the rate limit.

    That is: how many requests the token has left, and when it gets new ones.

    Katapult tells it with each answer, so this spends one request, for which any token will do.
    """
    asking.window = window
    return one(asking, thing=_budget)


async def _budget(katapult: "KatapultClient") -> Budget:
    await anext(aiter(katapult.data_centers.list()), None)
    return Budget.of(katapult.rate_limit)
