"""When everything fails: how many failures to afford, when to try one probe, and when to lose patience.

All calls of a client share one budget of failures. A failed attempt takes one, a success gives one back, so a
server that answers more often than it fails never empties it. When it is empty the client narrows: one request at
a time, a probe, and each failed probe doubles the pause before the next. The first answer opens it again. So a
full outage costs the budget and a few probes, whatever the number of calls that wait for its end, and nobody has
to restart anything.
"""

from katapult_async.config import RetryPolicy

_PAUSES = (0.25, 5.0)  # seconds before the first probe, and at most: how soon the end of an outage is noticed
_REOPENED = 0.2  # of the budget is given back by the answer that ends an outage: it may be the only one


class BreakerState:
    """What the outcomes of all attempts say about the server. Times are seconds on one monotonic clock."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._budget = policy.failure_budget
        self._patience = policy.outage_timeout
        self._left = policy.failure_budget
        self._pause = _PAUSES[0]
        self._began_at = 0.0
        self.narrow = False
        """Whether only probes may be sent."""

        self.probe_at = 0.0
        """When the next probe may be sent; means something while narrow."""

    def succeeded(self) -> None:
        """Note an answer that the server gave in its right mind, a refusal included."""
        if self.narrow:
            self.narrow = False
            self._pause = _PAUSES[0]
            self._left = max(1, int(self._budget * _REOPENED))
        elif self._left < self._budget:
            self._left += 1

    def failed(self, now: float, *, draw: float) -> None:
        """Note an attempt that failed in a way that may pass.

        Args:
            now: the present.
            draw: a number drawn evenly from 0 to 1: clients that failed together do not probe together.
        """
        if self.narrow:
            self._pause = min(2 * self._pause, _PAUSES[1])
        else:
            self._left -= 1
            if self._left > 0:
                return
            self.narrow, self._began_at = True, now
        self.probe_at = now + self._pause * (0.5 + draw / 2)

    def lasted(self, now: float) -> float:
        """Return for how many seconds only probes have been sent; 0 while all is well."""
        return now - self._began_at if self.narrow else 0.0

    def is_hopeless(self, now: float) -> bool:
        """Return whether it has lasted longer than calls shall wait for its end."""
        return self.lasted(now) >= self._patience

    @property
    def hopeless_at(self) -> float:
        """When waiting calls lose patience; means something while narrow."""
        return self._began_at + self._patience
