"""Calls through the user's aiohttp session (``session=``): which protections stay, and which are lost."""

import asyncio
import contextlib
import contextvars
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from katapult_async import ConnectError, KatapultClient, RetryPolicy, Timeouts, UsageError

from .fault import LONG_TIMEOUTS, RETRY_POLICY, Succeeds
from .harness import TOKEN, Harness, choose_correct_response, is_correct, on_every_loop, run
from .responses import MAX_BODY, addresses_body, full_response, send_correct_response
from .server import Connection, FaultServer, ReceivedRequest
from .table import FAULTS_BY_NAME
from .test_table import check_outcome

PROTECTED_FAULTS = (
    "closed_before_response",
    "reset_before_response",
    "gzip_bomb",
    "body_without_end",
    "one_byte_above_size_limit",
    "redirect_to_another_host",
    "redirect_with_password",
    "error_502_huge",
    "closed_in_body",
)


@contextlib.asynccontextmanager
async def start_with_session(
    *, timeouts: Timeouts = LONG_TIMEOUTS, retry: RetryPolicy = RETRY_POLICY, **settings: Any
) -> AsyncIterator[Harness]:
    """Start a server, and a client that uses a session with these settings."""
    async with FaultServer(choose_correct_response) as server:
        async with aiohttp.ClientSession(**settings) as session:
            base_url = f"http://127.0.0.1:{server.port}/core/v1"
            client = KatapultClient(
                TOKEN, base_url=base_url, session=session, timeouts=timeouts, retry=retry, max_body=MAX_BODY
            )
            async with client:
                yield Harness(server, client)
            assert not session.closed
        assert await server.wait_for_connections(at_most=0)


@on_every_loop
@pytest.mark.parametrize("name", PROTECTED_FAULTS)
def test_send_once_size_limit_and_redirects_work_with_a_users_session(name: str, loop: str) -> None:
    fault = FAULTS_BY_NAME[name]

    async def call() -> None:
        async with start_with_session(raise_for_status=True, auto_decompress=False) as harness:
            harness.respond_with(fault.responder, fault.name)
            check_outcome(await harness.outcome(), fault.expected)
            assert len(harness.server.request_log) == fault.requests
            harness.respond_correctly()
            check_outcome(await harness.outcome(), Succeeds())

    run(loop, call())


def test_idle_connection_check_is_lost_with_a_users_session() -> None:
    async def call_twice() -> None:
        received, sent_again = asyncio.Event(), asyncio.Event()

        async def respond(connection: Connection, request: ReceivedRequest) -> None:
            await send_correct_response(connection, request)
            await received.wait()
            await connection.send(full_response(addresses_body("vmnet_of_another_call")))
            sent_again.set()

        async with start_with_session() as harness:
            harness.server.choose = lambda _: (None, respond)
            assert is_correct(await harness.outcome())
            received.set()
            await sent_again.wait()
            assert is_correct(await harness.outcome("vmnet_2"), "vmnet_of_another_call")

    run("asyncio", call_twice())


@on_every_loop
def test_wait_for_a_connection_of_the_pool_does_not_count_against_the_timeouts(loop: str) -> None:
    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        await asyncio.sleep(0.3)  # so that 16 calls on two connections take longer than the timeouts
        await send_correct_response(connection, request)

    async def call_more_than_the_pool_holds() -> None:
        timeouts = Timeouts(connect=2.0, read=2.0, attempt=2.0)  # long: a busy machine takes part of them
        async with start_with_session(
            connector=aiohttp.TCPConnector(limit=2), timeouts=timeouts, retry=RetryPolicy(attempts=1)
        ) as harness:
            harness.server.choose = lambda _: (None, respond)
            keys = [f"vmnet_{number}" for number in range(16)]
            outcomes = await asyncio.gather(*(harness.outcome(key) for key in keys))
            assert all(is_correct(outcome, key) for key, outcome in zip(keys, outcomes, strict=True))
            assert harness.server.max_open <= 2

    run(loop, call_more_than_the_pool_holds())


@on_every_loop
def test_authorization_header_of_the_session_does_not_replace_the_token(loop: str) -> None:
    async def call() -> None:
        headers = {"Authorization": "Bearer another-token", "X-Session": "kept"}
        async with start_with_session(headers=headers, cookies={"session": "1"}) as harness:
            assert is_correct(await harness.outcome())
            [entry] = harness.server.request_log
            assert entry.request.headers["authorization"] == f"Bearer {TOKEN}"
            assert entry.request.headers["x-session"] == "kept"

    run(loop, call())


def test_base_url_of_the_session_does_not_change_where_the_token_is_sent() -> None:
    async def call() -> None:
        async with start_with_session(base_url="http://127.0.0.1:9/elsewhere/") as harness:
            assert is_correct(await harness.outcome())

    run("asyncio", call())


def test_tracers_of_the_session_get_no_object_of_the_library_as_their_context() -> None:
    given: list[object] = []
    sessions: list[aiohttp.ClientSession] = []

    async def on_request_start(session: aiohttp.ClientSession, context: SimpleNamespace, _: object) -> None:
        sessions.append(session)
        given.append(context.trace_request_ctx and context.trace_request_ctx["operation"])

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(on_request_start)

    async def call() -> None:
        async with start_with_session(trace_configs=[tracing]) as harness:
            assert is_correct(await harness.outcome())
            [entry] = harness.server.request_log
            url = f"http://127.0.0.1:{harness.server.port}{entry.request.path}"
            context = {"operation": "of the program"}
            requesting = sessions[0].get(url, params=entry.request.query, trace_request_ctx=context)
            response = await contextvars.Context().run(asyncio.ensure_future, requesting)  # the context of no call
            assert response.status == 200
            response.release()

    run("asyncio", call())
    assert given == [None, "of the program"]


def test_session_with_auth_raises_usage_error() -> None:
    async def make() -> None:
        with pytest.warns(DeprecationWarning, match="auth"):
            session = aiohttp.ClientSession(auth=aiohttp.BasicAuth("user", "password"))  # type: ignore[arg-type, unused-ignore] # deprecated
        async with session:
            with pytest.raises(UsageError, match="auth of its own"):
                KatapultClient(TOKEN, session=session)

    run("asyncio", make())


def test_netrc_cannot_replace_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password netrc-password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    async def call() -> None:
        async with start_with_session(trust_env=True) as harness:
            error = await harness.outcome()
            assert isinstance(error, UsageError)
            assert "netrc-password" not in str(error)
            assert not harness.server.request_log

    run("asyncio", call())


def test_dead_proxy_of_the_session_raises_connect_error() -> None:
    async def call() -> None:
        async with start_with_session(proxy="http://127.0.0.1:9") as harness:
            error = await harness.outcome()
            assert isinstance(error, ConnectError)
            assert not harness.server.request_log

    run("asyncio", call())


def test_default_session_ignores_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def call() -> None:
        async with FaultServer(choose_correct_response) as server:
            async with KatapultClient(TOKEN, base_url=f"http://127.0.0.1:{server.port}/") as client:
                assert is_correct(await Harness(server, client).outcome())
            assert await server.wait_for_connections(at_most=0)

    run("asyncio", call())
