"""The exit code of each error. The exit code of a job with many outcomes is tested with its summary."""

import attrs
import pytest

from katapult_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConnectError,
    KatapultError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RateLimitWait,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    TaskState,
    TaskTimeoutError,
    TransportError,
    UnprocessableError,
    UsageError,
)
from katapult_async.cli.exit_codes import ExitCode, exit_code_of

PROBLEM = Problem(method="GET", path="/x", description="no.", status=404)
LOST = TransportError(attrs.evolve(PROBLEM, status=None, sent=True, attempts=1))  # an attempt without a response
WAIT = RateLimitWait(permitted=1, remaining=0, resets_at=None, retry_after=9, max_wait=1)
TASK = TaskState(id="task_1", name=None, status=None, progress=None, waited=1.0)


def test_exit_codes_are_the_documented_numbers() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 129, 130, 143]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthenticationError(PROBLEM), ExitCode.DENIED),
        (PermissionDeniedError(PROBLEM), ExitCode.DENIED),
        (PermissionDeniedError(attrs.evolve(PROBLEM, code="scope_not_granted")), ExitCode.DENIED),
        (PermissionDeniedError(attrs.evolve(PROBLEM, code="organization_suspended")), ExitCode.DENIED),
        (PermissionDeniedError(attrs.evolve(PROBLEM, code="object_storage_bucket_deletion_error")), ExitCode.FAILURE),
        (NotFoundError(PROBLEM), ExitCode.NOT_FOUND),
        (RateLimitReachedError(PROBLEM), ExitCode.TOO_LATE),
        (RateLimitWaitError(WAIT), ExitCode.TOO_LATE),
        (TaskTimeoutError(TASK), ExitCode.TOO_LATE),
        (RequestTimeoutError(attrs.evolve(PROBLEM, phase="call")), ExitCode.TOO_LATE),
        (RequestTimeoutError(attrs.evolve(PROBLEM, phase="read")), ExitCode.FAILURE),
        (UsageError("x"), ExitCode.USAGE),
        (BadRequestError(attrs.evolve(PROBLEM, status=400)), ExitCode.USAGE),
        (UnprocessableError(attrs.evolve(PROBLEM, status=422, code="validation_error")), ExitCode.USAGE),
        (UnprocessableError(attrs.evolve(PROBLEM, status=422, code="no_allocation")), ExitCode.FAILURE),
        (BadRequestError(attrs.evolve(PROBLEM, status=400, attempts=2, earlier=(LOST,))), ExitCode.FAILURE),
        (ClientClosedError("x"), ExitCode.FAILURE),
        (ConnectError(PROBLEM), ExitCode.FAILURE),
        (TransportError(PROBLEM), ExitCode.FAILURE),
        (ServiceUnavailableError(PROBLEM), ExitCode.FAILURE),
        (APIError(PROBLEM), ExitCode.FAILURE),
    ],
)
def test_each_error_has_its_exit_code(error: KatapultError, code: ExitCode) -> None:
    assert exit_code_of(error) is code
