"""Counts each failed attempt of a call as a failure of the call, or of its endpoint.

`katapult_async.core.circuit_breaker` has the rules, under "Whose failure is it?".
"""

import math
from typing import Any

from katapult_async.call_limits import BATCH
from katapult_async.config import BATCH_OUTAGE_TIMEOUT, OUTAGE_TIMEOUT, RetryPolicy
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.call_state import Call
from katapult_async.core.retry import CLIENT_ERRORS, is_503_of_proxy, is_transient
from katapult_async.errors import APIError, RequestError, RequestTimeoutError
from katapult_async.rate_limit.proxy_limit import PACE_ENDS_AFTER


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
            # Perhaps other calls use all connections of this machine. The next such failure counts unless a request
            # succeeds before it.
            self._breakers.release_probe(call.probed)
            self._breakers.expect_success(call.route)
        else:
            self._breakers.failed(call.route, failure, probed=call.probed, call=None if history.is_suspect else call)
        if call.limits.priority is BATCH:
            self._count_for_batch(call, failure)
        else:
            self._count_for_single_call(call)

    def _is_in_doubt(self, call: Call[Any]) -> bool:
        """Return whether nothing shows that the endpoint works: no request sent after the last own failure succeeded.

        False for the first failure of a call.
        """
        return self._breakers.of_endpoint(call.route).succeeded_sent_at < call.history.own_failure_at

    def _mark_suspect(self, call: Call[Any], failure: RequestError) -> None:
        """Record whether the endpoint worked for others while a call failed."""
        others_succeeded = call.history.own_failure_at > -math.inf and not self._is_in_doubt(call)
        is_timeout = isinstance(failure, RequestTimeoutError)
        limiter = call.credentials.limiter
        if others_succeeded or (is_timeout and limiter.has_accepted_after(call.route, call.permit.granted_at)):
            call.history.is_suspect = True

    def _count_for_single_call(self, call: Call[Any]) -> None:
        """Count a failure of a single call. A probe uses up none of its attempts."""
        if call.probed is not None:
            call.history.endpoint_failures += 1
        if not self._is_in_doubt(call):
            call.history.own_failure_at = call.clock()

    def _count_for_batch(self, call: Call[Any], failure: RequestError) -> None:
        """Count a failure of a batch's call as the call's or the endpoint's, and let a stuck batch try another item."""
        history, breaker, in_doubt = call.history, self._breakers.of_endpoint(call.route), self._is_in_doubt(call)
        endpoint_fails = self._is_endpoint_failure(call, failure)
        if endpoint_fails:
            history.endpoint_failures += 1
        elif is_503_of_proxy(failure):
            history.possible_refusals += 1
        history.may_be_endpoint_failure = endpoint_fails or not history.is_suspect
        # For the same time after a 503, the rate limiter assumes that a proxy has a limit.
        history.others_succeed_after_503 = breaker.succeeded_after_503_at > history.first_failure_at - PACE_ENDS_AFTER
        is_stuck = call.attempts >= self._policy.attempts or isinstance(failure, RequestTimeoutError)
        if endpoint_fails and is_stuck and call.limits.on_stuck is not None:
            several_fail = self._breakers.fails_for_several(call.route)
            tries_another_item = call.limits.on_stuck()
            others_succeeded = breaker.succeeded_at > history.first_failure_at
            history.is_last = not tries_another_item and (others_succeeded or not several_fail)
        if endpoint_fails and in_doubt:
            history.failures_in_doubt += 1
        else:
            history.failures_in_doubt, history.own_failure_at = 0, call.clock()
        history.outage_is_over_limit = call.clock() - breaker.failing_since >= self.outage_timeout(call)

    def _is_endpoint_failure(self, call: Call[Any], failure: RequestError) -> bool:
        """Return whether a failure of a batch's call is the endpoint's, or this machine's: it uses up no attempt."""
        is_local = failure.problem.failure == "local"
        # That no connection could be made does not depend on the item. But the first failure of a call is always its
        # own, unless it is local.
        no_connection = not failure.problem.sent and call.history.own_failure_at > -math.inf
        several_fail = self._breakers.fails_for_several(call.route)
        no_success = self._is_in_doubt(call) and (several_fail or not call.history.is_suspect)
        return is_local or no_connection or no_success

    def outage_timeout(self, call: Call[Any]) -> float:
        """Return the seconds that a call waits for the end of an outage."""
        default = BATCH_OUTAGE_TIMEOUT if call.limits.priority is BATCH and not call.history.is_last else OUTAGE_TIMEOUT
        return default if self._policy.outage_timeout is None else self._policy.outage_timeout


def shows_server_failure(failure: RequestError) -> bool:
    """Return whether a failure shows that the server fails, and not only this request."""
    return is_transient(failure) and not (isinstance(failure, APIError) and failure.status in CLIENT_ERRORS)
