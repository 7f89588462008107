"""Answers: a body with the headers that belong to it; knows no socket."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import attrs

_GZIP_FROM = 1024  # the live API compresses from about here: 1,049 bytes is the smallest seen without a length

CONSTANT_HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Server": "katapult-async-sandbox",
}
"""What every answer carries."""


@attrs.frozen
class Response:
    """What is sent back, but for the headers that tell time, budget and request."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    zipped: bytes | None = None
    """The body as gzip; None when it is too small to be worth it."""
    changes: Mapping[str, str | None] = attrs.field(factory=dict)
    """Headers that are set after all others; None leaves one out."""


def _compress(body: bytes) -> bytes | None:
    return gzip.compress(body, compresslevel=1, mtime=0) if len(body) >= _GZIP_FROM else None


def success(status: int, content: Mapping[str, Any], *, alphabetical: bool) -> Response:
    """Return the answer of an operation that went well.

    Args:
        status: the HTTP status.
        content: the JSON object.
        alphabetical: send the names in alphabetical order; the live API does so now and then.
    """
    body = json.dumps(content, sort_keys=alphabetical, separators=(",", ":")).encode()
    headers = {
        **CONSTANT_HEADERS,
        "Cache-Control": "max-age=0, private, must-revalidate",
        "Etag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"',
    }
    return Response(status, body, headers, _compress(body))


def error_body(content: Mapping[str, Any]) -> bytes:
    """Return the bytes of an error's envelope."""
    return json.dumps(content, separators=(",", ":")).encode()


def failure(status: int, body: bytes, *, changes: Mapping[str, str | None] | None = None) -> Response:
    """Return the answer of a error.

    Args:
        status: the HTTP status.
        body: the bytes to send.
        changes: headers that are set after all others; None leaves one out.
    """
    headers = {**CONSTANT_HEADERS, "Cache-Control": "no-cache", "X-Api-Schema": "json-error"}
    return Response(status, body, headers, _compress(body), {} if changes is None else changes)
