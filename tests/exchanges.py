"""Single exchanges without a socket: aioresponses, made to work under aiohttp 3.14, with what was sent written down.

aioresponses takes the place of ``ClientSession._request``: nothing below it runs, no connector and no middleware.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import attrs
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aioresponses import aioresponses
from yarl import URL

from .bodies import encoded

TOKEN: Final = "tok-5uQk2mVxW8rJz1Lp"
BASE_URL: Final = "https://api.katapult.io/core/v1"

_NEVER_FULL: Final = 1 << 30
"""Bytes that a body may have before its reader would pause a parser, of which there is none here."""


class _Sent:
    output_size = 0


class _Response(aiohttp.ClientResponse):
    """A response that can be made without the writer that aiohttp 3.14 asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", _Sent())
        super().__init__(*args, **kwargs)


def body_reader(_: object) -> StreamReader:
    """Return what a whole body can be fed to at once, of whatever size."""
    loop = asyncio.get_running_loop()
    return StreamReader(BaseProtocol(loop), limit=_NEVER_FULL, loop=loop)


@attrs.frozen
class Sent:
    """One request, as the session was asked to send it."""

    method: str
    url: str
    headers: dict[str, str]
    settings: dict[str, object]


class Exchanges(aioresponses):
    """The answers to come, and the requests that were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []

    def answers(
        self,
        target: str,
        payload: object = None,
        *,
        status: int = 200,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        exception: Exception | None = None,
        repeat: bool | int = False,
        callback: Callable[..., Any] | None = None,
        method: str = "GET",
        base_url: str = BASE_URL,
    ) -> None:
        """Answer a request for a target below the base URL."""
        self.add(
            base_url + target,
            method=method,
            status=status,
            body=encoded(payload) if body is None else body,
            headers=headers,
            exception=exception,
            repeat=repeat,
            callback=callback,
            response_class=_Response,
        )

    async def _request_mock(
        self, orig_self: aiohttp.ClientSession, method: str, url: str | URL, *args: Any, **kwargs: Any
    ) -> aiohttp.ClientResponse:
        settings = {name: value for name, value in kwargs.items() if name != "headers"}
        self.sent.append(Sent(method, str(url), dict(kwargs["headers"]), settings))
        response: aiohttp.ClientResponse = await super()._request_mock(orig_self, method, url, *args, **kwargs)
        return response
