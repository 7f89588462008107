"""Whether to try again: the documented table as data, then the bounds."""

import math

import attrs
import pytest
from hypothesis import given, strategies as st

from katapult_async.config import RetryPolicy
from katapult_async.core.retry import Attempts, GiveUp, Retry, decide, may_pass, nothing_was_sent
from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    NotAcceptableError,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RateLimitWait,
    RateLimitWaitError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    TransportError,
    UnprocessableError,
    UsageError,
)

POLICY = RetryPolicy()
PROBLEM = Problem(method="GET", path="/x", description="went wrong")


def api(kind: type[APIError], status: int, code: str | None = None, *, retry_after: float | None = None) -> APIError:
    return kind(attrs.evolve(PROBLEM, status=status, code=code, retry_after=retry_after))


def bad(reason: BadResponseReason) -> BadResponseError:
    return BadResponseError(attrs.evolve(PROBLEM, reason=reason))


REFUSED = api(RateLimitReachedError, 429, "rate_limit_reached")
UNAVAILABLE = api(ServiceUnavailableError, 503, "service_unavailable")
OUT_OF_TIME = RequestTimeoutError(attrs.evolve(PROBLEM, phase="read"))

ALWAYS, REPEATABLE, NEVER = (True, True), (True, False), (False, False)
TABLE: list[tuple[KatapultError, tuple[bool, bool]]] = [
    # the failure, and whether an idempotent and another method are tried again
    (REFUSED, ALWAYS),
    (api(RateLimitReachedError, 429), ALWAYS),
    (UNAVAILABLE, REPEATABLE),
    (api(ServiceUnavailableError, 503), REPEATABLE),
    (api(ServiceUnavailableError, 503, "brand_new"), NEVER),
    (api(ConflictError, 503, "no_available_addresses"), NEVER),
    (api(ServerError, 500), REPEATABLE),
    (api(ServerError, 500, "unhandled_exception"), REPEATABLE),
    (api(ServerError, 501), NEVER),
    (api(ServerError, 502), REPEATABLE),
    (api(ServerError, 504, "network_error"), REPEATABLE),
    (api(ServerError, 505), NEVER),
    (api(APIError, 408), REPEATABLE),
    (api(UnprocessableError, 422, "object_storage_provisioning_error"), REPEATABLE),
    (api(UnprocessableError, 422, "validation_error"), NEVER),
    (api(BadRequestError, 400, "invalid_argument"), NEVER),
    (api(AuthenticationError, 403, "invalid_api_token"), NEVER),
    (api(PermissionDeniedError, 403, "scope_not_granted"), NEVER),
    (api(NotFoundError, 404, "network_not_found"), NEVER),
    (api(NotAcceptableError, 406, "object_in_trash"), NEVER),
    (api(ConflictError, 409, "deletion_restricted"), NEVER),
    (ConnectError(PROBLEM), ALWAYS),
    (ConnectError(attrs.evolve(PROBLEM, certificate=True)), NEVER),
    (RequestTimeoutError(attrs.evolve(PROBLEM, phase="connect")), ALWAYS),
    (OUT_OF_TIME, REPEATABLE),
    (RequestTimeoutError(attrs.evolve(PROBLEM, phase="attempt")), REPEATABLE),
    (DisconnectedError(PROBLEM), REPEATABLE),
    (TransportError(PROBLEM), REPEATABLE),
    (bad(BadResponseReason.UNREADABLE), REPEATABLE),
    (bad(BadResponseReason.TRUNCATED), REPEATABLE),
    (bad(BadResponseReason.WRONG_SHAPE), NEVER),
    (bad(BadResponseReason.TOO_LARGE), NEVER),
    (bad(BadResponseReason.REDIRECT), NEVER),
    (UsageError("no id"), NEVER),
    (ClientClosedError("closed"), NEVER),
    (NotAttemptedError("stopped"), NEVER),
    (RateLimitWaitError(RateLimitWait(permitted=1, remaining=0, resets_at=0.0, retry_after=9.0, max_wait=1.0)), NEVER),
]


def after(
    failure: KatapultError,
    *,
    failures: int = 1,
    refusals: int = 0,
    idempotent: bool = True,
    policy: RetryPolicy = POLICY,
    time_left: float = math.inf,
    draw: float = 1.0,
) -> Retry | GiveUp:
    attempts = Attempts(failures=failures, refusals=refusals)
    return decide(failure, attempts, idempotent=idempotent, policy=policy, time_left=time_left, draw=draw)


@pytest.mark.parametrize(("failure", "retried"), TABLE, ids=lambda value: str(value)[-60:])
def test_the_table_decides_by_failure_and_method(failure: KatapultError, retried: tuple[bool, bool]) -> None:
    decisions = [after(failure, idempotent=idempotent) for idempotent in (True, False)]
    assert tuple(isinstance(decision, Retry) for decision in decisions) == retried
    for decision in decisions:
        assert isinstance(decision, Retry) or decision.reason


@pytest.mark.parametrize(("failure", "retried"), TABLE, ids=lambda value: str(value)[-60:])
def test_what_may_pass_is_what_is_tried_again(failure: KatapultError, retried: tuple[bool, bool]) -> None:
    assert (may_pass(failure) or isinstance(failure, RateLimitReachedError)) is any(retried)
    if nothing_was_sent(failure):
        assert retried in (ALWAYS, NEVER)


def test_a_refusal_by_the_rate_limit_waits_for_the_gate_and_not_here() -> None:
    assert after(REFUSED, refusals=1) == Retry(0.0)


def test_refusals_do_not_use_up_the_attempts() -> None:
    assert after(REFUSED, failures=99, refusals=29) == Retry(0.0)


def test_refusals_have_a_bound_of_their_own() -> None:
    assert after(REFUSED, refusals=30) == GiveUp("refused 30 times by the rate limit")


@pytest.mark.parametrize(("failures", "goes_on"), [(1, True), (4, True), (5, False), (6, False)])
def test_the_attempts_are_bounded_the_first_included(failures: int, *, goes_on: bool) -> None:
    assert isinstance(after(UNAVAILABLE, failures=failures), Retry) is goes_on


def test_one_attempt_means_no_second() -> None:
    assert after(UNAVAILABLE, policy=RetryPolicy(attempts=1)) == GiveUp("1 attempts failed")


@pytest.mark.parametrize(("failures", "bound"), [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 20.0), (500, 20.0)])
def test_the_bound_of_the_wait_doubles_up_to_its_maximum(failures: int, bound: float) -> None:
    patient = RetryPolicy(attempts=1000)
    assert after(UNAVAILABLE, failures=failures, policy=patient) == Retry(bound)
    assert after(UNAVAILABLE, failures=failures, policy=patient, draw=0.0) == Retry(0.0)


def test_the_bound_of_the_wait_stays_finite_after_any_number_of_failures() -> None:
    endless = RetryPolicy(attempts=10**6)
    assert after(UNAVAILABLE, failures=5000, policy=endless) == Retry(20.0)


@given(
    failures=st.integers(1, 50),
    draw=st.floats(0, 1),
    initial=st.floats(0.001, 100),
    most=st.floats(0.001, 100),
    time_left=st.floats(0, 200),
)
def test_a_wait_lies_within_its_bound_and_the_deadline(
    failures: int, draw: float, initial: float, most: float, time_left: float
) -> None:
    policy = RetryPolicy(attempts=100, wait_initial=initial, wait_max=most)
    match after(UNAVAILABLE, failures=failures, policy=policy, time_left=time_left, draw=draw):
        case Retry(wait=wait):
            assert 0 <= wait <= min(most, initial * 2 ** (failures - 1))
            assert wait < time_left
        case GiveUp(reason=reason):
            assert "deadline" in reason


@pytest.mark.parametrize("failure", [UNAVAILABLE, REFUSED])
def test_a_pause_that_the_server_asks_for_is_the_least_wait(failure: APIError) -> None:
    context = type(failure)(attrs.evolve(failure.problem, retry_after=7.0))
    assert after(context, draw=0.5) == Retry(7.0)


def test_a_longer_wait_of_ours_is_not_shortened_by_the_servers() -> None:
    assert after(api(ServerError, 502, retry_after=0.1)) == Retry(0.5)


@pytest.mark.parametrize("failure", [UNAVAILABLE, REFUSED])
@pytest.mark.parametrize(("asked", "goes_on"), [(120.0, True), (120.1, False), (math.inf, False)])
def test_a_pause_longer_than_allowed_ends_the_call(failure: APIError, asked: float, *, goes_on: bool) -> None:
    context = type(failure)(attrs.evolve(failure.problem, retry_after=asked))
    assert isinstance(after(context), Retry) is goes_on


@pytest.mark.parametrize(
    ("time_left", "goes_on"), [(math.inf, True), (0.51, True), (0.5, False), (0.0, False), (-1.0, False)]
)
def test_no_wait_outlasts_the_deadline(time_left: float, *, goes_on: bool) -> None:
    assert isinstance(after(UNAVAILABLE, time_left=time_left), Retry) is goes_on


def test_a_refusal_at_the_deadline_ends_the_call() -> None:
    assert isinstance(after(REFUSED, time_left=0.0), GiveUp)
