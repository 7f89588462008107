"""The table of what visitors are told."""

import pytest
from error_responses import REPLIES, status_of, told

import katapult_async
from katapult_async import (
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    ConnectError,
    KatapultError,
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
    UsageError,
)

PROBLEM = Problem(method="GET", path="/secret/path", description="said by Katapult", request_id="req-1", status=400)


def wait(seconds: float) -> RateLimitWaitError:
    return RateLimitWaitError(
        RateLimitWait(permitted=1000, remaining=0, resets_at=None, retry_after=seconds, max_wait=2.0)
    )


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("no such family"), 400),
        (NotFoundError(PROBLEM), 404),
        (wait(1), 503),
        (RateLimitReachedError(PROBLEM), 503),
        (ServiceUnavailableError(PROBLEM), 503),
        (AuthenticationError(PROBLEM), 502),
        (PermissionDeniedError(PROBLEM), 502),
        (BadRequestError(PROBLEM), 502),
        (BadResponseError(PROBLEM), 502),
        (ServerError(PROBLEM), 502),
        (ConnectError(PROBLEM), 502),
        (NotAttemptedError("not attempted"), 502),
        (RequestTimeoutError(PROBLEM), 504),
    ],
)
def test_the_status_says_whose_turn_it_is(error: KatapultError, status: int) -> None:
    assert status_of(error) == status
    assert told(error)["kind"] == type(error).__name__


@pytest.mark.parametrize(("seconds", "whole"), [(0.0, 1), (0.2, 1), (1.0, 1), (1.01, 2), (49.5, 50)])
def test_the_time_to_come_back_is_rounded_up_to_whole_seconds(seconds: float, whole: int) -> None:
    assert told(wait(seconds))["retry_after"] == whole


def test_only_a_mistake_of_the_visitor_is_told_in_the_words_of_the_library() -> None:
    assert told(UsageError("no such family"))["message"] == "That is no question that can be asked: no such family"
    for kind, _, _ in REPLIES:
        if not issubclass(kind, UsageError | RateLimitWaitError):
            assert "secret" not in str(told(kind(PROBLEM)))


def test_every_row_can_be_the_first_that_fits() -> None:
    kinds = [kind for kind, _, _ in REPLIES]
    for place, kind in enumerate(kinds):
        assert not any(issubclass(kind, earlier) for earlier in kinds[:place])
        assert getattr(katapult_async, kind.__name__) is kind
