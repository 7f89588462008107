"""The command `rate-limit`."""

import datetime
from typing import TYPE_CHECKING, Self

import attrs
import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.options import WINDOW, Options, examples, shared_options
from katapult_async.cli.runner import run_single

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.rate_limit.reports import RateLimit


@attrs.frozen(kw_only=True)
class Budget:
    """The rate limit of a token, as the response to one request reported it."""

    permitted: int | None
    """Requests that one window permits."""

    remaining: int | None
    """Requests that are left in the present window."""

    resets_at: datetime.datetime | None
    """When the next window begins, on the server's clock."""

    resets_in: float | None
    """Seconds until the next window has begun for certain."""

    @classmethod
    def of(cls, limit: "RateLimit") -> Self:
        """Return the budget in a client's rate limit."""
        at = limit.resets_at
        return cls(
            permitted=limit.permitted,
            remaining=limit.remaining,
            resets_at=None if at is None else datetime.datetime.fromtimestamp(at, tz=datetime.UTC),
            resets_in=None if limit.resets_in is None else round(limit.resets_in, 3),
        )


@click.command(name="rate-limit", epilog=examples("rate-limit --sandbox", "rate-limit -o json --fields remaining"))
@WINDOW
@shared_options(Budget, columns=("permitted", "remaining", "resets_at", "resets_in"))
def rate_limit(options: Options, *, window: float | None) -> ExitCode:
    """Show how many requests of the rate limit are left.

    It also shows when the next window begins. Katapult reports both with every response, so this sends one request.
    A token without any scope can do that.
    """

    async def budget(katapult: "KatapultClient") -> Budget:
        await anext(aiter(katapult.data_centers.list()), None)
        return Budget.of(katapult.rate_limit)

    return run_single(attrs.evolve(options, window=window), record=budget)
