"""What is known about a call that was refused with 429: how often, whether it was refused alone, and when to try again.

A call is *refused alone* if the server accepted other calls at that time. These are its *own refusals*.
"""

import math

import attrs

__all__ = ["RefusedCall"]

OWN_WAIT = 0.5
"""Seconds: the upper bound of the first wait of a call that was refused alone. Each later bound is twice as long."""

OWN_WAIT_MAX = 4.0
"""Seconds: the largest of these bounds."""


@attrs.define(eq=False)
class RefusedCall:
    """The refusals of one call, shared by the permits of all its attempts. Times are monotonic seconds."""

    refused_at: float = math.inf
    """When the last refusal was received; infinite before the first."""

    refusals: int = 0
    """How often the call was refused, by Katapult or by a proxy."""

    own_refusals: int = 0
    """How many of these refusals concerned this call alone."""

    was_overtaken: bool = False
    """Whether another request to the endpoint was sent and accepted between two refusals of the call."""

    retry_at: float = -math.inf
    """Before this time a call that was refused alone is not sent again."""

    @property
    def goes_last(self) -> bool:
        """Whether the call waits behind all others of its priority: its refusals say little about the window."""
        return self.refusals > 1 or self.own_refusals > 0

    def add_own_refusal(self, now: float, jitter: float) -> None:
        """Record a refusal of this call alone, and set its wait. ``jitter`` is a random number from 0 to 1."""
        self.own_refusals += 1
        bound = min(OWN_WAIT_MAX, OWN_WAIT * 2.0 ** (self.own_refusals - 1))
        self.retry_at = now + bound * (0.5 + jitter / 2)
