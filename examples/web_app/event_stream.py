"""Server-sent events: how one is framed, and the answer that carries them. Knows nothing of Katapult.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
from collections.abc import Mapping
from typing import Final, Self

from aiohttp import web

_RETRY: Final = 5000  # milliseconds after which a browser that lost the stream may open it again by itself


def frame(event: str, *, data: Mapping[str, object]) -> bytes:
    """Return one event. JSON escapes line ends, so that the data is one line whatever it holds."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()


class EventStream:
    """An answer that goes on. Whatever is sent after the viewer has left raises ConnectionResetError."""

    def __init__(self, response: web.StreamResponse) -> None:
        self.response = response

    @classmethod
    async def open(cls, request: web.Request) -> Self:
        """Answer 200, and begin."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would collect events before it passes them on
            }
        )
        await response.prepare(request)
        await response.write(f"retry: {_RETRY}\n\n".encode())
        return cls(response)

    async def send(self, event: str, *, data: Mapping[str, object]) -> None:
        """Send one event; wait while the viewer reads more slowly than this writes."""
        await self.response.write(frame(event, data=data))
