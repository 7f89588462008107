"""The values that the rate limit is made of: what an answer says, who asks, what was granted, what people see."""

import enum
import functools
from collections.abc import Mapping
from typing import Final

import attrs

from katapult_async.rate_limit.server_clock import unix_seconds

__all__ = ["Estimate", "Pause", "Priority", "RateLimit", "Report", "Shut", "ShutReason", "Ticket"]

LONGEST_COUNT: Final = 9
"""Digits. A header that names more requests than that is garbage."""


class Priority(enum.IntEnum):
    """Who goes first: lower numbers do."""

    FOREGROUND = 0
    """A call that somebody awaits on its own, such as a web request."""

    BATCH = 1
    """One of many calls, of which none is urgent."""


class ShutReason(enum.StrEnum):
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


@attrs.frozen
class Report:
    """What one answer says about the rate limit. None stands for what it does not say, or says badly."""

    permitted: int | None = None
    """Requests that a window permits (``X-Ratelimit-Permitted``)."""

    remaining: int | None = None
    """Requests left when this one was counted (``X-Ratelimit-Remaining``)."""

    date: float | None = None
    """Unix seconds on the server's clock, cut to whole ones (``Date``)."""

    refused: bool = False
    """Whether the answer was 429 ``rate_limit_reached``."""

    total_permitted: int | None = None
    """Requests that a window permits, from the detail of a 429."""

    @classmethod
    def read(cls, headers: Mapping[str, str], *, refused: bool = False, total_permitted: int | None = None) -> "Report":
        """Read the headers of an answer, in whatever state they are."""
        date = headers.get("Date")
        return cls(
            _count(headers.get("X-Ratelimit-Permitted")) or None,
            _count(headers.get("X-Ratelimit-Remaining")),
            None if date is None else unix_seconds(date),
            refused,
            None if total_permitted is None else _count(str(total_permitted)) or None,
        )


@functools.lru_cache(maxsize=2048)  # twice the documented budget: every count is read once
def _count(text: str | None) -> int | None:
    if text is None or len(text) > LONGEST_COUNT or not (text.isdecimal() and text.isascii()):
        return None
    return int(text)


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
class Pause:
    """The window shut while somebody was waiting."""

    reason: ShutReason
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
class Shut:
    """No request may be sent now."""

    until: float
    """Monotonic seconds at which to ask again; infinite when only an answer can change anything."""

    reason: ShutReason
    """Why."""

    @property
    def closed(self) -> bool:
        """Whether the window is over, rather than its end near or an answer due."""
        return self.reason in {ShutReason.SPENT, ShutReason.REFUSED, ShutReason.LATE}


@attrs.define(eq=False)
class Ticket:
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
