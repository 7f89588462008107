"""The fixed window: how many requests a token has left; knows no HTTP and reads no clock."""

import math

import attrs

from . import validation


@attrs.frozen(kw_only=True)
class Limit:
    """The rule that every token is held to."""

    permitted: int = 1000
    """Requests in one window. Katapult: 1000 in a minute, once 200 for load balancers."""
    window: float = 60.0
    """Seconds in one window. Windows start at whole multiples of it on the server's clock. Katapult: 60."""
    boundary_late: float = 0.0
    """Seconds after the ``Date`` says so that a window really changes. Katapult: up to about 1."""
    refused_counts: bool = True
    """Whether a error that came although budget was left takes one from the budget. Katapult: unknown."""
    headers_on_refusal: bool = True
    """Whether a 429 carries the two X-Ratelimit headers. Katapult: unknown."""

    def __attrs_post_init__(self) -> None:
        validation.whole("permitted", self.permitted, least=1)
        validation.positive("window", self.window)
        validation.real("boundary_late", self.boundary_late, least=0.0)
        if self.boundary_late >= self.window:
            raise ValueError(f"boundary_late must be shorter than the window, not {self.boundary_late:g}")


@attrs.frozen
class Reading:
    """What one request found in its bucket."""

    refused: bool
    """True when the request must be answered with 429."""
    remaining: int
    """Requests left in this window after this one, never below 0."""


@attrs.define
class Bucket:
    """The budget of one token."""

    limit: Limit
    foreign_use: float = 0.0
    """Requests a second that somebody else spends from this budget, as an even stream."""
    _window: int | None = attrs.field(default=None, init=False)
    _spent: int = attrs.field(default=0, init=False)

    def spend(self, now: float, *, refuse: bool = False) -> Reading:
        """Take one request from the budget of the window in which it arrives.

        Args:
            now: the server's time of arrival, in seconds since the Unix epoch.
            refuse: refuse it even when budget is left.
        """
        limit = self.limit
        counted_at = now - limit.boundary_late
        window = math.floor(counted_at / limit.window)
        if window != self._window:
            self._window = window
            self._spent = 0
        foreign = math.floor(self.foreign_use * (counted_at - window * limit.window))
        left = limit.permitted - self._spent - foreign
        if left <= 0:
            return Reading(True, 0)
        if refuse and not limit.refused_counts:
            return Reading(True, left)
        self._spent += 1
        return Reading(refuse, left - 1)
