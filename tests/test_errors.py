"""Every error: its place in the tree, what it keeps, and how it is written."""

import concurrent.futures
import copy
import inspect
import pickle
import re
import traceback
from typing import Any

import attrs
import pytest

from katapult_async import errors
from katapult_async.errors import (
    APIError,
    BadResponseError,
    BadResponseReason,
    ConnectError,
    DisconnectedError,
    KatapultError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RateLimitWait,
    RateLimitWaitError,
    RequestError,
    RequestTimeoutError,
    ServerError,
    TaskFailedError,
    TaskState,
    TaskTimeoutError,
    TransportError,
    _TaskError,
)

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, KatapultError)]
PUBLIC = [kind for kind in CLASSES if not kind.__name__.startswith("_")]
WAIT = RateLimitWait(permitted=1000, remaining=0, resets_at=1_700_000_040.0, retry_after=12.34, max_wait=5.0)
STATE = TaskState(id="task_1", name="Update speed profile", status="running", progress=50, waited=600.04)
FIRST = TransportError(Problem(method="GET", path="/organizations", description="the connection broke"))
PROBLEM = Problem(
    method="GET",
    path="/organizations",
    arguments=(("page", "2"),),
    description="Not today.",
    attempts=2,
    earlier=(FIRST,),
    status=404,
    code="not_today",
    detail={"scopes": ["a", "b"], "total_permitted": 7},
    request_id="4f1c",
    reason=BadResponseReason.REDIRECT,
    phase="read",
    retry_after=3.0,
    certificate=True,
)


def made(kind: type[KatapultError]) -> KatapultError:
    if issubclass(kind, RateLimitWaitError):
        return kind(WAIT)
    if issubclass(kind, _TaskError):
        return kind(STATE)
    return kind(PROBLEM if issubclass(kind, RequestError) else "the client is closed")


def told(error: BaseException) -> dict[str, object]:
    """Return everything that an error has to say by a property, and its text."""
    names = [name for kind in type(error).__mro__ for name, value in vars(kind).items() if isinstance(value, property)]
    return {"str": str(error), "kind": type(error), **{name: getattr(error, name) for name in names}}


def drawn(docstring: str) -> dict[str, str]:
    """Return the parent of every class in a drawn tree, by the indentation of its line."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in docstring.splitlines():
        if found := re.match(r"    ([ │├└─]*)(\w+Error)\b", line):
            depth, name = len(found[1]), found[2]
            above = [(other, parent) for other, parent in above if other < depth]
            if above:
                parents[name] = above[-1][1]
            above.append((depth, name))
    return parents


def test_the_tree_is_as_the_docstring_draws_it() -> None:
    real = {
        kind.__name__: next(base.__name__ for base in kind.__mro__[1:] if not base.__name__.startswith("_"))
        for kind in PUBLIC
        if kind is not KatapultError
    }
    assert drawn(errors.__doc__ or "") == real


def test_a_usage_error_is_a_value_error_and_nothing_else_is() -> None:
    assert {kind.__name__ for kind in CLASSES if issubclass(kind, ValueError)} == {"UsageError"}


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_takes_one_positional_value(kind: type[KatapultError]) -> None:
    error = made(kind)
    assert len(error.args) == 1
    with pytest.raises(KatapultError):
        raise error


@pytest.mark.parametrize("kind", PUBLIC)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_comes_out_of_a_pickle_as_it_went_in(kind: type[KatapultError], protocol: int) -> None:
    error = made(kind)
    kept = pickle.loads(pickle.dumps(error, protocol))
    assert repr(told(kept)) == repr(told(error))


@pytest.mark.parametrize("kind", PUBLIC)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_says_what_the_error_says(kind: type[KatapultError], copied: object) -> None:
    assert callable(copied)
    error = made(kind)
    assert repr(told(copied(error))) == repr(told(error))


def raised_there(kind: type[KatapultError]) -> None:
    raise made(kind)


def test_an_error_crosses_a_thread_pool_and_the_pickle_of_a_process_pool() -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for kind in PUBLIC:
            error = pool.submit(raised_there, kind).exception()
            assert error is not None
            error.__cause__ = ValueError("as concurrent.futures sets it")
            assert told(pickle.loads(pickle.dumps(error)))["str"] == str(made(kind))


@pytest.mark.parametrize("kind", PUBLIC)
def test_the_text_of_an_error_is_one_line_that_ends_with_what_to_do(kind: type[KatapultError]) -> None:
    error = made(kind)
    assert str(error).isprintable()
    assert str(error).endswith(("GET /organizations?page=2", "is closed") if not kind.advice else f"; {kind.advice}")
    assert "".join(traceback.format_exception_only(error)).count("\n") == 1


def test_a_problem_is_written_as_one_line_of_facts() -> None:
    assert str(PROBLEM) == "Not today (404 not_today, request 4f1c, 2 attempts): GET /organizations?page=2"
    assert str(FIRST.problem) == "the connection broke (1 attempt): GET /organizations"


def test_a_problem_does_not_repeat_the_earlier_errors_in_its_repr() -> None:
    assert "the connection broke" not in repr(PROBLEM)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "the rate limit has no room for 12.3 s, and 5.0 s were allowed (0 of 1000 requests left)"),
        (
            {"permitted": None, "remaining": None},
            "the rate limit has no room for 12.3 s, and 5.0 s were allowed (unknown of unknown requests left)",
        ),
    ],
)
def test_a_wait_that_does_not_fit_says_how_much_is_missing(changes: dict[str, Any], said: str) -> None:
    error = RateLimitWaitError(attrs.evolve(WAIT, **changes))
    assert str(error) == f"{said}; come back then, or allow a longer max_wait"


def test_a_wait_that_does_not_fit_tells_its_numbers() -> None:
    error = RateLimitWaitError(WAIT)
    assert (error.permitted, error.remaining, error.resets_at, error.retry_after) == (1000, 0, 1_700_000_040.0, 12.34)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "task task_1 (Update speed profile): its last status was 'running' at 50 %, after 600.0 s"),
        ({"name": None, "progress": None}, "task task_1: its last status was 'running', after 600.0 s"),
        (
            {"name": None, "status": None, "progress": None, "waited": 0.0},
            "task task_1: its status is unknown, after 0.0 s",
        ),
    ],
)
@pytest.mark.parametrize("kind", [TaskFailedError, TaskTimeoutError])
def test_a_task_that_came_to_no_good_end_is_named_with_what_was_last_heard(
    kind: type[TaskFailedError | TaskTimeoutError], changes: dict[str, Any], said: str
) -> None:
    error = kind(attrs.evolve(STATE, **changes))
    assert str(error) == f"{said}; {kind.advice}"
    assert error.task.id == "task_1"


def test_a_refusal_tells_everything_that_its_problem_knows() -> None:
    error = NotFoundError(PROBLEM)
    assert (error.method, error.path, error.description, error.attempts) == ("GET", "/organizations", "Not today.", 2)
    assert (error.status, error.code, error.request_id) == (404, "not_today", "4f1c")
    assert error.detail == PROBLEM.detail
    assert error.earlier == (FIRST,)


def test_errors_tell_what_only_their_kind_knows() -> None:
    assert PermissionDeniedError(PROBLEM).scopes == ("a", "b")
    assert RateLimitReachedError(PROBLEM).total_permitted == 7
    assert RequestTimeoutError(PROBLEM).phase == "read"
    assert BadResponseError(PROBLEM).reason is BadResponseReason.REDIRECT
    assert BadResponseError(PROBLEM).status == 404


def test_every_public_class_and_value_of_the_module_is_in_all() -> None:
    public = {name for name, value in vars(errors).items() if getattr(value, "__module__", "") == errors.__name__}
    public = {name for name in public if not name.startswith("_")} | {"TimeoutPhase"}
    assert sorted(public) == sorted(errors.__all__)


def test_an_error_by_status_and_one_by_kind_are_both_api_errors() -> None:
    by_status = {kind for kind in PUBLIC if issubclass(kind, APIError)}
    assert len(by_status) == 11


@pytest.mark.parametrize(
    ("error", "may_have_happened"),
    [
        (DisconnectedError, True),
        (BadResponseError, True),
        (TransportError, True),
        (ConnectError, False),
        (APIError, False),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "GET"])
def test_a_write_that_may_have_happened_is_to_be_looked_for_before_it_is_sent_again(
    *, error: type[TransportError | BadResponseError | APIError], may_have_happened: bool, method: str
) -> None:
    problem = Problem(method=method, path="/x", description="no", status=422, sent=error is not ConnectError)
    raised = error(problem)
    assert raised.may_have_happened is may_have_happened
    assert ("check before you send it again" in str(raised)) is (may_have_happened and method in ("POST", "PATCH"))


@pytest.mark.parametrize(
    ("status", "may_have_happened"), [(400, False), (404, False), (408, True), (429, False), (500, True), (503, True)]
)
def test_a_refusal_by_a_server_in_trouble_says_nothing_of_what_became_of_the_request(
    *, status: int, may_have_happened: bool
) -> None:
    error = ServerError(Problem(method="POST", path="/x", description="no", status=status))
    assert error.may_have_happened is may_have_happened


def test_what_was_never_sent_cannot_have_happened() -> None:
    waited = Problem(method="POST", path="/x", description="no", phase="call", attempts=0)
    assert not RequestTimeoutError(waited).may_have_happened
    assert not RequestTimeoutError(attrs.evolve(waited, attempts=1, phase="connect", sent=False)).may_have_happened
    assert RequestTimeoutError(attrs.evolve(waited, attempts=1)).may_have_happened


def test_an_earlier_attempt_may_have_done_what_the_last_did_not_find() -> None:
    gone = Problem(method="DELETE", path="/x", description="no", status=404, earlier=(DisconnectedError(PROBLEM),))
    assert NotFoundError(gone).may_have_happened
    assert not NotFoundError(
        attrs.evolve(gone, earlier=(ConnectError(attrs.evolve(PROBLEM, sent=False, earlier=())),))
    ).may_have_happened
