"""How long after its own ``:00`` the server really starts a window, known as an interval."""

import math

__all__ = ["ResetDelay"]

STEP = 0.05
"""Seconds: first wait for a window that should have started; each later one is twice as long."""

FADE = 0.75
"""What is left of the lower bound when a window had started at the first look: servers recover."""

SLACK = 0.1
"""Seconds, and this plus twice this part of the lateness: where a look may come too late to save a refusal."""

ON_TIME = 0.04
"""Seconds: a smaller lateness is a matter of the network."""


class ResetDelay:
    """Bounds on the seconds between the server's ``:00`` and the moment when it starts to count afresh.

    A look that finds the old window raises the lower bound, one that finds the new window sets the upper. Most
    servers are on time and both stay 0. All looks are ordinary requests, so each one too early costs a refusal.
    """

    __slots__ = ("_failures", "_high", "_low")

    def __init__(self) -> None:
        self._low = 0.0
        self._high = 0.0
        self._failures = 0

    def first_look(self) -> float:
        """Return the seconds after ``:00`` at which to look for a new window."""
        return self._low if self._high == math.inf else min(self._high, self._low * (1 + 2 * SLACK) + SLACK)

    def too_early(self, late: float) -> None:
        """Book a look, ``late`` seconds after ``:00``, that found the old window."""
        self._low = max(self._low, late)
        if self._high <= self._low:
            self._high = math.inf
        self._failures += 1

    def next_look(self, late: float) -> float:
        """Return when to look again, when the failure of the last look is known ``late`` seconds after ``:00``."""
        if self._high == math.inf:
            return late + STEP * 2.0 ** (self._failures - 1)
        return max(late, self.first_look())

    def started(self, late: float) -> None:
        """Book a look, ``late`` seconds after ``:00``, that found the new window."""
        self._high = min(self._high, late)
        self._low = min(self._low if self._failures else self._low * FADE, self._high)
        if self._high < ON_TIME:
            self._low = self._high = 0.0
        self._failures = 0

    def give_up(self) -> None:
        """Forget the looks at one window: it ended, or somebody else spent it."""
        self._failures = 0
        if self._high == math.inf:
            self._low = self._high = 0.0
