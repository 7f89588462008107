"""Whether the server made a change, or may have made it: the message of a command that ends early says so."""

from katapult_async.http.transport import SUCCESS, Progress, Transport, TransportRequest, TransportResponse


class ChangeRecorder:
    """Sends requests through another transport, and records what becomes of those that change something.

    Args:
        transport: the other transport. It is opened and closed with this one.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._changes: list[Progress] = []
        self.has_changed: bool = False
        """Whether the server accepted a change."""

    @property
    def may_have_changed(self) -> bool:
        """Whether the server may have received a change."""
        return any(change.sent is not False for change in self._changes)

    async def open(self) -> None:
        """Open the transport."""
        await self._transport.open()

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a request."""
        if request.method != "GET":
            self._changes.append(request.progress)
        response = await self._transport.send(request)
        if request.method != "GET" and response.status in SUCCESS:
            self.has_changed = True
        return response

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()
