"""Every error that this library raises.

::

    KatapultError
    ├── UsageError (also ValueError)      a mistake in the call, found before anything was sent
    ├── ClientClosedError                 the client is not open, or was closed during the call
    ├── IncompleteListError               a list that takes several requests is incomplete: some of them failed
    ├── NotAttemptedError                 an item of a batch that was stopped before the item was tried
    ├── RateLimitWaitError                the rate limit has no room within the allowed wait
    ├── TaskFailedError                   a task, or the provisioning of an object, that was waited for has failed
    ├── TaskTimeoutError                  such a task was not finished when the wait for it ended
    └── RequestError                      a request to Katapult failed, or was not sent because of an outage
        ├── TransportError                no usable response arrived
        │   ├── ConnectError              no connection was made; nothing was sent
        │   ├── RequestTimeoutError       a time limit ended it; ``.phase`` says which
        │   └── DisconnectedError         the connection broke during a request
        ├── BadResponseError              a response arrived that cannot be trusted; ``.reason`` says why
        └── APIError                      Katapult responded with an error
            ├── AuthenticationError       the token is missing, unknown, expired or not valid here
            ├── PermissionDeniedError     the token is valid but may not do this
            ├── BadRequestError           an argument is missing or malformed
            ├── NotFoundError             no such object, or none that this token can see
            ├── NotAcceptableError        the state of the object forbids it (in the trash, not started)
            ├── ConflictError             conflicts with an existing object, or nothing is left to allocate
            ├── UnprocessableError        the arguments are well formed and were rejected
            ├── RateLimitReachedError     429: too many requests were sent
            ├── ServiceUnavailableError   503: not available now
            └── ServerError               any other 5xx

An error is complete when it is raised, takes one positional value (so that it can be pickled), and never holds the
token. ``str(error)`` is one line: what happened, in which request (for a `RequestError`), and what to do.
"""

import enum
import re
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, NoReturn

import attrs

TimeoutPhase = Literal["connect", "read", "attempt", "call"]
"""The time limit that ended a request: on connecting, on waiting for bytes, on one attempt, or on the whole call."""

FailureKind = Literal[
    "connect", "proxy", "local", "certificate", "timeout", "disconnect", "truncated", "invalid", "too_large", "closed"
]
"""Why there is no response.

* ``connect``: no connection to the server was made.
* ``proxy``: no connection to the proxy was made, or the proxy refused to connect to the server.
* ``local``: this machine could not begin a connection, for example because no file descriptor was free.
* ``certificate``: the server's certificate was rejected; a retry does not help.
* ``timeout``: connecting took too long (``phase="connect"``), or the server sent nothing (``phase="read"``).
* ``disconnect``: the connection broke.
* ``truncated``: the body ended before its announced length.
* ``invalid``: the response is not HTTP, or its body cannot be decompressed.
* ``too_large``: the body is larger than allowed.
* ``closed``: the transport was closed before or during the request.
"""

IDEMPOTENT_METHODS = frozenset({"GET", "PUT", "DELETE"})
"""The idempotent HTTP methods of the API: a request sent twice has the effect of one (RFC 9110 section 9.2.2)."""


class BadResponseReason(enum.StrEnum):
    """Why a response cannot be trusted."""

    UNREADABLE = "unreadable"
    """Not JSON, not HTTP, or not text: a retry may help."""

    TRUNCATED = "truncated"
    """It ended before its announced length: a retry may help."""

    WRONG_SHAPE = "wrong_shape"
    """Well-formed JSON that is not what the operation documents."""

    TOO_LARGE = "too_large"
    """More bytes than ``KatapultClient(max_body=...)`` allows, or too many values: more than 262,144, and more than one
    for each 16 bytes."""

    REDIRECT = "redirect"
    """A redirect, which is never followed: the token belongs to one origin."""


class KatapultError(Exception):
    """Any error that this library raises on purpose."""

    advice: ClassVar[str] = ""
    """What to do about it, in a few words."""

    def __str__(self) -> str:
        advice = self._advice()
        return f"{super().__str__()}; {advice}" if advice else super().__str__()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__str__()!r})"

    def _advice(self) -> str:
        """Return what to do about this error."""
        return self.advice


@attrs.frozen(kw_only=True)
class RateLimitWait:
    """How long a call would have to wait for the rate limit, and how long it may."""

    permitted: int | None
    """Requests that one window permits; None before the first response."""

    remaining: int | None
    """Requests left in the current window, as last reported."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""

    retry_after: float
    """Seconds from now after which another call may succeed."""

    max_wait: float
    """Seconds that the call could still wait: the rest of its ``max_wait``, or until its deadline if that is less."""

    waited: float = 0.0
    """Seconds that the call waited, before all its attempts together, until its ``max_wait`` or deadline came; 0 if it
    failed earlier."""

    reason: str = ""
    """Why no request could be sent, in words; empty if that is not known."""

    def __str__(self) -> str:
        remaining = "unknown" if self.remaining is None else self.remaining
        permitted = "unknown" if self.permitted is None else self.permitted
        wait = f"would wait {self.retry_after:.1f} s for the rate limit, and may wait {self.max_wait:.1f} s"
        if self.waited:
            wait = f"has waited {self.waited:.1f} s for the rate limit, and may not wait longer"
        reason = f": {self.reason}" if self.reason else ""
        return f"the call {wait}{reason} ({remaining} of {permitted} requests left)"


@attrs.frozen(kw_only=True)
class TaskState:
    """The last known state of a task, or of an object that Katapult provisions without one."""

    kind: str = "task"
    """What it is, such as ``task`` or ``file storage volume``."""

    id: str
    """Katapult's id, ``task_...``, or what else identifies the object."""

    name: str | None = None
    """Display name, such as ``Detach network interface``."""

    status: str | None = None
    """``pending``, ``running``, ``completed`` or ``failed`` so far, or the state of the object; None if the latest
    response showed no status, or no response came."""

    progress: int | None = None
    """Percent of the work that is done; None for an object."""

    waited: float = 0.0
    """Seconds that were spent waiting for it."""

    object_id: str | None = None
    """Id of the object that a task creates or changes, such as a new disk; None if the request for the task did not
    return it."""

    def __str__(self) -> str:
        named = f"{self.kind} {self.id}" + (f" ({self.name})" if self.name else "")
        named += f" of {self.object_id}" if self.object_id else ""
        status = "its status is unknown" if self.status is None else f"its last status was {self.status!r}"
        at = "" if self.progress is None else f" at {self.progress} %"
        return f"{named}: {status}{at}, after {self.waited:.1f} s"


@attrs.frozen(kw_only=True)
class MissingObject:
    """The object that Katapult did not find, as the request identified it."""

    kind: str
    """What it is, such as ``virtual machine``."""

    key: str
    """What the request identified it by: ``id``, or the field of a lookup, such as ``fqdn``."""

    value: str
    """The id or name."""

    id_prefix: str = ""
    """How ids of its kind begin, such as ``vm_``; empty if that is not known."""

    lookups: tuple[str, ...] = ()
    """Names of the classes that can identify it in place of its id, such as ``FQDN``."""

    @property
    def is_unlikely_id(self) -> bool:
        """Whether the id looks like a name, or like the id of an object of another kind."""
        return self.key == "id" and not (self.value.startswith(self.id_prefix) and "_" in self.value)

    def __str__(self) -> str:
        return f"no such {self.kind}: " + (self.value or "''")


@attrs.frozen(kw_only=True)
class Problem:
    """What is known about one failed request: printable, and without the token."""

    method: str
    """HTTP method, such as ``GET``."""

    path: str
    """Path below the base URL, as Katapult documents it."""

    idempotent: bool = attrs.field(
        default=attrs.Factory(lambda problem: problem.method in IDEMPOTENT_METHODS, takes_self=True)
    )
    """Whether sending the request twice has the effect of sending it once. It depends on the HTTP method, unless the
    operation sets it."""

    arguments: tuple[tuple[str, str], ...] = ()
    """The arguments in the order in which they were sent, those of a body under names such as ``ip_address[id]``."""

    description: str
    """One sentence about what happened; the server's own where it gave one that says more."""

    attempts: int = 1
    """Attempts that were made, the last one included."""

    earlier: tuple[KatapultError, ...] = attrs.field(default=(), repr=False)
    """The errors of the attempts before the last, oldest first; at most 100. Of more, the oldest that sent nothing are
    left out first."""

    status: int | None = None
    """HTTP status, where a response arrived."""

    code: str | None = None
    """Katapult's name for the error, such as ``scope_not_granted``; it may be an undocumented one."""

    detail: object = None
    """Any JSON that Katapult sent with the code; usually a dict."""

    missing: MissingObject | None = None
    """Set on a `NotFoundError` if the request names the object."""

    request_id: str | None = None
    """``X-Request-Id`` of the response: quote it to Katapult's support."""

    reason: BadResponseReason | None = None
    """Set on a `BadResponseError`, and on an `APIError` whose JSON body was cut, is unreadable or exceeds 64 KiB."""

    phase: TimeoutPhase | None = None
    """Set on a `RequestTimeoutError`."""

    retry_after: float | None = None
    """Seconds that the server asked to wait (``Retry-After``); no recorded response has it."""

    failure: FailureKind | None = None
    """Why there is no response; None if there is one, or if the client ended the request."""

    sent: bool = True
    """Whether Katapult may have received the last attempt."""

    outage: float | None = None
    """Seconds that an outage had lasted when it ended the call; None if no outage ended the call."""

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.arguments[:_MOST_ARGUMENTS])
        if len(self.arguments) > _MOST_ARGUMENTS:
            query += f"&... and {len(self.arguments) - _MOST_ARGUMENTS} more"
        facts = [
            " ".join(str(fact) for fact in (self.status, self.code) if fact),
            f"request {self.request_id}" if self.request_id else "",
            f"{self.attempts} attempt{'' if self.attempts == 1 else 's'}",
        ]
        request = f"{self.method} {self.path}{'?' if query else ''}{query}"
        return f"{self.description.rstrip('.')} ({', '.join(filter(None, facts))}): {request}"


_SCOPE = re.compile(r"[a-z_]{1,50}(:[a-z_]{1,50})?")  # any other text that a server sends as a scope is not quoted
_MOST_SCOPES = 10
_MOST_ARGUMENTS = 30  # shown in a text; only a query with a long list has more, because each item is one
_LARGEST_SHOWN = 10**100  # Python refuses to show a whole number of more than 4,300 digits
_CONNECT_ADVICE: Mapping[FailureKind | None, str] = {
    "proxy": "check the proxy",
    "local": "check the limits and permissions of this process",
    "certificate": "check the clock and CA certificates of this machine, and whether a login page or proxy responds",
}
REJECTIONS = frozenset(range(400, 500)) - {408, 425}
"""Statuses with which a server refuses a request. 408 and 425 come from a proxy: the server may have acted."""


class UsageError(KatapultError, ValueError):
    """A mistake in the call, found before anything was sent.

    A later attempt can raise it too: for a malformed token or wait that a function of your own returns, or for an
    aiohttp session of your own that refuses the request.
    """


class ClientClosedError(KatapultError):
    """The client is not open: not entered yet, closed, closed during the call, or opened in another event loop."""


class NotAttemptedError(KatapultError):
    """An item of a batch that was not tried: the batch was stopped by an error that the item would have met too."""


class IncompleteListError(KatapultError):
    """A list that takes several requests is incomplete: some of them failed. All other results were returned before."""


class RateLimitWaitError(KatapultError):
    """The rate limit has no room within the allowed wait. No request was sent, or the last one was refused or failed.

    Raised at once where it is known that the window resets too late, and otherwise when the wait has run out.
    """

    advice = "try again later, or allow a longer max_wait"

    def __init__(self, wait: RateLimitWait) -> None:
        _check_argument(wait, RateLimitWait)
        super().__init__(wait)
        self.wait = wait
        """All that is known about the wait."""

        self.permitted: int | None = wait.permitted
        """Requests that one window permits; None before the first response."""

        self.remaining: int | None = wait.remaining
        """Requests left in the current window, as last reported."""

        self.resets_at: float | None = wait.resets_at
        """Start of the next window, in Unix seconds on the server's clock."""

        self.retry_after: float = wait.retry_after
        """Seconds from now after which another call may succeed: the value for a ``Retry-After`` header."""


class _TaskError(KatapultError):
    """A wait for a task, or for the provisioning of an object, ended before the task or object was complete."""

    def __init__(self, task: TaskState) -> None:
        _check_argument(task, TaskState)
        super().__init__(task)
        self.task = task
        """The last known state of the task, or of the object."""


class TaskFailedError(_TaskError):
    """A task, or the provisioning of an object, has failed: ``task`` is its last state. Katapult does not say why."""

    advice = "check the state of the object, then make the request again"


class TaskTimeoutError(_TaskError):
    """A task, or the provisioning of an object, was not finished when the wait ended. It continues at Katapult.

    ``task`` is its last known state.
    """

    advice = "wait for it again, or allow more time"


class RequestError(KatapultError):
    """A request to Katapult failed, or was not sent because of an outage.

    It has ``method``, ``path``, ``description``, ``attempts``, ``earlier`` (the errors of the attempts before),
    ``request_id`` and ``problem`` (all that is known).
    """

    def __init__(self, problem: Problem) -> None:
        _check_argument(problem, Problem)
        super().__init__(problem)
        self.problem = problem
        """All that is known about the failed request."""

        self.method: str = problem.method
        """HTTP method of the request."""

        self.path: str = problem.path
        """Path of the request below the base URL."""

        self.description: str = problem.description
        """One sentence about what happened."""

        self.attempts: int = problem.attempts
        """Attempts that were made."""

        self.earlier: tuple[KatapultError, ...] = problem.earlier
        """The errors of the attempts before the last, oldest first; at most 100: see `Problem.earlier`."""

        self.request_id: str | None = problem.request_id
        """``X-Request-Id`` of the last response: quote it to Katapult's support. None if there is none."""

    def __str__(self) -> str:
        if not self.problem.idempotent and self.may_have_happened:
            return f"{self.problem}; Katapult may have done it: check before you send it again"
        return super().__str__()

    def _advice(self) -> str:
        """Return what to do about this error. The request id is mentioned only if the error has one."""
        return self.advice if self.request_id else self.advice.replace(" with the request id", "")

    @property
    def may_have_happened(self) -> bool:
        """Whether any attempt may have had its effect at Katapult, although no response confirms it."""
        attempts = (self, *(error for error in self.earlier if isinstance(error, RequestError)))
        return any(error._outcome_is_unknown for error in attempts)  # noqa: SLF001 # of the same class

    @property
    def _outcome_is_unknown(self) -> bool:
        """Whether the last attempt may have had its effect at Katapult: it was sent, and no status shows a refusal."""
        return self.problem.sent and self.attempts > 0 and self.problem.status not in REJECTIONS


class TransportError(RequestError):
    """No usable response arrived: the network, a proxy or the server failed."""

    advice = "check the network, then try again"


class ConnectError(TransportError):
    """No connection was made, so nothing was sent."""

    advice = "check the base URL, DNS and the network"

    def _advice(self) -> str:
        return _CONNECT_ADVICE.get(self.problem.failure, self.advice)


class RequestTimeoutError(TransportError):
    """A time limit ended the request before the response was complete: ``phase`` says which."""

    advice = "try again, or allow more time"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.phase: TimeoutPhase | None = problem.phase
        """Which time limit ended it: ``connect``, ``read`` (no byte came), ``attempt`` or ``call``."""


class DisconnectedError(TransportError):
    """The connection broke during a request: Katapult may have acted on it, or not."""


class BadResponseError(RequestError):
    """A response that cannot be trusted, so it is not returned: ``reason`` says why."""

    advice = "report it with the request id if it persists"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.reason: BadResponseReason | None = problem.reason
        """What is wrong with the response."""

        self.status: int | None = problem.status
        """HTTP status of the response; None where even that was unreadable."""

    def _advice(self) -> str:
        match self.reason:
            case BadResponseReason.REDIRECT | BadResponseReason.UNREADABLE:  # it may be another server's
                return f"check the base URL; {super()._advice()}"
            case BadResponseReason.WRONG_SHAPE:
                return f"check the answer and type of an Endpoint of your own; {super()._advice()}"
        return super()._advice()


class APIError(RequestError):
    """Katapult responded with an error: ``status``, ``code`` and ``detail``.

    A status without a class of its own is an error of this class.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        if problem.status is None:
            raise ValueError("an APIError needs the status of a response")
        self.status: int = problem.status
        """HTTP status of the response."""

        self.code: str | None = problem.code
        """Katapult's name for the error; None if a proxy responded in Katapult's place."""

        self.detail: object = problem.detail
        """What Katapult sent with the code: any JSON, usually a dict."""


class AuthenticationError(APIError):
    """The token is missing, unknown, expired, or not allowed from this network (400, 401 or 403)."""

    advice = "check the token, and the networks that it may be used from"


class PermissionDeniedError(APIError):
    """The token is valid but may not do this (403)."""

    advice = "give the token the scope or permission, or use another"

    def _advice(self) -> str:
        scopes = [scope for scope in self.scopes if _SCOPE.fullmatch(scope)]
        if not scopes:  # the other codes are about an organization or an object, such as a bucket that is not empty
            return self.advice if self.code in (None, "scope_not_granted", "permission_denied") else ""
        which = "the scope" if len(scopes) == 1 else "one of the scopes"
        return f"give the token {which} {', '.join(scopes[:_MOST_SCOPES])}, or use another"

    @property
    def scopes(self) -> tuple[str, ...]:
        """For ``scope_not_granted``: the scopes of which any one is enough. Otherwise empty."""
        scopes = self.detail.get("scopes") if isinstance(self.detail, dict) else None
        return tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else ()


class BadRequestError(APIError):
    """Katapult did not understand the arguments (400)."""


class NotFoundError(APIError):
    """No such object, or none that this token can see (404)."""

    advice = "check that the token can see the object"

    def _advice(self) -> str:
        if self.code in (None, "route_not_found"):
            return "check the base URL (Katapult's ends in /core/v1), and the method and path of an Endpoint"
        missing = self.problem.missing
        if missing is None:
            return self.advice
        if missing.is_unlikely_id:
            its_id = f"its id ({missing.id_prefix}...)" if missing.id_prefix else "its id"
            return f"name it by {' or '.join([its_id, *(f'{lookup}(...)' for lookup in missing.lookups)])}"
        key = "id" if missing.key.endswith("id") else missing.key
        name = key.replace("api_", "API ") if key in {"address", "api_reference", "id", "region"} else "name"
        return f"check the {name}, and that the token can see the object"


class NotAcceptableError(APIError):
    """The current state of the object forbids it, for example because it is in the trash (406)."""

    def _advice(self) -> str:
        if self.code == "task_queueing_error":
            begun = ", perhaps one that this call began," if self.may_have_happened else ""
            return f"another task of the object{begun} may still run: try again when it has ended"
        trash_id = self.trash_object_id
        return self.advice if trash_id is None else f"trash_objects.restore({quoted(trash_id)}) brings it back"

    @property
    def trash_object_id(self) -> str | None:
        """For ``object_in_trash``: the id of the trash object, ``trsh_...``, if the response has it."""
        trash_object = self.detail.get("trash_object") if isinstance(self.detail, dict) else None
        trash_id = trash_object.get("id") if isinstance(trash_object, dict) else None
        return trash_id if isinstance(trash_id, str) else None


class ConflictError(APIError):
    """It conflicts with an existing object, or nothing is left to allocate (409, or 503 ``no_available_addresses``)."""

    def _advice(self) -> str:
        if self.code == "no_available_addresses" and self.method == "GET":  # of ``allocate_first_available``
            return "use the other address version, or allocate_new_ip"
        return self.advice

    @property
    def _outcome_is_unknown(self) -> bool:
        return False  # even if the status is 503, as for ``no_available_addresses``


class UnprocessableError(APIError):
    """The arguments were understood and rejected (422)."""


class RateLimitReachedError(APIError):
    """Katapult, or a proxy in front of it, refused the request because too many were sent (429)."""

    advice = "send fewer requests with this token, or wait for the next window"

    @property
    def total_permitted(self) -> int | None:
        """Requests a minute that Katapult permits, as the response says; None when it does not."""
        total = self.detail.get("total_permitted") if isinstance(self.detail, dict) else None
        return total if type(total) is int else None


class ServiceUnavailableError(APIError):
    """Katapult asks to come back later (503)."""

    advice = "try again later"


class ServerError(APIError):
    """Katapult, or a proxy in front of it, failed (any other 5xx)."""

    advice = "try again later; report it with the request id if it persists"


def quoted(value: object) -> str:
    """Return how an error shows a value that a caller passed: a plain value cut to 100 characters, else its type."""
    if isinstance(value, int) and abs(value) >= _LARGEST_SHOWN:
        return "a number of more than 100 digits"
    is_plain = isinstance(value, str | int | float | None)
    kind = type(value).__name__
    text = repr(value) if is_plain else f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
    return text if len(text) <= 100 else f"{text[:100]}..."  # noqa: PLR2004 # enough to recognise it by


def _check_argument(value: object, kind: type) -> None:
    """Check the argument of an error. A user's test may pass a text, as for most exceptions."""
    if not isinstance(value, kind):
        raise UsageError(f"this error takes a {kind.__name__}, not {quoted(value)}")


def raises_usage_error(text: str) -> Callable[..., NoReturn]:
    """Return a method that raises `UsageError`, for a statement that a class does not support, such as a plain ``for``.

    Args:
        text: what to write instead.
    """

    def method(*_: object) -> NoReturn:
        raise UsageError(text)

    return method
