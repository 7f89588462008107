"""The hooks and the log of a caller, and how its calls end: by closing, deadlines and outages."""

import asyncio
import contextvars
import logging
import math
import re
import weakref

import attrs
import pytest

from katapult_async import Batch, IPAddress, KatapultClient
from katapult_async.config import RetryPolicy
from katapult_async.core.hooks import ResponseNotice, RetryNotice
from katapult_async.core.redaction import Secret
from katapult_async.errors import (
    ClientClosedError,
    ConnectError,
    NotFoundError,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
)
from katapult_async.http.transport import TransportFailure, TransportRequest, TransportResponse
from katapult_async.rate_limit.status import WaitNotice
from tests.freed_frames import without_garbage_collector
from tests.scripted_transport import (
    POST,
    REQUEST,
    UNAVAILABLE,
    ScriptedTransport,
    Step,
    after,
    breaks,
    get_addresses,
    gives,
    hangs,
    is_wait_for_reset,
    now,
    opened,
    refuses,
    requests_left,
)

pytestmark = pytest.mark.looptime

ONCE = RetryPolicy(attempts=1)


async def test_on_retry_gets_the_failure_and_the_wait() -> None:
    notices: list[RetryNotice] = []
    caller, _ = await opened(UNAVAILABLE, breaks(ConnectError), gives(), on_retry=notices.append)
    await get_addresses(caller)
    assert [type(notice.error) for notice in notices] == [ServiceUnavailableError, ConnectError]
    assert all(0 <= notice.wait <= bound for notice, bound in zip(notices, (0.5, 1.0), strict=True))


async def test_on_retry_and_on_response_run_in_the_context_of_their_call() -> None:
    request_of_a_user: contextvars.ContextVar[int] = contextvars.ContextVar("request_of_a_user")
    seen: list[tuple[int, str]] = []

    def note(notice: RetryNotice | ResponseNotice) -> None:
        seen.append((request_of_a_user.get(), type(notice).__name__))

    async def call(number: int) -> None:
        request_of_a_user.set(number)
        await get_addresses(caller)

    fails_first = (after(1.0, UNAVAILABLE), after(2.0, UNAVAILABLE), gives())
    caller, _ = await opened(*fails_first, on_retry=note, on_response=note)
    async with asyncio.TaskGroup() as calls:
        for number in range(2):
            calls.create_task(call(number))
    names = ("ResponseNotice", "RetryNotice", "ResponseNotice")
    assert sorted(seen) == sorted((number, name) for number in range(2) for name in names)


async def test_on_retry_is_not_called_when_a_call_gives_up() -> None:
    notices: list[RetryNotice] = []
    caller, _ = await opened(UNAVAILABLE, retry=ONCE, on_retry=notices.append)
    with pytest.raises(ServiceUnavailableError):
        await get_addresses(caller)
    assert notices == []


async def test_on_wait_is_called_once_for_all_calls_that_wait() -> None:
    notices: list[WaitNotice] = []
    caller, _ = await opened(gives(headers=requests_left(0)), gives(headers=requests_left(99)), on_wait=notices.append)
    await get_addresses(caller)
    await asyncio.gather(*(get_addresses(caller) for _ in range(5)))
    [notice] = notices
    assert (notice.reason, notice.permitted, notice.remaining) == ("spent", 100, 0)
    assert is_wait_for_reset(notice.seconds)


async def test_on_response_gets_the_status_the_request_id_and_the_seconds_of_each_attempt() -> None:
    notices: list[ResponseNotice] = []
    steps = (after(2.0, UNAVAILABLE), breaks(ConnectError), gives(headers={"X-Request-Id": "request-3"}))
    caller, _ = await opened(*steps, on_response=notices.append)
    await get_addresses(caller)
    assert {(notice.method, notice.path) for notice in notices} == {("GET", REQUEST.endpoint.path)}
    facts = [(notice.attempt, notice.status, notice.request_id) for notice in notices]
    assert facts == [(1, 503, None), (2, None, None), (3, 200, "request-3")]
    assert [notice.seconds for notice in notices] == pytest.approx([2.0, 0.0, 0.0])


async def test_on_response_gets_the_status_and_the_request_id_of_a_response_that_is_cut() -> None:
    async def cut(_: TransportRequest) -> TransportResponse:
        partial = TransportResponse(status=200, headers={"X-Request-Id": "request-1"}, body=b"")
        raise TransportFailure("truncated", sent=True, partial=partial)

    notices: list[ResponseNotice] = []
    caller, _ = await opened(cut, gives(), on_response=notices.append)
    await get_addresses(caller)
    assert [(notice.status, notice.request_id) for notice in notices] == [(200, "request-1"), (200, None)]


@pytest.mark.parametrize("rejection", [refuses(404, "zone_not_found"), refuses(403, "invalid_api_token")])
async def test_errors_of_the_calls_of_a_batch_do_not_keep_it_in_memory(rejection: Step) -> None:
    outcomes: list[object] = []

    async def run(katapult: KatapultClient) -> "weakref.ref[Batch[None, list[IPAddress]]]":
        batch = katapult.many(lambda _: katapult.call(REQUEST.endpoint), [None] * 3)
        async with batch:
            outcomes.extend([outcome async for outcome in batch])
        return weakref.ref(batch)

    async with KatapultClient("t-0", transport=ScriptedTransport((rejection,))) as katapult:
        with without_garbage_collector():
            reference = await asyncio.create_task(run(katapult))
            await asyncio.sleep(0)
            assert reference() is None
    assert len(outcomes) == 3


async def test_batch_whose_client_is_closed_while_a_call_waits_for_the_rate_limit_is_freed() -> None:
    async def run() -> "weakref.ref[Batch[None, list[IPAddress]]]":
        async with KatapultClient("t-0", transport=ScriptedTransport((gives(headers=requests_left(0)),))) as katapult:
            await katapult.call(REQUEST.endpoint)
            batch = katapult.many(lambda _: katapult.call(REQUEST.endpoint), [None] * 3)
            async with batch:
                asyncio.get_running_loop().call_later(1.0, asyncio.ensure_future, katapult.aclose())
                assert [outcome async for outcome in batch]
            assert isinstance(batch.stopped_by, ClientClosedError)
            return weakref.ref(batch)

    with without_garbage_collector():
        reference = await asyncio.create_task(run())
        await asyncio.sleep(0)
        assert reference() is None


async def test_request_id_of_on_response_holds_neither_the_token_nor_control_characters() -> None:
    notices: list[ResponseNotice] = []
    echo = gives(headers={"X-Request-Id": "tok-123456789\x1b[2J"})
    caller, _ = await opened(echo, token="tok-123456789", on_response=notices.append)
    await get_addresses(caller)
    assert [notice.request_id for notice in notices] == ["***\\x1b[2J"]


async def test_bug_in_a_hook_is_logged_and_the_call_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    def hook(_: object) -> None:
        raise ZeroDivisionError

    caller, _ = await opened(
        UNAVAILABLE, gives(headers=requests_left(0)), gives(headers=requests_left(99)), on_retry=hook, on_wait=hook
    )
    await get_addresses(caller)
    await get_addresses(caller)
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        f"the hook {hook!r} failed"
    ] * 2


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
async def test_exception_of_a_logging_filter_is_printed_and_the_calls_succeed(
    level: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Filter(logging.Filter):
        def filter(self, _: object) -> bool:
            raise LookupError("no request")  # as one that reads a context variable outside of a web request

    logger = logging.getLogger("katapult_async")
    caplog.set_level(level, logger.name)
    monkeypatch.setattr(logger, "filters", [Filter()])
    policy = RetryPolicy(failure_budget=3, attempts=100)
    caller, _ = await opened(*[UNAVAILABLE] * 10, gives(), retry=policy)
    lists = await asyncio.gather(*(get_addresses(caller) for _ in range(20)))
    assert [len(addresses) for addresses in lists] == [1] * 20
    assert "LookupError: no request" in capsys.readouterr().err


async def test_hooks_of_a_closed_client_are_not_called() -> None:
    notices: list[WaitNotice] = []
    caller, _ = await opened(gives(), on_wait=notices.append)
    other, _ = await opened(gives(headers=requests_left(0)), gives(headers=requests_left(99)))
    await get_addresses(caller)
    await caller.close()
    await get_addresses(other)
    await get_addresses(other)
    assert notices == []


async def test_waits_and_retries_are_logged_at_info_and_requests_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "katapult_async")
    caller, _ = await opened(
        UNAVAILABLE,
        gives(headers=requests_left(0)),
        gives(headers=requests_left(99)),
        refuses(404, "network_not_found"),
    )
    await get_addresses(caller)
    await get_addresses(caller)
    with pytest.raises(NotFoundError):
        await get_addresses(caller)
    logged = {(record.levelname, record.getMessage()[:20]) for record in caplog.records}
    assert {record.name for record in caplog.records} == {"katapult_async"}
    assert ("INFO", "rate limit: 1 call w") in logged
    assert ("DEBUG", "GET /networks/networ") in logged
    assert ("DEBUG", "not tried again: no ") in logged
    assert any(message.startswith("trying again in ") for level, message in logged if level == "INFO")


async def test_caller_opens_and_closes_its_transport() -> None:
    caller, transport = await opened(gives())
    assert (transport.opened, transport.closed) == (1, 0)
    await caller.close()
    assert (transport.opened, transport.closed) == (1, 1)


async def test_closing_ends_the_opening_of_a_transport_and_closes_it() -> None:
    class SlowTransport(ScriptedTransport):
        async def open(self) -> None:
            await super().open()
            await asyncio.get_running_loop().create_future()

    transport = SlowTransport(())
    client = KatapultClient("token", transport=transport)
    opening = asyncio.create_task(client.open())
    await asyncio.sleep(0)
    await client.aclose()
    with pytest.raises(ClientClosedError, match="closed while it was opened"):
        await opening
    assert (transport.opened, transport.closed) == (1, 1)


async def test_closing_in_another_event_loop_raises_client_closed_error_and_closes_nothing() -> None:
    caller, transport = await opened(gives())
    with pytest.raises(ClientClosedError, match="close it there"):
        await asyncio.to_thread(asyncio.run, caller.close())
    assert transport.closed == 0
    assert await get_addresses(caller)


async def test_closing_ends_calls_that_are_in_flight_waiting_or_pausing() -> None:
    running, _ = await opened(hangs)
    pausing, _ = await opened(UNAVAILABLE, retry=RetryPolicy(wait_initial=1000.0, wait_max=1000.0))
    waiting, _ = await opened(
        gives(headers=requests_left(0)), token=lambda: Secret("t-9")
    )  # with a rate limit of its own
    await get_addresses(waiting)
    calls = [asyncio.create_task(get_addresses(caller, timeout=math.inf)) for caller in (running, pausing, waiting)]
    await asyncio.sleep(1e-3)
    for caller in (running, pausing, waiting):
        await caller.close()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [ClientClosedError] * 3
    for end, doing in zip(ends, ("Katapult's response", "the next attempt", "the rate limit"), strict=True):
        assert doing in str(end)


async def test_closing_inside_a_task_group_raises_client_closed_error_and_not_cancelled_error() -> None:
    caller, _ = await opened(hangs)
    with pytest.RaisesGroup(ClientClosedError, ClientClosedError):
        async with asyncio.TaskGroup() as group:
            group.create_task(get_addresses(caller))
            group.create_task(get_addresses(caller))
            await asyncio.sleep(1.0)
            await caller.close()


async def test_call_that_is_cancelled_when_the_client_closes_raises_cancelled_error() -> None:
    caller, _ = await opened(hangs)
    task = asyncio.create_task(get_addresses(caller))
    await asyncio.sleep(1.0)
    task.cancel()
    await caller.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_calls_that_wait_during_an_outage_end_with_the_error_of_the_last_failure() -> None:
    policy = RetryPolicy(failure_budget=3, outage_timeout=20.0, attempts=100)
    caller, transport = await opened(UNAVAILABLE, retry=policy)
    ends = await asyncio.gather(*(get_addresses(caller, timeout=math.inf) for _ in range(20)), return_exceptions=True)
    assert {type(end) for end in ends} == {ServiceUnavailableError}
    assert any("not sent, since all requests to GET /networks/network/ips have failed for" in str(end) for end in ends)
    assert len(transport.requests) < 60


async def test_no_call_fails_in_an_outage_that_ends_in_time() -> None:
    policy = RetryPolicy(failure_budget=3, outage_timeout=60.0, attempts=100)
    steps = [UNAVAILABLE] * 10
    caller, _ = await opened(*steps, gives(), retry=policy)
    lists = await asyncio.gather(*(get_addresses(caller, timeout=math.inf) for _ in range(20)))
    assert [len(addresses) for addresses in lists] == [1] * 20


async def test_deadline_error_names_the_outage_that_the_call_waited_for_and_its_last_error() -> None:
    caller, transport = await opened(UNAVAILABLE, retry=RetryPolicy(attempts=1, failure_budget=1))
    with pytest.raises(ServiceUnavailableError) as last:
        await get_addresses(caller)
    reason = last.value.description.rstrip(".")
    with pytest.raises(
        RequestTimeoutError, match=f"for the end of an outage, whose last error is: {re.escape(reason)}"
    ):
        await get_addresses(caller, timeout=0.1)
    assert len(transport.requests) == 1


async def test_next_call_becomes_the_probe_if_the_rate_limit_denies_the_first() -> None:
    current = "t-1"
    down = refuses(503, "service_unavailable", **requests_left(0))
    retry = RetryPolicy(attempts=1, failure_budget=1)
    caller, transport = await opened(down, gives(), token=lambda: Secret(current), retry=retry)
    with pytest.raises(ServiceUnavailableError):
        await get_addresses(caller)
    with pytest.raises(RateLimitWaitError):
        await get_addresses(caller, max_wait=0.0)
    current = "t-2"  # has a window of its own
    began_at = now()
    await get_addresses(caller)
    assert now() - began_at < 1.0
    assert transport.tokens == ["t-1", "t-2"]


async def test_probes_of_an_outage_use_up_no_attempt_of_a_single_call() -> None:
    policy = RetryPolicy(attempts=2, failure_budget=1)
    caller, transport = await opened(*[UNAVAILABLE] * 12, gives(), retry=policy)
    await get_addresses(caller)
    assert len(transport.requests) == 13


async def test_each_call_ends_at_its_own_deadline_whatever_the_order() -> None:
    caller, _ = await opened(hangs)
    loop = asyncio.get_running_loop()
    began_at = loop.time()

    async def seconds_until_timeout(timeout: float) -> float:
        with pytest.raises(RequestTimeoutError, match=rf"^.*not done within {timeout:g} s"):
            await get_addresses(caller, timeout=timeout)
        return loop.time() - began_at

    timeouts = [30.0, 10.0, 20.0, 10.0, 0.5]
    seconds = await asyncio.gather(*(seconds_until_timeout(timeout) for timeout in timeouts))
    assert seconds == pytest.approx(timeouts, abs=1e-3)
    await caller.close()


async def test_deadline_of_a_call_that_has_ended_does_not_end_the_next() -> None:
    caller, _ = await opened(gives(), hangs)
    await get_addresses(caller, timeout=1.0)
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    with pytest.raises(RequestTimeoutError):
        await get_addresses(caller, timeout=5.0)
    assert loop.time() - began_at == pytest.approx(5.0, abs=1e-3)
    await caller.close()


async def test_closing_leaves_no_timer_behind() -> None:
    caller, _ = await opened(gives())
    await get_addresses(caller, timeout=60.0)
    assert caller._lifetime._timer is not None
    await caller.close()
    assert caller._lifetime._timer is None


@pytest.mark.looptime(False)  # over a socket
@pytest.mark.parametrize(
    ("scheme", "waits_for", "may_have_happened"),
    [
        ("http", "Katapult's response", True),
        ("https", "a connection", False),  # a TLS handshake that hangs sends nothing
    ],
)
async def test_deadline_error_names_the_wait_for_a_connection_or_for_a_response(
    *, scheme: str, waits_for: str, may_have_happened: bool
) -> None:
    disconnected = asyncio.Event()

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        disconnected.set()

    async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as server:
        base_url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with KatapultClient("t-0", base_url=base_url) as katapult:
            with pytest.raises(RequestTimeoutError, match=f"while waiting for {waits_for} ") as caught:
                await katapult.call(attrs.evolve(REQUEST.endpoint, method="POST"), timeout=1.0)
        await disconnected.wait()
    assert caught.value.may_have_happened is may_have_happened


async def test_call_with_a_timeout_of_0_sends_nothing() -> None:
    caller, transport = await opened(gives({"a": 1}))
    with pytest.raises(RequestTimeoutError, match="not done within 0 s") as caught:
        await caller.call(POST, max_wait=None, timeout=0.0)
    assert (caught.value.attempts, caught.value.may_have_happened) == (0, False)
    assert not transport.tokens


async def test_pause_of_a_closed_client_ends_at_once() -> None:
    caller, _ = await opened(gives({"a": 1}))
    pausing = caller.pause(10.0)
    await caller.close()
    began_at = now()
    with pytest.raises(ClientClosedError):
        await pausing
    assert now() == began_at
