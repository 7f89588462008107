"""Why a request waits for the rate limit, until when, and which calls wait for the same reason."""

import enum
import math
from typing import Self

import attrs

__all__ = ["DenialReason", "Denied", "DeniedCalls"]


class DenialReason(enum.StrEnum):
    """Why no request may be sent now. ``text`` is the reason in words, for messages."""

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
    SHARED = "shared", "other processes use the token, and the remaining requests may be theirs"
    RESERVED = "reserved", "the last requests of the window are reserved for single calls and other processes"
    BUSY = "busy", "as many requests are in flight as max_in_flight allows"
    """No slot of the client is free for a call of this priority; some may be kept for single calls."""

    ENDPOINT = "endpoint", "an endpoint has a limit of its own, which is used up"
    PROXY = "proxy", "a proxy in front of Katapult refuses all requests for a time"
    """The proxy named the time at which to come back."""

    PACED = "paced", "some requests are refused, so they are sent more slowly"
    """By a proxy in front of Katapult, or by Katapult itself."""


class DeniedCalls(enum.Enum):
    """Which calls a denial concerns.

    Listeners get one notice for all of them, and those whose ``max_wait`` is too short fail together.
    """

    ONE = enum.auto()
    """Only the denied call."""

    OF_WINDOW = enum.auto()
    """All calls that use the same rate-limit window."""

    OF_ENDPOINT = enum.auto()
    """All calls to the same endpoint."""

    OF_CLIENT = enum.auto()
    """All calls of the same client with the same priority."""

    ALL = enum.auto()
    """All calls of the token."""


@attrs.frozen
class Denied:
    """Why a call gets no permit now, and when it may get one."""

    until: float
    """When to try again, in monotonic seconds, unless the outcome of another request permits the call earlier. Infinite
    if only such an outcome can permit it."""

    reason: DenialReason
    """Why no request may be sent."""

    calls: DeniedCalls = DeniedCalls.OF_WINDOW
    """Which calls it concerns."""

    test_at: float = math.inf
    """When one request may be sent before ``until``, to see whether there still is a limit; infinite for never."""

    @property
    def waits_for_reset(self) -> bool:
        """Whether the calls wait for a reset, or for a proxy's ``Retry-After``, rather than for a response."""
        return self.reason in _WAITS_FOR_RESET


_WAITS_FOR_RESET = frozenset(
    {DenialReason.SPENT, DenialReason.REFUSED, DenialReason.LATE, DenialReason.ENDPOINT, DenialReason.PROXY}
)
