"""The headers of one response that the rate limit is learned from: ``X-Ratelimit``, ``Date`` and ``Retry-After``."""

import functools
import re
from collections.abc import Mapping
from typing import Final, Self

import msgspec

from katapult_async.errors import RateLimitReachedError
from katapult_async.rate_limit.server_clock import unix_seconds

MAX_DIGITS: Final = 9
"""A counter with more digits is malformed."""

_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


class RateLimitHeaders(msgspec.Struct, frozen=True, gc=False):
    """What one response reports about the rate limit; None for what is absent or malformed.

    A struct, because making an object of an attrs class takes seven times as long.
    """

    permitted: int | None = None
    """Requests that a window permits (``X-Ratelimit-Permitted``)."""

    remaining: int | None = None
    """Requests left after this one was counted (``X-Ratelimit-Remaining``)."""

    date: float | None = None
    """Unix seconds on the server's clock, without their fraction (``Date``)."""

    refused: bool = False
    """Whether the response was 429."""

    total_permitted: int | None = None
    """Requests that a window permits, from the detail of a 429."""

    from_katapult: bool = True
    """False for a 429 or 503 without a code of Katapult: it comes from a proxy in front."""

    retry_after: float | None = None
    """Seconds to wait, from ``Retry-After`` of a 429."""

    def as_accepted(self) -> Self:
        """Return the same headers, as if the request had not been refused."""
        return msgspec.structs.replace(self, refused=False)

    @classmethod
    def read(cls, headers: Mapping[str, str], *, from_katapult: bool = True) -> Self:
        """Read the headers of a response; malformed values become None."""
        date = headers.get("Date")
        return cls(
            _count(headers.get("X-Ratelimit-Permitted")) or None,  # a window permits at least one request
            _count(headers.get("X-Ratelimit-Remaining")),
            None if date is None else unix_seconds(date),
            from_katapult=from_katapult,
        )

    @classmethod
    def of_refusal(cls, headers: Mapping[str, str], refusal: RateLimitReachedError) -> Self:
        """Return what a 429 reports: its headers, and the error that it became."""
        total = refusal.total_permitted
        return msgspec.structs.replace(
            cls.read(headers, from_katapult=refusal.code is not None),
            refused=True,
            total_permitted=None if total is None else (_count(str(total)) or None),
            retry_after=refusal.problem.retry_after,
        )


def retry_after(headers: Mapping[str, str], received_at: float) -> float | None:
    """Return the seconds of ``Retry-After``, RFC 9110 section 10.2.3: a number, or a date of the server's clock.

    The number is a whole one by that section, but some servers send fractions. Without ``Date``, the date counts from
    the time at which the response was received (section 6.6.1).
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until, now = unix_seconds(value), unix_seconds(headers.get("Date", ""))
    return None if until is None else max(0.0, until - (received_at if now is None else now))


@functools.lru_cache(maxsize=2048)  # twice the documented budget: every counter is parsed once
def _count(text: str | None) -> int | None:
    if text is None or len(text) > MAX_DIGITS or not (text.isdecimal() and text.isascii()):
        return None
    return int(text)
