"""The token shows up nowhere: in no repr, text, pickle, log or traceback with locals. Real sockets, hostile servers."""

import asyncio
import contextlib
import io
import logging
import pickle
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from katapult_async import Endpoint, KatapultClient, KatapultError, RetryPolicy, Timeouts, UsageError, Zone

from .bodies import encoded, refusal

SECRET = "tok-s3cr3t-7Yq2Lm"
ZONES = Endpoint(path="/zones", answer="zones", type=list[Zone])
ECHO = b"X-Request-Id: AUTH\r\nLocation: http://AUTH@evil.example/AUTH?AUTH\r\nRetry-After: AUTH\r\n"

ANSWERS: dict[str, bytes] = {
    # what a server says, with the token that it was sent in the place of AUTH
    "403 that quotes the token": b"HTTP/1.1 403 AUTH\r\nECHO\r\n"
    + encoded(refusal("invalid_api_token", description="AUTH is none", detail={"AUTH": ["AUTH"]})),
    "403 whose code is the token": b"HTTP/1.1 403 No\r\nECHO\r\n"
    + encoded(refusal("AUTH", description=None, detail="AUTH")),
    "500 in HTML that echoes the request": b"HTTP/1.1 500 AUTH\r\nECHO\r\n<html>Authorization: Bearer AUTH</html>",
    "429 that quotes the token": b"HTTP/1.1 429 No\r\nECHO\r\n"
    + encoded(refusal("rate_limit_reached", description="AUTH", detail={"total_permitted": "AUTH"})),
    "redirect to an address with the token": b"HTTP/1.1 302 AUTH\r\nECHO\r\n",
    "200 that is not JSON": b"HTTP/1.1 200 OK\r\nECHO\r\nBearer AUTH",
    "200 of another shape": b'HTTP/1.1 200 OK\r\nECHO\r\n{"zones": [{"AUTH": "AUTH"}]}',
    "200 cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nECHO\r\n{AUTH",
    "200 that does not unpack": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nECHO\r\nAUTH",
    "no HTTP at all": b"AUTH AUTH AUTH\r\n\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"AUTH" * 20_000 + b"\r\n\r\n",
    "nothing": b"",
}


@contextlib.asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[str]:
    """Say one thing to everybody, with their own token in it; None says nothing for ever."""

    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        request = await reader.readuntil(b"\r\n\r\n")
        assert SECRET.encode() in request
        if answer is None:
            await reader.read()
        else:
            writer.write(answer.replace(b"ECHO\r\n", ECHO + b"Connection: close\r\n").replace(b"AUTH", SECRET.encode()))
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    await asyncio.gather(*filter(None, serving))


def secret() -> str:
    """Return the token where no local variable of a test's frame keeps it."""
    return SECRET


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


async def failure(
    base_url: str,
    *,
    attempts: int = 2,
    act: Callable[[KatapultClient], Awaitable[object]] = lambda katapult: katapult.call(ZONES),
) -> KatapultError:
    retry = RetryPolicy(attempts=attempts, refusals=1, wait_initial=0.001, wait_max=0.001)
    timeouts = Timeouts(attempt=0.1)
    async with KatapultClient(secret(), base_url=base_url, retry=retry, timeouts=timeouts) as katapult:
        try:
            await act(katapult)
        except KatapultError as error:
            return error
    raise AssertionError


def everything(error: BaseException) -> str:
    """Return all that a curious logger, error tracker or process pool could make of an error."""
    out = io.StringIO()
    chain: list[BaseException] = [error]
    while chain:
        each = chain.pop()
        chain += [other for other in (each.__cause__, each.__context__, *getattr(each, "earlier", ())) if other]
        told = traceback.TracebackException.from_exception(each, capture_locals=True)
        out.writelines(told.format(chain=False))
        print(repr(each), str(each), each.args, vars(each), pickle.dumps(each), file=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _whole_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize("name", ANSWERS)
async def test_whatever_a_server_does_the_token_shows_nowhere(name: str, caplog: pytest.LogCaptureFixture) -> None:
    async with server(ANSWERS[name]) as base_url:
        error = await failure(base_url)
    assert SECRET not in everything(error)
    assert SECRET not in caplog.text
    assert not [record for record in caplog.records if SECRET in repr(vars(record))]


async def test_neither_does_it_when_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    error = await failure(f"http://127.0.0.1:{closed_port()}")
    assert SECRET not in everything(error) + caplog.text


async def test_neither_does_it_when_nobody_answers(caplog: pytest.LogCaptureFixture) -> None:
    async with server(None) as base_url:
        error = await failure(base_url, attempts=1)
    assert SECRET not in everything(error) + caplog.text


async def test_neither_does_it_at_a_deadline() -> None:
    async with server(None) as base_url:
        error = await failure(base_url, act=lambda katapult: katapult.call(ZONES, timeout=0.05))
    assert SECRET not in everything(error)


async def test_neither_does_it_when_the_client_is_closed_under_a_call() -> None:
    async def close_under(katapult: KatapultClient) -> None:
        async with asyncio.timeout(5):
            call = asyncio.create_task(katapult.call(ZONES))
            await asyncio.sleep(0.02)
            await katapult.aclose()
            await call

    async with server(None) as base_url:
        error = await failure(base_url, act=close_under)
    assert SECRET not in everything(error)


async def test_neither_does_it_in_the_outcomes_of_a_batch() -> None:
    async def ask_many(katapult: KatapultClient) -> None:
        nics = katapult.virtual_machine_network_interfaces
        async with nics.available_ips_many(["a", "b", "c"], address_versions=["ipv4"], concurrency=1) as outcomes:
            found = [outcome async for outcome in outcomes]
        assert SECRET not in repr(found)
        raise KatapultError("as one") from ExceptionGroup("all", [outcome.error for outcome in found])  # type: ignore[union-attr] # none succeeded

    async with server(ANSWERS["403 that quotes the token"]) as base_url:
        error = await failure(base_url, act=ask_many)
    assert isinstance(error.__cause__, ExceptionGroup)
    assert not [each for each in error.__cause__.exceptions if SECRET in everything(each)]


async def test_a_client_and_its_parts_do_not_show_it() -> None:
    async with KatapultClient(secret()) as katapult:
        parts: list[Any] = [
            katapult,
            katapult.organizations,
            katapult.fleet(),
            katapult.rate_limit,
            katapult.many(katapult.virtual_machine_network_interfaces.get, []),
        ]
        for part in [*parts, *vars(katapult).values(), *vars(katapult._caller).values()]:
            assert SECRET not in repr(part)
            assert SECRET not in str(part)
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(katapult)


MISTAKES: list[dict[str, Any]] = [
    {"base_url": "http://api.katapult.io"},
    {"user_agent": "a\nb"},
    {"max_body": 0},
]


@pytest.mark.parametrize("settings", MISTAKES)
def test_a_mistake_beside_a_good_token_does_not_show_it_with_the_locals(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        KatapultClient(secret(), **settings)
    assert SECRET not in everything(caught.value)


@pytest.mark.parametrize("url", ["ftp://x", "http://api.katapult.io"])
def test_a_mistake_beside_a_good_token_of_the_environment_does_not_show_it_either(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        KatapultClient.from_env(environ=environment(url))
    assert SECRET not in everything(caught.value)


def environment(url: str) -> dict[str, str]:
    """Return the variables where no local variable of a test's frame keeps them."""
    return {"KATAPULT_API_KEY": SECRET, "KATAPULT_API_URL": url}


def test_a_malformed_token_is_not_quoted() -> None:
    for token in (f"{SECRET} {SECRET}", f"{SECRET}\0", f"{SECRET}é"):
        with pytest.raises(UsageError) as caught:
            KatapultClient(token)
        assert SECRET not in str(caught.value) + repr(caught.value) + repr(pickle.dumps(caught.value))
