"""Whether the server may have received a change: the message of a command that ends early says so."""

from typing import Final

from katapult_async.http.transport import Progress, Transport, TransportRequest, TransportResponse

_LEAST_ERROR: Final = 300  # the lowest status of a response that is not a success


class ChangeRecorder:
    """Sends requests through another transport, and records what becomes of those that change something.

    Args:
        transport: the other transport. It is opened and closed with this one.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._changes: list[Progress] = []
        self._is_changed = False

    @property
    def change(self) -> str:
        """What became of the change: ``was accepted``, ``may have been made``; empty if the server received none."""
        if self._is_changed:
            return "was accepted"
        return "may have been made" if any(change.sent is not False for change in self._changes) else ""

    async def open(self) -> None:
        """Open the transport."""
        await self._transport.open()

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a request."""
        if request.method != "GET":
            self._changes.append(request.progress)
        response = await self._transport.send(request)
        if request.method != "GET" and response.status < _LEAST_ERROR:
            self._is_changed = True
        return response

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()
