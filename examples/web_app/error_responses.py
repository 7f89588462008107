"""What visitors are told when Katapult, or the way there, fails: one table, one middleware.

A visitor can cure a mistake in the URL (400, 404) and can come back (503). Everything else is between this server and
Katapult, hence 502 and 504; also a refused token, which is the server's and not the visitor's. The log has the rest.
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

REPLIES: Final[tuple[tuple[type[KatapultError], int, str], ...]] = (
    # The first that fits counts.
    (UsageError, 400, "That is no question that can be asked"),
    (NotFoundError, 404, "Katapult shows no such thing to this server"),
    (NotAcceptableError, 409, "Its present state does not allow this; it may be in the trash"),
    (ConflictError, 409, "Something that exists stands in the way"),
    (RateLimitWaitError, 503, "This window's requests are spent"),
    (RateLimitReachedError, 503, "Katapult refuses further requests for now"),
    (ServiceUnavailableError, 503, "Katapult asks to come back later"),
    (ClientClosedError, 503, "This server is shutting down"),
    (AuthenticationError, 502, "Katapult does not accept this server's token"),
    (PermissionDeniedError, 502, "This server's token may not do that"),
    (RequestTimeoutError, 504, "Katapult did not answer in time"),
    (TransportError, 502, "Katapult cannot be reached"),
    (KatapultError, 502, "Katapult failed to answer"),
)


def status_of(error: KatapultError) -> int:
    """Return the HTTP status for an error."""
    return next(status for kind, status, _ in REPLIES if isinstance(error, kind))


def told(error: KatapultError) -> dict[str, object]:
    """Return what a visitor is told about an error, as JSON."""
    message = next(message for kind, _, message in REPLIES if isinstance(error, kind))
    return {
        "kind": type(error).__name__,
        "message": f"{message}: {error}" if isinstance(error, UsageError) else message,
        "retry_after": max(1, math.ceil(error.retry_after)) if isinstance(error, RateLimitWaitError) else None,
    }


@web.middleware
async def as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a KatapultError with its status and one JSON body, and with Retry-After where the time is known."""
    try:
        return await handler(request)
    except KatapultError as error:
        _LOG.warning("%s %s: %s", request.method, request.path, error)
        body = told(error)
        headers = {} if body["retry_after"] is None else {"Retry-After": str(body["retry_after"])}
        return web.json_response({"error": body}, status=status_of(error), headers=headers)
