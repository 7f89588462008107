"""The progress bar on standard error: how far the run is, and what is left of the rate limit's window."""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Callable
from typing import Final, TextIO

import attrs
import rich.console
import rich.progress

from katapult_async.cli.tally import Tally
from katapult_async.rate_limit.window import Estimate, RateLimit

_REFRESH: Final = 0.1  # seconds between two looks
_MINUTES: Final = 120  # seconds from which minutes say enough


@attrs.frozen(kw_only=True)
class Sight:
    """What the bar looks at."""

    tally: Tally
    """What the run has come to."""

    rate_limit: Callable[[], RateLimit]
    """Returns the rate limit as last heard."""

    estimate: Callable[[], Estimate | None]
    """Returns how long the rest will take; None while nobody knows how much there is."""

    def __str__(self) -> str:
        """Return one line. A narrow terminal shortens the bar and then cuts off the end, so the rarest comes last."""
        tally, limit, estimate = self.tally, self.rate_limit(), self.estimate()
        total = tally.total if tally.total is not None else f"{tally.asked}+" if tally.asked else "?"
        said = f"{tally.done}/{total}"
        if tally.failed:
            said += f", {tally.failed} failed"
        if estimate is not None and limit.remaining is not None and estimate.windows:
            said += " | " + (left(estimate.seconds) if estimate.windows > 1 else "the rest fits")
        said += f" | {budget(limit)}"
        if tally.retrying:
            said += f" | trying again after {tally.retrying}"
        if tally.resumed:
            said += f" | {tally.resumed} already answered"
        return said


@contextlib.asynccontextmanager
async def progress_bar(seen: Sight, *, stderr: TextIO) -> AsyncGenerator[None]:
    """Show the state of a run while the block runs, and leave no trace of it.

    Args:
        seen: looked at ten times a second.
        stderr: the terminal.
    """
    bar = rich.progress.Progress(
        rich.progress.BarColumn(bar_width=20),
        rich.progress.TextColumn("{task.description}", markup=False),
        console=rich.console.Console(file=stderr, highlight=False),
        auto_refresh=False,  # a thread of its own would look at the rate limit from outside of the loop
        transient=True,
        redirect_stdout=False,  # rich would send the data to standard error
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task(str(seen), total=seen.tally.total)

        async def watch() -> None:
            while True:
                bar.update(task, completed=seen.tally.done, total=seen.tally.total, description=str(seen))
                bar.refresh()
                await asyncio.sleep(_REFRESH)

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def budget(limit: RateLimit) -> str:
    """Return what is left of the window, such as ``734/1000 this window, next in 23 s``."""
    if limit.permitted is None or limit.remaining is None:
        return "rate limit not known yet"
    said = f"{limit.remaining}/{limit.permitted} this window"
    return said if limit.resets_in is None else f"{said}, next in {limit.resets_in:.0f} s"


def left(seconds: float) -> str:
    """Return a time that is left, such as ``39 min left``."""
    return f"{seconds:.0f} s left" if seconds < _MINUTES else f"{math.ceil(seconds / 60)} min left"
