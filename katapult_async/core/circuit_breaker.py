"""The rules of a circuit breaker: when an endpoint, or the whole host, gets probes only.

No event loop and no clock: times are seconds on one monotonic clock, passed in.

Theory of operation
===================

A circuit breaker stops a client from sending requests that would fail anyway. It is *closed* while requests succeed.
It *opens* after many failures: requests then wait, and one *probe* at a time is sent (the breaker is half-open while a
probe is in flight). A probe that fails doubles the pause before the next one; a probe that succeeds closes the breaker,
and all waiting requests are sent. So an outage costs the failure budget and a probe every few seconds, whatever the
number of calls that wait for its end. If a probe gets no response within the longest pause, another is sent: otherwise,
if the server hangs, each probe would delay all calls by its time limit, even after the server has recovered.

**Two levels.** Each endpoint has a breaker of its own, so a failing endpoint does not delay calls to the others: the
recorded outages of Katapult (63 to 248 s of 500s on ``POST organizations/_/ip_addresses``) each concerned one endpoint.
A full outage would then cost a failure budget for each endpoint, and calls to rarely used endpoints would fail before
their breakers open. So there is one breaker for the host above them. It opens only when at least two endpoints failed
and no request to any endpoint succeeded since: one endpoint alone never stops the others. While it is open, a request
to an endpoint whose own breaker is open too is a probe of the endpoint, not of the host. Otherwise an endpoint that
fails for longer than the others could get all probes of the host, and nothing would show that the others work again.

**Failure budget.** A failure takes 1 from the budget and a success returns 1. So if a server succeeds more often than
it fails, only a long series of failures empties the budget. A refusal (429) is neither, because the rate limit is
checked before the request reaches the endpoint. An endpoint's budget is a fifth of ``RetryPolicy.failure_budget``; the
host has all of it. The host's breaker also opens after as many failures in a row as an endpoint's budget holds.

**Whose failure is it?** ``RetryPolicy.attempts`` bounds the attempts at one item of a batch that fails while others
succeed. While nothing succeeds at an endpoint, its failures are the endpoint's: they use up no attempts of batch items,
and the bound is ``RetryPolicy.outage_timeout``. The first failure of an item is its *own failure*. A later one is too
if a request that was sent after its last own failure succeeded. The success of a request that was sent earlier shows
nothing: a slow server may have accepted it before an outage began. After the first failure of an item, an attempt that
made no connection uses up none of its attempts, even while others succeed: this does not depend on the item.

At the end of a batch, the only item left may be one that always fails. Two rules keep it from holding the batch for 15
minutes, as an outage does. First, a call becomes *suspect* when the endpoint worked for others while the call failed: a
request that was sent after the call's last own failure succeeded, or the call got no response in time while a request
that was sent later got one. Failures of a suspect call are the endpoint's only while two other calls to it, neither of
them suspect, fail, or while several endpoints fail. Second, at the end of its batch, a call that is not suspect may
wait only as long as a single call. This is so if no other call fails, or if another request, sent at any time,
succeeded after the call's first failure: then nothing shows whether the endpoint fails or only this call. Two items
that always fail, and are the last two that were sent, still look like an outage: nothing distinguishes them from an
endpoint that has just stopped working.

Single calls wait for the end of an outage, and some of them are sent as probes. A probe uses up no attempt of a single
call, so that these calls wait as long as the others.
"""

import math

__all__ = ["CircuitBreaker"]

PROBE_PAUSE = 0.25
"""Seconds: the longest pause before the first probe. It is short, so that the end of a short outage is noticed soon."""

PROBE_PAUSE_MAX = 5.0
"""Seconds: the longest pause between probes, even if the last probe has no response yet."""

BUDGET_AFTER_CLOSING = 0.2
"""Fraction of the failure budget that a breaker has after it closed. Not all of it: the success that closed it may be
the only one."""

ENDPOINT_DIVISOR = 5
"""The failure budget of an endpoint is that of the host, divided by this."""


class CircuitBreaker:
    """The circuit breaker of one endpoint, or of the host above all endpoints.

    Args:
        failure_budget: of the host.
        of_host: whether it is the host's.
    """

    def __init__(self, failure_budget: int, *, of_host: bool = False) -> None:
        self._of_host = of_host
        self._most_in_a_row = max(1, failure_budget // ENDPOINT_DIVISOR)  # failures in a row that open it
        self._budget = failure_budget if of_host else self._most_in_a_row
        self._left = self._budget
        self._pause = PROBE_PAUSE
        self._failed_in_a_row = 0
        self._sources: list[object] = []  # the first two sources of failures since the last success; see `failed`
        self.is_open: bool = False
        """Whether only probes may be sent."""

        self.opened_at: float = 0.0
        """When it opened last."""

        self.probe_at: float = 0.0
        """When the next probe may be sent, while it is open."""

        self.failing_since: float = math.inf
        """Time of the first failure after the last success; infinite if nothing failed since that success."""

        self.failed_at: float = -math.inf
        """When the last failure was received."""

        self.succeeded_sent_at: float = -math.inf
        """Latest time at which a request was sent whose success was recorded; minus infinity before one."""

        self.succeeded_at: float = -math.inf
        """When the last success was recorded; minus infinity before one."""

        self.succeeded_after_503_at: float = -math.inf
        """When a call of a batch last succeeded after an attempt that got 503 from a proxy."""

    @property
    def has_recovered(self) -> bool:
        """Whether the failure budget is full, and a request that was sent after the last failure succeeded."""
        return self._left >= self._budget and self.succeeded_sent_at >= self.failed_at

    @property
    def fails_for_several(self) -> bool:
        """Whether several calls that are not suspect, or for the host several endpoints, failed since a success."""
        return len(self._sources) > 1

    def succeeded(self, sent_at: float, now: float) -> None:
        """Record a response that shows a working server, which may be an error such as 404.

        Args:
            sent_at: when the request was sent, in monotonic seconds.
            now: monotonic seconds.
        """
        self.succeeded_at = now
        self.succeeded_sent_at = max(self.succeeded_sent_at, sent_at)
        self.failing_since = math.inf
        self._failed_in_a_row = 0
        self._sources.clear()
        if self.is_open:
            self.is_open = False
            self._pause = PROBE_PAUSE
            self._left = max(1, int(self._budget * BUDGET_AFTER_CLOSING))
        elif self._left < self._budget:
            self._left += 1

    def failed(self, now: float, *, probe: bool, draw: float, source: object = None) -> None:
        """Record a failure of the server: it may open the breaker, or delay the next probe if it was one.

        Args:
            now: monotonic seconds.
            probe: whether the request was a probe.
            draw: a random number from 0 to 1.
            source: the call that failed, None if it is suspect; for the host's breaker the endpoint.
        """
        self.failing_since = min(self.failing_since, now)
        self.failed_at = now
        self._failed_in_a_row += 1
        if source is not None and not self.fails_for_several and source not in self._sources:
            self._sources.append(source)
        if self.is_open:
            if not probe:
                return
            self._pause = min(2 * self._pause, PROBE_PAUSE_MAX)
        else:
            self._left = max(0, self._left - 1)
            failed_too_often = not self._left or self._failed_in_a_row >= self._most_in_a_row
            if not failed_too_often or (self._of_host and not self.fails_for_several):
                return
            self.is_open, self.opened_at = True, now
        self.probe_at = now + self._pause * (0.5 + draw / 2)  # clients that failed together do not probe together

    def probe_sent(self, now: float) -> None:
        """Record a probe. The next may be sent after the longest pause, even if this one has no response by then."""
        self.probe_at = now + PROBE_PAUSE_MAX

    def allow_probe(self, now: float) -> None:
        """Allow the next probe at once: the host works again, or the last probe was given up."""
        self.probe_at = min(self.probe_at, now)
