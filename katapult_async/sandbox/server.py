"""The sandbox: a stand-in for the Katapult API on a port of this machine.

What is answered is the desk's affair; here are the settings, the sockets, the delays and the headers.
"""

import asyncio
import random
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from . import responses, validation
from .clock import ServerClock
from .dispatcher import ROOT, TOO_MANY_REQUESTS, Dispatcher, Request, Result
from .errors import DESCRIPTIONS, envelope
from .faults import Fault, Faults, Script
from .listener import Listener
from .rate_limit import Limit
from .request_log import LoggedRequest
from .seed import Scale
from .store import Store
from .tokens import TokenStore


class Sandbox:
    """A server that behaves like the Katapult Core API, with a made-up cloud behind it.

    ```python
    async with Sandbox(machines=60, interfaces=100) as sandbox:
        async with KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
            ...
    ```

    Every choice comes from the seed: equal arguments give equal ids, addresses, tokens and faults. Nothing is
    checked against the clock of the machine but through ``clock``.
    """

    def __init__(
        self,
        *,
        machines: int = 60,
        interfaces: int = 100,
        seed: int = 1,
        permitted: int = 1000,
        window: float = 60.0,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Faults | None = None,
        clock_offset: float = 0.0,
        clock: Callable[[], float] = time.time,
        boundary_late: float = 0.0,
        refused_counts: bool = True,
        headers_on_refusal: bool = True,
        foreign_use: float = 0.0,
        organizations: int = 2,
        free_addresses: int | None = None,
        large_sets: bool = False,
        task_duration: float = 1.0,
        request_log_size: int | None = 10_000,
    ) -> None:
        """Make a sandbox; nothing listens before ``start``.

        Args:
            machines: virtual machines in the cloud.
            interfaces: network interfaces in all, at least one for each machine.
            seed: what every random choice comes from.
            permitted: requests that each token has in one window.
            window: seconds in one window; windows start at whole multiples of it on the server's clock.
            host: the address to listen on.
            port: the port to listen on; 0 lets the system choose.
            faults: what goes wrong; by default nothing does.
            clock_offset: seconds that the server's clock runs ahead of ``clock``.
            clock: seconds since the Unix epoch; the server's time is this plus the offset.
            boundary_late: seconds after the ``Date`` says so that a window really changes.
            refused_counts: whether a 429 that came although budget was left takes one from the budget.
            headers_on_refusal: whether a 429 carries the X-Ratelimit headers.
            foreign_use: requests a second that somebody else spends from the main token's budget.
            organizations: organizations that share the machines, 1 to 3.
            free_addresses: length of every list of free addresses, up to 254; None lets them vary from 0 to 40.
            large_sets: lists keep their totals to themselves, as those of the live API with over 1000 rows.
            task_duration: seconds on the server's clock from the beginning of a task to its end.
            request_log_size: how many of the latest requests are remembered; None for all.

        Raises:
            ValueError: a setting is outside of what it can be; the text names it.
        """
        if not host:
            raise ValueError("host must be an address, not an empty string")
        if request_log_size is not None:
            validation.whole("request_log_size", request_log_size, least=0)
        limit = Limit(
            permitted=permitted,
            window=window,
            boundary_late=boundary_late,
            refused_counts=refused_counts,
            headers_on_refusal=headers_on_refusal,
        )
        self._host = host
        self._port = validation.whole("port", port, least=0, most=65_535)
        self._limit = limit
        self._clock = ServerClock(source=clock, offset=clock_offset)
        self.faults = Faults() if faults is None else faults
        self.store = Store(
            Scale(
                machines=machines,
                interfaces=interfaces,
                organizations=organizations,
                free_addresses=free_addresses,
                seed=seed,
            ),
            large_sets=large_sets,
            task_duration=task_duration,
        )
        """The data that the sandbox serves. Tasks have the state they had at the latest request."""
        self._rng = random.Random(f"{seed} requests")  # noqa: S311 - must repeat, guards nothing
        self._token_store = TokenStore(
            limit=limit,
            foreign_use=validation.real("foreign_use", foreign_use, least=0.0),
            rng=random.Random(f"{seed} tokens"),  # noqa: S311 - tokens of a sandbox guard nothing
        )
        self._dispatcher = Dispatcher(
            store=self.store, token_store=self._token_store, permitted=permitted, request_log_size=request_log_size
        )
        self._listener: Listener | None = None
        self.requests = 0
        """Requests received so far, whatever became of them."""

    @property
    def base_url(self) -> str:
        """The root of the API, for the client. It stays the same after ``stop`` and another ``start``.

        Raises:
            RuntimeError: the sandbox was never started and has no port of its own yet.
        """
        if not self._port:
            raise RuntimeError("the sandbox has no port before it is started")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{ROOT}"

    @property
    def token(self) -> str:
        """The main token: every scope, and a budget that it shares with ``foreign_use``."""
        return self._token_store.main.value

    @property
    def refused(self) -> int:
        """Requests answered with 429 so far."""
        return self._dispatcher.refused

    @property
    def request_log(self) -> deque[LoggedRequest]:
        """The latest requests, oldest first; a live view."""
        return self._dispatcher.request_log

    @property
    def faults(self) -> Faults:
        """What goes wrong; may be replaced at any time and holds for requests that arrive from then on."""
        return self._faults

    @faults.setter
    def faults(self, value: Faults) -> None:
        if not isinstance(value, Faults):
            text = f"faults must be a Faults value, not {value!r}"
            raise ValueError(text)  # noqa: TRY004 - one kind of error for every wrong setting
        self._faults = value

    def issue_token(self, *, scopes: Iterable[str] | None = None) -> str:
        """Return another token, with a budget of its own.

        Args:
            scopes: what it may do, such as ``virtual_machines:read``; None for everything.

        Raises:
            ValueError: Katapult has no such scope.
        """
        return self._token_store.issue(scopes=scopes).value

    def revoke_token(self, token: str, *, code: str = "invalid_api_token") -> None:
        """Refuse a token from now on.

        Args:
            token: one that this sandbox issued.
            code: ``invalid_api_token``, ``unauthorized_network_for_api_token`` or ``invalid_capabilities_token``.

        Raises:
            ValueError: the token or the code is not known.
        """
        self._token_store.revoke(token, code=code)

    def fail_next(
        self,
        times: int = 1,
        *,
        code: str = "service_unavailable",
        status: int | None = None,
        description: str | None = None,
        detail: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        matching: str = "",
    ) -> None:
        """Response the next requests with an error, ahead of everything else; they are counted all the same.

        Args:
            times: how many requests.
            code: Katapult's error code; one that the sandbox does not know needs a status.
            status: the HTTP status, 200 to 599; by default the one that the code has at Katapult.
            description: the sentence in the answer; by default one of the sandbox's own.
            detail: any JSON; by default what the code has at Katapult, mostly an empty object.
            body: sent as it is in place of the error object, for answers such as a proxy's page or broken JSON.
            headers: set after all others; None leaves one out.
            matching: only requests whose method and target, such as ``POST /core/v1/…``, contain this text.

        Raises:
            ValueError: times below 1, a status outside of 200 to 599, or an unknown code without a status.
        """
        validation.whole("times", times, least=1)
        known = DESCRIPTIONS.get(code)
        if status is None:
            if known is None:
                raise ValueError(f"give a status: the sandbox does not know the code {code!r}")
            status = known[0]
        validation.whole("status", status, least=200, most=599)
        if description is None and known is not None:
            description = known[1]
        if detail is None:
            detail = {"total_permitted": self._limit.permitted} if code == "rate_limit_reached" else {}
        changes: dict[str, str | None] = {}
        if body is None:
            body = responses.error_body(envelope(code, description=description, detail=detail))
        else:
            changes["X-Api-Schema"] = None
        changes.update({} if headers is None else headers)
        script = Script(matching=matching, status=status, body=body, headers=changes)
        self._dispatcher.scripts.extend([script] * times)

    def drop_next(self, times: int = 1, *, matching: str = "") -> None:
        """Close the connection of the next requests before anything is done; they are counted all the same.

        Args:
            times: how many requests.
            matching: only requests whose method and target, such as ``POST /core/v1/…``, contain this text.

        Raises:
            ValueError: times below 1.
        """
        script = Script(matching=matching, fault=Fault.DROP)
        self._dispatcher.scripts.extend([script] * validation.whole("times", times, least=1))

    def lose_next(self, times: int = 1, *, matching: str = "") -> None:
        """Carry the next requests out and close their connection without an answer.

        Args:
            times: how many requests.
            matching: only requests whose method and target, such as ``POST /core/v1/…``, contain this text.

        Raises:
            ValueError: times below 1.
        """
        script = Script(matching=matching, fault=Fault.LOST_ANSWER)
        self._dispatcher.scripts.extend([script] * validation.whole("times", times, least=1))

    def fail_next_task(self, times: int = 1) -> None:
        """Let the next tasks that begin fail in the end, without having changed anything.

        Args:
            times: how many tasks.

        Raises:
            ValueError: times below 1.
        """
        self.store.scheduler.failing += validation.whole("times", times, least=1)

    async def start(self) -> None:
        """Start to listen. After ``stop`` it may be started again, on the same port.

        Raises:
            RuntimeError: it is listening already.
            OSError: the port cannot be had.
        """
        if self._listener is not None:
            raise RuntimeError("the sandbox is listening already")
        self._listener = await Listener.open(self._handle, host=self._host, port=self._port)
        self._port = self._listener.port
        self.store.advance(self._clock.now())

    async def stop(self) -> None:
        """Close the listening socket and cut every connection at once, answered or not. Twice does no harm."""
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _handle(self, http: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        # Both numbers are drawn for every request, so that a change of the faults does not change later draws.
        fault = self._faults.strike(self._rng.random())
        half_latency = self._faults.delay(self._rng.random()) / 2
        if half_latency:
            await asyncio.sleep(half_latency)
        body = await http.read() if http.can_read_body else b""
        now = self._clock.now()
        request = Request(
            method=http.method,
            target=http.raw_path,
            path=http.rel_url.raw_path,
            query=http.rel_url.raw_query_string,
            authorization=http.headers.get("Authorization"),
            content_type=http.content_type,
            body=body,
            address=http.remote or "",
        )
        result = self._dispatcher.decide(request, now=now, fault=fault)
        if half_latency:
            await asyncio.sleep(half_latency)
        return await self._send(http, result, now=now, truncate=fault is Fault.TRUNCATE)

    async def _send(self, http: web.BaseRequest, result: Result, *, now: float, truncate: bool) -> web.StreamResponse:
        response, transport = result.response, http.transport
        if transport is None:  # the client closed the connection
            return web.Response()
        if response is None:
            transport.abort()
            return web.Response()
        headers = {
            **response.headers,
            "Date": self._clock.date(now),
            "X-Request-Id": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
        }
        if response.status != TOO_MANY_REQUESTS or self._limit.headers_on_refusal:
            headers["X-Ratelimit-Permitted"] = str(self._limit.permitted)
            headers["X-Ratelimit-Remaining"] = str(result.reading.remaining)
        body = response.body
        if response.zipped is not None and "gzip" in http.headers.get("Accept-Encoding", ""):
            body = response.zipped
            headers["Content-Encoding"] = "gzip"
        for name, value in response.changes.items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        if not truncate:
            return web.Response(status=response.status, body=body, headers=headers)
        stream = web.StreamResponse(status=response.status, headers={**headers, "Content-Length": str(len(body))})
        await stream.prepare(http)
        await stream.write(body[: len(body) // 2])
        transport.close()
        return stream
