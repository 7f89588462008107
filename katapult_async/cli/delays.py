"""Where no progress bar is: how far a run is, and why it does not get on, in lines that never come often."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncGenerator, Callable
from typing import Final

import attrs

from katapult_async.cli.terminal import say
from katapult_async.core.caller import RetryNotice
from katapult_async.errors import KatapultError, RequestError
from katapult_async.rate_limit.status import RateLimitPause

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


def cause(error: KatapultError) -> str:
    """Return what went wrong, without what to do about it, for it is being done."""
    return str(error.problem if isinstance(error, RequestError) else error)
