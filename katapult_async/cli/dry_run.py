"""The dry run (``--dry-run``): reads are sent, and the first request that would change something is shown instead."""

import json

import attrs

from katapult_async.core.redaction import without_secret_values
from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.transport import Transport, TransportRequest, TransportResponse


@attrs.frozen(kw_only=True)
class UnsentRequest:
    """A request that was not sent."""

    method: str
    """HTTP method."""

    path: str
    """URL, or path and query below the base URL, as they would be sent."""

    body: object
    """What would be sent as JSON, with ``***`` for what is named like a secret; None for nothing."""


class UnsentRequestError(Exception):
    """The command would send a request that changes something. Takes the `UnsentRequest`."""

    def __init__(self, request: UnsentRequest) -> None:
        super().__init__(request)
        self.request = request


class DryRunTransport:
    """Sends GET requests through aiohttp, and raises `UnsentRequestError` in place of sending any other."""

    def __init__(self) -> None:
        self._transport: Transport = AiohttpTransport()

    async def open(self) -> None:
        """Open the transport of the GET requests."""
        await self._transport.open()

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a GET request.

        Raises:
            UnsentRequestError: it is another.
        """
        if request.method == "GET":
            return await self._transport.send(request)
        request.progress.sent = False
        body = None if request.body is None else without_secret_values(json.loads(request.body))
        raise UnsentRequestError(UnsentRequest(method=request.method, path=request.url, body=body))

    async def aclose(self) -> None:
        """Close the transport of the GET requests."""
        await self._transport.aclose()
