"""Refusals that may concern the whole window or only one call, and the one request that decides which.

After a refusal that reports no counter, or reports a 0 that is doubted, only one request is sent: the *test*, of
another call. An earlier counter that showed room proves nothing: on a shared token, another process may have used the
rest. If the test is accepted, the window is open, and the refusals concerned those calls alone. If it is refused, the
window is spent. The test is sent alone, because a server may refuse a request while too many others are in flight.
"""

import attrs

from katapult_async.rate_limit.permit import Permit

__all__ = ["DOUBTED_FROM", "DoubtfulRefusals"]

DOUBTED_FROM = 50
"""A 429 with ``X-Ratelimit-Remaining: 0`` is doubted if the last counter, less the requests in flight, is at least this
number, or a quarter of the permitted requests if that is less. In simulations of shared tokens, the last counter before
a true 0 was 28 or less."""


@attrs.define(eq=False)
class DoubtfulRefusals:
    """The refused requests whose meaning one test decides."""

    remaining: int | None
    """The counter before the first of the refusals."""

    permits: list[Permit]
    """The permits of the refused requests."""

    test: Permit | None = None
    """The permit of the test that was sent last; None before the first."""
