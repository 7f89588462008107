"""The dispatcher: decides the response to one request. It has no socket; time is an argument.

The steps have the order of the live API: count the request, then route (404), token (400, 403), rate limit (429),
faults, scope (403), arguments (400), action (404, 406, 409, 422, 503 or success).
"""

import zlib
from collections import deque

import attrs

from . import responses
from .arguments import Arguments, parse
from .errors import APIError
from .faults import Fault, ScriptedFault
from .operations import OPERATIONS, Operation
from .rate_limit import RateLimitState
from .request_log import LoggedRequest
from .responses import Response
from .routes import Match, Routes
from .store import Store
from .tokens import Token, TokenStore

ROOT = "/core/v1"
TOO_MANY_REQUESTS = 429

_ROUTES = Routes((operation.method, f"{ROOT}{operation.path}", operation) for operation in OPERATIONS)


@attrs.frozen(kw_only=True)
class Request:
    """The parts of a request that its response depends on."""

    method: str
    """HTTP method."""
    target: str
    """Path and query as they were sent."""
    path: str
    """Percent-encoded path."""
    query: str
    """Raw query string."""
    authorization: str | None
    """Authorization header."""
    content_type: str
    """Media type of the body, without parameters."""
    body: bytes
    """Raw body."""
    address: str
    """IP address of the client."""


@attrs.frozen
class Result:
    """The response to a request and the rate limit after it."""

    response: Response | None
    """None closes the connection without a response."""
    rate_limit: RateLimitState
    """Counter of the token after the request."""


class Dispatcher:
    """Responds to requests from one store."""

    def __init__(self, *, store: Store, token_store: TokenStore, permitted: int, request_log_size: int | None) -> None:
        self.refused = 0
        self.request_log: deque[LoggedRequest] = deque(maxlen=request_log_size)
        self.scripted_faults: list[ScriptedFault] = []
        self._store = store
        self._token_store = token_store
        self._permitted = permitted

    def dispatch(self, request: Request, *, now: float, fault: Fault | None) -> Result:
        """Count a request, execute it, log it and return the result.

        Args:
            request: the request.
            now: server time in seconds since the Unix epoch.
            fault: fault of the request, or None.
        """
        self._store.advance(now)
        token = self._token_store.find(request.authorization, store=self._store)
        script = self._pop_script(f"{request.method} {request.target}")
        if script is not None:
            fault = script.fault
        scripted = script if fault is None else None
        refuse = fault is Fault.RATE_LIMITED or (scripted is not None and scripted.status == TOO_MANY_REQUESTS)
        rate_limit = token.bucket.count(now, refuse=refuse)
        argument: str | None = None
        lost: int | None = None
        response: Response | None = None
        if scripted is not None:
            response = responses.failure(scripted.status, scripted.body, overrides=scripted.overrides)
        elif fault is not Fault.DROP:
            response, argument = self._respond(request, token=token, refused=rate_limit.refused, fault=fault)
        if fault is Fault.LOST_RESPONSE and response is not None:
            lost = response.status
            response = None
        status = 0 if response is None else response.status
        self.refused += status == TOO_MANY_REQUESTS
        self.request_log.append(
            LoggedRequest(
                at=now,
                method=request.method,
                path=request.target,
                argument=argument,
                status=status,
                remaining=rate_limit.remaining,
                token=token.value,
                lost=lost,
            )
        )
        return Result(response, rate_limit)

    def _pop_script(self, request_line: str) -> ScriptedFault | None:
        for index, script in enumerate(self.scripted_faults):
            if script.matching in request_line:
                return self.scripted_faults.pop(index)
        return None

    def _respond(
        self, request: Request, *, token: Token, refused: bool, fault: Fault | None
    ) -> tuple[Response, str | None]:
        """Return the response and the value of the first lookup argument."""
        arguments: Arguments | None = None
        try:
            match = self._admit(request, token=token, refused=refused, fault=fault)
            tree = parse(request.query, content_type=request.content_type, body=request.body)
            token_id, machine_id = token.api_token_id, token.virtual_machine_id
            arguments = Arguments(tree, match.segments, api_token_id=token_id, virtual_machine_id=machine_id)
            content = match.target.perform(self._store, arguments)
        except APIError as error:
            body = responses.error_body(error.envelope())
            return responses.failure(error.status, body), None if arguments is None else arguments.first_lookup
        # The live API sorts the keys in some responses; here the checksum of the target decides.
        alphabetical = zlib.crc32(request.target.encode(errors="surrogateescape")) % 2 == 0
        return responses.success(match.target.status, content, alphabetical=alphabetical), arguments.first_lookup

    def _admit(self, request: Request, *, token: Token, refused: bool, fault: Fault | None) -> Match[Operation]:
        match = _ROUTES.find(request.method, request.path)
        if match is None:
            raise APIError("route_not_found")
        token.check(address=request.address)
        if refused:
            raise APIError("rate_limit_reached", detail={"total_permitted": self._permitted})
        if fault is Fault.SERVICE_UNAVAILABLE:
            raise APIError("service_unavailable")
        token.check_scope(match.target.scopes)
        return match
