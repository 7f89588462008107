"""The dispatcher: decides the response to one request. It reads no clock: the caller passes the time.

The steps have the order of the live API: count the request, then route (404), token (400, 403), rate limit (429),
random fault (503), scope (403), arguments (400), action (404, 406, 409, 422, 503 or success). A scripted response
replaces all steps after the count.
"""

import zlib
from collections import deque

import attrs
from aiohttp import web

from . import responses
from .arguments import Arguments, parse
from .errors import APIError, require
from .faults import Fault, FaultScript
from .models import APIToken
from .operations import OPERATIONS
from .rate_limit import RateLimitState
from .request_log import LoggedRequest
from .responses import Response
from .routes import Routes
from .store import Store
from .tokens import TokenStore, check_scope, check_token

ROOT = "/core/v1"

_ROUTES = Routes((operation.method, f"{ROOT}{operation.path}", operation) for operation in OPERATIONS)


@attrs.define(kw_only=True)
class Dispatcher:
    """Responds to requests from one store."""

    store: Store
    token_store: TokenStore
    request_log: deque[LoggedRequest]
    script: FaultScript = attrs.field(factory=FaultScript, init=False)

    def dispatch(
        self, request: web.BaseRequest, body: bytes, *, now: float, fault: Fault | None
    ) -> tuple[Response | None, RateLimitState]:
        """Count a request, execute it, log it and return the response and the counter of its token.

        If there is no response, the server closes the connection.

        Args:
            request: the request.
            body: body of the request.
            now: server time in seconds since the Unix epoch.
            fault: random fault of the request, or None. A scripted fault replaces it.
        """
        self.store.advance(now)
        token = self.token_store.find(request.headers.get("Authorization"))
        injected = self.script.next_fault(f"{request.method} {request.raw_path}", random_fault=fault)
        refuse = injected == "rate_limited" or (isinstance(injected, Response) and injected.is_refusal)
        rate_limit = self.token_store.counter(token).count(now, refuse=refuse)
        intended, argument = None, None
        if isinstance(injected, Response):
            intended = injected
        elif injected != "drop":
            intended, argument = self._execute(request, body, token, refused=rate_limit.refused, fault=injected)
        response = None if injected == "lost_response" else intended
        if response and injected == "truncate":
            response = attrs.evolve(response, truncated=True)
        self.request_log.append(
            LoggedRequest(
                at=now,
                method=request.method,
                path=request.raw_path,
                argument=argument,
                status=response.status if response else 0,
                remaining=rate_limit.remaining,
                token=token.value,
                lost=intended.status if intended and not response else None,
            )
        )
        return response, rate_limit

    def _execute(
        self, request: web.BaseRequest, body: bytes, token: APIToken, *, refused: bool, fault: Fault | None
    ) -> tuple[Response, str | None]:
        """Execute a request, and return its response and the value of its first lookup.

        Args:
            request: the request.
            body: body of the request.
            token: token of the request.
            refused: whether the rate limit is reached.
            fault: fault of the request, or None.
        """
        arguments = Arguments()
        try:
            operation, arguments.segments = _ROUTES.find(request.method, request.rel_url.raw_path)
            check_token(token, address=request.remote or "")
            require(not refused, "rate_limit_reached", total_permitted=self.store.permitted)
            require(fault != "service_unavailable", "service_unavailable")
            check_scope(token, operation.documented)
            arguments.tree = parse(request.rel_url.raw_query_string, content_type=request.content_type, body=body)
            content = operation.perform(self.store, arguments, token)
        except APIError as error:
            return responses.failure(error), arguments.first_lookup
        # The live API sorts the keys in some responses; here the checksum of the target decides.
        alphabetical = zlib.crc32(request.raw_path.encode(errors="surrogateescape")) % 2 == 0
        response = responses.success(operation.documented.status, content, alphabetical=alphabetical)
        return response, arguments.first_lookup
