"""The dry run (``--dry-run``): reads are sent, and the first request that would change something is shown instead."""

from typing import TypeVar

import attrs

from katapult_async.client import KatapultClient
from katapult_async.core.decoding import Decoded
from katapult_async.core.endpoints import Request

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class UnsentRequest:
    """A request that was not sent."""

    method: str
    """HTTP method."""

    path: str
    """Path and query below the base URL, as they would be sent."""

    body: object
    """What would be sent as JSON; None for nothing."""


class UnsentRequestError(Exception):
    """The command would send a request that changes something. Takes the `UnsentRequest`."""

    def __init__(self, request: UnsentRequest) -> None:
        super().__init__(request)
        self.request = request


def start_dry_run(katapult: KatapultClient) -> None:
    """Make a client raise `UnsentRequestError` where it would send any request but a GET."""
    caller = katapult._caller  # noqa: SLF001 # no public method shows a request without sending it
    send = caller.call

    async def call(request: Request[T], *, max_wait: float | None = None, timeout: float | None = None) -> Decoded[T]:
        if request.endpoint.method == "GET":
            return await send(request, max_wait=max_wait, timeout=timeout)
        unsent = UnsentRequest(method=request.endpoint.method, path=request.target, body=request.body)
        raise UnsentRequestError(unsent)

    caller.call = call  # type: ignore[method-assign] # no public method does it
