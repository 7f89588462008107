"""The requests that the counter may not include yet: lost ones, and those sent before the reset."""

from collections import deque

import attrs

__all__ = ["UncountedRequests"]


@attrs.define(eq=False)
class UncountedRequests:
    """Requests whose outcome the counter may not show yet; they are subtracted from ``remaining``.

    *Lost in the window*: sent in the current window, without a response (timeout, disconnect). *Sent before the reset*:
    the server may have counted it in the old window or in this one. Both are kept as the times at which the requests
    ended: a request that is sent later reports a counter that includes them, if they were counted at all.
    """

    _lost_in_window: deque[float] = attrs.field(factory=deque)
    _sent_before_reset: deque[float] = attrs.field(factory=deque)

    count: int = 0
    """Requests of both kinds."""

    def add(self, now: float, *, before_reset: bool) -> None:
        """Record a request that ended without a counter of the current window."""
        ended = self._sent_before_reset if before_reset else self._lost_in_window
        ended.append(now)
        self.count += 1

    def remove_counted(self, sent_at: float) -> None:
        """Remove those that had ended by ``sent_at``. A request was sent then, and its response reports the counter."""
        for ended in (self._lost_in_window, self._sent_before_reset):
            while ended and ended[0] <= sent_at:
                ended.popleft()
                self.count -= 1

    def should_probe(self, remaining: int) -> bool:
        """Return whether a probe may show more requests left: those sent before the reset may not have counted."""
        return bool(self._sent_before_reset) and remaining > len(self._lost_in_window)
