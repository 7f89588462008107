"""When a failed attempt is repeated: the documented table as data, then the bounds."""

import math
from typing import Any

import attrs
import pytest
import tenacity
from hypothesis import given, strategies as st

from katapult_async.config import RetryPolicy
from katapult_async.core.failure_attribution import shows_server_failure
from katapult_async.core.retry import FailureHistory, RetryStrategies, is_transient
from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    BadResponseReason,
    ConflictError,
    ConnectError,
    DisconnectedError,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RequestError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    TransportError,
    UnprocessableError,
    UsageError,
)

POLICY = RetryPolicy()
PROBLEM = Problem(method="GET", path="/x", description="went wrong")
UNSENT = attrs.evolve(PROBLEM, sent=False)


def api_error(
    kind: type[APIError], status: int, code: str | None = None, *, retry_after: float | None = None
) -> APIError:
    return kind(attrs.evolve(PROBLEM, status=status, code=code, retry_after=retry_after))


def unreadable(kind: type[APIError], status: int) -> APIError:
    return kind(attrs.evolve(PROBLEM, status=status, reason=BadResponseReason.UNREADABLE))


def bad_response(reason: BadResponseReason) -> BadResponseError:
    return BadResponseError(attrs.evolve(PROBLEM, reason=reason))


REFUSED = api_error(RateLimitReachedError, 429, "rate_limit_reached")
UNAVAILABLE = api_error(ServiceUnavailableError, 503, "service_unavailable")
READ_TIMEOUT = RequestTimeoutError(attrs.evolve(PROBLEM, phase="read"))

# Whether an idempotent request is retried, and whether any other request is.
ALWAYS, IF_IDEMPOTENT, NEVER = (True, True), (True, False), (False, False)
TABLE: list[tuple[RequestError, tuple[bool, bool]]] = [
    (REFUSED, ALWAYS),
    (api_error(RateLimitReachedError, 429), ALWAYS),
    (UNAVAILABLE, IF_IDEMPOTENT),
    (api_error(ServiceUnavailableError, 503), IF_IDEMPOTENT),
    (api_error(ServiceUnavailableError, 503, "brand_new"), IF_IDEMPOTENT),
    (api_error(ConflictError, 503, "no_available_addresses"), NEVER),
    (api_error(ServerError, 500), IF_IDEMPOTENT),
    (api_error(ServerError, 500, "unhandled_exception"), IF_IDEMPOTENT),
    (api_error(ServerError, 501), NEVER),
    (api_error(ServerError, 502), IF_IDEMPOTENT),
    (api_error(ServerError, 504, "network_error"), IF_IDEMPOTENT),
    (api_error(ServerError, 505), NEVER),
    (api_error(APIError, 408), IF_IDEMPOTENT),
    (api_error(APIError, 425), IF_IDEMPOTENT),
    *((api_error(ServerError, status), IF_IDEMPOTENT) for status in (507, 520, 521, 522, 523, 524, 530, 599)),
    (api_error(UnprocessableError, 422, "object_storage_provisioning_error"), IF_IDEMPOTENT),
    (api_error(UnprocessableError, 422, "validation_error"), NEVER),
    (api_error(BadRequestError, 400, "invalid_argument"), NEVER),
    (api_error(AuthenticationError, 403, "invalid_api_token"), NEVER),
    (api_error(PermissionDeniedError, 403, "scope_not_granted"), NEVER),
    (api_error(NotFoundError, 404, "network_not_found"), NEVER),
    (api_error(NotAcceptableError, 406, "object_in_trash"), NEVER),
    (api_error(ConflictError, 409, "deletion_restricted"), NEVER),
    *(
        (unreadable(kind, status), ALWAYS)
        for kind, status in ((AuthenticationError, 401), (NotFoundError, 404), (ConflictError, 409))
    ),
    (unreadable(RateLimitReachedError, 429), ALWAYS),
    (unreadable(APIError, 408), IF_IDEMPOTENT),
    (unreadable(ServerError, 500), IF_IDEMPOTENT),
    (unreadable(ServerError, 501), NEVER),
    (NotFoundError(attrs.evolve(PROBLEM, status=404, reason=BadResponseReason.TOO_LARGE)), NEVER),
    (ConnectError(UNSENT), ALWAYS),
    (ConnectError(attrs.evolve(UNSENT, failure="certificate")), NEVER),
    (ConnectError(attrs.evolve(UNSENT, failure="local")), ALWAYS),
    (ConnectError(attrs.evolve(UNSENT, status=407)), NEVER),
    (ConnectError(attrs.evolve(UNSENT, status=429)), ALWAYS),
    (ConnectError(attrs.evolve(UNSENT, status=502)), ALWAYS),
    (RequestTimeoutError(attrs.evolve(UNSENT, phase="connect")), ALWAYS),
    (RequestTimeoutError(attrs.evolve(UNSENT, phase="attempt")), ALWAYS),
    (READ_TIMEOUT, IF_IDEMPOTENT),
    (RequestTimeoutError(attrs.evolve(PROBLEM, phase="attempt")), IF_IDEMPOTENT),
    (DisconnectedError(PROBLEM), IF_IDEMPOTENT),
    (TransportError(PROBLEM), IF_IDEMPOTENT),
    (bad_response(BadResponseReason.UNREADABLE), IF_IDEMPOTENT),
    (bad_response(BadResponseReason.TRUNCATED), IF_IDEMPOTENT),
    (bad_response(BadResponseReason.WRONG_SHAPE), NEVER),
    (bad_response(BadResponseReason.TOO_LARGE), NEVER),
    (bad_response(BadResponseReason.REDIRECT), NEVER),
]


async def wait_after(
    failure: RequestError,
    *,
    failures: int = 1,
    refusals: int = 0,
    idempotent: bool = True,
    policy: RetryPolicy = POLICY,
    time_left: float = math.inf,
    draw: float = 1.0,
    history: FailureHistory | None = None,
) -> float | None:
    """Return the seconds until the next attempt, or None if there is no next one.

    Args:
        failure: the error of the last attempt.
        failures: attempts that failed, the last one included unless it was refused.
        refusals: attempts that were refused with 429, the last one included if it was.
        idempotent: whether the request may be repeated.
        policy: the retry policy.
        time_left: seconds until the deadline of the call.
        draw: the random number of the jitter.
        history: what else is known about the earlier failures.
    """
    problem = attrs.evolve(failure.problem, attempts=failures + refusals)
    last = type(failure)(problem)
    controller = RetryStrategies(
        policy=policy,
        history=attrs.evolve(history or FailureHistory(), refusals=refusals),
        idempotent=idempotent,
        time_left=lambda: time_left,
        draw=lambda: draw,
        is_token_replaced=lambda: False,
    ).controller()
    controller.begin()
    state = tenacity.RetryCallState(controller, None, (), {})
    state.set_exception((type(last), last, None))
    try:
        action = await controller.iter(retry_state=state)
    except RequestError as error:
        assert error is last  # noqa: PT017 # the other result is that nothing is raised
        return None
    assert isinstance(action, tenacity.DoSleep)
    return float(action)


@pytest.mark.parametrize(("failure", "retried"), TABLE, ids=lambda value: str(value)[-60:])
async def test_failure_and_method_decide_whether_an_attempt_is_repeated(
    failure: RequestError, retried: tuple[bool, bool]
) -> None:
    refusals = 1 if isinstance(failure, RateLimitReachedError) else 0
    waits = [await wait_after(failure, refusals=refusals, idempotent=idempotent) for idempotent in (True, False)]
    assert tuple(wait is not None for wait in waits) == retried


@pytest.mark.parametrize(("failure", "retried"), TABLE, ids=lambda value: str(value)[-60:])
def test_failure_is_transient_exactly_if_it_is_ever_retried_and_was_no_refusal(
    failure: RequestError, retried: tuple[bool, bool]
) -> None:
    is_refusal = isinstance(failure, AuthenticationError | NotFoundError | ConflictError | RateLimitReachedError)
    assert is_transient(failure) is (any(retried) and not is_refusal)


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        (UNAVAILABLE, True),
        (api_error(APIError, 408), True),
        (ConnectError(UNSENT), True),
        (bad_response(BadResponseReason.TRUNCATED), True),
        (api_error(UnprocessableError, 422, "object_storage_provisioning_error"), False),
        (api_error(NotFoundError, 404), False),
        (unreadable(NotFoundError, 404), False),
        (REFUSED, False),
    ],
)
def test_transient_failure_shows_a_failing_server_unless_the_server_refused_the_request(
    failure: RequestError, *, shown: bool
) -> None:
    assert shows_server_failure(failure) is shown


async def test_refused_attempt_waits_in_the_rate_limiter_and_not_in_the_retry_policy() -> None:
    assert await wait_after(REFUSED, failures=0, refusals=1) == 0.0


@pytest.mark.parametrize("retry_after", [7.0, 3600.0])
async def test_rate_limiter_waits_for_the_retry_after_of_a_proxy_in_place_of_the_retry_policy(
    retry_after: float,
) -> None:
    of_proxy = api_error(RateLimitReachedError, 429, retry_after=retry_after)
    assert await wait_after(of_proxy, failures=0, refusals=1) == 0.0


async def test_refusals_do_not_use_up_the_attempts() -> None:
    assert await wait_after(REFUSED, failures=99, refusals=29) == 0.0


async def test_refusals_have_a_bound_of_their_own() -> None:
    assert await wait_after(REFUSED, failures=0, refusals=30) is None


@pytest.mark.parametrize(("failures", "retried"), [(1, True), (4, True), (5, False), (6, False)])
async def test_bound_of_attempts_includes_the_first(failures: int, *, retried: bool) -> None:
    assert (await wait_after(UNAVAILABLE, failures=failures) is not None) is retried
    assert (await wait_after(UNAVAILABLE, failures=failures, refusals=7) is not None) is retried


async def test_policy_of_one_attempt_allows_no_retry() -> None:
    assert await wait_after(UNAVAILABLE, policy=RetryPolicy(attempts=1)) is None


@pytest.mark.parametrize(("failures", "bound"), [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 20.0), (500, 20.0)])
async def test_bound_of_the_wait_doubles_up_to_its_maximum(failures: int, bound: float) -> None:
    persistent = RetryPolicy(attempts=1000)
    assert await wait_after(UNAVAILABLE, failures=failures, policy=persistent) == bound
    assert await wait_after(UNAVAILABLE, failures=failures, policy=persistent, draw=0.0) == 0.0


async def test_failures_of_the_endpoint_do_not_raise_the_bound_of_the_wait() -> None:
    assert await wait_after(UNAVAILABLE, failures=3, history=FailureHistory(endpoint_failures=3)) == 0.5


async def test_bound_of_the_wait_stays_finite_after_any_number_of_failures() -> None:
    assert await wait_after(UNAVAILABLE, failures=5000, policy=RetryPolicy(attempts=10**6)) == 20.0


@given(
    failures=st.integers(1, 50),
    draw=st.floats(0, 1),
    initial=st.floats(0.001, 100),
    maximum=st.floats(0.001, 100),
    time_left=st.floats(0, 200),
)
async def test_wait_lies_within_its_bound_and_the_deadline(
    failures: int, draw: float, initial: float, maximum: float, time_left: float
) -> None:
    policy = RetryPolicy(attempts=100, wait_initial=initial, wait_max=maximum)
    bound = min(maximum, initial * 2.0 ** (failures - 1))
    wait = await wait_after(UNAVAILABLE, failures=failures, policy=policy, time_left=time_left, draw=draw)
    if wait is None:
        assert draw * bound >= time_left
    else:
        assert 0 <= wait <= bound
        assert wait < time_left


@pytest.mark.parametrize(("failure", "refusals"), [(UNAVAILABLE, 0), (REFUSED, 1)])
async def test_call_waits_at_least_as_long_as_the_server_asks(failure: APIError, refusals: int) -> None:
    with_retry_after = type(failure)(attrs.evolve(failure.problem, retry_after=7.0))
    assert await wait_after(with_retry_after, refusals=refusals, draw=0.5) == 7.0


async def test_backoff_is_not_shortened_by_a_shorter_wait_of_the_server() -> None:
    assert await wait_after(api_error(ServerError, 502, retry_after=0.1)) == 0.5


@pytest.mark.parametrize(("failure", "refusals"), [(UNAVAILABLE, 0), (REFUSED, 1)])
@pytest.mark.parametrize(("retry_after", "retried"), [(120.0, True), (120.1, False), (math.inf, False)])
async def test_server_that_asks_for_a_longer_wait_than_allowed_ends_the_call(
    failure: APIError, refusals: int, retry_after: float, *, retried: bool
) -> None:
    with_retry_after = type(failure)(attrs.evolve(failure.problem, retry_after=retry_after))
    assert (await wait_after(with_retry_after, refusals=refusals) is not None) is retried


async def test_long_wait_of_the_server_is_ignored_if_the_endpoint_may_fail_for_all_calls() -> None:
    failure = api_error(ServerError, 503, retry_after=3600.0)
    history = FailureHistory(may_be_endpoint_failure=True)
    assert await wait_after(failure, history=history) == 0.5
    fixed = RetryPolicy(wait=tenacity.wait_fixed(3.0))
    assert await wait_after(failure, history=history, policy=fixed) == 3.0


async def test_refusal_with_a_long_wait_ends_the_call_whatever_the_failure_before_it_was() -> None:
    refused = api_error(RateLimitReachedError, 429, "rate_limit_reached", retry_after=3600.0)
    assert await wait_after(refused, refusals=1, history=FailureHistory(may_be_endpoint_failure=True)) is None


@pytest.mark.parametrize(
    ("time_left", "retried"), [(math.inf, True), (0.51, True), (0.5, False), (0.0, False), (-1.0, False)]
)
async def test_no_wait_outlasts_the_deadline(time_left: float, *, retried: bool) -> None:
    assert (await wait_after(UNAVAILABLE, time_left=time_left) is not None) is retried


async def test_refusal_at_the_deadline_ends_the_call() -> None:
    assert await wait_after(REFUSED, failures=0, refusals=1, time_left=0.0) is None


async def test_strategies_of_tenacity_replace_attempts_and_waits() -> None:
    policy = RetryPolicy(attempts=1, stop=tenacity.stop_never, wait=tenacity.wait_fixed(3.0))
    assert await wait_after(UNAVAILABLE, failures=7, policy=policy) == 3.0
    assert await wait_after(UNAVAILABLE, failures=7, policy=policy, time_left=3.0) is None
    assert await wait_after(REFUSED, failures=0, refusals=30, policy=policy) is None
    once = RetryPolicy(stop=tenacity.stop_after_attempt(1))
    assert await wait_after(UNAVAILABLE, policy=once) is None
    assert await wait_after(REFUSED, failures=0, refusals=2, policy=once) == 0.0


@pytest.mark.parametrize(
    ("result", "shown"), [(None, "None"), (math.nan, "nan"), (-1.0, r"-1\.0"), ("2", "'2'"), (True, "True")]
)
async def test_error_of_a_wait_strategy_quotes_a_result_that_is_no_number_of_seconds(result: Any, shown: str) -> None:
    rule = "the result of RetryPolicy.wait must be 0 seconds or more, or math.inf, not "
    with pytest.raises(UsageError, match=f"^{rule}{shown}$"):
        await wait_after(UNAVAILABLE, policy=RetryPolicy(wait=lambda _: result))


async def test_failures_of_an_endpoint_that_fails_for_all_calls_use_up_no_attempts() -> None:
    assert await wait_after(UNAVAILABLE, failures=40, history=FailureHistory(endpoint_failures=36)) is not None
    assert await wait_after(UNAVAILABLE, failures=40, history=FailureHistory(endpoint_failures=35)) is None


@pytest.mark.parametrize(
    ("failures", "possible_refusals", "others_succeed_after_503", "retried"),
    [
        (6, 6, True, True),
        (7, 7, True, False),
        (10, 6, True, True),
        (11, 6, True, False),
        (4, 4, False, True),
        (5, 5, False, False),
    ],
)
async def test_attempts_that_a_proxy_refused_have_the_bound_of_refusals_if_other_calls_recover(
    failures: int, possible_refusals: int, *, others_succeed_after_503: bool, retried: bool
) -> None:
    history = FailureHistory(possible_refusals=possible_refusals, others_succeed_after_503=others_succeed_after_503)
    policy = RetryPolicy(attempts=5, refusals=7)
    wait = await wait_after(UNAVAILABLE, failures=failures, history=history, policy=policy)
    assert (wait is not None) is retried


async def test_outage_over_its_limit_ends_the_call() -> None:
    history = FailureHistory(endpoint_failures=39, outage_is_over_limit=True)
    assert await wait_after(UNAVAILABLE, failures=40, history=history) is None


async def test_call_ends_after_ten_own_refusals() -> None:
    assert await wait_after(REFUSED, failures=0, refusals=9, history=FailureHistory(own_refusals=9)) is not None
    assert await wait_after(REFUSED, failures=0, refusals=10, history=FailureHistory(own_refusals=10)) is None
