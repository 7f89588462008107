"""Counts each failed attempt of a call as a failure of the call, or of its endpoint.

`katapult_async.core.circuit_breaker` has the rules, under "Whose failure is it?".
"""

import math
from typing import Any, Final

from katapult_async.call_limits import BATCH
from katapult_async.config import BATCH_OUTAGE_TIMEOUT, OUTAGE_TIMEOUT, RetryPolicy
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.call_state import Call
from katapult_async.core.retry import is_503_of_proxy
from katapult_async.errors import RequestError, RequestTimeoutError
from katapult_async.rate_limit.proxy_limit import PACE_ENDS_AFTER

_RECENTLY: Final = PACE_ENDS_AFTER  # a proxy's limit is assumed to exist for the same time


class FailureAttribution:
    """Reports failures of the server to the circuit breakers, and counts them for the retry policy."""

    def __init__(self, policy: RetryPolicy, breakers: CircuitBreakers) -> None:
        self._policy = policy
        self._breakers = breakers

    def record(self, call: Call[Any], failure: RequestError) -> None:
        """Record how an attempt of a call failed."""
        history = call.history
        history.first_failure_at = min(history.first_failure_at, call.clock())
        self._mark_suspect(call, failure)
        if failure.problem.failure == "local" and not self._is_in_doubt(call):
            # Other calls may use all connections of this machine. The next such failure counts if none succeeds first.
            self._breakers.release_probe(call.probed)
        else:
            self._breakers.failed(call.route, failure, probed=call.probed, call=None if history.is_suspect else call)
        self._count(call, failure)

    def _is_in_doubt(self, call: Call[Any]) -> bool:
        """Return whether no request succeeded that was sent after the last own failure; False for the first failure."""
        return self._breakers.of_endpoint(call.route).succeeded_sent_at < call.history.own_failure_at

    def _mark_suspect(self, call: Call[Any], failure: RequestError) -> None:
        """Record whether the endpoint worked for others while a call failed."""
        history = call.history
        if history.own_failure_at > -math.inf and not self._is_in_doubt(call):
            history.is_suspect = True
        limiter, sent_at = call.credentials.limiter, call.permit.granted_at
        if isinstance(failure, RequestTimeoutError) and limiter.has_accepted_after(call.route, sent_at):
            history.is_suspect = True

    def _count(self, call: Call[Any], failure: RequestError) -> None:
        """Count a failure as one of the call or of the endpoint, and let a stuck batch try another item."""
        history, breaker, in_doubt = call.history, self._breakers.of_endpoint(call.route), self._is_in_doubt(call)
        if call.limits.priority is not BATCH:
            if call.probed is not None:  # a probe uses up no attempt of a single call
                history.endpoint_failures += 1
            if not in_doubt:
                history.own_failure_at = call.clock()
            return
        several_fail = self._breakers.fails_for_several(call.route)
        # Without a connection, it is never the fault of one item. Like all failures but local ones, the first counts.
        no_connection = not failure.problem.sent and history.own_failure_at > -math.inf
        is_local = failure.problem.failure == "local"
        no_success = in_doubt and (several_fail or not history.is_suspect)
        endpoint_fails = is_local or no_connection or no_success
        if endpoint_fails:
            history.endpoint_failures += 1
        elif is_503_of_proxy(failure):
            history.possible_refusals += 1
        history.may_be_endpoint_failure = endpoint_fails or not history.is_suspect
        if call.clock() - breaker.recovered_at < _RECENTLY:
            history.others_recovered = True
        is_stuck = call.attempts >= self._policy.attempts or isinstance(failure, RequestTimeoutError)
        if endpoint_fails and is_stuck and call.limits.on_stuck is not None:
            tries_another_item = call.limits.on_stuck()
            others_succeeded = breaker.succeeded_at > history.first_failure_at
            history.is_last = not tries_another_item and (others_succeeded or not several_fail)
        if endpoint_fails and in_doubt:
            history.failures_in_doubt += 1
        else:
            history.failures_in_doubt, history.own_failure_at = 0, call.clock()
        history.outage_is_over_limit = call.clock() - breaker.failing_since >= self.outage_timeout(call)

    def outage_timeout(self, call: Call[Any]) -> float:
        """Return the seconds that a call waits for the end of an outage."""
        if self._policy.outage_timeout is not None:
            return self._policy.outage_timeout
        return BATCH_OUTAGE_TIMEOUT if call.limits.priority is BATCH and not call.history.is_last else OUTAGE_TIMEOUT
