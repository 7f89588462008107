"""Requests that came to their end without telling what the counter shows: spent, until a later one reports."""

from collections import deque

__all__ = ["UncountedRequests"]


class UncountedRequests:
    """Ghosts and strays, as the times at which they came to their end.

    A *ghost* was sent in the present window, and nobody knows what became of it. A *stray* was sent before it, so
    that the server may have counted it in either window, unless its answer was written before the turn. A request
    that is sent after the end of both reports a counter that has them in it, if they were counted at all.
    """

    __slots__ = ("_ghosts", "_strays")

    def __init__(self) -> None:
        self._ghosts: deque[float] = deque()
        self._strays: deque[float] = deque()

    def __len__(self) -> int:
        return len(self._ghosts) + len(self._strays)

    def ended(self, now: float, *, stray: bool) -> None:
        """Book one."""
        (self._strays if stray else self._ghosts).append(now)

    def reported(self, sent_at: float) -> None:
        """Forget those that are in the count of a request sent at ``sent_at``."""
        for ended in (self._ghosts, self._strays):
            while ended and ended[0] <= sent_at:
                ended.popleft()

    def worth_asking(self, remaining: int) -> bool:
        """Return whether one request more would help: strays may all belong to the old window, ghosts hardly."""
        return bool(self._strays) and remaining > len(self._ghosts)
