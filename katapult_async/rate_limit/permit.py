"""The permit of a call, with what is known about the call's refusals (429).

A call is *refused alone* if the server accepted other calls at that time. Such refusals are its *own refusals*.
"""

import math

import attrs

from katapult_async.call_limits import BATCH, Priority
from katapult_async.rate_limit.max_in_flight import Slots

__all__ = ["MAX_OWN_REFUSALS", "Permit"]

OWN_WAIT = 0.5
"""Seconds: the upper bound of the first wait of a call that was refused alone. Each later bound is twice as long."""

OWN_WAIT_MAX = 4.0
"""Seconds: the largest of these bounds."""

MAX_OWN_REFUSALS = 10
"""A call fails when it was refused alone this many times. Before that, a single call has waited 14 to 28 s in all."""


@attrs.define(eq=False)
class Permit:
    """The right of a call to send a request, once it is granted. A refused call needs the same permit granted again.

    Times are monotonic seconds.
    """

    priority: Priority
    """Priority of the call."""

    order: int
    """Place in the queue. The call keeps it until it goes last."""

    route: str
    """Method and path of the endpoint."""

    slots: Slots = attrs.field(repr=False)
    """The slots of the client. A request takes one of them."""

    batch: object = attrs.field(default=None, repr=False)
    """A key of the batch that makes the call; None for a single call."""

    granted_at: float = -math.inf
    """When it was last granted."""

    in_flight: int = 0
    """The requests of the token that were in flight then, this one included."""

    generation: int = 0
    """The window's generation at that time; counters in responses to requests of older generations are ignored."""

    unavailable_at: tuple[float, ...] = ()
    """When the call got 503 from a proxy, which may have refused it."""

    refusals: int = 0
    """How often the call was refused, by Katapult or by a proxy."""

    own_refusals: int = 0
    """How many of these refusals concerned this call alone."""

    refused_at: float = math.inf
    """When the last refusal was received; infinite before the first."""

    was_overtaken: bool = False
    """Whether another request to the endpoint was sent and accepted between two refusals of the call in one window."""

    retry_at: float = -math.inf
    """When a call that was refused alone may be sent again."""

    @property
    def goes_last(self) -> bool:
        """Whether other calls of its priority go first, because its refusals say little about the window.

        A call that is refused forever can be refused first as one of the last requests of a window, and then as the
        probe of the next window. If it went first again, it would be the probe of each later window too, and each would
        begin with a refusal: without this rule a batch took 4 s longer.
        """
        return self.refusals > 1 or self.own_refusals > 0

    def add_own_refusal(self, now: float, draw: float, *, reset_at: float) -> None:
        """Record a refusal of this call alone, and set its wait.

        Args:
            now: monotonic seconds.
            draw: a random number from 0 to 1.
            reset_at: when the next window has certainly begun. A batch's call makes its last attempt only then, because
                its endpoint may have a limit of its own, which no other call has shown.
        """
        self.own_refusals += 1
        bound = min(OWN_WAIT_MAX, OWN_WAIT * 2.0 ** (self.own_refusals - 1))
        self.retry_at = now + bound * (0.5 + draw / 2)
        if self.own_refusals == MAX_OWN_REFUSALS - 1 and self.priority is BATCH:
            self.retry_at = max(self.retry_at, reset_at)
