"""Why a request waits for the rate limit, until when, and which other calls wait with it."""

import enum
from typing import Self

import attrs

__all__ = ["DenialReason", "DenialScope", "Denied"]


class DenialReason(enum.StrEnum):
    """Why no request may be sent now, with the reason in words, for a message."""

    text: str

    def __new__(cls, value: str, text: str) -> Self:
        """Return a reason, which is the string ``value``."""
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.text = text
        return reason

    SPENT = "spent", "all requests of the window are used up"
    REFUSED = "refused", "Katapult refused a request (429)"
    LATE = "late", "Katapult has not reset the window yet"
    PROBING = "probing", "the first responses will show how many requests are left"
    DRAINING = "draining", "all remaining requests are in flight"
    SHARED = "shared", "other processes use the token, and the last requests of the window may be theirs"
    RESERVED = "reserved", "the last requests of the window are reserved for single calls and other processes"
    BUSY = "busy", "as many requests are in flight as max_in_flight allows"
    """No slot of the client is free for a call of this priority; foreground calls keep some."""

    ROUTE = "route", "all requests of an endpoint with a limit of its own are used up"
    PROXY = "proxy", "a proxy in front of Katapult refuses all requests for a time"
    """The proxy named the time at which to come back."""

    PACED = "paced", "part of the requests is refused, so they are sent more slowly"
    """By a proxy in front of Katapult, or by Katapult itself."""


class DenialScope(enum.Enum):
    """The calls that a denial concerns. While the denied call waits, the calls behind it in this scope wait too."""

    CALL = enum.auto()
    """This call alone."""

    WINDOW = enum.auto()
    """All calls that use the same rate-limit window."""

    ROUTE = enum.auto()
    """All calls to the same endpoint."""

    CLIENT = enum.auto()
    """All calls of the same client that have the same priority or a lower one."""

    ALL = enum.auto()
    """All calls of the token."""


@attrs.frozen
class Denied:
    """No request may be sent now: when to ask again, and why."""

    until: float
    """Monotonic seconds at which to ask again; infinite when only a response can change anything."""

    reason: DenialReason
    """Why no request may be sent."""

    scope: DenialScope = DenialScope.WINDOW
    """Which other calls it concerns."""

    @property
    def closed(self) -> bool:
        """Whether the calls wait for a reset, or for a proxy's ``Retry-After``, rather than for a response."""
        return self.reason in _CLOSED


_CLOSED = frozenset(
    {DenialReason.SPENT, DenialReason.REFUSED, DenialReason.LATE, DenialReason.ROUTE, DenialReason.PROXY}
)
