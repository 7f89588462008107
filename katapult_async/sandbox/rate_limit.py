"""The rate limit: a fixed window for each token. It reads no clock: the caller passes the time."""

import math

import attrs

from .setting_checks import boolean, check, integer, number, setting


@attrs.frozen(kw_only=True)
class Limit:
    """The settings of the rate limit, equal for all tokens."""

    permitted: int = setting(integer, 1000, minimum=1)
    """Requests in one window. Katapult: 1000 in a minute; load balancers had 200 until 2024."""
    window: float = setting(number, 60.0)
    """Seconds in one window. Windows start at multiples of this number on the server's clock. Katapult: 60."""
    reset_delay: float = setting(number, 0.0, minimum=0.0)
    """Seconds from the start of a window, by the ``Date`` header, until the counter is reset. Katapult: up to 1."""
    refused_counts: bool = setting(boolean, True)
    """Whether a 429 that was sent although budget was left is counted. Katapult: unknown."""
    headers_on_refusal: bool = setting(boolean, True)
    """Whether a 429 has the X-Ratelimit headers. Katapult: unknown."""
    foreign_use: float = setting(number, 0.0, minimum=0.0)
    """Requests per second that another process sends with the main token, at an even rate."""

    def __attrs_post_init__(self) -> None:
        check("window", "above 0", self.window, holds=self.window > 0)
        check("reset_delay", "shorter than the window", self.reset_delay, holds=self.reset_delay < self.window)


@attrs.frozen
class RateLimitState:
    """The counter of a token after one request."""

    refused: bool
    """Whether the response must be a 429."""
    remaining: int
    """Requests left in this window, never below 0."""


@attrs.define
class RequestCounter:
    """The counter of one token."""

    limit: Limit
    shared: bool = False
    """Whether another process also uses this token: see `Limit.foreign_use`."""
    _window: int | None = attrs.field(default=None, init=False)
    _spent: int = attrs.field(default=0, init=False)

    def count(self, now: float, *, refuse: bool = False) -> RateLimitState:
        """Count one request and return the state after it.

        Args:
            now: server time of arrival, in seconds since the Unix epoch.
            refuse: refuse the request even if budget is left.
        """
        limit = self.limit
        counted_at = now - limit.reset_delay
        window = math.floor(counted_at / limit.window)
        if window != self._window:
            self._window = window
            self._spent = 0
        foreign = math.floor(limit.foreign_use * (counted_at - window * limit.window)) if self.shared else 0
        remaining = limit.permitted - self._spent - foreign
        if remaining <= 0:
            return RateLimitState(refused=True, remaining=0)
        if refuse and not limit.refused_counts:
            return RateLimitState(refused=True, remaining=remaining)
        self._spent += 1
        return RateLimitState(refused=refuse, remaining=remaining - 1)
