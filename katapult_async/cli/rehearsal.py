"""A dry run: reads are made, and the first request that would change something is shown and not sent."""

from typing import TypeVar

import attrs

from katapult_async.client import KatapultClient
from katapult_async.core.decoding import Decoded
from katapult_async.core.endpoints import Request

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Unsent:
    """A request that was not sent."""

    method: str
    """HTTP method."""

    path: str
    """Path and query below the base URL, as they would be sent."""

    body: object
    """What would be sent as JSON; None for nothing."""


class UnsentError(Exception):
    """The command came to a request that would change something. Takes the `Unsent`."""

    def __init__(self, unsent: Unsent) -> None:
        super().__init__(unsent)
        self.unsent = unsent


def rehearse(katapult: KatapultClient) -> None:
    """Make a client raise `UnsentError` in the place of sending anything but a GET."""
    caller = katapult._caller  # noqa: SLF001 # the library has no public way to see a request without sending it
    send = caller.call

    async def call(request: Request[T], *, max_wait: float | None = None, timeout: float | None = None) -> Decoded[T]:
        if request.endpoint.method == "GET":
            return await send(request, max_wait=max_wait, timeout=timeout)
        raise UnsentError(Unsent(method=request.endpoint.method, path=request.target, body=request.body))

    caller.call = call  # type: ignore[method-assign] # likewise
