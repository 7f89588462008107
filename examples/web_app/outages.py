"""Whether Katapult responds successfully, derived from the client's retries and the calls of this application.

This is the one file to change when the client reports outages itself: replace the body of `OutageMonitor.current` by
``katapult.outages``, and remove the rest.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final

import attrs

from katapult_async import (
    BadResponseError,
    RetryNotice,
    ServerError,
    ServiceUnavailableError,
    TransportError,
)

_FAILURES: Final = (TransportError, BadResponseError, ServerError, ServiceUnavailableError)
# Seconds without a successful response that count as an outage. Visitors see it within 3 s.
_FAILING: Final = 1.0  # while requests fail
_SILENT: Final = 2.0  # while requests have no response


@attrs.frozen
class Outage:
    """A time without any successful response. Both times are Unix seconds."""

    since: float
    """When the first request failed, or was sent and got no response."""

    until: float
    """When the client stops trying."""


class OutageMonitor:
    """Knows of an outage while calls are in progress.

    Args:
        timeout: seconds for which single calls of the client keep trying, ``RetryPolicy.outage_timeout``.
        clock: returns Unix seconds.
    """

    def __init__(self, *, timeout: float = 75.0, clock: Callable[[], float] = time.time) -> None:
        self._timeout = timeout
        self._clock = clock
        self._calls = 0
        self._failing_since: float | None = None
        self._silent_since: float | None = None

    @contextlib.contextmanager
    def calling(self) -> Iterator[None]:
        """Mark calls as in progress. After the last of them, a past outage is forgotten."""
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

    def current(self, *, in_flight: int) -> Outage | None:
        """Return the present outage; call it several times a second while calls are in progress.

        Args:
            in_flight: requests that were sent and have no response yet.
        """
        now = self._clock()
        if not in_flight:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        failing, silent = self._failing_since, self._silent_since
        if (failing is None or now - failing < _FAILING) and (silent is None or now - silent < _SILENT):
            return None
        since = min(at for at in (failing, silent) if at is not None)
        return Outage(since=since, until=since + self._timeout)
