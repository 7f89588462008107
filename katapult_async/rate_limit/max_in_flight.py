"""The requests that one client may have in flight at once, and the part of them that is kept for single calls."""

import math

from katapult_async.options import SINGLE, Priority

__all__ = ["Slots"]

KEPT_ONE_IN = 10
"""One slot in so many, but at least one, is kept for single calls."""

KEPT_FOR = 60.0
"""Seconds for which slots are kept after a single call. They are not kept always, because that costs a batch that
fits into one window up to 1.14 s."""

SLOW = 1.0
"""Seconds: slots are also kept while a batch request is in flight for longer than this, because its endpoint may
hang."""


class Slots:
    """Counts a client's requests in flight."""

    __slots__ = ("_batch", "_batch_limit", "_last_single_at", "_limit", "in_flight")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._batch_limit = max(1, limit - max(1, limit // KEPT_ONE_IN))
        self._batch: dict[object, float] = {}  # batch requests in flight, oldest first, and when they were sent
        self._last_single_at = -math.inf
        self.in_flight = 0
        """Requests in flight."""

    def take(self, request: object, priority: Priority, now: float) -> bool:
        """Take a slot for a request of a priority; return whether one was free."""
        if self.in_flight >= self._limit:
            return False
        if priority is SINGLE:
            self._last_single_at = now
        elif len(self._batch) < self._batch_limit or not self._keeps_some(now):
            self._batch[request] = now
        else:
            return False
        self.in_flight += 1
        return True

    def release(self, request: object) -> None:
        """Record that a request has ended."""
        self.in_flight -= 1
        self._batch.pop(request, None)

    def _keeps_some(self, now: float) -> bool:
        """Return whether batches leave some slots to single calls."""
        oldest = next(iter(self._batch.values()))
        return now - self._last_single_at <= KEPT_FOR or now - oldest >= SLOW
