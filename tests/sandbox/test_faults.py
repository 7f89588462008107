import asyncio
import time

import aiohttp
import pytest

from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.faults import Fault

from .plain_client import Asker, HandClock, received

PATH = "/data_centers"


async def statuses(ask: Asker, many: int) -> list[int]:
    return [(await ask(PATH)).status for _ in range(many)]


async def test_shares_of_requests_fail_as_often_as_they_say(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(service_unavailable=0.2, rate_limited=0.1)
    seen = await statuses(ask, 500)
    assert 70 < seen.count(503) < 130
    assert 30 < seen.count(429) < 75
    assert sandbox.refused == seen.count(429)


async def test_equal_seeds_fail_alike(session: aiohttp.ClientSession, clock: HandClock) -> None:
    runs = []
    for _ in range(2):
        async with Sandbox(seed=5, clock=clock, faults=Faults(service_unavailable=0.5)) as sandbox:
            runs.append(await statuses(Asker(sandbox, session), 30))
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 2


async def test_a_fault_counts_against_the_budget(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(service_unavailable=1.0)
    answer = await ask(PATH)
    assert (answer.status, answer.code, answer.remaining) == (503, "service_unavailable", 999)


async def test_a_429_can_come_although_budget_is_left(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(rate_limited=1.0)
    answer = await ask(PATH)
    assert (answer.code, answer.detail, answer.remaining) == (
        "rate_limit_reached",
        {"total_permitted": 1000},
        999,
    )


async def test_a_dropped_request_gets_no_answer_but_is_counted(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(drop=1.0)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(PATH, method="POST")  # aiohttp would send a GET twice
    assert [record.status for record in sandbox.request_log] == [0]
    sandbox.faults = Faults()
    assert (await ask(PATH)).remaining == 998


async def test_a_cut_answer_ends_before_its_length(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(truncate=1.0)
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask(PATH)
    sandbox.faults = Faults()
    assert (await ask(PATH)).status == 200


async def test_latency_is_the_time_to_the_answer_at_least(ask: Asker, sandbox: Sandbox) -> None:
    await ask(PATH)
    sandbox.faults = Faults(latency=0.05, latency_jitter=0.02)
    begun = time.monotonic()
    await ask(PATH)
    assert time.monotonic() - begun >= 0.05


async def test_a_slow_request_is_counted_half_way(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.faults = Faults(latency=0.2)
    task = asyncio.create_task(ask(PATH))
    await received(sandbox, requests=1)
    assert len(sandbox.request_log) == 0
    assert (await task).status == 200
    assert len(sandbox.request_log) == 1


@pytest.mark.parametrize(
    ("faults", "draw", "expected"),
    [
        (Faults(), 0.0, None),
        (Faults(service_unavailable=0.1), 0.05, Fault.SERVICE_UNAVAILABLE),
        (Faults(service_unavailable=0.1), 0.1, None),
        (Faults(service_unavailable=0.1, drop=0.1), 0.15, Fault.DROP),
        (Faults(truncate=1.0), 0.999, Fault.TRUNCATE),
    ],
)
def test_each_fault_owns_a_stretch_as_long_as_its_share(faults: Faults, draw: float, expected: Fault | None) -> None:
    assert faults.strike(draw) == expected


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
def test_faults_check_themselves(settings: dict[str, float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Faults(**settings)


def test_ten_tenths_may_all_be_faults() -> None:
    assert Faults(service_unavailable=0.1 + 0.2, rate_limited=0.3, drop=0.2, truncate=0.2).strike(0.999)


async def test_the_next_requests_can_be_failed_by_code(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.fail_next(2, code="ip_already_allocated")
    answers = [await ask(PATH) for _ in range(3)]
    assert [each.status for each in answers] == [422, 422, 200]
    assert (answers[0].code, answers[0].detail) == ("ip_already_allocated", {})
    assert [each.remaining for each in answers] == [999, 998, 997]


async def test_a_failure_can_say_anything_in_the_envelope(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.fail_next(code="new_code", status=418, description="Something.", detail=["a", 1])
    answer = await ask(PATH)
    assert answer.status == 418
    assert answer.json == {"error": {"code": "new_code", "description": "Something.", "detail": ["a", 1]}}
    assert answer.headers["X-Api-Schema"] == "json-error"


async def test_the_description_of_an_unhandled_exception_is_null(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.fail_next(code="unhandled_exception")
    assert (await ask(PATH)).json["error"]["description"] is None


async def test_a_failed_request_for_the_rate_limit_tells_what_is_permitted(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.fail_next(code="rate_limit_reached")
    answer = await ask(PATH)
    assert (answer.status, answer.detail) == (429, {"total_permitted": 1000})
    assert sandbox.refused == 1


async def test_only_requests_that_match_are_failed(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.fail_next(matching="organizations")
    assert (await ask(PATH)).status == 200
    assert (await ask("/organizations")).status == 503
    assert (await ask("/organizations")).status == 200


async def test_a_failure_can_look_like_a_proxys_page(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    page = b"<html><h1>Bad gateway</h1></html>"
    headers = {"Content-Type": "text/html", "X-Ratelimit-Remaining": None, "X-Request-Id": None}
    sandbox.fail_next(status=502, body=page, headers=headers)
    async with session.get(sandbox.base_url + PATH) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (502, "text/html", page)
        names = {name.lower() for name in answer.headers}
        assert not names & {"x-ratelimit-remaining", "x-request-id", "x-api-schema"}


async def test_the_connection_of_the_next_requests_can_be_dropped(ask: Asker, sandbox: Sandbox) -> None:
    sandbox.drop_next(matching="data")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(PATH, method="POST")
    assert (await ask(PATH)).status == 200


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"times": 0}, "times"),
        ({"code": "never_heard_of"}, "never_heard_of"),
        ({"status": 199}, "status"),
        ({"status": 600}, "status"),
    ],
)
def test_a_failure_that_makes_no_sense_is_refused(settings: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Sandbox().fail_next(**settings)  # type: ignore[arg-type] # a table of single arguments


def test_no_connection_can_be_dropped_less_than_once() -> None:
    with pytest.raises(ValueError, match="times"):
        Sandbox().drop_next(0)


def test_faults_must_be_faults() -> None:
    sandbox = Sandbox()
    assert sandbox.faults == Faults()
    with pytest.raises(ValueError, match="Faults"):
        sandbox.faults = {"drop": 0.5}  # type: ignore[assignment] # the mistake under test
