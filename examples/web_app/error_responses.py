"""The status and the JSON body of a response for each error of the client: one table, one middleware.

A visitor can request something else (400, 404, 409) or come back later (503). All other errors are between this server
and Katapult (502, 504): a rejected token is one of them, since the token is this server's. The details go to the log.
"""

import logging
import math
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from katapult_async import (
    AuthenticationError,
    ClientClosedError,
    ConflictError,
    KatapultError,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitReachedError,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    TransportError,
    UsageError,
)

_LOG: Final = logging.getLogger("web_app")

RESPONSES: Final[tuple[tuple[type[KatapultError], int, str], ...]] = (
    # The first row that fits an error is used, so each class comes before its bases.
    (UsageError, 400, "The request is not valid"),
    (NotFoundError, 404, "Katapult has no such object, or this server's token cannot see it"),
    (NotAcceptableError, 409, "The object's state does not allow this; it may be in the trash"),
    (ConflictError, 409, "An existing object does not allow this"),
    (RateLimitWaitError, 503, "The rate limit has no room for this request now"),
    (RateLimitReachedError, 503, "Katapult accepts no more requests for now"),
    (ServiceUnavailableError, 503, "Katapult is unavailable"),
    (ClientClosedError, 503, "This server is shutting down"),
    (AuthenticationError, 502, "Katapult does not accept this server's token"),
    (PermissionDeniedError, 502, "This server's token may not do this"),
    (RequestTimeoutError, 504, "Katapult did not respond in time"),
    (TransportError, 502, "The connection to Katapult failed"),
    (KatapultError, 502, "The request to Katapult failed"),
)


def status_code(error: KatapultError) -> int:
    """Return the HTTP status for an error."""
    return next(status for kind, status, _ in RESPONSES if isinstance(error, kind))


def error_json(error: KatapultError) -> dict[str, object]:
    """Return what a visitor may know about an error, as JSON."""
    message = next(message for kind, _, message in RESPONSES if isinstance(error, kind))
    return {
        "kind": type(error).__name__,
        "message": f"{message}: {error}" if isinstance(error, UsageError) else message,
        "retry_after": max(1, math.ceil(error.retry_after)) if isinstance(error, RateLimitWaitError) else None,
    }


@web.middleware
async def respond_to_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a KatapultError into its status and JSON body, with Retry-After where the time is known."""
    try:
        return await handler(request)
    except KatapultError as error:
        _LOG.warning("%s %s: %s", request.method, request.path, error)
        body = error_json(error)
        headers = {} if body["retry_after"] is None else {"Retry-After": str(body["retry_after"])}
        return web.json_response({"error": body}, status=status_code(error), headers=headers)
