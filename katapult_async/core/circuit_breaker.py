"""Circuit breakers as arithmetic: when an endpoint, or the whole host, gets probes only.

No event loop and no clock: times are seconds on one monotonic clock, passed in.

Theory of operation
===================

A circuit breaker stops a client from sending requests that are bound to fail. It is *closed* while requests succeed.
It *opens* after many failures: requests then wait, and one *probe* at a time is sent (the breaker is half-open while a
probe is in flight). A probe that fails doubles the pause before the next one; a probe that succeeds closes the breaker,
and all waiting requests are sent. So an outage costs the failure budget and a few probes, whatever the number of calls
that wait for its end. If a probe gets no response within the longest pause, another is sent: otherwise, if the
server hangs, each probe would delay all calls by its time limit, also after the server has recovered.

**Two levels.** Each endpoint has a breaker of its own, so a failing endpoint does not delay calls to the others: the
recorded outages of Katapult (63 to 248 s of 500s on ``POST organizations/_/ip_addresses``) each concerned one endpoint.
A full outage would then cost a failure budget for each endpoint, and calls to rarely used endpoints would fail before
their breakers open. So there is one breaker for the host above them. It opens only when at least two endpoints failed
and no request to any endpoint succeeded since: one endpoint alone never stops the others.

**Failure budget.** A failure takes 1 from the budget and a success returns 1, so a server that succeeds more often than
it fails empties it only by a long run of failures. An endpoint's budget is a fifth of ``RetryPolicy.failure_budget``;
the host has all of it. The host's breaker also opens when as many requests in a row failed as empty an endpoint's
budget.

**Whose failure is it?** ``RetryPolicy.attempts`` bounds the attempts at one item of a batch that fails while others
succeed. While nothing succeeds at an endpoint, its failures are the endpoint's: they use up no attempts of batch items,
and the bound is ``RetryPolicy.outage_timeout``. `EndpointBreaker.succeeded_count` distinguishes the two cases.

At the end of a batch no other item may be left to show the difference. So a call becomes *suspect* when the endpoint
worked for others while the call failed: a request succeeded between two of its failures, or it got no response in time
while a request that was sent later got one. Failures of a suspect call are the endpoint's only while two other calls to
it fail that are not suspect, or while several endpoints fail. A call that is not suspect, and fails alone at the end of
its batch, may have met an outage or may be at fault itself. Nothing distinguishes the two, so it waits as long as a
single call does. Without the rule for suspect calls and the shorter wait of the last call, one item that always fails
would hold its batch for 15 minutes after all other items are done. Two items that always fail, and are the last two
that were sent, still look like an outage.

A probe uses up no attempt of a single call, so the calls that probe wait as long as those that do not.
"""

import math

__all__ = ["EndpointBreaker", "HostBreaker"]

PROBE_PAUSE = 0.25
"""Seconds before the first probe, so that the end of a short outage is noticed soon."""

PROBE_PAUSE_MAX = 5.0
"""Seconds: no pause between probes is longer, also if the last one has got no response yet."""

RETURNED = 0.2
"""Part of the failure budget that a breaker has after it closed. Not all of it: the success that closed it may be the
only one."""

ENDPOINT_PART = 5
"""The failure budget of an endpoint is that of the host, divided by this."""


class _Breaker:
    """A failure budget and the pauses between probes."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._left = budget
        self._pause = PROBE_PAUSE
        self.is_open = False
        """Whether only probes may be sent."""

        self.opened_at = 0.0
        """When it opened last."""

        self.probe_at = 0.0
        """When the next probe may be sent, while it is open."""

    @property
    def is_intact(self) -> bool:
        """Whether nothing is missing from the failure budget."""
        return self._left >= self._budget

    def _failed(self, now: float, *, probe: bool, draw: float, may_open: bool = True, is_empty: bool = False) -> None:
        """Record a failure: it opens the breaker once the budget is empty, or delays the next probe if it was one.

        Args:
            now: monotonic seconds.
            probe: whether the request was a probe.
            draw: a random number from 0 to 1.
            may_open: whether the breaker may open.
            is_empty: whether the budget counts as empty, whatever is left of it.
        """
        if not self.is_open:
            self._left = max(0, self._left - 1)
            if not may_open or (self._left and not is_empty):
                return
            self.is_open, self.opened_at = True, now
        elif probe:
            self._pause = min(2 * self._pause, PROBE_PAUSE_MAX)
        else:
            return
        self.probe_at = now + self._pause * (0.5 + draw / 2)  # clients that failed together do not probe together

    def probe_sent(self, now: float) -> None:
        """Record a probe. The next may be sent after the longest pause, even if this one has no response by then."""
        self.probe_at = now + PROBE_PAUSE_MAX

    def probe_soon(self, now: float) -> None:
        """Allow the next probe at once: the host works again, or the last probe was given up."""
        self.probe_at = min(self.probe_at, now)

    def succeeded(self) -> None:
        """Record a response that shows a working server, which may be an error such as 404."""
        if self.is_open:
            self.is_open = False
            self._pause = PROBE_PAUSE
            self._left = max(1, int(self._budget * RETURNED))
        elif self._left < self._budget:
            self._left += 1


class EndpointBreaker(_Breaker):
    """The circuit breaker of one endpoint."""

    def __init__(self, failure_budget: int) -> None:
        super().__init__(max(1, failure_budget // ENDPOINT_PART))
        self.failing_since = math.inf
        """When the first request failed after the last success; infinite while the last one succeeded."""

        self._failing_calls: list[object] = []  # the first two that failed since the last success, and are not suspect
        self.succeeded_count = 0
        """Successes while a failure budget was not full. If it is equal at two failures, none came between them."""

    def succeeded(self) -> None:
        """Record a response that shows a working endpoint."""
        self.succeeded_count += 1
        self.failing_since = math.inf
        self._failing_calls.clear()
        super().succeeded()

    @property
    def fails_for_several(self) -> bool:
        """Whether several calls that are not suspect have failed since the last success."""
        return len(self._failing_calls) > 1

    def failed(self, now: float, *, probe: bool, draw: float, call: object = None) -> None:
        """Record a failure that blames the server.

        Args:
            now: monotonic seconds.
            probe: whether the request was a probe.
            draw: a random number from 0 to 1.
            call: the call that failed; None if it is suspect.
        """
        self.failing_since = min(self.failing_since, now)
        if call is not None and not self.fails_for_several and call not in self._failing_calls:
            self._failing_calls.append(call)
        self._failed(now, probe=probe, draw=draw)


class HostBreaker(_Breaker):
    """The circuit breaker of the host, above those of its endpoints."""

    def __init__(self, failure_budget: int) -> None:
        super().__init__(failure_budget)
        self._failed_endpoints: set[str] = set()  # since the last success of any endpoint
        self._failed_in_a_row = 0  # requests, also since then
        self._most_in_a_row = max(1, failure_budget // ENDPOINT_PART)

    @property
    def fails_at_several(self) -> bool:
        """Whether several endpoints have failed since the last success of any."""
        return len(self._failed_endpoints) > 1

    def succeeded(self) -> None:
        """Record a response, from any endpoint, that shows a working server."""
        self._failed_endpoints.clear()
        self._failed_in_a_row = 0
        super().succeeded()

    def failed(self, endpoint: str, now: float, *, probe: bool, draw: float) -> None:
        """Record a failure of an endpoint that blames the server. ``draw`` is a random number from 0 to 1."""
        self._failed_endpoints.add(endpoint)
        self._failed_in_a_row += 1
        is_empty = self._failed_in_a_row >= self._most_in_a_row
        self._failed(now, probe=probe, draw=draw, may_open=self.fails_at_several, is_empty=is_empty)
