"""Counts each failed attempt of a call as a failure of the call, or of its endpoint.

`katapult_async.core.circuit_breaker` has the rules, under "Whose failure is it?".
"""

import math
from typing import Any

from katapult_async.call_limits import BATCH
from katapult_async.config import BATCH_OUTAGE_TIMEOUT, OUTAGE_TIMEOUT, RetryPolicy
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.call import Call
from katapult_async.core.retry import is_503_of_proxy
from katapult_async.errors import RequestError, RequestTimeoutError


class FailedAttempts:
    """Reports failures of the server to the circuit breakers, and counts them for the retry policy."""

    def __init__(self, policy: RetryPolicy, breakers: CircuitBreakers) -> None:
        self._policy = policy
        self._breakers = breakers

    def record(self, call: Call[Any], failure: RequestError) -> None:
        """Record how an attempt of a call failed."""
        worked = self._has_worked_since(call, call.history.failed_at)
        self._mark_suspect(call, failure, worked=worked)
        if failure.problem.failure == "local" and (worked or call.history.failed_at == math.inf):
            # Other calls may use all connections of this machine. The next such failure counts if none succeeds first.
            self._breakers.release_probe(call.probed)
        else:
            source = None if call.history.is_suspect else call
            self._breakers.failed(call.route, failure, probed=call.probed, call=source)
        self._count(call, failure, worked=worked)
        call.history.failed_at = call.clock()

    def _has_worked_since(self, call: Call[Any], time: float) -> bool:
        """Return whether a request to a call's endpoint succeeded that was sent after a time.

        A request that was sent earlier shows nothing: it may have reached the server before an outage began.
        """
        if self._breakers.has_failures:
            return self._breakers.of_endpoint(call.route).succeeded_sent_at > time
        return call.credentials.limiter.has_accepted_after(call.route, time)  # the breakers record no success

    def _mark_suspect(self, call: Call[Any], failure: RequestError, *, worked: bool) -> None:
        """Record whether the endpoint worked for others while a call failed."""
        if isinstance(failure, RequestTimeoutError):
            worked |= call.credentials.limiter.has_accepted_after(call.route, call.permit.granted_at)
        call.history.is_suspect |= worked

    def _count(self, call: Call[Any], failure: RequestError, *, worked: bool) -> None:
        """Count a failure as one of the call or of the endpoint, and let a stuck batch try another item."""
        history, breaker = call.history, self._breakers.of_endpoint(call.route)
        if call.limits.priority is not BATCH:
            history.endpoint_failures += call.probed is not None  # a probe uses up no attempt of a single call
            return
        several_fail = self._breakers.fails_for_several(call.route)
        fails_again = history.failed_at < math.inf and not worked
        endpoint_fails = fails_again and (several_fail or not history.is_suspect)
        endpoint_fails |= not failure.problem.sent  # no connection could be made: this is never the fault of one item
        history.endpoint_failures += endpoint_fails
        works_now = history.is_suspect and self._has_worked_since(call, call.permit.granted_at)
        history.may_be_endpoint_failure = endpoint_fails or not works_now
        history.possible_refusals += not endpoint_fails and is_503_of_proxy(failure)
        is_stuck = call.attempts >= self._policy.attempts or isinstance(failure, RequestTimeoutError)
        if endpoint_fails and is_stuck and call.limits.on_stuck is not None:
            history.is_last = not (call.limits.on_stuck() or several_fail)  # False if another item is tried
        history.outage_is_over_limit = call.clock() - breaker.failing_since >= self.outage_timeout(call)

    def outage_timeout(self, call: Call[Any]) -> float:
        """Return the seconds that a call waits for the end of an outage."""
        if self._policy.outage_timeout is not None:
            return self._policy.outage_timeout
        return BATCH_OUTAGE_TIMEOUT if call.limits.priority is BATCH and not call.history.is_last else OUTAGE_TIMEOUT
