"""The progress bar on standard error: how far the run is, and what is left of the rate limit's window."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncGenerator, Callable
from typing import Final, TextIO

import attrs
import rich.console
import rich.progress

from katapult_async.cli.error_messages import cause
from katapult_async.cli.messages import say
from katapult_async.cli.summary import Tally
from katapult_async.core.caller import RetryNotice
from katapult_async.rate_limit.status import Estimate, RateLimit, RateLimitPause

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


_UNNOTICED: Final = 2.0  # seconds that need no explanation
_BETWEEN: Final = 10.0  # seconds, at least, between two lines about an outage
_FIRST: Final = 10.0  # seconds without a word after which people begin to wonder
_LATER: Final = 60.0  # seconds, for those who know by then that it works: Katapult's window


@attrs.define(kw_only=True)
class Delays:
    """Hears of pauses and of attempts that failed, and says what is worth a line."""

    progress: Callable[[], int] = lambda: 0
    """Returns how far the run is, in any unit."""

    clock: Callable[[], float] = time.monotonic
    """Returns seconds."""

    _said_at: float = attrs.field(init=False)
    """When a line was said last, or this was made; on the clock, as the others."""

    _outage_told_at: float = attrs.field(default=-math.inf, init=False)
    _reached: int = attrs.field(default=-1, init=False)
    """How far it was when an attempt failed last."""

    _stuck_since: float = attrs.field(default=0.0, init=False)
    """When an attempt failed first after which it came no further."""

    def __attrs_post_init__(self) -> None:
        self._said_at = self.clock()

    def paused(self, pause: RateLimitPause) -> None:
        """Take note that the rate limit makes calls wait."""
        if pause.seconds >= _UNNOTICED:
            waiting = "1 query waits" if pause.queued == 1 else f"{pause.queued} queries wait"
            self.say(f"the rate limit is {pause.reason}: {waiting} {pause.seconds:.0f} s for the next window")

    def retried(self, notice: RetryNotice) -> None:
        """Take note that an attempt failed and is repeated: no news while others succeed."""
        now, reached = self.clock(), self.progress()
        if reached != self._reached:
            self._reached, self._stuck_since = reached, now
        lasted = now - self._stuck_since
        if lasted >= _UNNOTICED and now - self._outage_told_at >= _BETWEEN:
            self.say(f"no progress for {lasted:.0f} s, trying again after: {cause(notice.error)}")
            self._outage_told_at = now

    def quiet_for(self) -> float:
        """Return for how many seconds nothing has been said."""
        return self.clock() - self._said_at

    def say(self, line: str) -> None:
        """Write a line to standard error."""
        say(line)
        self._said_at = self.clock()


@contextlib.asynccontextmanager
async def progress_lines(
    delays: Delays, *, line: Callable[[], str], first: float = _FIRST, later: float = _LATER
) -> AsyncGenerator[None]:
    """Say how far a run is while the block runs, whenever nothing has been said for a time.

    Args:
        delays: what says other lines.
        line: returns what to say.
        first: seconds without a line before the first one.
        later: seconds without a line before any other.
    """

    async def watch() -> None:
        patience = first
        while True:
            left = patience - delays.quiet_for()
            if left > 0:
                await asyncio.sleep(left)
                continue
            delays.say(line())
            patience = later

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def say_retry(notice: RetryNotice) -> None:
    """Tell at once why one call takes so long."""
    say(f"trying again in {notice.wait:.1f} s after: {cause(notice.error)}")
