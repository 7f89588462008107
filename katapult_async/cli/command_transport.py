"""The transport of a command: it knows whether the server may have received a change. In a dry run, it sends none."""

import json
from typing import Final

from katapult_async.cli.dry_run import UnsentRequestError
from katapult_async.core.redaction import url_without_secret_values, without_secret_values
from katapult_async.http.transport import Progress, Transport, TransportRequest, TransportResponse

_LEAST_ERROR: Final = 300  # the lowest status of a response that is not a success


class CommandTransport:
    """Sends requests through another transport.

    Args:
        transport: the other transport. It is opened and closed with this one.
        is_dry_run: whether to raise `UnsentRequestError` in place of sending a request other than GET.
    """

    def __init__(self, transport: Transport, *, is_dry_run: bool) -> None:
        self._transport = transport
        self._is_dry_run = is_dry_run
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
        """Send a request.

        Raises:
            UnsentRequestError: this is a dry run, and the request is not a GET.
        """
        if request.method != "GET":
            self._changes.append(request.progress)
            if self._is_dry_run:
                request.progress.sent = False  # otherwise the rate limiter would count the request as lost
                body = None if request.body is None else without_secret_values(json.loads(request.body))
                raise UnsentRequestError(method=request.method, url=url_without_secret_values(request.url), body=body)
        response = await self._transport.send(request)
        self._is_changed |= request.method != "GET" and response.status < _LEAST_ERROR
        return response

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()
