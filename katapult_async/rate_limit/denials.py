"""Why a request waits for the rate limit, until when, and which other calls wait with it."""

import enum

import attrs

__all__ = ["DenialReason", "DenialScope", "Denied"]


class DenialReason(enum.StrEnum):
    """Why no request may be sent now."""

    SPENT = "spent"
    """All requests of the window are used up."""

    REFUSED = "refused"
    """The server refused a request with 429."""

    LATE = "late"
    """The window should have been reset, and the server has not reset it yet."""

    PROBING = "probing"
    """The first requests of a window are in flight; their responses show the budget."""

    DRAINING = "draining"
    """All remaining requests are in flight."""

    SHARED = "shared"
    """Other processes use the token, and the last requests of the window may be theirs."""

    RESERVED = "reserved"
    """The remaining requests are reserved for foreground calls and other processes."""

    BUSY = "busy"
    """No slot of the client is free for a call of this priority (``max_in_flight``; foreground calls keep some)."""

    ROUTE = "route"
    """The endpoint has a limit of its own, and its requests are used up."""

    PROXY = "proxy"
    """A proxy in front of Katapult refused requests, and named the time at which to come back."""

    PACED = "paced"
    """A proxy in front of Katapult, or Katapult itself, refuses part of the requests, so they are sent more slowly."""

    @property
    def text(self) -> str:
        """The reason in words, for a message."""
        return _TEXTS[self]


_TEXTS = {
    DenialReason.SPENT: "all requests of the window are used up",
    DenialReason.REFUSED: "Katapult refused a request (429)",
    DenialReason.LATE: "Katapult has not reset the window yet",
    DenialReason.PROBING: "the first responses will show how many requests are left",
    DenialReason.DRAINING: "all remaining requests are in flight",
    DenialReason.SHARED: "other processes use the token, and the last requests of the window may be theirs",
    DenialReason.RESERVED: "the last requests of the window are reserved for single calls and other processes",
    DenialReason.BUSY: "as many requests are in flight as max_in_flight allows",
    DenialReason.ROUTE: "all requests of an endpoint with a limit of its own are used up",
    DenialReason.PROXY: "a proxy in front of Katapult refuses all requests for a time",
    DenialReason.PACED: "part of the requests is refused, so they are sent more slowly",
}


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
