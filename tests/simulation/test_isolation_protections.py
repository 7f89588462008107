"""Each protection is needed: a situation meets all its goals, and misses one when the protection is switched off."""

import math
from typing import Any

import attrs
import pytest

from katapult_async import batch as batches
from katapult_async.batch import Batch, Failed
from katapult_async.core import failure_attribution
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.call_state import Call
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.failure_attribution import FailureAttribution
from katapult_async.errors import AuthenticationError, KatapultError
from katapult_async.rate_limit import proxy_limit, window_times
from katapult_async.rate_limit.adaptive_concurrency import AdaptiveConcurrency
from katapult_async.rate_limit.fair_share import FairShare, _Rest
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.proxy_limit import ProxyLimit
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight
from katapult_async.rate_limit.token_limits import TokenLimits
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied
from katapult_async.rate_limit.window_admission import Window
from katapult_async.rate_limit.window_use import WindowUse
from tests.simulation.isolation import SITUATIONS, Measured, measure_situation

pytestmark = pytest.mark.slow

original_of_endpoint = CircuitBreakers.of_endpoint
original_rate = FairShare._rate
original_take = Slots.take
original_sent = ProxyLimit.sent
original_batch_failed = Batch._failed


def one_breaker_of_all_endpoints(self: CircuitBreakers, _: str) -> CircuitBreaker:
    return original_of_endpoint(self, "GET /")


def the_hosts_breaker_while_it_is_open(self: CircuitBreakers, waiter: Any) -> CircuitBreaker:
    return self._host if self._host.is_open else waiter.breaker


def first_rejection_is_enough(
    self: Batch[Any, Any], item: Any, error: KatapultError, *, checked_token: bool
) -> Failed[Any]:
    outcome = original_batch_failed(self, item, error, checked_token=checked_token)
    if isinstance(outcome.error, AuthenticationError):
        self.stopped_by = outcome.error
    return outcome


def window_of_the_permit(_: TokenLimits, __: Permit, window: Window, *___: object) -> Window:
    return window


def no_reserve_beside_the_full_rate(self: FairShare, use: WindowUse, rest: _Rest) -> float:
    requests, seconds = self._past.fast + use.fast, self._past.fast_seconds + use.fast_seconds
    full = requests >= rest.permitted / self._seconds * seconds
    return 0.0 if full else original_rate(self, use, rest)


def nothing_for_slow_processes_from_batches_that_fit(self: FairShare, use: WindowUse, rest: _Rest) -> float:
    return original_rate(self, use, rest) if rest.outlasts else 0.0


def no_success_since_own_failure(self: FailureAttribution, call: Call[Any]) -> bool:
    return self._breakers.of_endpoint(call.route).succeeded_at < call.history.own_failure_at


def pace_grows_while_nothing_waits(self: ProxyLimit, now: float) -> None:
    original_sent(self, now)
    self._idle = 0.0


@attrs.frozen(kw_only=True)
class Protection:
    """A protection, and a situation that needs it."""

    situation: str
    seed: int = 201
    phase: float = 0.31
    """The fraction of the server's window that is over when the run begins, from 0 to 1."""

    owner: Any
    """The class or module whose attribute is the protection."""

    attribute: str
    replacement: Any
    """The value of the attribute that switches the protection off."""


PROTECTIONS: dict[str, Protection] = {
    "what a 429 means": Protection(
        situation="a proxy permits 100 requests in 10 s, Retry-After",
        owner=TokenLimits,
        attribute="_record_refusal",
        replacement=TokenLimits._record_refusal_of_window,
    ),
    "circuit breakers of single endpoints": Protection(
        situation="one endpoint always fails (503, GET)",
        owner=CircuitBreakers,
        attribute="of_endpoint",
        replacement=one_breaker_of_all_endpoints,
    ),
    "probes of the host, which an endpoint with an outage of its own leaves to others": Protection(
        situation="one endpoint still fails after an outage of 100 s",
        owner=CircuitBreakers,
        attribute="_breaker_of",
        replacement=the_hosts_breaker_while_it_is_open,
    ),
    "calls to slow endpoints that are sent after others": Protection(
        situation="one endpoint responds after 25 s, to a batch of its own",
        seed=20010,
        phase=0.02,
        owner=RequestsInFlight,
        attribute="overdue",
        replacement=lambda *_: 0,
    ),
    "failures of an endpoint that use up no attempts": Protection(
        situation="503 from everything for 60 s, workers: 5",
        owner=FailureAttribution,
        attribute="_count_for_batch",
        replacement=lambda *_: None,
    ),
    "successes of requests from before an outage that show nothing": Protection(
        situation="outage of 20 s (maintenance), responses: 3 s, workers: 100",
        owner=FailureAttribution,
        attribute="_is_in_doubt",
        replacement=no_success_since_own_failure,
    ),
    "workers added while calls are stuck": Protection(
        situation="503 from everything for 60 s, workers: 1",
        owner=batches,
        attribute="_ADDED_WORKERS",
        replacement=0,
    ),
    "the confirmation by a second item": Protection(
        situation="one 403 of the token among 2,500",
        owner=Batch,
        attribute="_failed",
        replacement=first_rejection_is_enough,
    ),
    "windows of single endpoints": Protection(
        situation="POSTs limited to 10 a minute, own counter in the 429",
        owner=TokenLimits,
        attribute="_window_for",
        replacement=window_of_the_permit,
    ),
    "limits of single endpoints": Protection(
        situation="POSTs limited to 10 a minute, token counter in the 429",
        owner=TokenLimits,
        attribute="_add_limit",
        replacement=lambda *_: None,
    ),
    "fewer requests in flight after a refusal": Protection(
        situation="one endpoint permits 3 requests in flight, true counter in the 429",
        owner=AdaptiveConcurrency,
        attribute="refused",
        replacement=lambda *_: None,
    ),
    "fewer requests in flight after a proxy's 503": Protection(
        situation="nginx limit_conn 1, status 503, workers: 5",
        owner=proxy_limit,
        attribute="ACCEPTED_WITHIN",
        replacement=-math.inf,
    ),
    "attempts after a proxy's 503": Protection(
        situation="8 processes behind nginx limit_conn 4, with its default status 503",
        owner=failure_attribution,
        attribute="is_503_of_proxy",
        replacement=lambda _: False,
    ),
    "the test of a doubtful refusal": Protection(
        situation="one item is refused forever, no counter",
        owner=Window,
        attribute="_denial_of_test",
        replacement=lambda window, _, now: Denied(window.times.reset_after(now), DenialReason.REFUSED),
    ),
    "the pace of a proxy": Protection(
        situation="nginx limit_req 20 r/s, burst 10 nodelay, 600 calls",
        owner=ProxyLimit,
        attribute="_rate",
        replacement=lambda *_: math.inf,
    ),
    "the pace of a proxy that sends 503": Protection(
        situation="nginx limit_req 20 r/s, burst 10, 600 calls, with its default status 503",
        owner=ProxyLimit,
        attribute="unavailable",
        replacement=lambda *_, **__: None,
    ),
    "the rate that does not grow while no request waits": Protection(
        situation="nginx limit_req 60 r/s, burst 10, and three windows of Katapult",
        owner=ProxyLimit,
        attribute="sent",
        replacement=pace_grows_while_nothing_waits,
    ),
    "waiting for Retry-After": Protection(
        situation="a proxy refuses everything for 300 s, Retry-After",
        owner=proxy_limit,
        attribute="LONGEST_RETRY_AFTER",
        replacement=0.0,
    ),
    "slots for calls to other endpoints than one that hangs": Protection(
        situation="the endpoint of 5 single calls a second hangs, max_in_flight 100",
        owner=Slots,
        attribute="take",
        replacement=lambda self, priority, now, **_: original_take(self, priority, now),
    ),
    "the reserve beside processes that use the full rate": Protection(
        situation="web in its own process beside 2 batches",
        seed=1,
        owner=FairShare,
        attribute="_rate",
        replacement=no_reserve_beside_the_full_rate,
    ),
    "the reserve of a batch that fits beside other batches": Protection(
        situation="web in its own process beside 4 batches",
        seed=1,
        owner=FairShare,
        attribute="_rate",
        replacement=nothing_for_slow_processes_from_batches_that_fit,
    ),
    "calls that are suspect": Protection(
        situation="one of 200 items fails (500) forever, workers: 50",
        owner=FailureAttribution,
        attribute="_mark_suspect",
        replacement=lambda *_: None,
    ),
    "the shorter wait of a last item": Protection(
        situation="the last of 200 items fails (500) forever, workers: 50",
        seed=203,
        owner=FailureAttribution,
        attribute="outage_timeout",
        replacement=lambda *_: 900.0,
    ),
    "probes that use up no attempts": Protection(
        situation="single calls to another endpoint while everything fails for 60 s, workers: 1",
        seed=5002,
        phase=0.5,
        owner=FailureAttribution,
        attribute="_count_for_single_call",
        replacement=lambda *_: None,
    ),
    "urgent probes for a late reset": Protection(
        situation="the counter is reset 4 s late",
        owner=window_times,
        attribute="URGENT",
        replacement=0.0,
    ),
}


def missed(protection: Protection) -> list[Measured]:
    """Return the goals that the situation of a protection misses."""
    [situation] = [situation for situation in SITUATIONS if situation.name == protection.situation]
    return [row for row in measure_situation(situation, starts=[(protection.seed, protection.phase)]) if not row.met]


@pytest.mark.timeout(300)  # two simulations one after another, of up to 12 s each on an idle machine
@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_the_protection_a_goal_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    protection = PROTECTIONS[name]
    assert missed(protection) == []
    monkeypatch.setattr(protection.owner, protection.attribute, protection.replacement)
    assert missed(protection) != []
