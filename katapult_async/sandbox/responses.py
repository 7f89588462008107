"""Responses: status, body and the headers that depend on them."""

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import attrs

from .errors import WITHOUT_RATE_LIMIT, APIError

CONSTANT_HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Server": "katapult-async-sandbox",
}
"""Headers of every response; plain text has another ``Content-Type``."""


@attrs.frozen
class Response:
    """A response without the headers that the server adds: Date, X-Request-Id and X-Ratelimit."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    overrides: Mapping[str, str | None] = {}
    """Headers to set last, with names in any case; None removes a header. A truncated response does not have them."""
    has_rate_limit: bool = True
    """Whether the server adds the X-Ratelimit headers."""
    truncated: bool = False
    """Whether the connection is closed after half of the body."""

    @property
    def is_refusal(self) -> bool:
        """Whether it says that the rate limit is reached."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS


def success(status: int, content: Mapping[str, Any] | str, *, alphabetical: bool) -> Response:
    """Return the response of an operation that succeeded.

    Args:
        status: HTTP status.
        content: JSON object, or plain text.
        alphabetical: whether the keys are sorted, as in some responses of the live API.
    """
    headers = {**CONSTANT_HEADERS, "Cache-Control": "max-age=0, private, must-revalidate"}
    if isinstance(content, str):
        body = content.encode()
        headers["Content-Type"] = "text/plain"
    else:
        body = json.dumps(content, sort_keys=alphabetical, separators=(",", ":")).encode()
    headers["Etag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Response(status, body, headers)


def failure(error: APIError, *, body: bytes | None = None) -> Response:
    """Return the response of an error.

    Args:
        error: the error.
        body: body in place of the JSON object of the error, such as a proxy's HTML page.
    """
    headers = {**CONSTANT_HEADERS, "Cache-Control": "no-cache"}
    if body is None:
        content = {"error": {"code": error.code, "description": error.description, "detail": error.detail}}
        body = json.dumps(content, separators=(",", ":")).encode()
        headers["X-Api-Schema"] = "json-error"
    return Response(error.status, body, headers, has_rate_limit=error.code not in WITHOUT_RATE_LIMIT)
