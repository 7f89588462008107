"""What a single 429 means for later requests.

Several of them can show more, such as a limit of one endpoint: see `token_limits`.

==============================================  =======================================================================
the 429 has                                     meaning
==============================================  =======================================================================
``X-Ratelimit-Remaining: 0``                    the window is spent; doubtful if many were left (`DOUBTED_FROM`)
``X-Ratelimit-Remaining`` above 0               this call alone was refused; the window stays open
code ``rate_limit_reached`` and no counter      the window is spent, unless another call is accepted meanwhile
no such code, but ``Retry-After``               a proxy in front refuses everything until then (`ProxyLimit`)
no such code and no ``Retry-After``, or 0       a proxy in front refuses what comes too fast
==============================================  =======================================================================

No 429 of Katapult was ever recorded: whether it carries the counters is unknown, so all rows are possible.
"""

import enum

from katapult_async.rate_limit.headers import RateLimitHeaders

__all__ = ["RefusalMeaning", "meaning_of"]


class RefusalMeaning(enum.Enum):
    """What a 429 means for later requests."""

    WINDOW_SPENT = enum.auto()
    """No request is accepted before the window resets."""

    CALL_REFUSED = enum.auto()
    """Other requests are accepted; this one may be accepted later."""

    WINDOW_DOUBTFUL = enum.auto()
    """Either of the two above: the response to one other request decides which."""

    BY_PROXY = enum.auto()
    """A proxy in front of Katapult refuses requests: see `ProxyLimit`."""


def meaning_of(refusal: RateLimitHeaders) -> RefusalMeaning:
    """Return what a 429 means for later requests."""
    if refusal.remaining is not None:
        return RefusalMeaning.CALL_REFUSED if refusal.remaining else RefusalMeaning.WINDOW_SPENT
    return RefusalMeaning.WINDOW_DOUBTFUL if refusal.from_katapult else RefusalMeaning.BY_PROXY
