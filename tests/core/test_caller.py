"""Calls over a scripted transport, in virtual time: attempts, errors, rate-limit waits, deadlines and tokens."""

import asyncio
import collections
import contextlib
import datetime
import email.utils
import gc
import math
from typing import Any

import attrs
import pytest
import tenacity

import katapult_async.core.caller
from katapult_async.batch import Failed, Succeeded
from katapult_async.client import KatapultClient
from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.core.call_state import Call
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.endpoints import Request
from katapult_async.core.hooks import Outage
from katapult_async.core.redaction import Secret
from katapult_async.errors import (
    AuthenticationError,
    BadResponseError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    NotFoundError,
    RateLimitReachedError,
    RateLimitWaitError,
    RequestError,
    RequestTimeoutError,
    ServiceUnavailableError,
    UsageError,
)
from katapult_async.http.transport import TransportFailure, TransportRequest, TransportResponse
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.rate_limit.endpoint_state import EndpointState
from katapult_async.rate_limit.permit import Permit
from tests.bodies import available_ips_body
from tests.freed_frames import frees_its_awaiter
from tests.scripted_transport import (
    BASE_URL,
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

REJECTED = refuses(403, "invalid_api_token")


async def raises_bug(_: TransportRequest) -> TransportResponse:
    """Fail as a transport with a bug does."""
    raise ZeroDivisionError


async def closed(_: TransportRequest) -> TransportResponse:
    """Fail as a transport that was closed."""
    raise TransportFailure("closed", sent=False)


async def test_call_sends_one_request() -> None:
    caller, transport = await opened(gives(available_ips_body(3)))
    assert len(await get_addresses(caller)) == 3
    [request] = transport.requests
    assert (request.method, request.url) == ("GET", BASE_URL + REQUEST.target)


async def test_header_that_a_transport_adds_to_a_request_is_not_sent_with_the_next() -> None:
    caller, transport = await opened(gives())
    await get_addresses(caller)
    headers: Any = transport.requests[0].headers
    headers["Traceparent"] = "00-1-1-01"  # as `inject` of OpenTelemetry does
    await get_addresses(caller)
    assert "Traceparent" not in transport.requests[1].headers


async def test_call_without_a_failure_does_not_use_tenacity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(katapult_async.core.caller, "RetryStrategies", None)
    caller, _ = await opened(gives())
    await get_addresses(caller)
    failing, _ = await opened(UNAVAILABLE)
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        await get_addresses(failing)


@pytest.mark.parametrize(
    "failure",
    [UNAVAILABLE, refuses(502, "x"), breaks(ConnectError), breaks(DisconnectedError), breaks(RequestTimeoutError)],
)
async def test_transient_failure_is_retried_until_an_attempt_succeeds(failure: Step) -> None:
    caller, transport = await opened(failure, failure, gives(available_ips_body(2)))
    assert len(await get_addresses(caller)) == 2
    assert len(transport.requests) == 3


async def lacks_a_descriptor(_: TransportRequest) -> TransportResponse:
    """Fail as a transport that has no file descriptor for a new connection."""
    raise TransportFailure("local", sent=False, detail="no connection to api.katapult.io (Too many open files)")


@pytest.mark.parametrize(("failure", "is_fresh"), [(breaks(ConnectError), True), (lacks_a_descriptor, False)])
async def test_retry_may_use_a_pooled_connection_if_this_machine_could_not_make_a_new_one(
    failure: Step, *, is_fresh: bool
) -> None:
    """If the pool's idle connections hold all file descriptors, a retry can be sent over one of them only."""
    caller, transport = await opened(failure, failure, gives())
    await get_addresses(caller)
    assert [request.fresh_connection for request in transport.requests] == [False, is_fresh, is_fresh]


async def query_interfaces(
    katapult: KatapultClient, count: int, *, concurrency: int
) -> list[Succeeded[int, list[IPAddress]] | Failed[int]]:
    """Query the interfaces ``vmnet_0``, ``vmnet_1`` and so on in one batch."""
    nics = katapult.virtual_machine_network_interfaces

    async def query(number: int) -> list[IPAddress]:
        return await nics.available_ips(f"vmnet_{number}", address_version="ipv4")

    async with katapult.many(query, range(count), concurrency=concurrency) as outcomes:
        return [outcome async for outcome in outcomes]


@attrs.define
class TenDescriptors(ScriptedTransport):
    """Sends ten requests at once, and has no file descriptor for an eleventh."""

    in_flight: int = 0

    async def send(self, request: TransportRequest) -> TransportResponse:
        if self.in_flight == 10:
            return await lacks_a_descriptor(request)
        self.in_flight += 1
        try:
            return await super().send(request)
        finally:
            self.in_flight -= 1


async def test_batch_item_without_a_file_descriptor_is_retried_while_others_succeed() -> None:
    """A connection that this machine could not make uses up no attempt of the item."""
    transport = TenDescriptors((after(0.02, gives()),))
    outages: list[Outage] = []
    async with KatapultClient("t-0", transport=transport, on_outage=outages.append) as katapult:
        results = await query_interfaces(katapult, 3000, concurrency=50)
    assert [result for result in results if isinstance(result, Failed)] == []
    assert len(results) == 3000
    assert outages == []


async def test_second_call_without_a_file_descriptor_is_no_outage_if_a_call_succeeded_in_between() -> None:
    transport = ScriptedTransport((lacks_a_descriptor, gives(), lacks_a_descriptor, gives()))
    outages: list[Outage] = []
    retry = RetryPolicy(failure_budget=1, wait=tenacity.wait_fixed(1.0))
    async with KatapultClient("t-0", transport=transport, retry=retry, on_outage=outages.append) as katapult:
        first = asyncio.create_task(query_interfaces(katapult, 1, concurrency=1))
        await asyncio.sleep(0.5)
        await query_interfaces(katapult, 1, concurrency=1)
        assert isinstance((await first)[0], Succeeded)
    assert outages == []


@attrs.define
class TenFailedConnections(ScriptedTransport):
    """Cannot connect ten times for one interface, and sends all other requests."""

    failures_left: int = 10

    async def send(self, request: TransportRequest) -> TransportResponse:
        if self.failures_left and "vmnet_5&" in request.url:
            self.failures_left -= 1
            raise TransportFailure("connect", sent=False)
        return await super().send(request)


async def test_failed_connection_uses_up_no_attempt_of_a_batch_item_while_others_succeed() -> None:
    transport = TenFailedConnections((after(0.02, gives()),))
    async with KatapultClient("t-0", transport=transport) as katapult:
        results = await query_interfaces(katapult, 900, concurrency=2)
    assert [result for result in results if isinstance(result, Failed)] == []
    assert transport.failures_left == 0


@attrs.define
class RefusingProxy(ScriptedTransport):
    """Refuses the first requests for each interface with 503: eight for vmnet_5, ``refused_others`` for each other."""

    refused_others: int = 0
    requests_by_url: collections.Counter[str] = attrs.field(factory=collections.Counter)

    async def send(self, request: TransportRequest) -> TransportResponse:
        self.requests_by_url[request.url] += 1
        refused = 8 if "vmnet_5&" in request.url else self.refused_others
        if self.requests_by_url[request.url] <= refused:
            return TransportResponse(status=503, headers={}, body=b"<html>")
        return await super().send(request)


@pytest.mark.parametrize(("refused_others", "failed"), [(0, [5]), (1, [])])
async def test_503_of_a_proxy_uses_up_no_attempt_of_a_batch_item_if_other_items_recover_from_one(
    refused_others: int, failed: list[int]
) -> None:
    transport = RefusingProxy((after(0.02, gives()),), refused_others=refused_others)
    async with KatapultClient("t-0", transport=transport) as katapult:
        results = await query_interfaces(katapult, 400, concurrency=2)
    assert [result.key for result in results if isinstance(result, Failed)] == failed


async def test_failed_connection_ends_a_batch_item_that_has_one_attempt() -> None:
    transport = ScriptedTransport((breaks(ConnectError),))
    async with (
        KatapultClient("t-0", transport=transport, retry=RetryPolicy(attempts=1)) as katapult,
        katapult.many(katapult.virtual_machines.get, ["vm_1"]) as outcomes,
    ):
        [outcome] = [outcome async for outcome in outcomes]
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, ConnectError)
    assert outcome.error.attempts == 1


async def test_single_calls_that_can_never_connect_are_an_outage() -> None:
    outages: list[Outage] = []
    transport = ScriptedTransport((lacks_a_descriptor,))
    async with KatapultClient("t-0", transport=transport, on_outage=outages.append) as katapult:
        for _ in range(200):
            with pytest.raises(ConnectError):
                await katapult.tags.get("tag_1")
    assert [outage.endpoint for outage in outages] == ["GET /tags/tag"]
    assert len(transport.requests) < 100


async def test_batch_that_can_never_connect_ends_with_its_outage() -> None:
    outages: list[Outage] = []
    transport = ScriptedTransport((lacks_a_descriptor,))
    settings = RetryPolicy(outage_timeout=20.0)
    async with KatapultClient("t-0", transport=transport, retry=settings, on_outage=outages.append) as katapult:
        results = await query_interfaces(katapult, 60, concurrency=50)
    assert {type(result.error) for result in results if isinstance(result, Failed)} == {ConnectError}
    assert (len(results), len(outages)) == (60, 1)
    assert now() < 60.0


async def test_error_has_the_number_of_attempts_and_their_errors() -> None:
    caller, transport = await opened(UNAVAILABLE, breaks(ConnectError), refuses(404, "network_not_found"))
    with pytest.raises(NotFoundError) as caught:
        await get_addresses(caller)
    assert (caught.value.attempts, len(transport.requests)) == (3, 3)
    assert [type(error) for error in caught.value.earlier] == [ServiceUnavailableError, ConnectError]


async def test_error_keeps_at_most_100_errors_and_drops_those_without_effect_first() -> None:
    failed, lost = [breaks(ConnectError)], breaks(DisconnectedError)
    policy = RetryPolicy(attempts=1000, outage_timeout=math.inf)
    caller, _ = await opened(
        *failed * 9, lost, *failed * 200, UNAVAILABLE, refuses(404, "network_not_found"), retry=policy
    )
    with pytest.raises(NotFoundError) as caught:
        await get_addresses(caller, max_wait=math.inf, timeout=math.inf)
    assert caught.value.attempts == 212
    attempts = [error.attempts for error in caught.value.earlier if isinstance(error, RequestError)]
    assert attempts == [10, *range(113, 212)]  # the tenth may have had an effect


async def test_attempts_and_the_waits_between_them_are_bounded() -> None:
    caller, transport = await opened(UNAVAILABLE, retry=RetryPolicy(attempts=4, wait_initial=1.0, wait_max=2.0))
    began_at = now()
    with pytest.raises(ServiceUnavailableError) as caught:
        await get_addresses(caller)
    assert (caught.value.attempts, len(transport.requests)) == (4, 4)
    assert 0 < now() - began_at <= 1 + 2 + 2


async def test_delay_of_a_stop_strategy_counts_from_the_first_attempt() -> None:
    policy = RetryPolicy(stop=tenacity.stop_after_delay(30.0))
    caller, transport = await opened(after(40.0, UNAVAILABLE), retry=policy)
    with pytest.raises(ServiceUnavailableError):
        await get_addresses(caller)
    assert len(transport.requests) == 1


async def test_failure_that_is_not_transient_is_not_retried() -> None:
    for step, kind in [(refuses(404, "network_not_found"), NotFoundError), (gives({}), BadResponseError)]:
        caller, transport = await opened(step)
        with pytest.raises(kind):
            await get_addresses(caller)
        assert len(transport.requests) == 1


async def test_post_is_retried_only_if_nothing_was_sent() -> None:
    caller, transport = await opened(breaks(ConnectError), breaks(DisconnectedError), gives())
    with pytest.raises(DisconnectedError):
        await caller.call(POST, max_wait=None, timeout=None)
    assert len(transport.requests) == 2


@pytest.mark.parametrize("idempotent", [True, False])
async def test_error_of_a_lost_post_advises_to_check_first_unless_it_is_idempotent(*, idempotent: bool) -> None:
    caller, _ = await opened(breaks(DisconnectedError))
    post = attrs.evolve(POST, endpoint=attrs.evolve(POST.endpoint, idempotent=idempotent))
    with pytest.raises(DisconnectedError) as raised:
        await caller.call(post)
    assert raised.value.may_have_happened
    assert ("check before you send it again" in str(raised.value)) is not idempotent


async def test_call_refused_with_429_is_sent_again_in_the_next_window() -> None:
    refused = refuses(429, "rate_limit_reached", {"total_permitted": 100}, Date="Fri, 01 Mar 2024 10:00:20 GMT")
    caller, transport = await opened(refused, gives(headers=requests_left(99)))
    began_at = now()
    await get_addresses(caller)
    assert is_wait_for_reset(now() - began_at)
    assert len(transport.requests) == 2


async def test_call_refused_with_503_by_a_proxy_is_sent_again_before_calls_that_came_later() -> None:
    responses = (gives(status=503), after(1.0, gives(headers=requests_left(99))))
    caller, _ = await opened(*responses, rate_limit=RateLimitPolicy(max_in_flight=1))
    finished: list[int] = []

    async def call(number: int) -> None:
        await get_addresses(caller)
        finished.append(number)

    await asyncio.gather(*map(call, range(5)))
    assert finished.index(0) == 1  # its wait is shorter than the request of the second call


async def test_call_that_is_always_refused_ends_after_its_permitted_refusals() -> None:
    caller, transport = await opened(refuses(429, "rate_limit_reached"), retry=RetryPolicy(refusals=3))
    with pytest.raises(RateLimitReachedError) as caught:
        await get_addresses(caller, max_wait=math.inf, timeout=math.inf)
    assert len(transport.requests) == 3
    assert len(caught.value.earlier) == 2


async def test_429_does_not_end_an_outage() -> None:
    outages: list[Outage] = []
    refusal = refuses(429, "rate_limit_reached", **requests_left(7))
    retry = RetryPolicy(failure_budget=5)  # one failure opens the circuit breaker of the endpoint
    caller, _ = await opened(UNAVAILABLE, refusal, UNAVAILABLE, gives(), retry=retry, on_outage=outages.append)
    await get_addresses(caller)
    await asyncio.sleep(0)
    assert [outage.until is None for outage in outages] == [True, False]


async def test_call_waits_for_the_window_after_a_spent_one() -> None:
    caller, transport = await opened(gives(headers=requests_left(0)), gives(headers=requests_left(99)))
    await get_addresses(caller)
    began_at = now()
    await get_addresses(caller)
    assert is_wait_for_reset(now() - began_at)
    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    ("policy", "max_wait"), [(RateLimitPolicy(max_wait=5.0), None), (RateLimitPolicy(), 5.0), (RateLimitPolicy(), 0.0)]
)
async def test_wait_longer_than_allowed_fails_at_once_with_the_state_of_the_rate_limit(
    policy: RateLimitPolicy, max_wait: float | None
) -> None:
    caller, transport = await opened(gives(headers=requests_left(0)), rate_limit=policy)
    await get_addresses(caller)
    began_at = now()
    with pytest.raises(RateLimitWaitError) as caught:
        await get_addresses(caller, max_wait=max_wait)
    assert now() == began_at
    assert (caught.value.permitted, caught.value.remaining, caught.value.resets_at) == (100, 0, 1_709_287_260.0)
    assert is_wait_for_reset(caught.value.retry_after)
    assert len(transport.requests) == 1


async def test_wait_of_all_attempts_together_stays_within_max_wait() -> None:
    refused = refuses(429, "rate_limit_reached", {"total_permitted": 100}, Date="Fri, 01 Mar 2024 10:00:20 GMT")
    later = refuses(429, "rate_limit_reached", {"total_permitted": 100}, Date="Fri, 01 Mar 2024 10:01:10 GMT")
    caller, transport = await opened(refused, after(10.0, later), gives())
    with pytest.raises(RateLimitWaitError):
        await get_addresses(caller, max_wait=60.0)
    assert len(transport.requests) == 2


async def test_error_of_the_rate_limit_counts_the_waits_of_all_attempts() -> None:
    steps = (after(10.0, gives()), UNAVAILABLE, hangs)
    caller, _ = await opened(*steps, rate_limit=RateLimitPolicy(max_in_flight=1, max_wait=15.0))
    first, second, third = [asyncio.create_task(get_addresses(caller, timeout=60.0)) for _ in range(3)]
    with pytest.raises(RateLimitWaitError, match=r"has waited 15\.0 s"):
        await second
    await first
    third.cancel()


@pytest.mark.parametrize(("setting", "timeout"), [(5.0, None), (180.0, 5.0), (math.inf, 5.0)])
async def test_call_ends_at_its_deadline_and_says_what_it_waited_for(setting: float, timeout: float | None) -> None:
    caller, _ = await opened(hangs, timeouts=Timeouts(call=setting))
    began_at = now()
    with pytest.raises(
        RequestTimeoutError, match="not done within 5 s, while waiting for Katapult's response"
    ) as caught:
        await get_addresses(caller, timeout=timeout)
    assert now() - began_at == pytest.approx(5.0)
    assert (caught.value.phase, caught.value.path) == ("call", REQUEST.endpoint.path)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


async def test_attempt_without_a_response_ends_at_its_limit_and_is_followed_by_another() -> None:
    caller, transport = await opened(hangs, timeouts=Timeouts(attempt=3.0), retry=RetryPolicy(attempts=2, wait_max=0.1))
    began_at = now()
    with pytest.raises(RequestTimeoutError, match="no whole response within 3 s") as caught:
        await get_addresses(caller)
    assert 6.0 <= now() - began_at <= 6.1 + 1e-6
    assert (caught.value.phase, caught.value.attempts, len(transport.requests)) == ("attempt", 2, 2)


async def test_timeout_error_of_a_transport_is_raised_as_it_is() -> None:
    async def times_out(_: TransportRequest) -> TransportResponse:
        raise TimeoutError("of the transport")

    caller, _ = await opened(times_out)
    with pytest.raises(TimeoutError, match="of the transport"):
        await get_addresses(caller)


async def test_deadline_error_names_the_wait_for_the_rate_limit() -> None:
    caller, _ = await opened(gives(headers=requests_left(1)), hangs)
    await get_addresses(caller)
    first = asyncio.create_task(get_addresses(caller, timeout=30.0))
    await asyncio.sleep(0)
    with pytest.raises(RequestTimeoutError, match="while waiting for the rate limit"):
        await get_addresses(caller, timeout=3.0, max_wait=math.inf)
    with pytest.raises(RequestTimeoutError, match="Katapult's response"):
        await first


async def test_deadline_of_the_second_attempt_keeps_the_error_of_the_first() -> None:
    caller, _ = await opened(UNAVAILABLE, hangs)
    with pytest.raises(RequestTimeoutError) as caught:
        await get_addresses(caller, timeout=9.0)
    assert caught.value.attempts == 2
    assert [type(error) for error in caught.value.earlier] == [ServiceUnavailableError]


async def test_no_attempt_begins_that_would_come_after_the_deadline() -> None:
    caller, transport = await opened(refuses(503, "service_unavailable", Retry_After="60"))
    began_at = now()
    with pytest.raises(ServiceUnavailableError):
        await get_addresses(caller, timeout=30.0)
    assert now() == began_at
    assert len(transport.requests) == 1


async def test_retry_waits_as_long_as_the_server_asks() -> None:
    caller, _ = await opened(refuses(503, "service_unavailable", Retry_After="60"), gives())
    began_at = now()
    await get_addresses(caller)
    assert now() - began_at == pytest.approx(60.0)


@pytest.mark.parametrize("bad", [math.nan, -1.0, "5", True])
@pytest.mark.parametrize("name", ["timeout", "max_wait"])
async def test_limit_that_is_not_a_number_of_seconds_raises_usage_error_and_sends_nothing(
    name: str, bad: float
) -> None:
    caller, transport = await opened(gives())
    limits: dict[str, float | None] = {"timeout": None, "max_wait": None, name: bad}
    with pytest.raises(UsageError, match=f"^{name} must be 0 seconds or more, or math.inf, not "):
        await caller.call(REQUEST, max_wait=limits["max_wait"], timeout=limits["timeout"])
    assert transport.requests == []


async def test_cancelled_call_is_cancelled_and_leaves_nothing_in_flight() -> None:
    caller, _ = await opened(hangs)
    task = asyncio.create_task(get_addresses(caller))
    await asyncio.sleep(1.0)
    assert caller.limiter().snapshot().in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert caller.limiter().snapshot().in_flight == 0


async def test_token_function_is_called_before_every_attempt() -> None:
    tokens = iter(f"t-{number}" for number in range(9))
    caller, transport = await opened(UNAVAILABLE, UNAVAILABLE, gives(), token=lambda: Secret(next(tokens)))
    await get_addresses(caller)
    assert transport.tokens == ["t-0", "t-1", "t-2"]


async def test_refused_call_is_retried_if_each_call_of_the_token_function_returns_another_token() -> None:
    refusal = refuses(429, "rate_limit_reached", **requests_left(0))
    tokens = iter(f"t-{number}" for number in range(9))
    caller, transport = await opened(refusal, gives(), token=lambda: Secret(next(tokens)))
    await get_addresses(caller)
    assert len(set(transport.tokens)) == len(transport.requests) == 2


async def test_rejected_request_is_sent_again_if_the_token_was_replaced_meanwhile() -> None:
    """The old token was rejected, so the request had no effect: tomplus/kubernetes_asyncio#257."""
    tokens = ["t-old", "t-new"]
    transport: ScriptedTransport
    caller, transport = await opened(REJECTED, gives(), token=lambda: Secret(tokens[min(len(transport.requests), 1)]))
    await caller.call(POST)
    assert transport.tokens == tokens


@pytest.mark.parametrize(("tokens", "attempts"), [(1, 1), (2, 2), (99, 5)])
async def test_call_with_rejected_tokens_ends_when_no_token_or_no_attempt_is_left(tokens: int, attempts: int) -> None:
    transport: ScriptedTransport
    caller, transport = await opened(REJECTED, token=lambda: Secret(f"t-{min(len(transport.requests), tokens - 1)}"))
    with pytest.raises(AuthenticationError):
        await get_addresses(caller)
    assert len(transport.requests) == attempts


async def test_each_token_has_a_rate_limit_of_its_own() -> None:
    current = "t-1"
    caller, transport = await opened(gives(headers=requests_left(0)), token=lambda: Secret(current))
    await get_addresses(caller)
    current = "t-2"
    began_at = now()
    await get_addresses(caller)
    assert now() == began_at
    assert transport.tokens == ["t-1", "t-2"]


async def test_token_replaced_during_the_wait_is_sent_in_its_own_window() -> None:
    current = "t-1"
    caller, transport = await opened(gives(headers=requests_left(0)), gives(), token=lambda: Secret(current))
    await get_addresses(caller)
    waiting = asyncio.create_task(get_addresses(caller))
    await asyncio.sleep(1.0)
    current = "t-2"
    await waiting
    assert transport.tokens == ["t-1", "t-2"]


async def test_token_function_that_raises_after_the_wait_leaves_no_request_in_flight() -> None:
    tokens: list[str] = ["t-1", "t-1", "t-1"]
    caller, transport = await opened(gives(headers=requests_left(0)), gives(), token=lambda: Secret(tokens.pop()))
    await get_addresses(caller)
    began_at = now()
    with pytest.raises(IndexError):
        await get_addresses(caller)
    assert is_wait_for_reset(now() - began_at)
    tokens.append("t-1")
    assert caller.limiter().snapshot().in_flight == 0
    assert transport.tokens == ["t-1"]


async def test_clients_of_one_token_share_its_rate_limit() -> None:
    first, _ = await opened(gives(headers=requests_left(7)))
    second, _ = await opened(gives())
    await get_addresses(first)
    assert second.limiter().snapshot().remaining == 7


async def test_retry_after_date_uses_the_local_clock_if_the_response_has_no_date() -> None:
    in_a_minute = email.utils.format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1))
    caller, _ = await opened(
        refuses(503, "service_unavailable", Retry_After=in_a_minute), retry=RetryPolicy(retry_after_max=1.0)
    )
    with pytest.raises(ServiceUnavailableError) as caught:
        await get_addresses(caller)
    assert caught.value.problem.retry_after == pytest.approx(60.0, abs=30.0)


async def test_request_that_was_not_sent_uses_up_nothing_of_the_rate_limit() -> None:
    caller, _ = await opened(
        gives(headers=requests_left(5)), breaks(ConnectError), breaks(DisconnectedError), retry=RetryPolicy(attempts=1)
    )
    await get_addresses(caller)
    for error, remaining in ((ConnectError, 5), (DisconnectedError, 4)):
        with pytest.raises(error):
            await get_addresses(caller)
        assert caller.limiter().snapshot().remaining == remaining


async def test_call_ends_after_ten_refusals_while_the_server_accepts_other_calls() -> None:
    async def refuses_posts(request: TransportRequest) -> TransportResponse:
        step = gives(headers=requests_left(50))
        if request.method == "POST":
            step = refuses(429, "rate_limit_reached", X_Ratelimit_Remaining="50")
        return await step(request)

    caller, transport = await opened(refuses_posts)

    async def make_other_calls() -> None:
        while True:
            await get_addresses(caller)
            await asyncio.sleep(0.1)

    other_calls = asyncio.create_task(make_other_calls())
    with pytest.raises(RateLimitReachedError) as caught:
        await caller.call(POST)
    other_calls.cancel()
    posts = [request for request in transport.requests if request.method == "POST"]
    assert (caught.value.attempts, len(posts)) == (10, 10)


@pytest.mark.parametrize("headers", [None, {"Date": 5}, {"X-Ratelimit-Remaining": b"7"}])
async def test_malformed_headers_of_a_transport_leave_no_request_in_flight(headers: Any) -> None:
    malformed = TransportResponse(status=200, headers=headers, body=b'{"ip_addresses": []}')

    async def step(_: TransportRequest) -> TransportResponse:
        return malformed

    caller, _ = await opened(step, gives(), rate_limit=RateLimitPolicy(max_in_flight=1))
    with pytest.raises((AttributeError, TypeError)):
        await get_addresses(caller)
    assert caller.limiter().snapshot().in_flight == 0
    await get_addresses(caller)


@pytest.mark.parametrize(
    "steps",
    [
        (refuses(404, "network_not_found"),),
        (gives({"ip_addresses": None}),),
        (UNAVAILABLE, breaks(DisconnectedError), refuses(404, "network_not_found")),
        (hangs,),
        (UNAVAILABLE, hangs),
        (refuses(429, "rate_limit_reached", **requests_left(0)),),
        (UNAVAILABLE, raises_bug),
        (closed,),
    ],
    ids=[
        "404",
        "wrong shape",
        "404 after retries",
        "cancelled",
        "cancelled in a retry",
        "429 whose wait is over max_wait",
        "bug in a retry",
        "closed transport",
    ],
)
async def test_objects_of_a_failed_call_are_freed_without_the_garbage_collector(steps: tuple[Step, ...]) -> None:
    async def call() -> None:
        caller, _ = await opened(*steps)
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().call_later(30.0, task.cancel)
        await get_addresses(caller, max_wait=1.0)

    failures = (KatapultError, ZeroDivisionError, asyncio.CancelledError)
    assert await frees_its_awaiter(call, failing_with=failures)


async def test_error_that_is_kept_keeps_no_state_of_its_call() -> None:
    def states() -> set[int]:
        gc.collect()
        return {id(obj) for obj in gc.get_objects() if isinstance(obj, Call | Permit)}

    caller, _ = await opened(refuses(404, "network_not_found"))
    before = states()
    with pytest.raises(NotFoundError) as kept:
        await get_addresses(caller)
    assert kept.value.__traceback__ is not None
    assert states() <= before


@pytest.mark.parametrize("response", [gives(headers=requests_left(900, permitted=1000)), UNAVAILABLE])
async def test_state_of_unused_endpoints_is_freed(response: Step) -> None:
    def kept() -> int:
        gc.collect()
        return len([obj for obj in gc.get_objects() if isinstance(obj, EndpointState | CircuitBreaker | Request)])

    caller, transport = await opened(response, retry=RetryPolicy(attempts=1))
    before = kept()
    for number in range(3000):
        endpoint = attrs.evolve(REQUEST.endpoint, path=f"/networks/netw_{number}/ips")
        with contextlib.suppress(ServiceUnavailableError):
            await caller.call(attrs.evolve(REQUEST, endpoint=endpoint))
        caller.breakers.succeeded("GET /zones", sent_at=math.inf)  # otherwise the host's breaker opens
        transport.requests.clear()
        await asyncio.sleep(1.0)
    assert kept() - before < 2000, "3000 endpoints were used, each with one or more of these objects"
    await caller.close()
