"""The HTTP session played by a script, and a caller that has it: for what needs no HTTP, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import attrs

from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.core.caller import Caller, RetryNotice
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.responses import RequestContext, Response
from katapult_async.errors import ConnectError, TransportError
from katapult_async.http.aiohttp_transport import HttpSession, Sending
from katapult_async.models import IPAddress
from katapult_async.rate_limit.window import RateLimitPause
from katapult_async.secret import Secret

from .bodies import encoded, free, refusal

Step = Callable[[RequestContext], Awaitable[Response]]

ENDPOINT: Final = Endpoint(path="/networks/network/ips", answer="ip_addresses", type=list[IPAddress])
REQUEST: Final = Request(endpoint=ENDPOINT, arguments=(("network[id]", "netw_1"),))


def gives(body: object = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Step:
    """Response at once; by default with one address."""
    answer = Response(status=status, headers=headers or {}, body=encoded(free(1) if body is None else body))

    async def step(_: RequestContext) -> Response:
        return answer

    return step


def refuses(status: int, code: str, detail: object = None, **headers: str) -> Step:
    """Response with an error of Katapult's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gives(refusal(code, detail=detail), status=status, headers=named)


def breaks(kind: type[TransportError]) -> Step:
    """Fail as the HTTP session does."""

    async def step(context: RequestContext) -> Response:
        raise kind(context.problem("the cable was pulled"))

    return step


def after(seconds: float, then: Step) -> Step:
    """Take some time first."""

    async def step(context: RequestContext) -> Response:
        await asyncio.sleep(seconds)
        return await then(context)

    return step


async def hangs(_: RequestContext) -> Response:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


@attrs.define
class PlayedHttp:
    """Plays its steps in turn, and the last for ever; writes down what it was asked."""

    steps: tuple[Step, ...]
    asked: list[RequestContext] = attrs.Factory(list)
    tokens: list[str] = attrs.Factory(list)
    opened: int = 0
    closed: int = 0

    def open(self) -> None:
        self.opened += 1

    async def close(self) -> None:
        self.closed += 1

    async def send(self, context: RequestContext, *, token: Secret, sending: Sending) -> Response:
        self.asked.append(context)
        self.tokens.append(str(token))
        sending.begun = True
        try:
            return await self.steps[min(len(self.asked), len(self.steps)) - 1](context)
        except ConnectError:
            sending.begun = False
            raise


def played(
    *steps: Step,
    token: Callable[[], Secret] = lambda: Secret("t-0"),
    timeouts: Timeouts = Timeouts(),
    retry: RetryPolicy = RetryPolicy(),
    rate_limit: RateLimitPolicy = RateLimitPolicy(),
    on_wait: Callable[[RateLimitPause], object] | None = None,
    on_retry: Callable[[RetryNotice], object] | None = None,
) -> tuple[Caller, PlayedHttp]:
    """Return a caller, not open yet, and the session that it believes to have."""
    http = PlayedHttp(steps)
    caller = Caller(
        http=cast("HttpSession", http),
        token=token,
        origin="https://api.katapult.io",
        timeouts=timeouts,
        retry=retry,
        rate_limit=rate_limit,
        on_wait=on_wait,
        on_retry=on_retry,
    )
    return caller, http


def spent(left: int = 0, permitted: int = 100) -> dict[str, str]:
    """Return the headers of an answer 40 s before the end of its window."""
    return {
        "X-Ratelimit-Permitted": str(permitted),
        "X-Ratelimit-Remaining": str(left),
        "Date": "Fri, 01 Mar 2024 10:00:20 GMT",
    }


def now() -> float:
    """Return the time on the loop's clock."""
    return asyncio.get_running_loop().time()


def opened(*steps: Step, **settings: Any) -> tuple[Caller, PlayedHttp]:
    """Return the same, open."""
    caller, http = played(*steps, **settings)
    caller.open()
    return caller, http


async def ask(caller: Caller, *, max_wait: float | None = None, timeout: float | None = None) -> list[IPAddress]:
    """Make a call, and return its answer."""
    return (await caller.call(REQUEST, max_wait=max_wait, timeout=timeout)).value
