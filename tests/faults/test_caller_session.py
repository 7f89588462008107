"""A session of the caller's own: what still holds, and what is lost with its connector."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from katapult_async import ConnectError, KatapultClient, RetryPolicy, Timeouts, UsageError

from .fault import PATIENT, RETRY, Fault, Right
from .harness import LOOPS, TOKEN, Arena, choose_good, is_right, run
from .responses import CAP, addresses, good, whole
from .server import FaultServer, Received, Wire
from .table import FAULTS
from .test_table import check

on_every_loop = pytest.mark.parametrize("loop", LOOPS)

STILL_HELD = (
    "closed_before_answer",
    "reset_before_answer",
    "gzip_bomb",
    "endless",
    "one_byte_too_large",
    "redirect_elsewhere",
    "redirect_with_user",
    "error_502_huge",
    "closed_in_body",
)


@contextlib.asynccontextmanager
async def own(*, timeouts: Timeouts = PATIENT, retry: RetryPolicy = RETRY, **settings: Any) -> AsyncIterator[Arena]:
    """A server, and a client with a session of the caller's own."""
    async with FaultServer(choose_good) as server:
        async with aiohttp.ClientSession(**settings) as session:
            base_url = f"http://127.0.0.1:{server.port}/core/v1"
            client = KatapultClient(
                TOKEN, base_url=base_url, session=session, timeouts=timeouts, retry=retry, max_body=CAP
            )
            async with client:
                yield Arena(server, client)
            assert not session.closed
        assert await server.emptied()


@on_every_loop
@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.name in STILL_HELD], ids=lambda fault: str(fault.name)
)
def test_second_sends_the_cap_and_redirects_are_as_with_our_own(fault: Fault, loop: str) -> None:
    async def suffer() -> None:
        async with own(raise_for_status=True, auto_decompress=False) as stage:
            stage.breaks(fault.act, fault.name)
            check(await stage.outcome(), fault.outcome)
            assert len(stage.server.ledger) == fault.sends
            stage.heals()
            check(await stage.outcome(), Right())

    run(loop, suffer())


def test_the_check_of_connections_is_lost() -> None:
    async def act(wire: Wire, request: Received) -> None:
        await good(wire, request)
        await asyncio.sleep(0.002)
        await wire.send(whole(addresses("vmnet_of_somebody_else")))

    async def mixed_up() -> None:
        async with own() as stage:
            stage.server.choose = lambda _: (None, act)
            assert is_right(await stage.outcome())
            await asyncio.sleep(0.01)
            assert is_right(await stage.outcome("vmnet_2"), "vmnet_of_somebody_else")

    run("asyncio", mixed_up())


@on_every_loop
def test_the_wait_for_a_connection_is_no_silence_of_the_server(loop: str) -> None:
    async def act(wire: Wire, request: Received) -> None:
        await asyncio.sleep(0.03)
        await good(wire, request)

    async def crowd() -> None:
        timeouts = Timeouts(connect=0.15, read=0.15, attempt=0.15)
        async with own(
            connector=aiohttp.TCPConnector(limit=2), timeouts=timeouts, retry=RetryPolicy(attempts=1)
        ) as stage:
            stage.server.choose = lambda _: (None, act)
            keys = [f"vmnet_{number}" for number in range(16)]
            outcomes = await asyncio.gather(*(stage.outcome(key) for key in keys))
            assert all(is_right(outcome, key) for key, outcome in zip(keys, outcomes, strict=True))
            assert stage.server.most_open <= 2

    run(loop, crowd())


@on_every_loop
def test_headers_of_the_session_do_not_replace_the_token(loop: str) -> None:
    async def ask() -> None:
        headers = {"Authorization": "Bearer somebody-else", "X-Theirs": "kept"}
        async with own(headers=headers, cookies={"theirs": "1"}) as stage:
            assert is_right(await stage.outcome())
            [entry] = stage.server.ledger
            assert entry.request.headers["authorization"] == f"Bearer {TOKEN}"
            assert entry.request.headers["x-theirs"] == "kept"

    run(loop, ask())


def test_a_base_url_of_the_session_does_not_change_where_the_token_goes() -> None:
    async def ask() -> None:
        async with own(base_url="http://127.0.0.1:9/elsewhere/") as stage:
            assert is_right(await stage.outcome())

    run("asyncio", ask())


def test_an_auth_of_the_session_is_refused() -> None:
    async def make() -> None:
        with pytest.warns(DeprecationWarning, match="auth"):
            session = aiohttp.ClientSession(auth=aiohttp.BasicAuth("user", "password"))  # type: ignore[arg-type, unused-ignore] # deprecated
        async with session:
            with pytest.raises(UsageError, match="auth of its own"):
                KatapultClient(TOKEN, session=session)

    run("asyncio", make())


def test_netrc_cannot_replace_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password netrc-password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    async def ask() -> None:
        async with own(trust_env=True) as stage:
            error = await stage.outcome()
            assert isinstance(error, UsageError)
            assert "netrc-password" not in str(error)
            assert not stage.server.ledger

    run("asyncio", ask())


def test_a_dead_proxy_of_the_session_is_a_connection_that_was_not_made() -> None:
    async def ask() -> None:
        async with own(proxy="http://127.0.0.1:9") as stage:
            error = await stage.outcome()
            assert isinstance(error, ConnectError)
            assert not stage.server.ledger

    run("asyncio", ask())


def test_proxies_and_netrc_of_the_environment_mean_nothing_to_our_own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def ask() -> None:
        async with FaultServer(choose_good) as server:
            async with KatapultClient(TOKEN, base_url=f"http://127.0.0.1:{server.port}/") as client:
                assert is_right(await Arena(server, client).outcome())
            assert await server.emptied()

    run("asyncio", ask())
