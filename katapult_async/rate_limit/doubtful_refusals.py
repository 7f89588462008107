"""Refusals that may concern the whole window or only one call, and the one request that decides which.

After a refusal without a counter, or with a 0 that is doubted, only one other call is sent, the *test*. That an earlier
counter showed room proves nothing: on a shared token, another process may have taken the rest. If the test is accepted,
the window is open, and the refusals concerned single calls. If it is refused, the window is spent.
"""

import math
from typing import Generic, TypeVar

import attrs

from katapult_async.rate_limit.denials import DenialReason, DenialScope, Denied

__all__ = ["DOUBTFUL", "DoubtfulRefusals"]

P = TypeVar("P")

DOUBTFUL = 50
"""A 429 with ``Remaining: 0`` is doubted if at least so many requests were left by the last count. In simulations of
shared tokens, the last count before a true one was 28 or less."""


@attrs.define
class DoubtfulRefusals(Generic[P]):
    """The refused requests whose meaning one test decides. ``P`` is the class of permits."""

    remaining: int | None
    """The counter before the first of the refusals."""

    suspects: list[P]
    """The permits of the refused requests."""

    test: P | None = None
    """The permit of the test; None until it is sent."""

    def denial(self, again: P | None, *, until: float) -> Denied | None:
        """Return why a request may not be the test: another is, or it was refused itself.

        Args:
            again: the permit of the same call's last attempt, if that was refused.
            until: when the next window begins.
        """
        if self.test is not None:
            return Denied(math.inf, DenialReason.PROBING)
        return None if again is None else Denied(until, DenialReason.REFUSED, DenialScope.CALL)
