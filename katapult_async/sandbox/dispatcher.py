"""The desk: decides what one request is answered; knows no socket, and time comes in as an argument.

The steps, in the order of the live API: the request is counted against its token's window, then route (404), token
(400, 403), rate limit (429), faults, scope (403), arguments (400), action (404, 406, 409, 422, 503, 200).
"""

import zlib
from collections import deque

import attrs

from . import responses
from .arguments import Arguments
from .errors import APIError
from .faults import Fault, Script
from .operations import OPERATIONS, Operation
from .rate_limit import Reading
from .request_log import LoggedRequest
from .responses import Response
from .routes import Match, Routes
from .store import Store
from .tokens import Token, TokenStore

ROOT = "/core/v1"
TOO_MANY_REQUESTS = 429
_REMEMBERED = 20_000


@attrs.frozen(kw_only=True)
class Request:
    """One request, as far as its answer depends on it."""

    method: str
    """HTTP method."""
    target: str
    """Path and query as they were sent."""
    path: str
    """The percent-encoded path."""
    query: str
    """The raw query string."""
    authorization: str | None
    """The Authorization header."""
    content_type: str
    """The media type of the body, without parameters."""
    body: bytes
    """The raw body."""
    address: str
    """Where it came from."""

    @property
    def memorable(self) -> bool:
        """Whether the target alone says what is asked, so that the answer can be given again."""
        return self.method == "GET" and not self.body and "_arguments" not in self.target


@attrs.frozen
class Result:
    """What becomes of a request."""

    response: Response | None
    """None closes the connection without one."""
    reading: Reading
    """What it found in its bucket."""


@attrs.frozen
class _Remembered:
    operation: Operation
    answer: Response
    subject: str | None


class Dispatcher:
    """Answers requests about one store."""

    def __init__(self, *, store: Store, token_store: TokenStore, permitted: int, request_log_size: int | None) -> None:
        self.refused = 0
        self.request_log: deque[LoggedRequest] = deque(maxlen=request_log_size)
        self.scripts: list[Script] = []
        self._store = store
        self._token_store = token_store
        self._permitted = permitted
        self._routes = Routes((each.method, f"{ROOT}{each.path}", each) for each in OPERATIONS)
        self._remembered: dict[str, _Remembered] = {}
        self._revision = store.revision

    def decide(self, request: Request, *, now: float, fault: Fault | None) -> Result:
        """Count a request, answer it and write it down.

        Args:
            request: the request.
            now: the server's time, in seconds since the Unix epoch.
            fault: what goes wrong with it.
        """
        self._store.advance(now)
        token = self._token_store.find(request.authorization)
        script = self._next_script(f"{request.method} {request.target}")
        if script is not None:
            fault = script.fault
        written = script if fault is None else None
        limited = fault is Fault.RATE_LIMITED or (written is not None and written.status == TOO_MANY_REQUESTS)
        bucket = token.bucket if isinstance(token, Token) else self._token_store.anonymous
        reading = bucket.spend(now, refuse=limited)
        subject: str | None = None
        lost: int | None = None
        answer: Response | None = None
        if written is not None:
            answer = responses.failure(written.status, written.body, changes=written.headers)
        elif fault is not Fault.DROP:
            answer, subject = self._answer(request, token=token, reading=reading, fault=fault)
        if fault is Fault.LOST_ANSWER and answer is not None:
            lost = answer.status
            answer = None
        status = 0 if answer is None else answer.status
        self.refused += status == TOO_MANY_REQUESTS
        self.request_log.append(
            LoggedRequest(
                at=now,
                method=request.method,
                path=request.target,
                argument=subject,
                status=status,
                remaining=reading.remaining,
                token=token.value if isinstance(token, Token) else "",
                lost=lost,
            )
        )
        return Result(answer, reading)

    def _next_script(self, request: str) -> Script | None:
        for place, script in enumerate(self.scripts):
            if script.matching in request:
                return self.scripts.pop(place)
        return None

    def _answer(
        self, request: Request, *, token: Token | APIError, reading: Reading, fault: Fault | None
    ) -> tuple[Response, str | None]:
        """Return the answer and the lookup value that it depended on."""
        arguments: Arguments | None = None
        recalled = self._recall(request)
        try:
            if recalled is not None:
                self._admit(request, recalled.operation, token=token, reading=reading, fault=fault)
                return recalled.answer, recalled.subject
            match = self._route(request)
            self._admit(request, match.target, token=token, reading=reading, fault=fault)
            arguments = Arguments.gather(
                query=request.query,
                content_type=request.content_type,
                body=request.body,
                segments=match.segments,
            )
            content = match.target.perform(self._store, arguments)
        except APIError as error:
            body = responses.error_body(error.envelope())
            return responses.failure(error.status, body), None if arguments is None else arguments.subject
        alphabetical = zlib.crc32(request.target.encode()) % 2 == 0
        answer = responses.success(match.target.status, content, alphabetical=alphabetical)
        if request.memorable:
            self._remembered[request.target] = _Remembered(match.target, answer, arguments.subject)
        return answer, arguments.subject

    def _route(self, request: Request) -> Match[Operation]:
        match = self._routes.find(request.method, request.path)
        if match is None:
            raise APIError("route_not_found")
        return match

    def _admit(
        self,
        request: Request,
        operation: Operation,
        *,
        token: Token | APIError,
        reading: Reading,
        fault: Fault | None,
    ) -> None:
        if isinstance(token, APIError):
            raise token
        token.check(address=request.address)
        if reading.refused:
            raise APIError("rate_limit_reached", detail={"total_permitted": self._permitted})
        if fault is Fault.SERVICE_UNAVAILABLE:
            raise APIError("service_unavailable")
        token.check_scope(operation.scopes)

    def _recall(self, request: Request) -> _Remembered | None:
        if self._revision != self._store.revision or len(self._remembered) >= _REMEMBERED:
            self._revision = self._store.revision
            self._remembered.clear()
        return self._remembered.get(request.target) if request.memorable else None
