"""The status of the rate limit, as users see it: what is left, why calls wait, and how long a batch will take."""

import math
from typing import Self

import attrs

from katapult_async.rate_limit.wait_reasons import DenialReason

__all__ = ["Estimate", "RateLimit", "WaitNotice"]


@attrs.frozen(kw_only=True)
class RateLimit:
    """The current rate limit, computed from what the server reported last."""

    permitted: int | None
    """Requests that one window permits; None before the first response."""

    remaining: int | None
    """Requests left, minus those in flight; after the window has ended, those of the next. None before a response."""

    resets_at: float | None
    """When the window resets, in Unix seconds on the server's clock; None while that clock is unknown."""

    resets_in: float | None
    """Seconds from now until the window has certainly been reset; None while the server's clock is unknown."""

    queued: int
    """Calls that wait for the rate limit."""

    in_flight: int
    """Requests in flight."""


@attrs.frozen(kw_only=True)
class WaitNotice:
    """A wait for the rate limit: ``on_wait`` gets one for all calls that wait together. As text, it is a message."""

    reason: DenialReason
    """Why they wait; ``reason.text`` is the reason in words."""

    seconds: float
    """Expected seconds until the next request; ``math.inf`` if the wait ends with the response to another request."""

    queued: int
    """Waiting calls."""

    permitted: int | None
    """Requests that one window permits."""

    remaining: int | None
    """Requests left, minus those in flight; after the window has ended, those of the next. None if unknown."""

    resets_at: float | None
    """When the window resets, in Unix seconds on the server's clock; None while that clock is unknown."""

    def __str__(self) -> str:
        waiting = "1 call waits" if self.queued == 1 else f"{self.queued} calls wait"
        seconds = "for a response" if self.seconds == math.inf else f"{self.seconds:.1f} s"
        return f"{waiting} {seconds}: {self.reason.text}"


@attrs.frozen(kw_only=True)
class Estimate:
    """How long a number of requests will take because of the rate limit; see `Batch.estimate`."""

    requests: int
    """Requests still to be sent."""

    windows: int
    """Windows that they need, the current one included if any of it is left."""

    seconds: float
    """Seconds until the last of them can be sent, without the time that the network takes."""

    @classmethod
    def of(cls, requests: int, limit: RateLimit, *, next_window_in: float, window_seconds: float) -> Self:
        """Return the estimate for requests that use what is left of this window, and then later windows."""
        left, permitted = limit.remaining, limit.permitted
        if permitted is None or left is None or requests <= left:
            return cls(requests=requests, windows=min(1, requests), seconds=0.0)
        later_windows = math.ceil((requests - left) / permitted)
        seconds = next_window_in + (later_windows - 1) * window_seconds
        return cls(requests=requests, windows=min(1, left) + later_windows, seconds=seconds)
