"""Random faults, each for a share of the requests, and faults that ``fail_next`` and ``drop_next`` script."""

import asyncio
import re
import time

import aiohttp
import pytest
from yarl import URL

from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.faults import Fault

from .plain_client import ManualClock, PlainClient, wait_until_received

PATH = "/data_centers"


async def statuses(send: PlainClient, requests: int) -> list[int]:
    return [(await send(PATH)).status for _ in range(requests)]


async def test_faults_occur_as_often_as_their_shares(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(service_unavailable=0.2, rate_limited=0.1)
    received = await statuses(send, 500)
    assert 70 < received.count(503) < 130  # 500 * 0.2 are expected
    assert 30 < received.count(429) < 75  # 500 * 0.1 are expected
    assert sandbox.refused == received.count(429)


async def test_equal_seeds_give_equal_faults(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    runs = []
    for _ in range(2):
        async with Sandbox(seed=5, clock=clock, faults=Faults(service_unavailable=0.5)) as sandbox:
            runs.append(await statuses(PlainClient(sandbox, session), 30))
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 2


async def test_dropped_request_does_not_change_later_random_faults(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    runs = []
    for drops_first in (False, True):
        async with Sandbox(seed=3, clock=clock, faults=Faults(service_unavailable=0.5)) as sandbox:
            send = PlainClient(sandbox, session)
            if drops_first:
                sandbox.drop_next()
                with pytest.raises(aiohttp.ServerDisconnectedError):
                    await send(PATH, method="POST")  # aiohttp would repeat a GET
            else:
                await send(PATH)
            runs.append(await statuses(send, 30))
    assert runs[0] == runs[1]


async def test_request_that_gets_a_fault_is_counted(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(service_unavailable=1.0)
    response = await send(PATH)
    assert (response.status, response.code, response.remaining) == (503, "service_unavailable", 999)


async def test_rate_limited_fault_sends_a_429_while_budget_is_left(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(rate_limited=1.0)
    response = await send(PATH)
    assert (response.code, response.detail, response.remaining) == (
        "rate_limit_reached",
        {"total_permitted": 1000},
        999,
    )


async def test_dropped_request_is_counted(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(drop=1.0)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(PATH, method="POST")  # aiohttp would send a GET twice
    assert [entry.status for entry in sandbox.request_log] == [0]
    sandbox.faults = Faults()
    assert (await send(PATH)).remaining == 998


async def test_truncated_response_ends_after_half_of_its_length(sandbox: Sandbox) -> None:
    sandbox.faults = Faults(truncate=1.0)
    url = URL(sandbox.base_url + PATH)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {url.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sandbox.token}\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    [length] = re.findall(rb"Content-Length: (\d+)", head)
    assert int(length) > 1
    assert len(body) == int(length) // 2


async def test_scripted_fault_replaces_a_random_fault(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(truncate=1.0)
    sandbox.fail_next(code="ip_already_allocated")
    assert (await send(PATH)).code == "ip_already_allocated"
    with pytest.raises(aiohttp.ClientPayloadError):
        await send(PATH)


async def test_latency_delays_the_response(send: PlainClient, sandbox: Sandbox) -> None:
    await send(PATH)
    sandbox.faults = Faults(latency=0.05, latency_jitter=0.02)
    started_at = time.monotonic()
    await send(PATH)
    assert time.monotonic() - started_at >= 0.05


async def test_delayed_request_is_counted_after_half_of_the_latency(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(latency=0.2)
    task = asyncio.create_task(send(PATH))
    await wait_until_received(sandbox, requests=1)
    assert len(sandbox.request_log) == 0
    assert (await task).status == 200
    assert len(sandbox.request_log) == 1


@pytest.mark.parametrize(
    ("faults", "draw", "expected"),
    [
        (Faults(), 0.0, None),
        (Faults(service_unavailable=0.1), 0.05, "service_unavailable"),
        (Faults(service_unavailable=0.1), 0.1, None),
        (Faults(service_unavailable=0.1, drop=0.1), 0.15, "drop"),
        (Faults(truncate=1.0), 0.999, "truncate"),
    ],
)
def test_random_number_chooses_a_fault_by_the_shares(faults: Faults, draw: float, expected: Fault | None) -> None:
    assert faults.choose(draw) == expected


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"drop": -0.1}, "drop"),
        ({"truncate": 1.1}, "truncate"),
        ({"rate_limited": float("nan")}, "rate_limited"),
        ({"service_unavailable": "0.5"}, "service_unavailable"),
        ({"service_unavailable": True}, "service_unavailable"),
        ({"drop": 0.6, "rate_limited": 0.6}, "sum of the shares"),
        ({"latency": -1.0}, "latency"),
        ({"latency_jitter": float("inf")}, "latency_jitter"),
    ],
)
def test_faults_reject_invalid_settings(settings: dict[str, float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Faults(**settings)


def test_shares_may_sum_to_one() -> None:
    assert Faults(service_unavailable=0.2, rate_limited=0.4, drop=0.3, truncate=0.1).choose(0.999)


async def test_fail_next_sends_the_error_of_its_code(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(times=2, code="ip_already_allocated")
    responses = [await send(PATH) for _ in range(3)]
    assert [response.status for response in responses] == [422, 422, 200]
    assert (responses[0].code, responses[0].detail) == ("ip_already_allocated", {})
    assert [response.remaining for response in responses] == [999, 998, 997]


def test_fail_next_takes_only_keyword_arguments() -> None:
    # A single number could be the number of requests or the status.
    with pytest.raises(TypeError, match="positional"):
        Sandbox().fail_next(503)  # type: ignore[call-arg] # the mistake under test


@pytest.mark.parametrize(
    ("status", "code"),
    [(None, "service_unavailable"), (503, "service_unavailable"), (429, "rate_limit_reached"), (404, "status_404")],
)
async def test_fail_next_sends_a_code_that_fits_the_status(
    send: PlainClient, sandbox: Sandbox, status: int | None, code: str
) -> None:
    sandbox.fail_next(status=status)
    response = await send(PATH)
    assert (response.status, response.code) == (status or 503, code)


async def test_fail_next_accepts_any_code_description_and_detail(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(code="new_code", status=418, description="Something.", detail=["a", 1])
    sandbox.fail_next(code="", status=418)
    response = await send(PATH)
    assert response.status == 418
    assert response.json == {"error": {"code": "new_code", "description": "Something.", "detail": ["a", 1]}}
    assert response.headers["X-Api-Schema"] == "json-error"
    assert (await send(PATH)).code == ""


async def test_unhandled_exception_has_null_as_its_description(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(code="unhandled_exception")
    assert (await send(PATH)).json["error"]["description"] is None


async def test_rate_limit_error_of_fail_next_has_the_permitted_number(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(code="rate_limit_reached")
    response = await send(PATH)
    assert (response.status, response.detail) == (429, {"total_permitted": 1000})
    assert sandbox.refused == 1


async def test_fail_next_applies_only_to_matching_requests(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(matching="organizations")
    assert (await send(PATH)).status == 200
    assert (await send("/organizations")).status == 503
    assert (await send("/organizations")).status == 200


async def test_fail_next_can_send_the_page_of_a_proxy(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    page = b"<html><h1>Bad gateway</h1></html>"
    headers = {"Content-Type": "text/html", "X-Ratelimit-Remaining": None, "X-Request-Id": None}
    sandbox.fail_next(status=502, body=page, headers=headers)
    async with session.get(sandbox.base_url + PATH) as response:
        assert (response.status, response.content_type, await response.read()) == (502, "text/html", page)
        names = {name.lower() for name in response.headers}
        assert not names & {"x-ratelimit-remaining", "x-request-id", "x-api-schema"}


async def test_fail_next_takes_header_names_in_any_case(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    sandbox.fail_next(headers={"content-type": "text/html", "x-request-id": None, "VARY": None, "retry-after": "5"})
    async with session.get(sandbox.base_url + PATH) as response:
        names = [name.lower() for name in response.headers]
        assert (response.headers.getall("Content-Type"), response.headers["Retry-After"]) == (["text/html"], "5")
        assert not {"x-request-id", "vary"} & {*names}


async def test_drop_next_closes_the_connection(send: PlainClient, sandbox: Sandbox) -> None:
    sandbox.drop_next(matching="data")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(PATH, method="POST")
    assert (await send(PATH)).status == 200


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"times": 0}, "times"),
        ({"code": "unknown_code"}, "unknown_code"),
        ({"status": 199}, "status"),
        ({"status": 600}, "status"),
        ({"status": 502, "body": "<html>"}, "body must be bytes"),
        ({"headers": {"Retry-After": 5}}, "the header Retry-After must be text in one line, or None, not 5"),
        ({"headers": {"Retry-After": 0}}, "the header Retry-After must be text"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "the header X-A must be text in one line"),
        ({"headers": {5: "a"}}, "a name in headers must be text"),
        ({"matching": 5}, "matching must be text, not 5"),
    ],
)
def test_fail_next_rejects_invalid_arguments(settings: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Sandbox().fail_next(**settings)  # type: ignore[arg-type] # a table of single arguments


def test_drop_next_rejects_times_below_one() -> None:
    with pytest.raises(ValueError, match="times"):
        Sandbox().drop_next(0)


def test_faults_of_a_sandbox_that_are_no_faults_raise_value_error() -> None:
    sandbox = Sandbox()
    assert sandbox.faults == Faults()
    with pytest.raises(ValueError, match="Faults"):
        sandbox.faults = {"drop": 0.5}  # type: ignore[assignment] # the mistake under test
