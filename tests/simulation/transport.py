"""A transport that carries the requests of one process to a simulated server, in virtual time."""

import asyncio
import email.utils
import math
import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from katapult_async import TransportFailure, TransportRequest, TransportResponse
from tests.simulation.server import Server
from tests.simulation.virtual_time import START

ROUND_TRIP = 0.05


class Rule(Protocol):
    """A rule of the server, or of a proxy in front of it: its response to a request, in place of the usual one."""

    def __call__(self, request: TransportRequest, server: Server) -> "TransportResponse | TransportFailure | None":
        """Return the response or failure; None to pass the request on. Raises `HangError` for no response at all.

        The header ``X-Delay`` has the seconds by which the response is delayed.
        """
        ...


class HangError(Exception):
    """The request gets no response."""


def now() -> float:
    """Return the seconds since the start of the run."""
    return asyncio.get_running_loop().time() - START


def path_of(request: TransportRequest) -> str:
    return request.url.partition("/core/v1")[2].partition("?")[0]


def key_of(request: TransportRequest) -> str:
    return request.url.partition("key=")[2]


def dated(server: Server, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    clock = math.floor(server.clock(asyncio.get_running_loop().time()))
    return {"Date": email.utils.formatdate(clock, usegmt=True), **(headers or {})}


def error_response(
    status: int, code: str | None, server: Server, headers: Mapping[str, str] | None = None
) -> TransportResponse:
    body = (
        b"<html>no</html>"
        if code is None
        else b'{"error":{"code":"%b","description":"no","detail":{}}}' % code.encode()
    )
    return TransportResponse(status=status, headers=dated(server, headers), body=body)


def counted_response(server: Server, *, status: int = 200, code: str | None = None) -> TransportResponse:
    """Count a request of the token, and return its response: 429 if the window is spent, else ``status``."""
    counted = server.handle()
    if counted.status == 429:
        total = counted.total_permitted or 0
        body = b'{"error":{"code":"rate_limit_reached","description":"no","detail":{"total_permitted":%d}}}' % total
        return TransportResponse(status=429, headers=counted.headers, body=body)
    if status == 200:
        return TransportResponse(status=200, headers=counted.headers, body=b"{}")
    return error_response(status, code, server, counted.headers)


class Transport:
    """Carries the requests of one process to a simulated server."""

    def __init__(self, server: Server, rules: Sequence[Rule], *, seed: str) -> None:
        self._server = server
        self._rules = rules
        self._random = random.Random(f"network {seed}")
        self.statuses: list[tuple[float, int | str]] = []  # when each request arrived, and its status or failure

    async def open(self) -> None: ...

    async def aclose(self) -> None: ...

    async def send(self, request: TransportRequest) -> TransportResponse:
        request.progress.sent = True
        await self._travel()
        try:
            outcome = self._respond(request)
        except HangError:
            await asyncio.Event().wait()
            raise
        self.statuses.append((now(), outcome.status if isinstance(outcome, TransportResponse) else outcome.kind))
        if isinstance(outcome, TransportFailure):
            raise outcome
        delay = float(outcome.headers.get("X-Delay", "0"))
        await asyncio.sleep(delay)
        await self._travel()
        return outcome

    def _respond(self, request: TransportRequest) -> TransportResponse | TransportFailure:
        for rule in self._rules:
            outcome = rule(request, self._server)
            if outcome is not None:
                return outcome
        return counted_response(self._server)

    async def _travel(self) -> None:
        await asyncio.sleep(ROUND_TRIP / 2 * self._random.uniform(0.8, 1.2))
