"""Without any one of the protections that isolate, a situation misses a goal that it meets with it."""

import math
from typing import Any

import pytest

from katapult_async import batch as batches
from katapult_async.batch import Batch, Failed
from katapult_async.core.call import Call
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.failed_attempts import FailedAttempts
from katapult_async.errors import AuthenticationError, KatapultError, RequestError
from katapult_async.options import Priority
from katapult_async.rate_limit import limits_by_route, proxy_limit, reset_schedule
from katapult_async.rate_limit.denials import DenialReason, Denied
from katapult_async.rate_limit.fair_share import FairShare
from katapult_async.rate_limit.limits_by_route import TokenLimits
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.proxy_limit import ProxyLimit
from katapult_async.rate_limit.requests_in_flight import RequestsInFlight
from katapult_async.rate_limit.too_many_requests import RefusalMeaning
from katapult_async.rate_limit.window import Window
from katapult_async.rate_limit.window_use import WindowUse
from tests.simulation.isolation import SITUATIONS, Measured, measure_situation

pytestmark = pytest.mark.slow


def opens_for_one_endpoint(self: CircuitBreaker, now: float, *, probe: bool, draw: float, source: object) -> None:
    if self._of_host:
        fail(self, now, probe=probe, draw=draw, source=f"{source} or another")
    fail(self, now, probe=probe, draw=draw, source=source)


def first_rejection_is_enough(
    self: Batch[Any, Any], item: Any, error: KatapultError, *, checked_token: bool
) -> Failed[Any]:
    outcome = end_failed(self, item, error, checked_token=checked_token)
    if isinstance(outcome.error, AuthenticationError):
        self.stopped_by = outcome.error
    return outcome


def window_of_the_permit(_: TokenLimits, __: Permit, window: Window, *___: object) -> Window:
    return window


def no_reserve_beside_the_full_rate(self: FairShare, permitted: int, use: WindowUse, *, outlasts: bool) -> float:
    requests, seconds = self._past.fast + use.fast, self._past.fast_seconds + use.fast_seconds
    full = requests >= permitted / self._seconds * seconds
    return 0.0 if full else rate(self, permitted, use, outlasts=outlasts)


def nothing_for_slow_processes_from_batches_that_fit(
    self: FairShare, permitted: int, use: WindowUse, *, outlasts: bool
) -> float:
    return rate(self, permitted, use, outlasts=True) if outlasts else 0.0


def probes_use_up_attempts(self: FailedAttempts, call: Call[Any], failure: RequestError) -> None:
    if call.limits.priority is Priority.BATCH:
        count(self, call, failure)


fail, rate, count, end_failed = CircuitBreaker.failed, FairShare._rate, FailedAttempts._count, Batch._failed

PROTECTIONS: dict[str, tuple[str, int, float, Any, str, Any]] = {
    "the table of refusals": (
        "1 % are refused",
        201,
        0.31,
        limits_by_route,
        "meaning_of",
        lambda _: RefusalMeaning.WINDOW_SPENT,
    ),
    "circuit breakers of single endpoints": (
        "always fails (503, GET)",
        201,
        0.31,
        CircuitBreaker,
        "failed",
        opens_for_one_endpoint,
    ),
    "calls to slow endpoints after others": (
        "answers after 25 s",
        20010,
        0.02,
        RequestsInFlight,
        "overdue",
        lambda *_: 0,
    ),
    "failures of an endpoint that use up no attempts": (
        "for 60 s, 5 workers",
        201,
        0.31,
        FailedAttempts,
        "_count",
        lambda *_: None,
    ),
    "workers added while calls are stuck": ("for 60 s, 1 workers", 201, 0.31, batches, "_ADDED_WORKERS", 0),
    "the confirmation by a second item": ("one 403", 201, 0.31, Batch, "_failed", first_rejection_is_enough),
    "windows of single endpoints": ("10 a minute, own", 201, 0.31, TokenLimits, "_window_for", window_of_the_permit),
    "limits of single endpoints": ("10 a minute, token", 201, 0.31, TokenLimits, "_add_limit", lambda *_: None),
    "the test of a doubtful refusal": (
        "one key is refused for ever, none",
        201,
        0.31,
        Window,
        "_denial_of_test",
        lambda window, *_: Denied(window.resets.reset_after(0.0), DenialReason.REFUSED),
    ),
    "the pace of a proxy": ("burst 10 nodelay, 600", 201, 0.31, ProxyLimit, "_rate", lambda *_: math.inf),
    "waiting for Retry-After": ("for 300 s, Retry-After", 201, 0.31, proxy_limit, "LONGEST", 0.0),
    "slots for single calls": ("hangs, max_in_flight 8", 201, 0.31, Slots, "_keeps_some", lambda *_: False),
    "the reserve beside processes that use the full rate": (
        "beside 2 batches",
        1,
        0.31,
        FairShare,
        "_rate",
        no_reserve_beside_the_full_rate,
    ),
    "the reserve of a batch that fits beside other batches": (
        "beside 4 batches",
        23,
        0.31,
        FairShare,
        "_rate",
        nothing_for_slow_processes_from_batches_that_fit,
    ),
    "calls that are suspect": (
        "one of 200 items fails (500)",
        201,
        0.31,
        FailedAttempts,
        "_mark_suspect",
        lambda *_: None,
    ),
    "the shorter wait of a last item": (
        "the last of 200 items fails (500)",
        203,
        0.31,
        FailedAttempts,
        "outage_timeout",
        lambda *_: 900.0,
    ),
    "probes that use up no attempts": (
        "another endpoint in these 60 s, 1 w",
        5002,
        0.5,
        FailedAttempts,
        "_count",
        probes_use_up_attempts,
    ),
    "urgent probes for a late reset": ("reset 4 s late", 201, 0.31, reset_schedule, "URGENT", 0.0),
}


def missed(name: str, seed: int, phase: float) -> list[Measured]:
    [situation] = [situation for situation in SITUATIONS if name in situation.name]
    return [row for row in measure_situation(situation, starts=[(seed, phase)]) if not row.met]


@pytest.mark.timeout(300)  # two simulations one after another, of up to 12 s each on an idle machine
@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_the_rule_a_goal_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    situation, seed, phase, owner, attribute, replacement = PROTECTIONS[name]
    assert missed(situation, seed, phase) == []
    monkeypatch.setattr(owner, attribute, replacement)
    assert missed(situation, seed, phase) != []
