"""A transport that plays a script, and a caller that uses it: for tests without HTTP, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import attrs

from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.hooks import Hooks
from katapult_async.core.redaction import Secret
from katapult_async.errors import ConnectError, DisconnectedError, FailureKind, RequestTimeoutError, TransportError
from katapult_async.http.transport import TransportFailure, TransportRequest, TransportResponse
from katapult_async.models import IPAddress

from .bodies import available_ips_body, encoded, error_body

Step = Callable[[TransportRequest], Awaitable[TransportResponse]]

ENDPOINT: Final = Endpoint(path="/networks/network/ips", answer="ip_addresses", type=list[IPAddress])
REQUEST: Final = Request(endpoint=ENDPOINT, arguments=(("network[id]", "netw_1"),))
POST: Final = Request(endpoint=attrs.evolve(ENDPOINT, method="POST"), arguments=REQUEST.arguments)
BASE_URL: Final = "https://api.katapult.io/core/v1"

KINDS: Final[dict[type[TransportError], FailureKind]] = {
    ConnectError: "connect",
    DisconnectedError: "disconnect",
    RequestTimeoutError: "timeout",
}


def gives(body: object = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Step:
    """Respond at once: with a JSON value or bytes, by default with one address."""
    content = body if isinstance(body, bytes) else encoded(available_ips_body(1) if body is None else body)
    response = TransportResponse(status=status, headers=headers or {}, body=content)

    async def step(request: TransportRequest) -> TransportResponse:
        request.progress.sent = True
        return response

    return step


def refuses(status: int, code: str, detail: object = None, **headers: str) -> Step:
    """Respond with an error of Katapult's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gives(error_body(code, detail=detail), status=status, headers=named)


UNAVAILABLE: Final = refuses(503, "service_unavailable")


def breaks(kind: type[TransportError]) -> Step:
    """Fail with the transport failure that becomes an error of a class."""

    async def step(_: TransportRequest) -> TransportResponse:
        raise TransportFailure(
            KINDS[kind],
            sent=kind is not ConnectError,
            phase="read" if kind is RequestTimeoutError else None,
            detail="the cable was pulled",
        )

    return step


def after(seconds: float, then: Step) -> Step:
    """Do a step some seconds later."""

    async def step(request: TransportRequest) -> TransportResponse:
        request.progress.sent = True
        await asyncio.sleep(seconds)
        return await then(request)

    return step


async def hangs(request: TransportRequest) -> TransportResponse:
    """Never respond."""
    request.progress.sent = True
    await asyncio.Event().wait()
    raise AssertionError


@attrs.define
class ScriptedTransport:
    """Does the next of its steps for each request, and repeats the last one; keeps the requests."""

    steps: tuple[Step, ...]
    requests: list[TransportRequest] = attrs.Factory(list)
    opened: int = 0
    closed: int = 0

    @property
    def tokens(self) -> list[str]:
        """The token of each request."""
        return [str(request.headers["Authorization"]).removeprefix("Bearer ") for request in self.requests]

    async def open(self) -> None:
        self.opened += 1

    async def aclose(self) -> None:
        self.closed += 1

    async def send(self, request: TransportRequest) -> TransportResponse:
        self.requests.append(request)
        return await self.steps[min(len(self.requests), len(self.steps)) - 1](request)


def caller_of(transport: ScriptedTransport, **settings: Any) -> Caller:
    """Return a caller that sends through a transport. The caller is not open."""
    defaults: dict[str, Any] = {
        "token": lambda: Secret("t-0"),
        "timeouts": Timeouts(),
        "retry": RetryPolicy(),
        "rate_limit": RateLimitPolicy(),
    }
    hooks = {name: value for name, value in settings.items() if name.startswith("on_")}
    others = {name: value for name, value in settings.items() if name not in hooks}
    return Caller(
        transport=transport,
        base_url=BASE_URL,
        user_agent="tests/1",
        hooks=Hooks(**hooks),
        **(defaults | others),
    )


async def opened(*steps: Step, **settings: Any) -> tuple[Caller, ScriptedTransport]:
    """Return an open caller, and the transport that it sends through."""
    transport = ScriptedTransport(steps)
    caller = caller_of(transport, **settings)
    await caller.open()
    return caller, transport


def requests_left(left: int, permitted: int = 100) -> dict[str, str]:
    """Return the headers of a response 40 s before the end of its window."""
    return {
        "X-Ratelimit-Permitted": str(permitted),
        "X-Ratelimit-Remaining": str(left),
        "Date": "Fri, 01 Mar 2024 10:00:20 GMT",
    }


def is_wait_for_reset(seconds: float) -> bool:
    """Return whether a call waited from a response with `requests_left` until the reset of the window.

    That is 40 s, or up to 1 s less, because ``Date`` drops the fraction of the server's clock.
    """
    return 38.9 <= seconds <= 40.2  # 0.1 and 0.2 s for the drift of the clocks


def now() -> float:
    """Return the time on the event loop's clock."""
    return asyncio.get_running_loop().time()


async def get_addresses(
    caller: Caller, *, max_wait: float | None = None, timeout: float | None = None
) -> list[IPAddress]:
    """Make the call of most tests: list the addresses of a network."""
    return (await caller.call(REQUEST, max_wait=max_wait, timeout=timeout)).value
