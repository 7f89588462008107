"""What the page says of an outage: since when Katapult does not respond, and until when requests are retried.

The client reports an outage when its circuit breakers open (``katapult.outages``), which takes several failures. A
visitor may wait for a single call, so an outage is also derived from the client's retries and from silence.
"""

import contextlib
import time
from collections.abc import Callable, Generator, Iterable
from typing import Final

import attrs

import katapult_async
from katapult_async import BadResponseError, RetryNotice, ServerError, ServiceUnavailableError, TransportError

OUTAGE_TIMEOUT: Final = 300.0
"""Seconds for which requests are retried in an outage: the client's ``RetryPolicy.outage_timeout``."""

_FAILURES: Final = (TransportError, BadResponseError, ServerError, ServiceUnavailableError)

# Seconds without a successful response that count as an outage. Visitors see it within 3 s.
_FAILING: Final = 1.0  # while requests fail
_SILENT: Final = 2.0  # while requests have no response


@attrs.frozen
class Outage:
    """A time without successful responses. Both times are Unix seconds."""

    since: float
    """When it began."""

    until: float
    """When the client stops retrying."""

    partial: bool = False
    """Whether only the requests to some endpoints fail."""


class OutageMonitor:
    """Determines the outage that the page shows while calls are in progress.

    Args:
        timeout: seconds for which the client retries, ``RetryPolicy.outage_timeout``.
        clock: returns Unix seconds.
    """

    def __init__(self, *, timeout: float = OUTAGE_TIMEOUT, clock: Callable[[], float] = time.time) -> None:
        self._timeout = timeout
        self._clock = clock
        self._calls = 0
        self._failing_since: float | None = None
        self._silent_since: float | None = None

    @contextlib.contextmanager
    def calling(self) -> Generator[None]:
        """Mark calls as in progress. After the last of them, failures and silence are forgotten."""
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1
            if not self._calls:
                self.responded()

    def retried(self, notice: RetryNotice) -> None:
        """Record an attempt that failed: the client's ``on_retry``."""
        if not isinstance(notice.error, _FAILURES):
            self.responded()  # such as a 429: Katapult works
        elif self._failing_since is None:
            self._failing_since = self._clock()

    def responded(self) -> None:
        """Record a successful response."""
        self._failing_since = self._silent_since = None

    def current(self, reported: Iterable[katapult_async.Outage], *, in_flight: int) -> Outage | None:
        """Return the current outage; call it several times a second while calls are in progress.

        Args:
            reported: the client's ``outages``.
            in_flight: requests that were sent and have no response yet.
        """
        now = self._clock()
        if not in_flight:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        lasting = [outage for outage in reported if outage.since + self._timeout > now]
        if lasting:
            partial = all(outage.endpoint is not None for outage in lasting)
            return self._outage(min(outage.since for outage in lasting), partial=partial)
        failing, silent = self._failing_since, self._silent_since
        if (failing is None or now - failing < _FAILING) and (silent is None or now - silent < _SILENT):
            return None
        return self._outage(min(at for at in (failing, silent) if at is not None))

    def _outage(self, since: float, *, partial: bool = False) -> Outage:
        return Outage(since=since, until=since + self._timeout, partial=partial)
