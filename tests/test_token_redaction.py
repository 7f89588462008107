"""The token is in no repr, text, pickle, log or traceback with local variables: real sockets, hostile servers."""

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

from katapult_async import (
    AuthenticationError,
    BadResponseError,
    DisconnectedError,
    Endpoint,
    KatapultClient,
    KatapultError,
    NotAttemptedError,
    PermissionDeniedError,
    RateLimitReachedError,
    RetryPolicy,
    ServerError,
    Timeouts,
    UsageError,
    Zone,
)

from .bodies import encoded, error_body

SECRET = "tok-s3cr3t-7Yq2Lm"
ZONES = Endpoint(path="/zones", answer="zones", type=list[Zone])
ECHO = b"X-Request-Id: AUTH\r\nLocation: http://AUTH@evil.example/AUTH?AUTH\r\nRetry-After: AUTH\r\n"

RESPONSES: dict[str, bytes] = {
    # AUTH stands for the token of the request, ECHO for headers with it
    "403 that quotes the token": b"HTTP/1.1 403 AUTH\r\nECHO\r\n"
    + encoded(error_body("invalid_api_token", description="AUTH is none", detail={"AUTH": ["AUTH"]})),
    "403 with the token as code": b"HTTP/1.1 403 No\r\nECHO\r\n"
    + encoded(error_body("AUTH", description=None, detail="AUTH")),
    "500 in HTML that quotes the request": b"HTTP/1.1 500 AUTH\r\nECHO\r\n<html>Authorization: Bearer AUTH</html>",
    "429 that quotes the token": b"HTTP/1.1 429 No\r\nECHO\r\n"
    + encoded(error_body("rate_limit_reached", description="AUTH", detail={"total_permitted": "AUTH"})),
    "redirect to a URL with the token": b"HTTP/1.1 302 AUTH\r\nECHO\r\n",
    "200 with a body that is not JSON": b"HTTP/1.1 200 OK\r\nECHO\r\nBearer AUTH",
    "200 with the wrong fields": b'HTTP/1.1 200 OK\r\nECHO\r\n{"zones": [{"AUTH": "AUTH"}]}',
    "200 with a truncated body": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nECHO\r\n{AUTH",
    "200 with invalid gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nECHO\r\nAUTH",
    "bytes that are not HTTP": b"AUTH AUTH AUTH\r\n\r\n",
    "a header of 80 kB": b"HTTP/1.1 200 OK\r\nX: " + b"AUTH" * 20_000 + b"\r\n\r\n",
    "no bytes": b"",
}


ERRORS: dict[str, type[KatapultError]] = {
    # what each of them raises: a response that is not understood as it is meant would test nothing
    **dict.fromkeys(RESPONSES, BadResponseError),
    "403 that quotes the token": AuthenticationError,
    "403 with the token as code": PermissionDeniedError,
    "500 in HTML that quotes the request": ServerError,
    "429 that quotes the token": RateLimitReachedError,
    "no bytes": DisconnectedError,
}


@contextlib.asynccontextmanager
async def server(response: bytes | None) -> AsyncIterator[str]:
    """Send the same response to every request, with the request's token in it; None sends nothing."""
    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()  # the client timed out or was closed before it sent the request
            return
        assert SECRET.encode() in request
        if response is None:
            await reader.read()
        else:
            writer.write(
                response.replace(b"ECHO\r\n", ECHO + b"Connection: close\r\n\r\n").replace(b"AUTH", SECRET.encode())
            )
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    await asyncio.gather(*filter(None, serving))


def secret() -> str:
    """Return the token, so that no local variable of a test has it."""
    return SECRET


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


async def error_of(
    base_url: str,
    *,
    attempts: int = 2,
    timeout: float = 10.0,
    call: Callable[[KatapultClient], Awaitable[object]] = lambda katapult: katapult.call(ZONES),
) -> KatapultError:
    retry = RetryPolicy(attempts=attempts, refusals=1, wait_initial=0.001, wait_max=0.001)
    timeouts = Timeouts(attempt=timeout)
    async with KatapultClient(secret(), base_url=base_url, retry=retry, timeouts=timeouts) as katapult:
        try:
            await call(katapult)
        except KatapultError as error:
            return error
    raise AssertionError


def all_texts_of(error: BaseException) -> str:
    """Return every text that a logger, an error tracker or a process pool could make of an error."""
    out = io.StringIO()
    chain: list[BaseException] = [error]
    while chain:
        current = chain.pop()
        chain += [
            cause for cause in (current.__cause__, current.__context__, *getattr(current, "earlier", ())) if cause
        ]
        lines = traceback.TracebackException.from_exception(current, capture_locals=True)
        out.writelines(lines.format(chain=False))
        print(repr(current), str(current), current.args, vars(current), pickle.dumps(current), file=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _log_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize("name", RESPONSES)
async def test_token_is_not_shown_after_any_response(name: str, caplog: pytest.LogCaptureFixture) -> None:
    async with server(RESPONSES[name]) as base_url:
        error = await error_of(base_url)
    assert type(error) is ERRORS[name]
    assert SECRET not in all_texts_of(error)
    assert SECRET not in caplog.text
    assert not [record for record in caplog.records if SECRET in repr(vars(record))]


async def test_token_is_not_shown_when_the_connection_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    error = await error_of(f"http://127.0.0.1:{closed_port()}")
    assert SECRET not in all_texts_of(error) + caplog.text


async def test_token_is_not_shown_when_the_server_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    async with server(None) as base_url:
        error = await error_of(base_url, attempts=1, timeout=0.1)
    assert SECRET not in all_texts_of(error) + caplog.text


async def test_token_is_not_shown_after_a_call_timeout() -> None:
    async with server(None) as base_url:
        error = await error_of(base_url, call=lambda katapult: katapult.call(ZONES, timeout=0.05))
    assert SECRET not in all_texts_of(error)


async def test_token_is_not_shown_when_the_client_is_closed_during_a_call() -> None:
    async def close_during_call(katapult: KatapultClient) -> None:
        async with asyncio.timeout(5):
            call = asyncio.create_task(katapult.call(ZONES))
            await asyncio.sleep(0.02)
            await katapult.aclose()
            await call

    async with server(None) as base_url:
        error = await error_of(base_url, call=close_during_call)
    assert SECRET not in all_texts_of(error)


async def test_token_is_not_shown_in_the_outcomes_of_a_batch() -> None:
    async def run_batch(katapult: KatapultClient) -> None:
        nics = katapult.virtual_machine_network_interfaces
        async with nics.available_ips_many(["a", "b", "c"], address_versions=["ipv4"], concurrency=1) as outcomes:
            failures = [outcome async for outcome in outcomes]
        assert SECRET not in repr(failures)
        raise KatapultError("batch failed") from ExceptionGroup("errors", [outcome.error for outcome in failures])  # type: ignore[union-attr] # none succeeded

    async with server(RESPONSES["403 that quotes the token"]) as base_url:
        error = await error_of(base_url, call=run_batch)
    assert isinstance(error.__cause__, ExceptionGroup)
    assert {type(cause) for cause in error.__cause__.exceptions} == {AuthenticationError, NotAttemptedError}
    assert not [cause for cause in error.__cause__.exceptions if SECRET in all_texts_of(cause)]


async def test_client_and_its_attributes_do_not_show_the_token() -> None:
    async with KatapultClient(secret()) as katapult:
        objects: list[Any] = [
            katapult,
            katapult.organizations,
            katapult.fleet(),
            katapult.rate_limit,
            katapult.many(katapult.virtual_machine_network_interfaces.get, []),
        ]
        for shown in [*objects, *vars(katapult).values(), *vars(katapult._caller).values()]:
            assert SECRET not in repr(shown)
            assert SECRET not in str(shown)
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(katapult)


INVALID_SETTINGS: list[dict[str, Any]] = [
    {"base_url": "http://api.katapult.io"},
    {"user_agent": "a\nb"},
    {"max_body": 0},
]


@pytest.mark.parametrize("settings", INVALID_SETTINGS)
def test_invalid_setting_does_not_show_a_valid_token(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as raised:
        KatapultClient(secret(), **settings)
    assert SECRET not in all_texts_of(raised.value)


@pytest.mark.parametrize("url", ["ftp://x", "http://api.katapult.io"])
def test_invalid_url_in_the_environment_does_not_show_a_valid_token(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        KatapultClient.from_env(environ=environment(url))
    assert SECRET not in all_texts_of(raised.value)


def environment(url: str) -> dict[str, str]:
    """Return environment variables, so that no local variable of a test has the token."""
    return {"KATAPULT_API_KEY": SECRET, "KATAPULT_API_URL": url}


def test_malformed_token_is_not_quoted() -> None:
    for token in (f"{SECRET} {SECRET}", f"{SECRET}\0", f"{SECRET}é"):
        with pytest.raises(UsageError) as raised:
            KatapultClient(token)
        assert SECRET not in str(raised.value) + repr(raised.value) + repr(pickle.dumps(raised.value))
