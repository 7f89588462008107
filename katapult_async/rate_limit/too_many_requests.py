"""What a 429 means: the window is spent, its endpoint has a limit of its own, or the call alone was refused.

**What a single 429 means.** No 429 of Katapult was ever recorded: whether it carries the counters is unknown, so all
rows are possible.

==============================================  =======================================================================
the 429 has                                     meaning
==============================================  =======================================================================
``X-Ratelimit-Remaining: 0``                    the window is spent; doubtful if many were left (`DOUBTED_FROM`)
``X-Ratelimit-Remaining`` above 0               this call alone was refused; the window stays open
code ``rate_limit_reached`` and no counter      the window is spent, unless another call is accepted meanwhile
no such code, but ``Retry-After``               a proxy in front refuses everything until then (`ProxyLimit`)
no such code and no ``Retry-After``, or 0       a proxy in front refuses what comes too fast
==============================================  =======================================================================

**A refusal in doubt** may concern the whole window or only its call. After a refusal that reports no counter, or
reports a 0 that is doubted, only one request is sent: the *test*, of another call. An earlier counter that showed room
proves nothing: on a shared token, another process may have used the rest. If the test is accepted, the window is open,
and the refusals concerned those calls alone. If it is refused, the window is spent. The test is sent alone, because a
server may refuse a request while too many others are in flight.

**Refusals in a row** of one endpoint, while others are accepted, are evidence for a limit of its own. The rules are
those of `katapult_async.rate_limit.token_limits`.
"""

import enum

import attrs

from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.permit import Permit

__all__ = ["EVIDENCE_WITHOUT_OTHERS", "DoubtfulRefusals", "RefusalsInARow", "Refused", "is_doubtful", "refused_by"]

DOUBTED_FROM = 50
"""A 429 with ``X-Ratelimit-Remaining: 0`` is doubted if the last counter, minus the requests in flight, is at least
this number, or, if that is less, a quarter of the permitted requests. Fewer than 2 are never doubted: another process
often takes the last request. In simulations of shared tokens, the last counter before a true 0 was 28 or less."""

EVIDENCE_BESIDE_OTHERS = 3
"""Refusals of an endpoint in a row that prove a limit of its own if requests of other endpoints are accepted. Fewer
occur by chance: if 1 % of 2,500 requests are refused at random, two in a row occur in every fourth run."""

EVIDENCE_WITHOUT_OTHERS = 12
"""Refusals of an endpoint in a row that prove a limit of its own in any case. Fewer occur by chance if a server refuses
40 % of the requests at random."""


class Refused(enum.Enum):
    """What a 429 refuses, unless its endpoint has a limit of its own."""

    CALL = enum.auto()
    """This call alone; the window stays open."""

    WINDOW = enum.auto()
    """All calls that use the window, which is spent."""

    ALL = enum.auto()
    """All calls, by the limit of a proxy in front."""


def refused_by(headers: RateLimitHeaders) -> Refused:
    """Return what a 429 with these headers refuses, by the table above."""
    if headers.remaining is None and not headers.from_katapult:
        return Refused.ALL
    return Refused.CALL if headers.remaining else Refused.WINDOW


def is_doubtful(headers: RateLimitHeaders, *, expected: int | None, permitted: int) -> bool:
    """Return whether a 429 that would refuse the window may concern one call only.

    Args:
        headers: those of the 429.
        expected: requests that should be left, by the last counter; None before the first counter.
        permitted: requests that the window permits.
    """
    if expected is None:
        return True
    return expected >= (1 if headers.remaining is None else min(DOUBTED_FROM, max(2, permitted / 4)))


@attrs.define(eq=False)
class DoubtfulRefusals:
    """The refused requests whose meaning one test decides."""

    remaining: int | None
    """The counter before the first of the refusals."""

    permits: list[Permit]
    """The permits of the refused requests."""

    test: Permit | None = None
    """The permit of the test that was sent last; None before the first."""


@attrs.define(eq=False)
class RefusalsInARow:
    """The refusals of an endpoint since its last accepted request: evidence for a limit of its own."""

    began_at: float
    """When the first of them was received."""

    count: int = 0
    """How many there are."""

    permits: set[Permit] = attrs.field(factory=set)
    """The permits of the refused calls."""

    others_accepted: bool = False
    """Whether a request that another endpoint sent after `began_at` was accepted."""

    @property
    def show_own_limit(self) -> bool:
        """Whether they are enough evidence."""
        evidence = EVIDENCE_BESIDE_OTHERS if self.others_accepted else EVIDENCE_WITHOUT_OTHERS
        return self.count >= evidence and len(self.permits) > 1
