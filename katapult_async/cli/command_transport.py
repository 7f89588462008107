"""The transport of a command: knows whether a request was sent that changes something. In a dry run, none is sent."""

import json

from katapult_async.cli.dry_run import UnsentRequestError
from katapult_async.core.redaction import without_secret_values
from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.transport import Transport, TransportRequest, TransportResponse


class CommandTransport:
    """Sends requests through aiohttp.

    Args:
        is_dry_run: whether to raise `UnsentRequestError` in place of sending a request other than GET.
    """

    def __init__(self, *, is_dry_run: bool) -> None:
        self._transport: Transport = AiohttpTransport()
        self._is_dry_run = is_dry_run
        self.has_sent_change = False
        """Whether a request other than GET was sent."""

    async def open(self) -> None:
        """Open the transport of aiohttp."""
        await self._transport.open()

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a request.

        Raises:
            UnsentRequestError: this is a dry run, and the request has another method than GET.
        """
        if request.method == "GET":
            return await self._transport.send(request)
        if not self._is_dry_run:
            self.has_sent_change = True
            return await self._transport.send(request)
        request.progress.sent = False  # otherwise the rate limiter would count the request as lost
        body = None if request.body is None else without_secret_values(json.loads(request.body))
        raise UnsentRequestError(method=request.method, url=request.url, body=body)

    async def aclose(self) -> None:
        """Close the transport of aiohttp."""
        await self._transport.aclose()
