"""The error classes: their tree, their attributes, their text, and pickling."""

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
    NotAcceptableError,
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
    failure="certificate",
)


def make_error(kind: type[KatapultError]) -> KatapultError:
    if issubclass(kind, RateLimitWaitError):
        return kind(WAIT)
    if issubclass(kind, _TaskError):
        return kind(STATE)
    return kind(PROBLEM if issubclass(kind, RequestError) else "the client is closed")


def attributes_of(error: BaseException) -> dict[str, object]:
    """Return the text, the class, and every attribute and property of an error."""
    names = [name for kind in type(error).__mro__ for name, value in vars(kind).items() if isinstance(value, property)]
    return {"str": str(error), "kind": type(error), **vars(error), **{name: getattr(error, name) for name in names}}


def drawn_tree(docstring: str) -> dict[str, str]:
    """Return the parent of every class in the tree that a docstring draws, by the indentation of its line."""
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in docstring.splitlines():
        if line_match := re.match(r"    ([ │├└─]*)(\w+Error)\b", line):
            depth, name = len(line_match[1]), line_match[2]
            path = [(other, parent) for other, parent in path if other < depth]
            if path:
                parents[name] = path[-1][1]
            path.append((depth, name))
    return parents


def test_class_tree_matches_the_module_docstring() -> None:
    actual = {
        kind.__name__: next(base.__name__ for base in kind.__mro__[1:] if not base.__name__.startswith("_"))
        for kind in PUBLIC
        if kind is not KatapultError
    }
    assert drawn_tree(errors.__doc__ or "") == actual


def test_only_usage_error_is_a_value_error() -> None:
    assert {kind.__name__ for kind in CLASSES if issubclass(kind, ValueError)} == {"UsageError"}


@pytest.mark.parametrize("kind", CLASSES)
def test_error_takes_one_positional_argument(kind: type[KatapultError]) -> None:
    assert len(make_error(kind).args) == 1


@pytest.mark.parametrize("kind", PUBLIC)
def test_unpickled_error_equals_the_original(kind: type[KatapultError]) -> None:
    error = make_error(kind)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        unpickled = pickle.loads(pickle.dumps(error, protocol))
        assert repr(attributes_of(unpickled)) == repr(attributes_of(error)), protocol


@pytest.mark.parametrize("kind", PUBLIC)
def test_copied_error_equals_the_original(kind: type[KatapultError]) -> None:
    error = make_error(kind)
    for copied in (copy.copy(error), copy.deepcopy(error)):
        assert repr(attributes_of(copied)) == repr(attributes_of(error))


@pytest.mark.parametrize("kind", PUBLIC)
def test_error_text_is_one_line_that_ends_with_advice(kind: type[KatapultError]) -> None:
    error = make_error(kind)
    assert str(error).isprintable()
    advice = kind.advice
    if isinstance(error, ConnectError):
        advice = "check the clock and CA certificates of this machine, and whether a login page or proxy responds"
    if isinstance(error, PermissionDeniedError):
        advice = "give the token one of the scopes a, b, or use another"
    ends = (f"; {advice}",) if advice else ("GET /organizations?page=2", "is closed")
    assert str(error).endswith(ends)
    assert "".join(traceback.format_exception_only(error)).count("\n") == 1


@pytest.mark.parametrize(
    ("scopes", "advice"),
    [
        (["ip_addresses:read"], "give the token the scope ip_addresses:read, or use another"),
        (["a" * 101, f"a:{'b' * 101}"], "give the token the scope or permission, or use another"),
        (["a\n", "\x1b[2J"], "give the token the scope or permission, or use another"),
        (["a" for _ in range(99)], f"give the token one of the scopes {', '.join('a' * 10)}, or use another"),
    ],
)
def test_advice_names_only_what_can_be_a_scope(scopes: list[str], advice: str) -> None:
    error = PermissionDeniedError(attrs.evolve(PROBLEM, code="scope_not_granted", detail={"scopes": scopes}))
    assert str(error).endswith(f"; {advice}")


@pytest.mark.parametrize("code", ["organization_suspended", "object_storage_bucket_deletion_error"])
def test_denial_that_another_token_does_not_change_has_no_advice_about_the_token(code: str) -> None:
    assert "token" not in str(PermissionDeniedError(attrs.evolve(PROBLEM, code=code, detail={"details": "not empty"})))


@pytest.mark.parametrize("reason", BadResponseReason)
def test_error_of_a_response_that_may_be_of_another_server_advises_to_check_the_base_url(
    reason: BadResponseReason,
) -> None:
    is_advised = "; check the base URL; report it" in str(BadResponseError(attrs.evolve(PROBLEM, reason=reason)))
    assert is_advised is (reason in {BadResponseReason.REDIRECT, BadResponseReason.UNREADABLE})


def test_error_of_a_response_of_another_type_advises_to_check_the_endpoint() -> None:
    error = BadResponseError(attrs.evolve(PROBLEM, reason=BadResponseReason.WRONG_SHAPE))
    assert "; check the answer and type of an Endpoint of your own; report it" in str(error)


@pytest.mark.parametrize("earlier", [(), (FIRST,)])
def test_error_of_a_task_that_was_not_queued_says_that_an_earlier_attempt_may_have_begun_the_other(
    earlier: tuple[KatapultError, ...],
) -> None:
    text = str(NotAcceptableError(attrs.evolve(PROBLEM, code="task_queueing_error", earlier=earlier)))
    assert text.endswith("may still run: try again when it has ended")
    assert ("perhaps one that this call began" in text) is bool(earlier)


@pytest.mark.parametrize("kind", [BadResponseError, ServerError])
def test_advice_mentions_the_request_id_only_if_it_is_known(kind: type[RequestError]) -> None:
    assert str(kind(PROBLEM)).endswith("report it with the request id if it persists")
    assert str(kind(attrs.evolve(PROBLEM, request_id=None))).endswith("report it if it persists")


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        (NotFoundError, "Problem"),
        (DisconnectedError, "Problem"),
        (RateLimitWaitError, "RateLimitWait"),
        (TaskFailedError, "TaskState"),
    ],
)
def test_error_constructed_with_a_text_names_the_class_that_it_needs(kind: Any, argument: str) -> None:
    with pytest.raises(errors.UsageError, match=f"^this error takes a {argument}, not 'gone'$"):
        kind("gone")


def test_problem_text_is_one_line() -> None:
    assert str(PROBLEM) == "Not today (404 not_today, request 4f1c, 2 attempts): GET /organizations?page=2"
    assert str(FIRST.problem) == "the connection broke (1 attempt): GET /organizations"


def test_problem_text_shows_thirty_arguments_and_counts_the_others() -> None:
    arguments = tuple((f"tags[{number}]", "web") for number in range(5000))
    text = str(attrs.evolve(PROBLEM, arguments=arguments))
    assert text.endswith("&tags[29]=web&... and 4970 more")


@pytest.mark.parametrize("kind", PUBLIC)
def test_repr_of_an_error_has_its_class_and_its_text_without_advice(kind: type[KatapultError]) -> None:
    error = make_error(kind)
    assert repr(error) == f"{kind.__name__}({str(error.args[0])!r})"


@pytest.mark.parametrize("kind", PUBLIC)
def test_error_that_was_not_completely_made_has_a_repr(kind: type[KatapultError]) -> None:
    """A traceback with local variables, as of unittest's ``--locals``, shows it."""
    assert repr(kind.__new__(kind, "no such zone")) == f"{kind.__name__}('no such zone')"


def test_problem_repr_omits_earlier_errors() -> None:
    assert "the connection broke" not in repr(PROBLEM)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "the call would wait 12.3 s for the rate limit, and may wait 5.0 s (0 of 1000 requests left)"),
        (
            {"permitted": None, "remaining": None},
            "the call would wait 12.3 s for the rate limit, and may wait 5.0 s (unknown of unknown requests left)",
        ),
        (
            {"waited": 5.0},
            "the call has waited 5.0 s for the rate limit, and may not wait longer (0 of 1000 requests left)",
        ),
        (
            {"reason": "it is busy"},
            "the call would wait 12.3 s for the rate limit, and may wait 5.0 s: it is busy (0 of 1000 requests left)",
        ),
    ],
)
def test_rate_limit_wait_error_text_has_the_wait_and_the_allowed_wait(changes: dict[str, Any], text: str) -> None:
    error = RateLimitWaitError(attrs.evolve(WAIT, **changes))
    assert str(error) == f"{text}; try again later, or allow a longer max_wait"


def test_rate_limit_wait_error_has_its_numbers_as_attributes() -> None:
    error = RateLimitWaitError(WAIT)
    assert (error.permitted, error.remaining, error.resets_at, error.retry_after) == (1000, 0, 1_700_000_040.0, 12.34)


@pytest.mark.parametrize(
    ("changes", "text"),
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
def test_task_error_text_has_the_task_and_its_last_status(
    kind: type[TaskFailedError | TaskTimeoutError], changes: dict[str, Any], text: str
) -> None:
    error = kind(attrs.evolve(STATE, **changes))
    assert str(error) == f"{text}; {kind.advice}"
    assert error.task.id == "task_1"


def test_api_error_has_the_attributes_of_its_problem() -> None:
    error = NotFoundError(PROBLEM)
    assert (error.method, error.path, error.description, error.attempts) == ("GET", "/organizations", "Not today.", 2)
    assert (error.status, error.code, error.request_id) == (404, "not_today", "4f1c")
    assert error.detail == PROBLEM.detail
    assert error.earlier == (FIRST,)


def test_error_classes_have_attributes_for_parts_of_their_problem() -> None:
    assert PermissionDeniedError(PROBLEM).scopes == ("a", "b")
    assert RateLimitReachedError(PROBLEM).total_permitted == 7
    assert RequestTimeoutError(PROBLEM).phase == "read"
    assert BadResponseError(PROBLEM).reason is BadResponseReason.REDIRECT
    assert BadResponseError(PROBLEM).status == 404


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
def test_error_of_a_write_that_may_have_happened_advises_to_check_first(
    *, error: type[TransportError | BadResponseError | APIError], may_have_happened: bool, method: str
) -> None:
    status = 422 if error is APIError else None
    problem = Problem(method=method, path="/x", description="no", status=status, sent=error is not ConnectError)
    instance = error(problem)
    assert instance.may_have_happened is may_have_happened
    assert ("check before you send it again" in str(instance)) is (may_have_happened and method in ("POST", "PATCH"))


@pytest.mark.parametrize(
    ("method", "idempotent", "advised"), [("POST", True, False), ("PATCH", True, False), ("DELETE", False, True)]
)
def test_advice_to_check_first_depends_on_idempotence_and_not_on_the_method(
    *, method: str, idempotent: bool, advised: bool
) -> None:
    error = DisconnectedError(Problem(method=method, path="/x", description="no", idempotent=idempotent))
    assert error.may_have_happened
    assert ("check before you send it again" in str(error)) is advised


@pytest.mark.parametrize(
    ("status", "may_have_happened"), [(400, False), (404, False), (408, True), (429, False), (500, True), (503, True)]
)
@pytest.mark.parametrize("kind", [ServerError, RequestTimeoutError])  # with a timeout, the body did not arrive
def test_write_may_have_happened_after_408_and_5xx_only(
    *, kind: type[RequestError], status: int, may_have_happened: bool
) -> None:
    error = kind(Problem(method="POST", path="/x", description="no", status=status))
    assert error.may_have_happened is may_have_happened


def test_request_that_was_not_sent_cannot_have_happened() -> None:
    not_sent = Problem(method="POST", path="/x", description="no", phase="call", attempts=0)
    assert not RequestTimeoutError(not_sent).may_have_happened
    assert not RequestTimeoutError(attrs.evolve(not_sent, attempts=1, phase="connect", sent=False)).may_have_happened
    assert RequestTimeoutError(attrs.evolve(not_sent, attempts=1)).may_have_happened


def test_delete_may_have_happened_in_an_earlier_attempt_when_the_last_is_404() -> None:
    lost = DisconnectedError(attrs.evolve(PROBLEM, status=None))
    gone = Problem(method="DELETE", path="/x", description="no", status=404, earlier=(lost,))
    assert NotFoundError(gone).may_have_happened
    unsent = ConnectError(attrs.evolve(PROBLEM, sent=False, earlier=()))
    assert not NotFoundError(attrs.evolve(gone, earlier=(unsent,))).may_have_happened
