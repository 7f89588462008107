"""The desk: decides what one request is answered; knows no socket, and time comes in as an argument.

The steps, in the order of the live API: the request is counted against its token's window, then route (404), token
(400, 403), rate limit (429), faults, scope (403), arguments (400), action (404, 406, 409, 422, 503, 200).
"""

import zlib
from collections import deque

import attrs

from . import responses
from .arguments import Arguments
from .errors import RefusalError
from .faults import Fault, Script
from .operations import OPERATIONS, Operation
from .rate_limit import Reading
from .request_log import Record
from .responses import Answer
from .routes import Match, Routes
from .store import World
from .tokens import Keyring, Token

ROOT = "/core/v1"
TOO_MANY_REQUESTS = 429
_REMEMBERED = 20_000


@attrs.frozen(kw_only=True)
class Inquiry:
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
class Verdict:
    """What becomes of a request."""

    answer: Answer | None
    """None closes the connection without one."""
    reading: Reading
    """What it found in its bucket."""


@attrs.frozen
class _Remembered:
    operation: Operation
    answer: Answer
    subject: str | None


class Desk:
    """Answers requests about one world."""

    def __init__(self, *, world: World, keyring: Keyring, permitted: int, ledger_size: int | None) -> None:
        self.refused = 0
        self.ledger: deque[Record] = deque(maxlen=ledger_size)
        self.scripts: list[Script] = []
        self._world = world
        self._keyring = keyring
        self._permitted = permitted
        self._routes = Routes((each.method, f"{ROOT}{each.path}", each) for each in OPERATIONS)
        self._remembered: dict[str, _Remembered] = {}
        self._revision = world.revision

    def decide(self, inquiry: Inquiry, *, now: float, fault: Fault | None) -> Verdict:
        """Count a request, answer it and write it down.

        Args:
            inquiry: the request.
            now: the server's time, in seconds since the Unix epoch.
            fault: what goes wrong with it.
        """
        self._world.advance(now)
        token = self._keyring.find(inquiry.authorization)
        script = self._next_script(f"{inquiry.method} {inquiry.target}")
        if script is not None:
            fault = script.fault
        written = script if fault is None else None
        limited = fault is Fault.RATE_LIMITED or (written is not None and written.status == TOO_MANY_REQUESTS)
        bucket = token.bucket if isinstance(token, Token) else self._keyring.anonymous
        reading = bucket.spend(now, refuse=limited)
        subject: str | None = None
        lost: int | None = None
        answer: Answer | None = None
        if written is not None:
            answer = responses.failure(written.status, written.body, changes=written.headers)
        elif fault is not Fault.DROP:
            answer, subject = self._answer(inquiry, token=token, reading=reading, fault=fault)
        if fault is Fault.LOST_ANSWER and answer is not None:
            lost = answer.status
            answer = None
        status = 0 if answer is None else answer.status
        self.refused += status == TOO_MANY_REQUESTS
        self.ledger.append(
            Record(
                at=now,
                method=inquiry.method,
                path=inquiry.target,
                argument=subject,
                status=status,
                remaining=reading.remaining,
                token=token.value if isinstance(token, Token) else "",
                lost=lost,
            )
        )
        return Verdict(answer, reading)

    def _next_script(self, request: str) -> Script | None:
        for place, script in enumerate(self.scripts):
            if script.matching in request:
                return self.scripts.pop(place)
        return None

    def _answer(
        self, inquiry: Inquiry, *, token: Token | RefusalError, reading: Reading, fault: Fault | None
    ) -> tuple[Answer, str | None]:
        """Return the answer and the lookup value that it depended on."""
        arguments: Arguments | None = None
        recalled = self._recall(inquiry)
        try:
            if recalled is not None:
                self._admit(inquiry, recalled.operation, token=token, reading=reading, fault=fault)
                return recalled.answer, recalled.subject
            match = self._route(inquiry)
            self._admit(inquiry, match.target, token=token, reading=reading, fault=fault)
            arguments = Arguments.gather(
                query=inquiry.query,
                content_type=inquiry.content_type,
                body=inquiry.body,
                segments=match.segments,
            )
            content = match.target.perform(self._world, arguments)
        except RefusalError as refusal:
            body = responses.error_body(refusal.envelope())
            return responses.failure(refusal.status, body), None if arguments is None else arguments.subject
        alphabetical = zlib.crc32(inquiry.target.encode()) % 2 == 0
        answer = responses.success(match.target.status, content, alphabetical=alphabetical)
        if inquiry.memorable:
            self._remembered[inquiry.target] = _Remembered(match.target, answer, arguments.subject)
        return answer, arguments.subject

    def _route(self, inquiry: Inquiry) -> Match[Operation]:
        match = self._routes.find(inquiry.method, inquiry.path)
        if match is None:
            raise RefusalError("route_not_found")
        return match

    def _admit(
        self,
        inquiry: Inquiry,
        operation: Operation,
        *,
        token: Token | RefusalError,
        reading: Reading,
        fault: Fault | None,
    ) -> None:
        if isinstance(token, RefusalError):
            raise token
        token.check(address=inquiry.address)
        if reading.refused:
            raise RefusalError("rate_limit_reached", detail={"total_permitted": self._permitted})
        if fault is Fault.SERVICE_UNAVAILABLE:
            raise RefusalError("service_unavailable")
        token.check_scope(operation.scopes)

    def _recall(self, inquiry: Inquiry) -> _Remembered | None:
        if self._revision != self._world.revision or len(self._remembered) >= _REMEMBERED:
            self._revision = self._world.revision
            self._remembered.clear()
        return self._remembered.get(inquiry.target) if inquiry.memorable else None
