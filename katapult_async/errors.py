"""Every error that this library raises, and nothing else: no I/O, no decisions.

::

    KatapultError
    ├── UsageError (also ValueError)      a mistake in the call, found before it was sent
    ├── ClientClosedError                 the client is not open, or was closed meanwhile
    ├── NotAttemptedError                 an item of a batch that stopped before its turn came
    ├── TransportError                    no usable answer arrived
    │   ├── ConnectError                  no connection was made; nothing was sent
    │   ├── RequestTimeoutError           a time limit fired; ``.phase`` says which
    │   └── DisconnectedError             the connection broke while a request was under way
    ├── BadResponseError                  an answer arrived that cannot be trusted; ``.reason`` says why
    ├── RateLimitWaitError                the rate-limit window reopens later than the wait allowed
    ├── TaskFailedError                   a task that was waited for has failed
    ├── TaskTimeoutError                  a task was not finished when the wait for it ended
    └── APIError                          Katapult answered, and refused
        ├── AuthenticationError           the token is missing, unknown, expired or not valid here
        ├── PermissionDeniedError         the token is good but may not do this
        ├── BadRequestError               an argument is missing or malformed
        ├── NotFoundError                 no such object, or none that this token can see
        ├── NotAcceptableError            the object's state forbids it (in the trash, not started)
        ├── ConflictError                 the request contradicts something that exists, or nothing is left to give
        ├── UnprocessableError            the arguments are well formed and were turned down
        ├── RateLimitReachedError         429: the window's requests are spent
        ├── ServiceUnavailableError       503: Katapult asks to come back later
        └── ServerError                   any other 5xx

An error is complete when it is raised, takes one positional value (so it pickles), and never holds the
token. ``str(error)`` is one line: what was asked, what came back, and what to do about it.
"""

import enum
from typing import ClassVar, Literal

import attrs

__all__ = [
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "BadResponseError",
    "BadResponseReason",
    "ClientClosedError",
    "ConflictError",
    "ConnectError",
    "DisconnectedError",
    "KatapultError",
    "NotAcceptableError",
    "NotAttemptedError",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "RateLimitReachedError",
    "RateLimitWait",
    "RateLimitWaitError",
    "RequestTimeoutError",
    "ServerError",
    "ServiceUnavailableError",
    "TaskFailedError",
    "TaskState",
    "TaskTimeoutError",
    "TimeoutPhase",
    "TransportError",
    "UnprocessableError",
    "UsageError",
    "quoted",
]


TimeoutPhase = Literal["connect", "read", "attempt", "call"]
"""The limit that fired: making the connection, silence, one whole attempt, or the whole call."""


class BadResponseReason(enum.StrEnum):
    """Why an answer cannot be trusted."""

    UNREADABLE = "unreadable"
    """Not JSON, not HTTP, or not text: asking again may help."""

    TRUNCATED = "truncated"
    """It ended before its announced end: asking again may help."""

    WRONG_SHAPE = "wrong_shape"
    """Well-formed JSON that is not what the operation documents."""

    TOO_LARGE = "too_large"
    """More bytes than ``KatapultClient(max_body=...)`` allows."""

    REDIRECT = "redirect"
    """A redirect, which is never followed: the token belongs to one origin."""


@attrs.frozen(kw_only=True)
class RateLimitWait:
    """Why a call was not allowed to wait for the rate limit."""

    permitted: int | None
    """Requests that one window permits; None before the first answer."""

    remaining: int | None
    """Requests left in the present window, as last heard."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""

    retry_after: float
    """Seconds from now after which it is worth asking again."""

    max_wait: float
    """Seconds that were left to wait: of ``max_wait``, or to the deadline of the call if that came first."""

    def __str__(self) -> str:
        left = "unknown" if self.remaining is None else self.remaining
        of = "unknown" if self.permitted is None else self.permitted
        return (
            f"the rate limit has no room for {self.retry_after:.1f} s, and {self.max_wait:.1f} s were allowed "
            f"({left} of {of} requests left)"
        )


@attrs.frozen(kw_only=True)
class TaskState:
    """What was last heard of a task."""

    id: str
    """Katapult's id, ``task_...``."""

    name: str | None
    """What it does, for people."""

    status: str | None
    """``pending``, ``running``, ``completed`` or ``failed`` so far; None when nothing was heard."""

    progress: int | None
    """Percent."""

    waited: float
    """Seconds for which it was waited for."""

    def __str__(self) -> str:
        named = f"task {self.id}" + (f" ({self.name})" if self.name else "")
        heard = "nothing was heard of it" if self.status is None else f"its last status was {self.status!r}"
        at = "" if self.progress is None else f" at {self.progress} %"
        return f"{named}: {heard}{at}, after {self.waited:.1f} s"


@attrs.frozen(kw_only=True)
class Problem:
    """What is known about one failed request, ready to be shown: escaped, and free of the token."""

    method: str
    """HTTP method, such as ``GET``."""

    path: str
    """Path below the base URL, as Katapult documents it."""

    arguments: tuple[tuple[str, str], ...] = ()
    """What was asked, in the order in which it was sent; of a body too, under names such as ``ip_address[id]``."""

    description: str
    """One sentence about what happened; the server's own where it gave one."""

    attempts: int = 1
    """How many times the request was sent, or tried to be, this time included."""

    earlier: tuple["KatapultError", ...] = attrs.field(default=(), repr=False)
    """The errors of the attempts before this one, oldest first."""

    status: int | None = None
    """HTTP status, where an answer arrived."""

    code: str | None = None
    """Katapult's own name for the error, such as ``scope_not_granted``; it may be one that nobody documented."""

    detail: object = None
    """Whatever JSON Katapult sent beside the code; usually a dict."""

    request_id: str | None = None
    """``X-Request-Id`` of the answer: quote it to Katapult's support."""

    reason: BadResponseReason | None = None
    """Set on a `BadResponseError`."""

    phase: TimeoutPhase | None = None
    """Set on a `RequestTimeoutError`."""

    retry_after: float | None = None
    """Seconds that the server asked to wait (``Retry-After``); no recorded answer has it."""

    certificate: bool = False
    """Whether the server's certificate was refused, which asking again does not cure."""

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.arguments)
        facts = [
            *([self.code] if self.code else []),
            *([f"status {self.status}"] if self.status is not None else []),
            *([f"request {self.request_id}"] if self.request_id else []),
            f"{self.attempts} attempt{'' if self.attempts == 1 else 's'}",
        ]
        asked = f"{self.method} {self.path}{'?' if query else ''}{query}"
        return f"{asked}: {self.description.rstrip('.')} ({', '.join(facts)})"


_WRITES_ONCE = frozenset({"POST", "PATCH"})  # not idempotent, RFC 9110 section 9.2.2
_REFUSALS = frozenset(range(400, 500)) - {408}  # Request Timeout is a proxy's


class KatapultError(Exception):
    """Anything that this library raises on purpose."""

    advice: ClassVar[str] = ""
    """What to do about it, in a few words."""

    def __str__(self) -> str:
        said = super().__str__()
        return f"{said}; {self.advice}" if self.advice else said


class UsageError(KatapultError, ValueError):
    """The caller's mistake: found before anything was sent."""


class ClientClosedError(KatapultError):
    """The client is not open: not entered yet, closed, closed while the call was under way, or another loop's."""


class NotAttemptedError(KatapultError):
    """An item that a batch did not come to, for it was stopped by an error that this item would have met too."""


class RateLimitWaitError(KatapultError):
    """The rate limit has no room within the wait that was allowed. The request was not sent, or was refused before.

    Raised at once where the window is known to reopen too late, and otherwise when the wait has run out.
    """

    advice = "come back then, or allow a longer max_wait"

    def __init__(self, wait: RateLimitWait) -> None:
        super().__init__(wait)
        self.wait = wait

    @property
    def permitted(self) -> int | None:
        """Requests that one window permits; None before the first answer."""
        return self.wait.permitted

    @property
    def remaining(self) -> int | None:
        """Requests left in the present window, as last heard."""
        return self.wait.remaining

    @property
    def resets_at(self) -> float | None:
        """Start of the next window, in Unix seconds on the server's clock."""
        return self.wait.resets_at

    @property
    def retry_after(self) -> float:
        """Seconds from now after which it is worth asking again: a ready ``Retry-After``."""
        return self.wait.retry_after


class _TaskError(KatapultError):
    """A task that did not come to a good end."""

    def __init__(self, task: TaskState) -> None:
        super().__init__(task)
        self.task = task


class TaskFailedError(_TaskError):
    """A task that was waited for has failed. Katapult says no more of it than that."""

    advice = "look at what it was about, then begin again"


class TaskTimeoutError(_TaskError):
    """A task was not finished when the wait for it ended. It goes on at Katapult's."""

    advice = "wait for it again, or allow more time"


class _RequestError(KatapultError):
    """A request that went wrong, and what is known of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        if self.method in _WRITES_ONCE and self.may_have_happened:
            return f"{self.problem}; Katapult may have done it: look before you send it again"
        return super().__str__()

    @property
    def may_have_happened(self) -> bool:
        """Whether Katapult may have done what it was asked, in any attempt, although it did not say so."""
        attempts = (self, *(each for each in self.earlier if isinstance(each, _RequestError)))
        return any(each._is_doubtful for each in attempts)  # noqa: SLF001 # of the same class

    @property
    def _is_doubtful(self) -> bool:
        """Whether the last attempt may have done it."""
        return self.attempts > 0

    @property
    def method(self) -> str:
        """HTTP method of the request."""
        return self.problem.method

    @property
    def path(self) -> str:
        """Path of the request below the base URL."""
        return self.problem.path

    @property
    def description(self) -> str:
        """One sentence about what happened."""
        return self.problem.description

    @property
    def attempts(self) -> int:
        """How many times it was tried."""
        return self.problem.attempts

    @property
    def earlier(self) -> tuple[KatapultError, ...]:
        """The errors of the attempts before the last, oldest first."""
        return self.problem.earlier

    @property
    def request_id(self) -> str | None:
        """Katapult's id of the last answer, for its support; None without an answer."""
        return self.problem.request_id


class TransportError(_RequestError):
    """No usable answer: the network, a proxy or the server broke off."""

    advice = "check the network, then try again"


class ConnectError(TransportError):
    """No connection was made, so nothing was sent."""

    advice = "check the base URL, DNS and the network"

    @property
    def _is_doubtful(self) -> bool:
        return False  # nothing was sent


class RequestTimeoutError(TransportError):
    """A time limit fired before the answer was complete."""

    advice = "try again, or allow more time"

    @property
    def phase(self) -> TimeoutPhase | None:
        """Which limit fired: ``connect``, ``read`` (silence), ``attempt`` or ``call``."""
        return self.problem.phase

    @property
    def _is_doubtful(self) -> bool:
        return super()._is_doubtful and self.phase != "connect"


class DisconnectedError(TransportError):
    """The connection broke after the request was under way: Katapult may or may not have acted on it."""


class BadResponseError(_RequestError):
    """An answer that cannot be trusted, so it is not given to you."""

    advice = "report it with the request id if it persists"

    @property
    def reason(self) -> BadResponseReason | None:
        """What is wrong with the answer."""
        return self.problem.reason

    @property
    def status(self) -> int | None:
        """HTTP status of the answer; None where even that was unreadable."""
        return self.problem.status


class APIError(_RequestError):
    """Katapult understood the request and refused it."""

    @property
    def status(self) -> int | None:
        """HTTP status of the refusal."""
        return self.problem.status

    @property
    def code(self) -> str | None:
        """Katapult's name for the refusal; None when a proxy answered in its place."""
        return self.problem.code

    @property
    def detail(self) -> object:
        """What Katapult sent beside the code: any JSON, usually a dict."""
        return self.problem.detail

    @property
    def _is_doubtful(self) -> bool:
        """Whether the refusal is the server's own trouble, which says nothing of what became of the request."""
        return super()._is_doubtful and self.status not in _REFUSALS


class AuthenticationError(APIError):
    """The token is missing, unknown, expired, or not allowed from this network (400, 401 or 403)."""

    advice = "check the token, and the networks that it may be used from"


class PermissionDeniedError(APIError):
    """The token is valid but may not do this (403)."""

    advice = "give the token the scope or permission, or use another"

    @property
    def scopes(self) -> tuple[str, ...]:
        """For ``scope_not_granted``: the scopes of which any one would do. Otherwise empty."""
        scopes = self.detail.get("scopes") if isinstance(self.detail, dict) else None
        return tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else ()


class BadRequestError(APIError):
    """Katapult could not make sense of the arguments (400)."""


class NotFoundError(APIError):
    """No such object, or none that this token can see (404)."""

    advice = "check the id, the base URL (Katapult's ends in /core/v1), and that the token can see the object"


class NotAcceptableError(APIError):
    """The object's present state forbids it, for example because it is in the trash (406)."""


class ConflictError(APIError):
    """Something that exists stands in the way, or nothing is left to give out (409; ``no_available_addresses``)."""


class UnprocessableError(APIError):
    """The arguments were understood and turned down (422)."""


class RateLimitReachedError(APIError):
    """The requests of the present window are spent (429)."""

    advice = "send fewer requests with this token, or wait for the next window"

    @property
    def total_permitted(self) -> int | None:
        """Requests a minute that Katapult permits, as the refusal said; None when it did not."""
        total = self.detail.get("total_permitted") if isinstance(self.detail, dict) else None
        return total if type(total) is int else None


class ServiceUnavailableError(APIError):
    """Katapult asks to come back later (503)."""

    advice = "try again later"


class ServerError(APIError):
    """Katapult, or a proxy before it, failed (any other 5xx)."""

    advice = "try again later; report it with the request id if it persists"


def quoted(value: object) -> str:
    """Return a value that a caller passed as an error shows it: short, and by its type unless it is plain."""
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else f"a {type(value).__name__}"
    return text if len(text) <= 100 else f"{text[:100]}..."  # noqa: PLR2004 # enough to recognise it by
