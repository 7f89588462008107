"""The sandbox server: its settings, sockets, clock, delays and headers. The dispatcher decides each response."""

import asyncio
import gzip
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Final, Self

import attrs
from aiohttp import web

from . import responses, setting_checks
from .arguments import without_nulls
from .dispatcher import ROOT, Dispatcher
from .errors import APIError
from .faults import Faults
from .identifiers import new_uuid
from .listener import Listener
from .rate_limit import Limit
from .request_log import LoggedRequest
from .responses import Response
from .seed_data import Scale, seeded
from .store import Store
from .tokens import TokenStore

_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 # it is the caller's choice to listen on all
"""The host in `base_url` of a server that listens on all addresses: without TLS, the client accepts only loopback."""

_MOST_OFFSET: Final = 1e9  # seconds: 32 years; dates end at the year 9999
_GZIP_MINIMUM = 1024  # bytes; the smallest recorded body that the live API compressed has 1,049


class Sandbox:
    """A local HTTP server that behaves like the Katapult Core API and serves generated data.

    ```python
    async with Sandbox(machines=60, interfaces=100) as sandbox:
        async with KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
            ...
    ```

    All random values come from the seed: equal arguments give equal ids, addresses, tokens and faults. Time comes
    from ``clock``, except the latency of `Faults`, for which the server sleeps.

    ``store`` holds all objects, ``request_log`` the latest requests; ``requests`` is the number of all requests so far,
    and ``refused`` that of the 429 responses.
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
        reset_delay: float = 0.0,
        refused_counts: bool = True,
        headers_on_refusal: bool = True,
        foreign_use: float = 0.0,
        organizations: int = 2,
        free_addresses: int | None = None,
        large_sets: bool = False,
        task_duration: float = 1.0,
        request_log_size: int | None = 10_000,
    ) -> None:
        """Create a sandbox. It does not listen until it is opened.

        Args:
            machines: number of virtual machines.
            interfaces: number of network interfaces of all virtual machines; each virtual machine has at least one.
            seed: seed of all random values.
            permitted: requests that each token may send in one window.
            window: length of a rate-limit window in seconds; windows start at multiples of this
                length on the server's clock. Give a client the same length: ``RateLimitPolicy(window=...)``.
            host: address to listen on.
            port: port to listen on; 0 lets the system choose.
            faults: faults to inject; none by default.
            clock_offset: seconds that the server's clock is ahead of ``clock``.
            clock: returns the seconds since the Unix epoch; the server's clock is this plus the offset.
            reset_delay: seconds from the start of a window, by the ``Date`` header, until the counter is reset.
            refused_counts: whether the server counts a 429 that was sent although budget was left.
            headers_on_refusal: whether a 429 has the X-Ratelimit headers.
            foreign_use: requests per second that another process sends with the main token.
            organizations: number of organizations, 1 to 3.
            free_addresses: length of every list of available addresses, up to 254; None for lengths from 0 to 40.
            large_sets: whether lists omit their totals, as the live API does for more than 1000 rows.
            task_duration: seconds that a task takes, on the server's clock.
            request_log_size: number of requests that the request log keeps; None for all.

        Raises:
            ValueError: a setting is out of its range; the message names it.
        """
        settings = dict(locals())  # the arguments by name
        setting_checks.check("host", "an address", host, holds=type(host) is str and host != "")
        setting_checks.check("clock", "callable without arguments", clock, holds=callable(clock))
        if request_log_size is not None:
            setting_checks.integer("request_log_size", request_log_size, minimum=0)
        self._limit = Limit(**{name: settings[name] for name in attrs.fields_dict(Limit)})
        self._host = host
        self._port = setting_checks.integer("port", port, minimum=0, maximum=65_535)
        self._clock = clock
        self._clock_offset = setting_checks.number(
            "clock_offset", clock_offset, minimum=-_MOST_OFFSET, maximum=_MOST_OFFSET
        )
        self.faults = Faults() if faults is None else faults
        self.store: Store = seeded(Scale(**{name: settings[name] for name in attrs.fields_dict(Scale)}))
        """The data that the sandbox serves. Tasks advance when a request arrives: a task that ended after the latest
        request still has its old status here."""
        self.store.large_sets = setting_checks.boolean("large_sets", large_sets)
        self.store.permitted = permitted
        self.store.task_duration = setting_checks.number("task_duration", task_duration, minimum=0.0)
        self._rng = random.Random(f"{seed} requests")  # noqa: S311 # must be reproducible, not secret
        rng_of_tokens = random.Random(f"{seed} tokens")  # noqa: S311 # must be reproducible, not secret
        self._token_store = TokenStore(store=self.store, limit=self._limit, rng=rng_of_tokens)
        self.request_log: deque[LoggedRequest] = deque(maxlen=request_log_size)
        """The latest requests, oldest first."""
        self._dispatcher = Dispatcher(store=self.store, token_store=self._token_store, request_log=self.request_log)
        self._listener: Listener | None = None
        self._opening = False
        self.requests: int = 0
        """Number of requests received so far, failed ones included."""
        self.refused: int = 0
        """Number of 429 responses so far."""

    @property
    def base_url(self) -> str:
        """URL of the API, for a client on this machine. It stays the same when the sandbox is closed and opened again.

        Raises:
            RuntimeError: the port is chosen by the system and the sandbox was not opened yet.
        """
        if not self._port:
            raise RuntimeError("open the sandbox first: the system chooses its port")
        host = _LOOPBACK.get(self._host, self._host)
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self._port}{ROOT}"

    @property
    def token(self) -> str:
        """The main token. It has all scopes, and ``foreign_use`` spends from its budget."""
        return self._token_store.main.value

    @property
    def faults(self) -> Faults:
        """The faults to inject. A new value applies to requests that arrive from then on."""
        return self._faults

    @faults.setter
    def faults(self, value: Faults) -> None:
        setting_checks.check("faults", "a Faults value", value, holds=isinstance(value, Faults))
        self._faults = value

    def issue_token(self, *, scopes: Iterable[str] | None = None, virtual_machine_id: str | None = None) -> str:
        """Create a token with its own budget and return it.

        Args:
            scopes: scopes of the token, such as ``virtual_machines:read``; None for all.
            virtual_machine_id: id of the virtual machine that the token belongs to; only such a token reads authorized
                keys.

        Raises:
            ValueError: a scope is unknown to Katapult, or ``scopes`` is a string.
        """
        return self._token_store.issue(scopes=scopes, virtual_machine_id=virtual_machine_id).value

    def revoke_token(self, token: str, *, code: str = "invalid_api_token") -> None:
        """Deny all further requests with a token.

        Args:
            token: `token`, or a token from `issue_token`. A token that was created through the API is deleted through
                the API.
            code: ``invalid_api_token``, ``unauthorized_network_for_api_token`` or ``invalid_capabilities_token``.

        Raises:
            ValueError: the token or the code is unknown.
        """
        self._token_store.revoke(token, code=code)

    def fail_next(
        self,
        *,
        times: int = 1,
        code: str | None = None,
        status: int | None = None,
        description: str | None = None,
        detail: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        matching: str = "",
    ) -> None:
        """Respond to the next requests with an error, without executing them. They still count against the rate limit.

        Args:
            times: number of requests.
            code: error code; an unknown code needs a status. The default is ``service_unavailable`` without a status
                and for 503, and ``rate_limit_reached`` for 429. For other statuses it is a code that the library does
                not know, so that the status decides which error is raised.
            status: HTTP status, 200 to 599; by default the code's status.
            description: description of the error; by default the sandbox's own.
            detail: detail of the error, any JSON value; by default an empty object, or the limit for
                ``rate_limit_reached``.
            body: body to send in place of the error object, for example a proxy's HTML page or broken JSON.
            headers: headers to set; None removes a header. ``Date``, ``Server`` and ``Content-Type`` are never absent.
            matching: apply only to requests whose method and target, such as ``POST /core/v1/…``, contain this text.

        Raises:
            ValueError: ``times`` is below 1, the status is not from 200 to 599, an unknown code has no status, ``body``
                is not bytes, a header is not text in one line, or ``matching`` is not text.
        """
        setting_checks.check("body", "bytes", body, holds=body is None or isinstance(body, bytes))
        headers = dict(headers or {})
        for name, value in headers.items():
            setting_checks.check("a name in headers", "text in one line", name, holds=_is_line(name))
            is_valid = value is None or _is_line(value)
            setting_checks.check(f"the header {name}", "text in one line, or None", value, holds=is_valid)
        if code is None:
            codes = {None: "service_unavailable", 503: "service_unavailable", 429: "rate_limit_reached"}
            code = codes.get(status, f"status_{status}")
        if detail is None and code == "rate_limit_reached":
            detail = {"total_permitted": self._limit.permitted}
        error = APIError(code, detail=detail, status=status, description=description)
        response = attrs.evolve(responses.failure(error, body=body), overrides=headers)
        self._dispatcher.script.add(response, times=times, matching=matching)

    def drop_next(self, times: int = 1, *, matching: str = "") -> None:
        """Close the connection of the next requests without executing them. They still count against the rate limit.

        Args:
            times: number of requests.
            matching: apply only to requests whose method and target, such as ``POST /core/v1/…``, contain this text.

        Raises:
            ValueError: ``times`` is below 1, or ``matching`` is not text.
        """
        self._dispatcher.script.add("drop", times=times, matching=matching)

    def lose_next(self, times: int = 1, *, matching: str = "") -> None:
        """Execute the next requests and close their connection without a response.

        Args:
            times: number of requests.
            matching: apply only to requests whose method and target, such as ``POST /core/v1/…``, contain this text.

        Raises:
            ValueError: ``times`` is below 1, or ``matching`` is not text.
        """
        self._dispatcher.script.add("lost_response", times=times, matching=matching)

    def fail_next_task(self, times: int = 1) -> None:
        """Make the next tasks fail: each ends with the status ``failed``, and its work is not done.

        Args:
            times: number of tasks, counted from the next. A build has two: when its first task has completed, the
                second starts the virtual machine.

        Raises:
            ValueError: ``times`` is below 1.
        """
        self.store.failing_tasks += setting_checks.integer("times", times, minimum=1)

    async def open(self) -> Self:
        """Start to listen. For code in which ``async with`` does not fit: call `aclose` at the end.

        A closed sandbox can be opened again.

        Raises:
            RuntimeError: it already listens, or another `open` has not ended.
            OSError: the port cannot be bound.
        """
        if self._opening or self._listener is not None:
            raise RuntimeError("the sandbox already listens")
        self.store.advance(self._now())
        self._opening = True
        try:
            self._listener = await Listener.open(self._handle, host=self._host, port=self._port)
        finally:
            self._opening = False
        self._port = self._listener.port
        return self

    async def aclose(self) -> None:
        """Close the listening socket and all connections, even while requests wait for their responses. Idempotent."""
        listener = self._listener
        if listener is not None:
            await listener.close()
            if self._listener is listener:  # no other call has closed it meanwhile, and no `open` has replaced it
                self._listener = None

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _now(self) -> float:
        """Return the server's time in seconds since the Unix epoch."""
        return self._clock() + self._clock_offset

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        # All three are drawn for every request, so that its fault does not change what later requests draw.
        fault = self._faults.choose(self._rng.random())
        half_latency = (self._faults.latency + self._faults.latency_jitter * self._rng.random()) / 2
        request_id = new_uuid(rng=self._rng)
        if half_latency:
            await asyncio.sleep(half_latency)
        try:
            body = await _read(request)
        except ConnectionError:  # the client closed the connection within the body
            return web.Response()
        now = self._now()
        response, rate_limit = self._dispatcher.dispatch(request, body, now=now, fault=fault)
        if response is not None and response.is_refusal:
            self.refused += 1
        if half_latency:
            await asyncio.sleep(half_latency)
        if response is None and request.transport is not None:
            request.transport.abort()
        if response is None or request.transport is None:  # in the second case the client closed the connection
            return web.Response()
        headers = {**response.headers, "Date": formatdate(now // 1, usegmt=True), "X-Request-Id": request_id}
        if response.has_rate_limit and (self._limit.headers_on_refusal or not response.is_refusal):
            headers["X-Ratelimit-Permitted"] = str(self._limit.permitted)
            headers["X-Ratelimit-Remaining"] = str(rate_limit.remaining)
        return await _send(request, response, headers)


def _is_line(value: object) -> bool:
    return isinstance(value, str) and {*"\r\n\0"}.isdisjoint(value)


async def _read(request: web.BaseRequest) -> bytes:
    # aiohttp responds to this header in its applications only, not in the low-level server that is used here.
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return await request.read()


async def _send(request: web.BaseRequest, response: Response, headers: dict[str, str]) -> web.StreamResponse:
    body = response.body
    if "gzip" in request.headers.get("Accept-Encoding", "") and len(body) >= _GZIP_MINIMUM:
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if not response.truncated:
        complete = web.Response(status=response.status, body=body, headers=headers)
        for name in response.overrides:
            complete.headers.popall(name, None)
        complete.headers.update(without_nulls(response.overrides))
        return complete
    stream = web.StreamResponse(status=response.status, headers={**headers, "Content-Length": str(len(body))})
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return stream
