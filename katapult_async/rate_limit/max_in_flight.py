"""How many requests one client may have in flight at once (``max_in_flight``): each takes one *slot*.

A few slots are kept: batches leave them to single calls, and an endpoint that may hang leaves them to other endpoints.
"""

import functools
import math
from collections.abc import Callable

from katapult_async.call_limits import BATCH, SINGLE, Priority

__all__ = ["Slots"]

KEPT_ONE_IN = 10
"""One slot of this many is kept, but at least one. The only slot of a client is not kept."""

KEPT_FOR = 60.0
"""For this many seconds after a single call, batches leave the kept slots free. If they always did so, a batch that
fits into one window would take up to 1.14 s longer."""


class Slots:
    """The slots of one client."""

    __slots__ = ("_batch", "_last_single_at", "_limit", "in_flight", "not_kept", "on_release")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.not_kept: int = max(1, limit - max(1, limit // KEPT_ONE_IN))
        """Slots that every call may take."""

        self._batch = 0  # batch requests in flight
        self._last_single_at = -math.inf
        self.in_flight: int = 0
        """Requests in flight."""

        self.on_release: dict[Callable[[Callable[[], None]], None], None] = {}
        """The keys are called when requests end, each once and one for each slot, with a function that offers the slot
        to the next one if it is still free. A client whose token changes has a limiter for each token: calls that wait
        in one limiter may need slots that requests of another hold."""

    def take(self, priority: Priority, now: float, *, may_hang: bool = False) -> bool:
        """Take a slot for a request; return whether one was free.

        Args:
            priority: of the call.
            now: monotonic seconds.
            may_hang: whether the call's endpoint may hang. Its calls get none of the kept slots: others need them.
        """
        if self.in_flight >= (self.not_kept if may_hang else self._limit):
            return False
        if priority is SINGLE:
            self._last_single_at = now
        elif self._batch < self.not_kept or now - self._last_single_at > KEPT_FOR:
            self._batch += 1
        else:
            return False
        self.in_flight += 1
        return True

    def release(self, priority: Priority) -> None:
        """Record that a request of this priority has ended."""
        before = self.in_flight, self._batch
        self.in_flight -= 1
        if priority is BATCH:
            self._batch -= 1
        if self.on_release:
            self._offer(len(self.on_release), before)

    def _offer(self, most: int, before: tuple[int, int]) -> None:
        """Offer a free slot to the limiter that has waited longest, or to ``most`` limiters until one uses it.

        It is used when as many requests are in flight as ``before``, in all and of batches: then the other limiters,
        whose calls wait since that time, can use no slot either.
        """
        is_used = self.in_flight >= before[0] and self._batch >= before[1]
        if most and self.on_release and not is_used and self.in_flight < self._limit:
            offer = next(iter(self.on_release))
            del self.on_release[offer]
            offer(functools.partial(self._offer, most - 1, before))
