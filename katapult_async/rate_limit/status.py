"""What the rate limiter grants, denies and reports."""

import enum

import attrs

from katapult_async.options import Priority

__all__ = [
    "DenialReason",
    "Denied",
    "Estimate",
    "Permit",
    "RateLimit",
    "RateLimitPause",
]


class DenialReason(enum.StrEnum):
    """Why no request may be sent now."""

    SPENT = "spent"
    """The window's requests are used up."""

    REFUSED = "refused"
    """The server answered 429."""

    LATE = "late"
    """The next window should have started, and the server has not started it yet."""

    PROBING = "probing"
    """The first requests of a window are under way; their answers decide."""

    DRAINING = "draining"
    """Every request that is left is under way already."""

    SHARED = "shared"
    """Others use the token too, and the last requests of the window may be theirs."""

    RESERVED = "reserved"
    """What is left is kept for foreground calls and other users of the token."""

    BUSY = "busy"
    """As many requests are under way as the policy allows."""


@attrs.frozen(kw_only=True)
class RateLimit:
    """The rate limit as last heard."""

    permitted: int | None
    """Requests that one window permits; None before the first answer."""

    remaining: int | None
    """Requests left, less those under way. None before the first answer."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""

    resets_in: float | None
    """Seconds from now until the next window has surely started; None while that clock is unknown."""

    queued: int
    """Calls that wait for their turn."""

    in_flight: int
    """Requests under way."""


@attrs.frozen(kw_only=True)
class RateLimitPause:
    """The window shut while somebody was waiting."""

    reason: DenialReason
    """Why it shut."""

    seconds: float
    """Seconds until it reopens, as far as is known now."""

    queued: int
    """Calls that wait."""

    permitted: int | None
    """Requests that one window permits."""

    remaining: int | None
    """Requests left, as last heard."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""


@attrs.frozen(kw_only=True)
class Estimate:
    """How long a number of requests will take, as far as the rate limit decides."""

    requests: int
    """Requests still to be sent."""

    windows: int
    """Windows that they need, the present one included if any of it is left."""

    seconds: float
    """Seconds until the last of them can be sent. What the network takes comes on top."""


@attrs.frozen
class Denied:
    """No request may be sent now."""

    until: float
    """Monotonic seconds at which to ask again; infinite when only an answer can change anything."""

    reason: DenialReason
    """Why."""

    @property
    def closed(self) -> bool:
        """Whether the window is over, rather than its end near or an answer due."""
        return self.reason in {DenialReason.SPENT, DenialReason.REFUSED, DenialReason.LATE}


@attrs.define(eq=False)
class Permit:
    """The right to send one request, now."""

    granted_at: float
    """Monotonic seconds."""

    start: int
    """Which start of a window it belongs to: the count in the answer to an older request says nothing."""

    priority: Priority
    """Who asked."""

    order: int
    """Place in the queue, which a refused request keeps."""

    settled: bool = False
    """Whether its outcome is booked."""
