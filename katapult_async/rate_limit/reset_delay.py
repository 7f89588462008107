"""How many seconds after the start of a window the server resets its counter, on its clock; learned from probes."""

import math

import attrs

__all__ = ["ResetDelay"]

STEP = 0.05
"""Seconds from the first to the second probe for a reset that is due; each later wait is twice as long."""

FADE = 0.75
"""Factor of the lower bound after a window whose first probe found the counter reset: the delay may be shorter now."""

MARGIN = 0.1
"""Seconds by which the first probe may come later than the lower bound, to avoid a refusal."""

MARGIN_FRACTION = 0.2
"""Fraction of the lower bound that is added to this margin."""

ON_TIME = 0.04
"""Seconds: a smaller delay is caused by the network."""


@attrs.define(eq=False)
class ResetDelay:
    """Bounds on the seconds between the start of a window on the server's clock and the reset of its counter.

    A probe that finds the old window raises the lower bound; one that finds the new window sets the upper bound. Most
    servers are on time and both stay 0. Probes are ordinary requests, so each early probe costs a refusal.
    """

    _low: float = 0.0
    _high: float = 0.0  # infinite while no probe has found the new window
    failures: int = 0
    """Probes in a row that found the old window."""

    def first_probe(self) -> float:
        """Return how many seconds after the start of a window to send its first request."""
        return self._low if self._high == math.inf else min(self._high, self._low * (1 + MARGIN_FRACTION) + MARGIN)

    def too_early(self, delay: float) -> None:
        """Record a probe, ``delay`` seconds after the start of the window, that found the old window."""
        self._low = max(self._low, delay)
        if self._high <= self._low:
            self._high = math.inf
        self.failures += 1

    def next_probe(self, response_after: float) -> float:
        """Return how many seconds after the start of the window to probe again.

        Args:
            response_after: seconds from the start of the window to the last response.
        """
        if self._high == math.inf:
            return response_after + STEP * 2.0 ** (self.failures - 1)
        return max(response_after, self.first_probe())

    def started(self, delay: float) -> None:
        """Record a probe, ``delay`` seconds after the start of the window, that found the new window."""
        self._high = min(self._high, delay)
        self._low = min(self._low if self.failures else self._low * FADE, self._high)
        if self._high < ON_TIME:
            self._low = self._high = 0.0
        self.failures = 0

    def end_window(self) -> None:
        """Forget the probes of one window: it ended, or another process spent it."""
        self.failures = 0
        if self._high == math.inf:
            self._low = self._high = 0.0
