"""The transport: what sends one HTTP request, once, and returns the whole response or one failure.

`AiohttpTransport` is the default. Anything with the methods of `Transport` can take its place
(``KatapultClient(token, transport=...)``): a recorder, a dry run, a simulated server in virtual time.
`katapult_async.testing` has checks that every transport has to pass.

Who does what: the client sets the deadlines of an attempt and of a call, cancels, retries and decodes. A transport
bounds connecting, silence and the size of a body, sends a request at most once, and never reuses a connection that
has unread bytes.
"""

import functools
from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol, get_args, runtime_checkable

import attrs
import msgspec

from katapult_async.config import must_be, must_be_bool, must_be_string
from katapult_async.errors import FailureKind

SUCCESS: Final = range(200, 300)
"""The HTTP statuses of success."""

MAX_ERROR_BODY: Final = 65536
"""Bytes of an error's body that the default transport returns. The largest recorded error has under 1,000."""


class Progress(msgspec.Struct, gc=False):
    """How far a request has come: set by the transport, read by the client, even after a cancellation."""

    sent: bool | None = None
    """Whether the server may have received the request. None means not known yet, and counts as True. A transport sets
    it to False while it connects: if a TLS handshake hangs, nothing was sent."""


class TransportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request, ready to be sent.

    A struct, because making an object of an attrs class takes seven times as long. `msgspec.structs.replace` makes a
    changed copy.
    """

    method: str
    """HTTP method."""

    url: str
    """Absolute and percent-encoded: send it as it is."""

    headers: Mapping[str, str]
    """All headers but those of the connection and of the body's length. ``Authorization`` is among them."""

    body: bytes | None = None
    """The body, or None for a request without one."""

    fresh_connection: bool = False
    """Whether the request must not go over a connection that was used before."""

    progress: Progress = msgspec.field(default_factory=Progress)
    """Where the transport notes how far the request has come."""

    def __repr__(self) -> str:  # without headers and body, which hold secrets
        return f"TransportRequest(method={self.method!r}, url={self.url!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # that of msgspec has all fields
        return [("method", self.method), ("url", self.url)]


class TransportResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One whole response. A struct like `TransportRequest`."""

    status: int
    """HTTP status."""

    headers: Mapping[str, str]
    """By name: in any case if the mapping ignores case, otherwise in canonical case, such as ``Retry-After``."""

    body: bytes
    """The whole body, decompressed."""

    def __repr__(self) -> str:  # without headers and body, which hold secrets
        return f"TransportResponse(status={self.status!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("status", self.status)]


@attrs.define
class TransportFailure(Exception):  # noqa: N818 # what ended one attempt; the client turns it into one of its errors
    """Why a transport returned no response."""

    kind: FailureKind = attrs.field(validator=must_be("a FailureKind", get_args(FailureKind).__contains__))
    """What went wrong."""

    sent: bool = attrs.field(kw_only=True, validator=must_be_bool)
    """Whether the server may have received the request."""

    phase: Literal["connect", "read"] | None = attrs.field(default=None, kw_only=True)
    """For a ``timeout``, which limit ended it."""

    partial: TransportResponse | None = attrs.field(default=None, kw_only=True)
    """Status and headers that arrived before the failure: of the response, or of a proxy that refused to connect."""

    detail: str = attrs.field(default="", kw_only=True, validator=must_be_string)
    """A few words for the error's text, such as ``no connection to api.katapult.io (Connection refused)``; without any
    secret. Empty for a default text."""

    def __str__(self) -> str:
        return self.detail or self.kind

    def __reduce__(self) -> tuple[functools.partial["TransportFailure"], tuple[()]]:
        # Exceptions are copied and pickled with their positional arguments only.
        return functools.partial(type(self), **attrs.asdict(self, recurse=False)), ()


@runtime_checkable
class Transport(Protocol):
    """What sends requests for a client. The client opens it, and closes it when it is closed itself."""

    async def open(self) -> None:
        """Prepare for sending, in the running event loop. After an error, the client may open it again."""

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a request once, and return the whole response, whatever its status.

        After a cancellation too, ``request.progress.sent`` must say whether the server may have received the request.

        Raises:
            TransportFailure: there is no whole response.
        """
        ...

    async def aclose(self) -> None:
        """Release all connections; a request in flight ends with a ``closed`` failure.

        A client may call this twice, or without `open`.
        """
