"""The promises of the README about the network, each tested over sockets on 127.0.0.1."""

import asyncio
import contextlib
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

import attrs
import pytest

from katapult_async import (
    BadResponseError,
    Endpoint,
    Failed,
    IncompleteListError,
    KatapultClient,
    KatapultError,
    NotAttemptedError,
    RateLimitPolicy,
    RateLimitReachedError,
    RateLimitWaitError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    ServiceUnavailableError,
    Succeeded,
    Timeouts,
)
from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import IPAddress, Network

pytestmark = pytest.mark.slow  # waits for real timeouts and windows: 10 s

FAST: Final = RetryPolicy(wait_initial=0.001, wait_max=0.001)
ANY: Final = Endpoint(path="/any", answer=None, type=object)
OTHER: Final = Endpoint(path="/other", answer=None, type=object)
POST: Final = Endpoint(method="POST", path="/any", answer=None, type=object)

Respond = Callable[[str], Awaitable[bytes]]


def response(status: int = 200, body: bytes = b"{}", *headers: str) -> bytes:
    """Return the bytes of an HTTP response."""
    lines = (f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode() + body


def error_response(status: int, code: str, *headers: str) -> bytes:
    return response(status, json.dumps({"error": {"code": code, "description": "no", "detail": {}}}).encode(), *headers)


@attrs.define
class Server:
    """A server that counts the requests to each path, and how many of them are in flight at once."""

    respond: Respond
    url: str = ""
    requests: Counter[str] = attrs.Factory(Counter)
    in_flight: Counter[str] = attrs.Factory(Counter)
    most_in_flight: Counter[str] = attrs.Factory(Counter)
    tasks: list["asyncio.Task[None] | None"] = attrs.Factory(list)
    """The tasks that serve the connections."""

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Server"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1000)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield self
        server.close()
        serving = [task for task in self.tasks if task is not None]
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = request.decode().split(" ", 2)
                path = target.partition("?")[0]
                self.requests[f"{method} {path}"] += 1
                self.in_flight[path] += 1
                self.most_in_flight[path] = max(self.most_in_flight[path], self.in_flight[path])
                try:
                    writer.write(await self.respond(path))
                finally:
                    self.in_flight[path] -= 1
                await writer.drain()
        writer.close()


async def ok(_: str) -> bytes:
    return response()


async def slow(_: str) -> bytes:
    await asyncio.sleep(0.02)
    return response()


async def silent(_: str) -> bytes:
    await asyncio.sleep(5.0)
    return response()


async def down(_: str) -> bytes:
    return error_response(503, "service_unavailable")


async def error_of(call: Awaitable[object]) -> KatapultError:
    """Return the error that a call raises."""
    with pytest.raises(KatapultError) as raised:
        await call
    return raised.value


def client(url: str, **settings: Any) -> KatapultClient:
    return KatapultClient("token-of-a-test", base_url=url, **{"retry": FAST} | settings)


async def test_timeout_bounds_a_method_of_several_requests() -> None:
    async with (
        Sandbox(machines=3, interfaces=3, faults=Faults(latency=0.2)) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult,
    ):
        interface = sandbox.store.interfaces[0].id
        began_at = time.monotonic()
        raised = await error_of(
            katapult.virtual_machine_network_interfaces.allocate_first_available(
                interface, address_version="ipv4", timeout=0.3
            )
        )
        assert isinstance(raised, RequestTimeoutError)  # although each request alone takes less
        assert time.monotonic() - began_at >= 0.3
        assert len(sandbox.request_log) <= 2


async def test_call_whose_max_wait_ends_before_the_next_window_is_not_sent() -> None:
    async with Sandbox(permitted=3) as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        for _ in range(3):
            await katapult.data_centers.list()
        raised = await error_of(katapult.data_centers.list(max_wait=0.1))
        assert isinstance(raised, RateLimitWaitError)
        assert 0 < raised.retry_after <= 65
        assert sandbox.requests == 3


@pytest.mark.parametrize(
    ("timeouts", "phase"),
    [
        (Timeouts(read=0.2), "read"),
        (Timeouts(attempt=1.0), "attempt"),  # long: a busy machine takes part of it to send the request
        (Timeouts(call=1.0), "call"),
    ],
)
async def test_call_without_a_response_ends_at_each_timeout(timeouts: Timeouts, phase: str) -> None:
    async with Server(silent).listening() as server, client(server.url, timeouts=timeouts) as katapult:
        raised = await error_of(katapult.call(POST))
    assert isinstance(raised, RequestTimeoutError)
    assert (raised.phase, raised.may_have_happened) == (phase, True)


async def test_connecting_ends_at_its_timeout_and_nothing_was_sent() -> None:
    async with (
        Server(ok).listening() as server,  # which does not respond to a TLS handshake
        client(server.url.replace("http:", "https:"), timeouts=Timeouts(connect=0.2, attempt=5.0)) as katapult,
    ):
        raised = await error_of(katapult.call(POST, timeout=15.0))
    assert isinstance(raised, RequestTimeoutError)
    assert (raised.phase, raised.may_have_happened) == ("connect", False)


async def test_call_makes_five_attempts_and_a_post_makes_one() -> None:
    async with Server(down).listening() as server, client(server.url) as katapult:
        assert isinstance(await error_of(katapult.call(ANY)), ServiceUnavailableError)
        assert isinstance(await error_of(katapult.call(POST)), ServiceUnavailableError)
    assert server.requests == {"GET /any": 5, "POST /any": 1}


async def test_refused_calls_are_repeated_up_to_their_own_bound() -> None:
    async def refuse(_: str) -> bytes:
        return error_response(429, "rate_limit_reached", "X-Ratelimit-Permitted: 1000", "X-Ratelimit-Remaining: 900")

    retry = RetryPolicy(attempts=1, refusals=4, wait_initial=0.001, wait_max=0.001)
    async with (
        Server(refuse).listening() as server,
        client(server.url, retry=retry, rate_limit=RateLimitPolicy(window=0.1)) as katapult,
    ):
        assert isinstance(await error_of(katapult.call(POST)), RateLimitReachedError)
    assert server.requests == {"POST /any": 4}


async def test_open_breaker_sends_one_probe_at_a_time_and_does_not_affect_other_endpoints() -> None:
    async def one_is_down(path: str) -> bytes:
        await asyncio.sleep(0.005)
        return await down(path) if path == "/any" else await ok(path)

    retry = RetryPolicy(wait_initial=0.001, wait_max=0.001, outage_timeout=0.5)
    async with Server(one_is_down).listening() as server, client(server.url, retry=retry) as katapult:
        for _ in range(4):  # of five attempts each: the circuit breaker opens after 20 failures
            await error_of(katapult.call(ANY))
        assert server.requests["GET /any"] == 20
        server.most_in_flight.clear()
        began_at = time.monotonic()
        calls = [asyncio.create_task(error_of(katapult.call(ANY))) for _ in range(20)]
        await asyncio.gather(*(katapult.call(OTHER) for _ in range(20)))
        assert not any(call.done() for call in calls)
        assert {type(raised) for raised in await asyncio.gather(*calls)} == {ServiceUnavailableError}
        assert time.monotonic() - began_at >= 0.5
    assert server.most_in_flight["/any"] == 1
    assert server.requests["GET /any"] < 60  # 20 calls without a circuit breaker would send 100 more


async def test_no_more_requests_are_in_flight_than_the_policy_allows() -> None:
    async with (
        Server(slow).listening() as server,
        client(server.url, rate_limit=RateLimitPolicy(max_in_flight=3)) as katapult,
    ):
        await asyncio.gather(*(katapult.call(ANY) for _ in range(30)))
    assert server.most_in_flight["/any"] == 3


async def test_batch_holds_at_most_concurrency_items_and_yields_each_once() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    outcomes = []
    async with (
        Server(slow).listening() as server,
        client(server.url) as katapult,
        katapult.many(lambda _: katapult.call(ANY), endless(), concurrency=4) as batch,
    ):
        async for outcome in batch:
            outcomes.append(outcome)
            assert len(taken) <= len(outcomes) + 4
            if len(outcomes) == 50:
                break
    assert len({outcome.key for outcome in outcomes}) == 50
    assert server.most_in_flight["/any"] <= 4


async def test_rejected_token_stops_a_batch_and_every_item_has_its_outcome() -> None:
    async with Sandbox() as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        sandbox.revoke_token(sandbox.token)
        ids = [interface.id for interface in sandbox.store.interfaces]
        get = katapult.virtual_machine_network_interfaces.get
        async with katapult.many(get, ids, concurrency=5) as batch:
            outcomes = [outcome async for outcome in batch]
        assert sorted(outcome.key for outcome in outcomes) == sorted(ids)
        untried = [
            outcome
            for outcome in outcomes
            if isinstance(outcome, Failed) and isinstance(outcome.error, NotAttemptedError)
        ]
        assert len(outcomes) - len(untried) == sandbox.requests <= 6


@pytest.mark.parametrize("lost", [1, 3])
async def test_lost_responses_never_allocate_two_addresses(lost: int) -> None:
    async with (
        Sandbox(free_addresses=5) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url, retry=FAST) as katapult,
    ):
        store = sandbox.store
        interface = next(
            nic.id for nic in store.interfaces if nic.state == "attached" and store.free_addresses(nic.id, "ipv4")
        )
        before = {address.id for address in store.all(IPAddress) if address.interface_id == interface}
        sandbox.lose_next(lost, matching="allocate_ip")
        address = await katapult.virtual_machine_network_interfaces.allocate_first_available(
            interface, address_version="ipv4"
        )
        after = {address.id for address in store.all(IPAddress) if address.interface_id == interface}
        assert after - before == {address.id}


async def test_method_waits_for_its_task_and_a_deletion_can_be_repeated() -> None:
    async with (
        Sandbox(task_duration=0.05) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url, retry=FAST) as katapult,
    ):
        machine = next(machine for machine in sandbox.store.machines if machine.state == "started")
        assert (await katapult.virtual_machines.stop(machine.id, wait=True)).status == "completed"
        assert (await katapult.virtual_machines.get(machine.id)).state == "stopped"
        sandbox.lose_next(matching="DELETE")
        assert await katapult.virtual_machines.trash(machine.id) is not None
        assert await katapult.virtual_machines.trash(machine.id) is not None
        await katapult.virtual_machines.purge(machine.id, wait=True)
        assert await katapult.virtual_machines.trash(machine.id) is None


async def test_single_call_is_sent_before_a_batch_that_waits_for_the_window() -> None:
    async with (
        Sandbox(permitted=10, window=1.0) as sandbox,
        KatapultClient(
            sandbox.token, base_url=sandbox.base_url, rate_limit=RateLimitPolicy(window=1.0), retry=FAST
        ) as katapult,
        katapult.many(katapult.networks.get, [network.id for network in sandbox.store.all(Network)] * 20) as batch,
    ):
        for _ in range(10):
            await anext(batch)
        await katapult.data_centers.list()
        places = [
            number for number, request in enumerate(sandbox.request_log) if request.path.endswith("/data_centers")
        ]
        assert places[0] < 10 + 10  # among the first of the next window, before the rest of the batch


async def test_refusals_of_one_endpoint_do_not_stop_the_others() -> None:
    async def limited(path: str) -> bytes:
        headers = ("X-Ratelimit-Permitted: 1000", "X-Ratelimit-Remaining: 900")
        if path == "/any":
            return error_response(429, "rate_limit_reached", *headers)
        return response(200, b"{}", *headers)

    async with Server(limited).listening() as server, client(server.url) as katapult:
        refused = [asyncio.create_task(error_of(katapult.call(ANY, timeout=3.0))) for _ in range(5)]
        for _ in range(50):
            await katapult.call(OTHER, timeout=2.0)
        assert server.requests["GET /other"] == 50
        await asyncio.gather(*refused)


@pytest.mark.parametrize("values", [262_144, 262_145])
async def test_response_has_4_mib_and_262144_values_at_most(values: int) -> None:
    async def many(path: str) -> bytes:
        if path == "/any":
            return response(200, b"[" + b",".join([b"0"] * (values - 1)) + b"]")
        return response(200, b'"' + b"x" * (4 * 1024 * 1024 - 2 + values - 262_144) + b'"')

    async with Server(many).listening() as server, client(server.url) as katapult:
        for endpoint in (ANY, OTHER):
            if values <= 262_144:
                await katapult.call(endpoint)
            else:
                raised = await error_of(katapult.call(endpoint))
                assert isinstance(raised, BadResponseError)
                assert raised.reason == "too_large"


async def test_fleet_that_could_not_list_everything_raises_at_its_end() -> None:
    async with (
        Sandbox(machines=5, interfaces=5, organizations=1) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url, retry=FAST) as katapult,
    ):
        sandbox.fail_next(code="permission_denied", matching="network_interfaces")
        interfaces = []

        async def iterate() -> None:
            async with katapult.fleet() as fleet:
                async for interface in fleet:
                    interfaces.append(interface.id)  # noqa: PERF401 # kept before the error

        assert isinstance(await error_of(iterate()), IncompleteListError)
        assert len(interfaces) == 4


@pytest.mark.parametrize(
    ("status", "attempts"), [(500, 5), (501, 1), (502, 5), (503, 5), (504, 5), (505, 1), (507, 5), (520, 5), (530, 5)]
)
async def test_server_errors_are_retried_except_501_and_505(status: int, attempts: int) -> None:
    async def fail(_: str) -> bytes:
        return response(status, b"<html>")

    async with Server(fail).listening() as server, client(server.url) as katapult:
        for endpoint in (ANY, POST):
            assert isinstance(await error_of(katapult.call(endpoint)), ServerError | ServiceUnavailableError)
    assert server.requests == {"GET /any": attempts, "POST /any": 1}


async def test_every_item_succeeds_after_temporary_failures() -> None:
    faults = Faults(service_unavailable=0.05, drop=0.05, truncate=0.05, rate_limited=0.02)
    async with (
        Sandbox(machines=20, interfaces=40, permitted=100_000, faults=faults) as sandbox,
        KatapultClient(
            sandbox.token, base_url=sandbox.base_url, retry=RetryPolicy(attempts=10, wait_initial=0.001)
        ) as katapult,
    ):
        ids = [interface.id for interface in sandbox.store.interfaces]
        async with katapult.many(katapult.virtual_machine_network_interfaces.get, ids) as batch:
            outcomes = [outcome async for outcome in batch]
    assert Counter(type(outcome) for outcome in outcomes) == {Succeeded: 40}
