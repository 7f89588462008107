"""The status and the message of a response for each error."""

import pytest
from error_responses import RESPONSES, error_json, status_code

import katapult_async
from katapult_async import (
    AuthenticationError,
    BadRequestError,
    BadResponseError,
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
    RequestError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    UsageError,
)

PROBLEM = Problem(method="GET", path="/secret/path", description="from Katapult", request_id="req-1", status=400)


def wait(seconds: float) -> RateLimitWaitError:
    return RateLimitWaitError(
        RateLimitWait(permitted=1000, remaining=0, resets_at=None, retry_after=seconds, max_wait=2.0)
    )


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("no such version"), 400),
        (NotFoundError(PROBLEM), 404),
        (NotAcceptableError(PROBLEM), 409),
        (ConflictError(PROBLEM), 409),
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
def test_every_error_has_its_status_and_kind(error: KatapultError, status: int) -> None:
    assert status_code(error) == status
    assert error_json(error)["kind"] == type(error).__name__


@pytest.mark.parametrize(
    ("kind", "failed"),
    [
        (BadRequestError, "request"),
        (BadResponseError, "request"),
        (ServerError, "request"),
        (ConnectError, "connection"),
        (DisconnectedError, "connection"),
    ],
)
def test_message_says_what_failed_and_not_that_katapult_did_not_respond(kind: type[RequestError], failed: str) -> None:
    assert error_json(kind(PROBLEM))["message"] == f"The {failed} to Katapult failed"


@pytest.mark.parametrize(("seconds", "whole"), [(0.0, 1), (0.2, 1), (1.0, 1), (1.01, 2), (49.5, 50)])
def test_retry_after_is_rounded_up_to_whole_seconds(seconds: float, whole: int) -> None:
    assert error_json(wait(seconds))["retry_after"] == whole


def test_only_a_usage_error_shows_its_text_to_visitors() -> None:
    assert error_json(UsageError("no such version"))["message"] == "The request is not valid: no such version"
    for kind, _, _ in RESPONSES:
        if not issubclass(kind, UsageError | RateLimitWaitError):
            assert "secret" not in str(error_json(kind(PROBLEM)))


def test_no_row_of_the_table_is_covered_by_an_earlier_row() -> None:
    kinds = [kind for kind, _, _ in RESPONSES]
    for index, kind in enumerate(kinds):
        assert not any(issubclass(kind, earlier) for earlier in kinds[:index])
        assert getattr(katapult_async, kind.__name__) is kind
