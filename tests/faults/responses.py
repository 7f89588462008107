"""Responses of the fault server: the bytes of correct and faulty ones, and the responders that send them.

Functions with a noun as their name return bytes; functions that begin with ``send`` return or are responders.
"""

import email.utils
import json
from collections.abc import Callable, Mapping

from .server import Connection, ReceivedRequest, Responder

MAX_BODY = 64 * 1024
"""Bytes of a body that the clients of the fault tests accept (``max_body``)."""


def standard_headers(**changed: str | None) -> dict[str, str]:
    """Return the headers of a recorded response, some of them changed.

    Args:
        changed: headers by name, with ``_`` in place of ``-``; None leaves one out.
    """
    headers: dict[str, str | None] = {
        "Content-Type": "application/json",
        "Date": email.utils.formatdate(usegmt=True),
        "X-Ratelimit-Permitted": "100000",
        "X-Ratelimit-Remaining": "90000",
        "X-Request-Id": "6c9a1f4e-0000-4000-8000-000000000000",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in headers.items() if value is not None}


def head(status: str = "200 OK", headers: Mapping[str, str] | None = None, *, version: str = "HTTP/1.1") -> bytes:
    """Return a status line and headers, with the empty line after them."""
    lines = [f"{version} {status}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def full_response(body: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """Return a response with the standard headers and a Content-Length."""
    return head(status, standard_headers() | {"Content-Length": str(len(body))} | dict(headers or {})) + body


def addresses_body(key: str) -> bytes:
    """Return the body with the only free address of an interface; its id contains the id of the interface."""
    return json.dumps({"ip_addresses": [{"id": f"ip_of_{key}", "address": "192.0.2.1"}]}).encode()


def error_body(code: object, description: object = "Not possible", detail: object = None) -> bytes:
    """Return the body of an error response, nested as Katapult sends it."""
    fields = {"code": code, "description": description, "detail": {} if detail is None else detail}
    return json.dumps({"error": fields}).encode()


async def send_correct_response(connection: Connection, request: ReceivedRequest) -> None:
    """Respond as Katapult does."""
    await connection.send(full_response(addresses_body(request.key)))


def send(
    body: bytes | Callable[[ReceivedRequest], bytes], status: str = "200 OK", headers: Mapping[str, str] | None = None
) -> Responder:
    """Return a responder that sends one full response."""

    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        content = body if isinstance(body, bytes) else body(request)
        await connection.send(full_response(content, status, headers))

    return respond


def send_error(status: str, code: object, detail: object = None) -> Responder:
    """Return a responder that sends an error response of Katapult's."""
    return send(error_body(code, detail=detail), status, {"X-Api-Schema": "json-error"})


def send_raw(*parts: bytes, then: str = "keep_open", pause: float = 0.0) -> Responder:
    """Return a responder that sends bytes as they are.

    Args:
        parts: bytes to send, each by itself.
        then: ``keep_open`` for the next request, ``close``, ``half_close``, ``reset``, or ``stay_silent`` until the
            client closes the connection.
        pause: seconds after each part.
    """

    async def respond(connection: Connection, _: ReceivedRequest) -> None:
        await connection.send(*parts, pause=pause)
        await _finish(connection, then)

    return respond


def send_framed(frame: Callable[[bytes], bytes], *, then: str = "keep_open") -> Responder:
    """Return a responder that sends the correct body in another frame.

    Args:
        frame: returns the bytes of a response with a body.
        then: as for `send_raw`.
    """

    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        await connection.send(frame(addresses_body(request.key)))
        await _finish(connection, then)

    return respond


async def _finish(connection: Connection, then: str) -> None:
    match then:
        case "keep_open":
            return
        case "close":
            connection.close()
        case "half_close":
            connection.half_close()
            await connection.stay_silent()
        case "reset":
            connection.reset()
        case "stay_silent":
            await connection.stay_silent()
        case _:
            raise ValueError(then)


def send_endlessly(start: bytes, part: bytes, *, every: float) -> Responder:
    """Return a responder that sends a start, and then the same part every ``every`` seconds without an end."""

    async def respond(connection: Connection, _: ReceivedRequest) -> None:
        await connection.send(start)
        while True:
            await connection.send(part, pause=every)

    return respond
