"""HTTP exchanges without a socket: prepared responses, and a record of the requests that were sent.

This is aioresponses, adapted to aiohttp 3.14. It replaces ``ClientSession._request``, so connectors and middlewares
do not run.
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

_READER_LIMIT: Final = 1 << 30
"""Bytes: more than any body has. Above its limit a reader pauses the HTTP parser, and here there is no parser."""


class _StreamWriter:
    output_size = 0


class _Response(aiohttp.ClientResponse):
    """A response that can be constructed without a stream writer, which aiohttp 3.14 requires."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", _StreamWriter())
        super().__init__(*args, **kwargs)


def body_reader(_: object) -> StreamReader:
    """Return a reader that takes a body of any size at once."""
    loop = asyncio.get_running_loop()
    return StreamReader(BaseProtocol(loop), limit=_READER_LIMIT, loop=loop)


@attrs.frozen
class SentRequest:
    """One request, as it was passed to the session."""

    method: str
    url: str
    headers: dict[str, str]
    settings: dict[str, object]


class Exchanges(aioresponses):
    """The prepared responses, and the requests that were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[SentRequest] = []

    def respond(
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
        """Prepare a response to a request; the target is the part of the URL after the base URL."""
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
        self.sent.append(SentRequest(method, str(url), dict(kwargs["headers"]), settings))
        response: aiohttp.ClientResponse = await super()._request_mock(orig_self, method, url, *args, **kwargs)
        return response
