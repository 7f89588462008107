"""The progress of a job on standard error: a bar on a terminal, or messages, and a line if none was shown for long."""

import asyncio
import contextlib
import math
import os
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

import attrs

from katapult_async.cli import messages
from katapult_async.cli.error_messages import short_message_of
from katapult_async.cli.summary import Summary
from katapult_async.cli.wait_messages import SHORT_WAIT
from katapult_async.core.hooks import Outage, RetryNotice
from katapult_async.errors import RequestError
from katapult_async.rate_limit.status import Estimate, RateLimit

_REFRESH: Final = 0.1  # seconds between two states of the bar
_MOST_SECONDS: Final = 120  # a longer time is shown in minutes
_RETRY_INTERVAL: Final = 10.0  # seconds between two messages about failed attempts, at least
_FIRST_INTERVAL: Final = 10.0  # seconds without a message before the first line of progress
_INTERVAL: Final = 60.0  # seconds without a message before each later line: Katapult's window


@attrs.define(kw_only=True)
class JobProgress:
    """The progress of a job in words: its state in one line, and messages about failures, outages and waits."""

    summary: Summary = attrs.field(factory=Summary)
    """The outcomes so far."""

    outage_timeout: float = math.inf
    """Seconds for which calls are tried again in an outage."""

    estimate: Callable[[], Estimate | None] = lambda: None
    """Returns how long the rest takes; None while the number of queries is unknown."""

    has_bar: bool = False
    """Whether a bar shows all of this, so that no message is written."""

    clock: Callable[[], float] = time.monotonic
    """Returns seconds."""

    _shown_at: float = attrs.field(init=False, default=attrs.Factory(lambda self: self.clock(), takes_self=True))
    """When the last message was shown, or this object was created; on the clock."""

    _retry_shown_at: float = attrs.field(default=-math.inf, init=False)
    """When the last message about a failed attempt was shown; on the clock."""

    _error: RequestError | None = attrs.field(default=None, init=False)
    """The error of the last attempt that failed."""

    _steps_at_error: int = attrs.field(default=-1, init=False)
    """The `_steps` of the job when that attempt failed."""

    _stuck_since: float = attrs.field(default=0.0, init=False)
    """When the first attempt failed since the last step; on the clock."""

    @property
    def _steps(self) -> int:
        """Steps of the job: each query is one when it is read, and one when it is done."""
        return self.summary.queries + self.summary.done

    def line(self, limit: RateLimit, outages: Sequence[Outage] = ()) -> str:
        """Return the state of the job. A narrow terminal cuts off its end, so what is shown least often comes last.

        Args:
            limit: the rate limit as last reported by the server.
            outages: those that have not ended, that of the whole server first.
        """
        estimate = self.estimate()
        at_least = f"{self.summary.queries}+" if self.summary.queries else "?"
        failed = f", {self.summary.failed} failed" if self.summary.failed else ""
        parts = [f"{self.summary.done}/{at_least if self.summary.total is None else self.summary.total}{failed}"]
        if outages:
            parts.append(outage_text(outages[0], timeout=self.outage_timeout))
        elif estimate is not None and limit.remaining is not None and estimate.windows:
            parts.append(time_left(estimate.seconds) if estimate.seconds else "the rest fits into this window")
        parts.append(budget_text(limit))
        if self.summary.answered_before:
            parts.append(f"{self.summary.answered_before} already answered")
        if self._error is not None and self._steps == self._steps_at_error and not outages:
            parts.append(f"trying again after: {self._error.description.rstrip('.')}")
        return " | ".join(parts)

    def attempt_failed(self, notice: RetryNotice) -> None:
        """Show why the job makes no progress. Attempts that fail while others succeed are not shown."""
        now, self._error = self.clock(), notice.error
        if self._steps != self._steps_at_error:
            self._steps_at_error, self._stuck_since = self._steps, now
        seconds = now - self._stuck_since
        if seconds >= SHORT_WAIT and now - self._retry_shown_at >= _RETRY_INTERVAL:
            self.show(f"no progress for {seconds:.0f} s, trying again after: {short_message_of(notice.error)}")
            self._retry_shown_at = now

    def outage(self, outage: Outage) -> None:
        """Show that an outage has begun or ended."""
        if outage.until is None:
            reason = short_message_of(outage.last_error)
            self.show(f"{outage_text(outage, timeout=self.outage_timeout)}; the last error: {reason}")
        else:
            self.show(f"{_requests(outage)} succeed again after {outage.until - outage.since:.0f} s")

    def seconds_since_message(self) -> float:
        """Return the seconds since the last message."""
        return self.clock() - self._shown_at

    def show(self, message: str) -> None:
        """Write a message to standard error, unless a bar is shown."""
        if not self.has_bar:
            messages.show(message)
        self._shown_at = self.clock()


@contextlib.asynccontextmanager
async def show_progress(job: JobProgress, *, line: Callable[[], str]) -> AsyncGenerator[None]:
    """Show the progress of a job while the block runs: in a bar, or in a line whenever no message was shown for long.

    Args:
        job: its progress.
        line: returns the state of the job.
    """
    task = asyncio.create_task(_draw_bar(job.summary, line) if job.has_bar else _write_lines(job, line))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _draw_bar(summary: Summary, line: Callable[[], str]) -> None:
    """Draw a bar until the task is cancelled, and then remove it."""
    import rich.console  # noqa: PLC0415 # a job without a terminal does not wait for rich
    import rich.progress  # noqa: PLC0415 # likewise

    # rich takes a COLUMNS or LINES of "²" for a number, and raises ValueError
    environ = {name: value for name, value in os.environ.items() if value.isascii()}
    with rich.progress.Progress(
        rich.progress.BarColumn(bar_width=20),
        rich.progress.TextColumn("{task.description}", markup=False),
        console=rich.console.Console(file=messages.Terminal(), force_terminal=True, highlight=False, _environ=environ),
        auto_refresh=False,  # rich would read the rate limit from a thread
        transient=True,
        redirect_stdout=False,  # rich would send the data to standard error
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(line(), total=summary.total)
        while True:
            await asyncio.sleep(_REFRESH)
            bar.update(task, completed=summary.done, total=summary.total, description=line(), refresh=True)


async def _write_lines(job: JobProgress, line: Callable[[], str]) -> None:
    """Write a line whenever no message was shown for long, until the task is cancelled."""
    interval = _FIRST_INTERVAL
    while True:
        await asyncio.sleep(interval - job.seconds_since_message())
        if job.seconds_since_message() >= interval:
            job.show(f"so far: {line()}")
            interval = _INTERVAL


def budget_text(limit: RateLimit) -> str:
    """Return how many requests are left, such as ``734 of 1000 left, resets in 23 s``."""
    if limit.permitted is None or limit.remaining is None:
        return "rate limit not known yet"
    text = f"{limit.remaining} of {limit.permitted} left"
    return text if limit.resets_in is None else f"{text}, resets in {limit.resets_in:.0f} s"


def outage_text(outage: Outage, *, timeout: float) -> str:
    """Return since when requests have failed and until when calls are tried again, in local time.

    Args:
        outage: the outage.
        timeout: seconds for which calls are tried again.
    """
    until = "" if math.isinf(timeout) else f", trying until {_time_of_day(outage.since + timeout)}"
    return f"{_requests(outage)} have failed since {_time_of_day(outage.since)}{until}"


def _requests(outage: Outage) -> str:
    """Return which requests fail, such as ``requests to GET /organizations``."""
    return "requests" if outage.endpoint is None else f"requests to {outage.endpoint}"


def _time_of_day(unix_seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(unix_seconds))


def time_left(seconds: float) -> str:
    """Return a time such as ``39 min left``."""
    return f"{seconds:.0f} s left" if seconds < _MOST_SECONDS else f"{math.ceil(seconds / 60)} min left"
