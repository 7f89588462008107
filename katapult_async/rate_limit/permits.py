"""What a request gets from the rate limit: the permit to be sent, or the reason why it waits."""

import enum
import math
from typing import TYPE_CHECKING

import attrs

from katapult_async.options import Priority
from katapult_async.rate_limit.slots import Slots

if TYPE_CHECKING:
    from katapult_async.rate_limit.window import Window

__all__ = ["DenialReason", "DenialScope", "Denied", "Permit"]

OWN_WAIT = 0.5
"""Seconds: the upper bound of the first wait of a call that was refused alone; each later one is twice as long."""

OWN_WAIT_MAX = 4.0
"""Seconds: no such bound is larger."""


class DenialReason(enum.StrEnum):
    """Why no request may be sent now."""

    SPENT = "spent"
    """All requests of the window are used up."""

    REFUSED = "refused"
    """The server answered 429."""

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
    """As many requests are in flight as the client's ``max_in_flight`` allows."""

    ROUTE = "route"
    """The requests of this endpoint are used up, which has a limit of its own."""

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
    """The calls that a denial concerns: no other call of the scope is granted before this one."""

    CALL = enum.auto()
    """This call alone."""

    WINDOW = enum.auto()
    """All calls that use the same rate-limit window."""

    ROUTE = enum.auto()
    """All calls to the same endpoint."""

    CLIENT = enum.auto()
    """All calls of the same client."""

    ALL = enum.auto()
    """All calls of the token."""


@attrs.frozen
class Denied:
    """No request may be sent now: when to ask again, and why."""

    until: float
    """Monotonic seconds at which to ask again; infinite when only a response can change anything."""

    reason: DenialReason
    """Why."""

    scope: DenialScope = DenialScope.WINDOW
    """Which other calls it concerns."""

    @property
    def closed(self) -> bool:
        """Whether all callers have to wait for a reset, rather than for a response."""
        return self.reason in _CLOSED


_CLOSED = frozenset(
    {DenialReason.SPENT, DenialReason.REFUSED, DenialReason.LATE, DenialReason.ROUTE, DenialReason.PROXY}
)


@attrs.define(eq=False)
class Permit:
    """The right to send one request now."""

    granted_at: float
    """Monotonic seconds."""

    priority: Priority
    """Priority of the call."""

    order: int
    """Place in the queue, which a refused request keeps."""

    route: str
    """Method and path of the endpoint."""

    slots: Slots = attrs.field(repr=False)
    """The slots of the client, one of which it takes."""

    call: int
    """Number of the call, the same for all its attempts."""

    window: "Window" = attrs.field(init=False, repr=False)
    """The window in which its outcome is recorded."""

    generation: int = attrs.field(init=False)
    """Number of the window's rollover before the grant; counters in responses to older generations are ignored."""

    refused_at: float = math.inf
    """Monotonic seconds at which the call's last refusal was received; infinite before the first."""

    was_passed: bool = False
    """Whether another request to the endpoint was sent and accepted between two refusals of the call."""

    refusals: int = 0
    """How often the call was refused with 429 so far, by whatever."""

    own_refusals: int = 0
    """How many of these concerned this call alone: the server accepted other calls at that time."""

    retry_at: float = -math.inf
    """Monotonic seconds before which a call that was refused alone is not sent again."""

    settled: bool = False
    """Whether its outcome is recorded."""

    def continue_call(self, again: "Permit") -> None:
        """Take over what is known about the call from the permit of its last attempt."""
        self.refusals, self.own_refusals, self.refused_at = again.refusals, again.own_refusals, again.refused_at
        self.was_passed, self.call = again.was_passed, again.call

    @property
    def stands_aside(self) -> bool:
        """Whether the call, once refused, waits behind all others: its refusals say little about the window."""
        return self.refusals > 1 or self.own_refusals > 0

    def refuse_alone(self, now: float, jitter: float) -> None:
        """Record a refusal that concerned this call alone. ``jitter`` is a random number from 0 to 1."""
        self.own_refusals += 1
        bound = min(OWN_WAIT_MAX, OWN_WAIT * 2.0 ** (self.own_refusals - 1))
        self.retry_at = now + bound * (0.5 + jitter / 2)
