"""Server-sent events: the format of one event, and the response that carries them. Nothing here is about Katapult.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
from collections.abc import Mapping
from typing import Final, Self

from aiohttp import web

_RETRY: Final = 5000  # milliseconds after which an EventSource that lost the stream opens it again


def encode_event(event: str, *, data: Mapping[str, object]) -> bytes:
    """Return one event as bytes. JSON escapes line ends, so the data is always one line."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()


class EventStream:
    """A response that stays open. Sending after the viewer has left raises ConnectionResetError."""

    def __init__(self, response: web.StreamResponse) -> None:
        self.response = response

    @classmethod
    async def open(cls, request: web.Request) -> Self:
        """Respond with 200 and the headers of a stream."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would buffer the events
            }
        )
        await response.prepare(request)
        await response.write(f"retry: {_RETRY}\n\n".encode())
        return cls(response)

    async def send(self, event: str, *, data: Mapping[str, object]) -> None:
        """Send one event; wait while the viewer reads more slowly than this sends."""
        await self.response.write(encode_event(event, data=data))
