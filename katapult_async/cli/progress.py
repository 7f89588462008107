"""The progress of a job, on standard error: a bar on a terminal, and elsewhere a line from time to time."""

import asyncio
import contextlib
import math
import os
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Final

import attrs

from katapult_async.cli import messages
from katapult_async.cli.error_messages import short_message_of
from katapult_async.cli.summary import Summary
from katapult_async.core.breaker_queue import Outage
from katapult_async.core.notices import RetryNotice
from katapult_async.rate_limit.status import Estimate, RateLimit, RateLimitPause

_REFRESH: Final = 0.1  # seconds between two states of the bar
_MINUTES: Final = 120  # seconds from which minutes are precise enough
_SHORT_WAIT: Final = 2.0  # seconds that need no message
_OUTAGE_INTERVAL: Final = 10.0  # seconds between two messages about an outage, at least
_FIRST: Final = 10.0  # seconds without a message before the first line of progress
_LATER: Final = 60.0  # seconds without a message before every other one: Katapult's window


@attrs.frozen(kw_only=True)
class Status:
    """The state of a job. Its text is one line."""

    summary: Summary
    """The outcomes so far."""

    rate_limit: Callable[[], RateLimit]
    """Returns the rate limit as last reported by the server."""

    estimate: Callable[[], Estimate | None]
    """Returns how long the rest takes; None while the number of queries is unknown."""

    outages: Callable[[], Sequence[Outage]] = tuple
    """Returns the present outages, that of the whole server first."""

    outage_timeout: float = math.inf
    """Seconds for which calls are tried again in an outage."""

    def __str__(self) -> str:
        """Return one line. A narrow terminal cuts off its end, so what is shown least often comes last."""
        summary, limit, estimate = self.summary, self.rate_limit(), self.estimate()
        known = f"{summary.queries}+" if summary.queries else "?"
        text = f"{summary.done}/{known if summary.total is None else summary.total}"
        if summary.failed:
            text += f", {summary.failed} failed"
        outages = self.outages()
        if outages:
            text += f" | {outage_text(outages[0], timeout=self.outage_timeout)}"
        elif estimate is not None and limit.remaining is not None and estimate.windows:
            text += " | " + (time_left(estimate.seconds) if estimate.seconds else "the rest fits into this window")
        text += f" | {budget(limit)}"
        if summary.retrying and not outages:
            text += f" | trying again after: {summary.retrying}"
        if summary.resumed:
            text += f" | {summary.resumed} already answered"
        return text


@contextlib.asynccontextmanager
async def progress_bar(status: Status) -> AsyncGenerator[None]:
    """Show a bar with the state of a job while the block runs, and remove it at the end."""
    import rich.console  # noqa: PLC0415 # a job without a terminal does not wait for rich
    import rich.progress  # noqa: PLC0415 # likewise

    # rich takes a COLUMNS or LINES of "²" for a number, and raises ValueError
    environ = {name: value for name, value in os.environ.items() if value.isascii()}
    bar = rich.progress.Progress(
        rich.progress.BarColumn(bar_width=20),
        rich.progress.TextColumn("{task.description}", markup=False),
        console=rich.console.Console(file=messages.Terminal(), highlight=False, _environ=environ),
        auto_refresh=False,  # rich would read the rate limit from a thread
        transient=True,
        redirect_stdout=False,  # rich would send the data to standard error
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task(str(status), total=status.summary.total)

        async def refresh() -> None:
            while True:
                bar.update(task, completed=status.summary.done, total=status.summary.total, description=str(status))
                bar.refresh()
                await asyncio.sleep(_REFRESH)

        async with _in_background(refresh()):
            yield


def budget(limit: RateLimit) -> str:
    """Return how many requests are left, such as ``734 of 1000 left, resets in 23 s``."""
    if limit.permitted is None or limit.remaining is None:
        return "rate limit not known yet"
    text = f"{limit.remaining} of {limit.permitted} left"
    return text if limit.resets_in is None else f"{text}, resets in {limit.resets_in:.0f} s"


def outage_text(outage: Outage, *, timeout: float) -> str:
    """Return since when there is no answer and until when calls are tried again, in local time.

    Args:
        outage: the outage.
        timeout: seconds for which calls are tried again.
    """
    endpoint = "" if outage.endpoint is None else f" to {outage.endpoint}"
    until = "" if math.isinf(timeout) else f", trying until {_time_of_day(outage.since + timeout)}"
    return f"no answer{endpoint} since {_time_of_day(outage.since)}{until}"


def _time_of_day(unix_seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(unix_seconds))


def time_left(seconds: float) -> str:
    """Return a time such as ``39 min left``."""
    return f"{seconds:.0f} s left" if seconds < _MINUTES else f"{math.ceil(seconds / 60)} min left"


@attrs.define(kw_only=True)
class WaitMessages:
    """Messages about waits for the rate limit and about outages. Repeated ones are left out."""

    progress: Callable[[], int] = lambda: 0
    """Returns how far the job is, in any unit."""

    clock: Callable[[], float] = time.monotonic
    """Returns seconds."""

    _shown_at: float = attrs.field(init=False)
    """When the last message was shown, or this object was created; on the clock."""

    _outage_shown_at: float = attrs.field(default=-math.inf, init=False)
    """When the last message about an outage was shown; on the clock."""

    _last_progress: int = attrs.field(default=-1, init=False)
    """How far the job was when the last attempt failed."""

    _stuck_since: float = attrs.field(default=0.0, init=False)
    """When the first attempt failed since the job made progress; on the clock."""

    def __attrs_post_init__(self) -> None:
        self._shown_at = self.clock()

    def paused(self, pause: RateLimitPause) -> None:
        """Show that the rate limit makes calls wait."""
        if pause.seconds >= _SHORT_WAIT and not messages.shows_log():
            self.show(f"rate limit: {pause}")

    def attempt_failed(self, notice: RetryNotice) -> None:
        """Show why the job makes no progress. Attempts that fail while others succeed are not shown."""
        now, progress = self.clock(), self.progress()
        if progress != self._last_progress:
            self._last_progress, self._stuck_since = progress, now
        seconds = now - self._stuck_since
        if seconds >= _SHORT_WAIT and now - self._outage_shown_at >= _OUTAGE_INTERVAL:
            self.show(f"no progress for {seconds:.0f} s, trying again after: {short_message_of(notice.error)}")
            self._outage_shown_at = now

    def outage(self, outage: Outage, *, timeout: float) -> None:
        """Show that an outage has begun or ended.

        Args:
            outage: the outage.
            timeout: seconds for which calls are tried again.
        """
        if outage.until is None:
            reason = short_message_of(outage.last_error)
            self.show(f"{outage_text(outage, timeout=timeout)}; the last error: {reason}")
        else:
            endpoint = "the server" if outage.endpoint is None else outage.endpoint
            self.show(f"{endpoint} answers again after {outage.until - outage.since:.0f} s")

    def silence(self) -> float:
        """Return the seconds since the last message."""
        return self.clock() - self._shown_at

    def show(self, message: str) -> None:
        """Write a message to standard error."""
        messages.show(message)
        self._shown_at = self.clock()


@contextlib.asynccontextmanager
async def progress_lines(
    wait_messages: WaitMessages, *, line: Callable[[], str], first: float = _FIRST, later: float = _LATER
) -> AsyncGenerator[None]:
    """Show a line of progress whenever there was no message for a time, while the block runs.

    Args:
        wait_messages: shows the other messages.
        line: returns the line of progress.
        first: seconds without a message before the first line.
        later: seconds without a message before every other line.
    """

    async def show() -> None:
        interval = first
        while True:
            seconds = interval - wait_messages.silence()
            if seconds > 0:
                await asyncio.sleep(seconds)
            else:
                wait_messages.show(line())
                interval = later

    async with _in_background(show()):
        yield


def show_retry(notice: RetryNotice) -> None:
    """Show at once why a single call takes longer."""
    if not messages.shows_log():
        messages.show(f"trying again in {notice.wait:.1f} s after: {short_message_of(notice.error)}")


@contextlib.asynccontextmanager
async def _in_background(coroutine: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Run a coroutine that never ends while the block runs."""
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
