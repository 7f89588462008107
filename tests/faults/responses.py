"""Answers as bytes, good ones and others, and acts that send them."""

import email.utils
import json
from collections.abc import Callable, Mapping

from .server import Act, Received, Wire

CAP = 64 * 1024
"""Bytes that the clients of the fault tests allow an answer."""


def standard_headers(**changed: str | None) -> dict[str, str]:
    """Return the headers of a recorded answer; None leaves one out. ``_`` stands for ``-``."""
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


def whole(body: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """Return an answer with its length."""
    return head(status, standard_headers() | {"Content-Length": str(len(body))} | dict(headers or {})) + body


def addresses(key: str) -> bytes:
    """Return the body that answers a question about one interface, and names it."""
    return json.dumps({"ip_addresses": [{"id": f"ip_of_{key}", "address": "192.0.2.1"}]}).encode()


def refusal(code: object, description: object = "Nothing doing", detail: object = None) -> bytes:
    """Return the body of a refusal, nested as Katapult sends it."""
    fields = {"code": code, "description": description, "detail": {} if detail is None else detail}
    return json.dumps({"error": fields}).encode()


async def good(wire: Wire, request: Received) -> None:
    """Answer as Katapult does."""
    await wire.send(whole(addresses(request.key)))


def says(
    body: bytes | Callable[[Received], bytes], status: str = "200 OK", headers: Mapping[str, str] | None = None
) -> Act:
    """Return an act that sends one whole answer."""

    async def act(wire: Wire, request: Received) -> None:
        await wire.send(whole(body if isinstance(body, bytes) else body(request), status, headers))

    return act


def refuses(status: str, code: object, detail: object = None) -> Act:
    """Return an act that refuses as Katapult does."""
    return says(refusal(code, detail=detail), status, {"X-Api-Schema": "json-error"})


def raw(*parts: bytes, then: str = "stay", pause: float = 0.0) -> Act:
    """Return an act that sends bytes as they are, and then does what is said.

    Args:
        parts: what to send.
        then: ``stay`` for the next request, ``close``, ``half_close``, ``reset``, or ``hush`` until the client leaves.
        pause: seconds after each part.
    """

    async def act(wire: Wire, _: Received) -> None:
        await wire.send(*parts, pause=pause)
        await _afterwards(wire, then)

    return act


def framed(frame: Callable[[bytes], bytes], *, then: str = "stay") -> Act:
    """Return an act that sends the good body in a frame of its own."""

    async def act(wire: Wire, request: Received) -> None:
        await wire.send(frame(addresses(request.key)))
        await _afterwards(wire, then)

    return act


async def _afterwards(wire: Wire, then: str) -> None:
    match then:
        case "stay":
            return
        case "close":
            wire.close()
        case "half_close":
            wire.half_close()
            await wire.until_gone()
        case "reset":
            wire.reset()
        case "hush":
            await wire.until_gone()
        case _:
            raise ValueError(then)


def drips(start: bytes, drop: bytes, *, every: float) -> Act:
    """Return an act that never ends and never falls silent."""

    async def act(wire: Wire, _: Received) -> None:
        await wire.send(start)
        while True:
            await wire.send(drop, pause=every)

    return act
