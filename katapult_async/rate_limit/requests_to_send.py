"""The requests that running batches still have to send, as far as is known."""

import itertools
from collections import defaultdict

import attrs

__all__ = ["RequestsToSend"]


@attrs.define(eq=False)
class _RequestCounts:
    """How many requests of one batch are expected, granted and waiting."""

    expected: int = 0
    """Requests without an outcome, as the batch has announced them: one for each item."""

    granted: int = 0
    """How many of these have a permit."""

    waiting: int = 0
    """Calls that wait for a permit. They may be more than were announced, if items make several requests."""

    @property
    def to_send(self) -> int:
        """Requests that the batch still has to send."""
        return max(self.expected - self.granted, self.waiting)


class RequestsToSend:
    """Counts the requests of each batch of a token. A key identifies each batch."""

    def __init__(self) -> None:
        self._batches: defaultdict[object, _RequestCounts] = defaultdict(_RequestCounts)
        self._sums: dict[int, int] = {}  # what `to_send` returns, by the requests of the batch; empty after a change

    def expect(self, batch: object, requests: int) -> None:
        """Expect more requests of a batch; a negative number removes one that has ended, or all that are left."""
        self._sums = {}
        counts = self._batches[batch]
        counts.expected = max(0, counts.expected + requests)
        if requests < 0:
            counts.granted = max(0, counts.granted + requests)
        self._forget_ended(batch, counts)

    def count_granted(self, batch: object) -> None:
        """Count a permit, unless all expected requests have one."""
        counts = self._batches.get(batch)
        if counts is not None and counts.granted < counts.expected:
            counts.granted += 1
            self._sums = {}

    def count_waiting(self, batch: object, change: int) -> None:
        """Record that a call begins to wait for its permit (1), or that its wait has ended (-1)."""
        self._sums = {}
        counts = self._batches[batch]
        counts.waiting += change
        self._forget_ended(batch, counts)

    def to_send(self, batch: object) -> int:
        """Return the requests still to be sent by a batch, and by all batches with fewer requests left.

        A batch can end in a window that has room for all of these. It need not wait for a batch that has more left.
        """
        if batch not in self._batches:
            return 0
        if not self._sums:
            requests = sorted(counts.to_send for counts in self._batches.values())
            # of batches with equal numbers, the last sum
            self._sums = dict(zip(requests, itertools.accumulate(requests), strict=True))
        return self._sums[self._batches[batch].to_send]

    def _forget_ended(self, batch: object, counts: _RequestCounts) -> None:
        if not counts.expected and not counts.waiting:
            del self._batches[batch]
