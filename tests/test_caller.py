"""One call from beginning to end, in virtual time, over a session that is played."""

import asyncio
import logging
import math
from typing import Any

import attrs
import pytest

import katapult_async._caller
from katapult_async._caller import Caller, RetryNotice
from katapult_async._http import Secret
from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.errors import (
    BadResponseError,
    ClientClosedError,
    ConnectError,
    DisconnectedError,
    NotFoundError,
    RateLimitReachedError,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    UsageError,
)
from katapult_async.models import IPAddress
from katapult_async.sansio.window import Pause

from .bodies import free
from .played import REQUEST, PlayedHttp, Step, after, breaks, gives, hangs, played, refuses

pytestmark = pytest.mark.looptime

ONCE = RetryPolicy(attempts=1)
POST = attrs.evolve(REQUEST, endpoint=attrs.evolve(REQUEST.endpoint, method="POST"))
UNAVAILABLE = refuses(503, "service_unavailable")


def spent(left: int = 0, permitted: int = 100) -> dict[str, str]:
    return {
        "X-Ratelimit-Permitted": str(permitted),
        "X-Ratelimit-Remaining": str(left),
        "Date": "Fri, 01 Mar 2024 10:00:20 GMT",
    }


def now() -> float:
    return asyncio.get_running_loop().time()


def opened(*steps: Step, **settings: Any) -> tuple[Caller, PlayedHttp]:
    caller, http = played(*steps, **settings)
    caller.open()
    return caller, http


async def ask(
    caller: Caller, *, max_wait: float | None = None, timeout: float | None = None
) -> list[IPAddress]:  # passed on
    return (await caller.call(REQUEST, max_wait=max_wait, timeout=timeout)).value


async def test_a_call_is_one_exchange_and_its_answer() -> None:
    caller, http = opened(gives(free(3)))
    assert len(await ask(caller)) == 3
    assert [asking.request for asking in http.asked] == [REQUEST]


async def test_where_nothing_fails_tenacity_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(katapult_async._caller, "tenacity", None)
    caller, _ = opened(gives())
    await ask(caller)
    with pytest.raises(AttributeError, match="AsyncRetrying"):
        await opened(UNAVAILABLE)[0].call(REQUEST, max_wait=None, timeout=None)


@pytest.mark.parametrize(
    "trouble",
    [UNAVAILABLE, refuses(502, "x"), breaks(ConnectError), breaks(DisconnectedError), breaks(RequestTimeoutError)],
)
async def test_a_passing_failure_is_tried_again_until_it_passes(trouble: Step) -> None:
    caller, http = opened(trouble, trouble, gives(free(2)))
    assert len(await ask(caller)) == 2
    assert [asking.attempts for asking in http.asked] == [1, 2, 3]


async def test_the_last_error_carries_the_attempts_and_the_earlier_errors() -> None:
    caller, http = opened(UNAVAILABLE, breaks(ConnectError), refuses(404, "network_not_found"))
    with pytest.raises(NotFoundError) as caught:
        await ask(caller)
    assert caught.value.attempts == 3 == len(http.asked)
    assert [type(error) for error in caught.value.earlier] == [ServiceUnavailableError, ConnectError]


async def test_attempts_are_bounded_and_spread_over_the_waits() -> None:
    caller, http = opened(UNAVAILABLE, retry=RetryPolicy(attempts=4, wait_initial=1.0, wait_max=2.0))
    began_at = now()
    with pytest.raises(ServiceUnavailableError) as caught:
        await ask(caller)
    assert (caught.value.attempts, len(http.asked)) == (4, 4)
    assert 0 < now() - began_at <= 1 + 2 + 2


async def test_what_would_not_pass_is_not_tried_again() -> None:
    for step, kind in [(refuses(404, "network_not_found"), NotFoundError), (gives({}), BadResponseError)]:
        caller, http = opened(step)
        with pytest.raises(kind):
            await ask(caller)
        assert len(http.asked) == 1


async def test_a_method_that_may_have_acted_is_sent_once_unless_nothing_was_sent() -> None:
    caller, http = opened(breaks(ConnectError), breaks(DisconnectedError), gives())
    with pytest.raises(DisconnectedError):
        await caller.call(POST, max_wait=None, timeout=None)
    assert len(http.asked) == 2


async def test_a_refusal_by_the_rate_limit_waits_for_the_next_window_and_asks_again() -> None:
    refused = refuses(429, "rate_limit_reached", {"total_permitted": 100}, Date="Fri, 01 Mar 2024 10:00:20 GMT")
    caller, http = opened(refused, gives(headers=spent(99)))
    began_at = now()
    await ask(caller)
    assert 38.9 <= now() - began_at <= 40.2
    assert [asking.attempts for asking in http.asked] == [1, 2]


async def test_a_server_that_refuses_for_ever_does_not_hold_a_call_for_ever() -> None:
    caller, http = opened(refuses(429, "rate_limit_reached"), retry=RetryPolicy(refusals=3))
    with pytest.raises(RateLimitReachedError) as caught:
        await ask(caller, max_wait=math.inf, timeout=math.inf)
    assert len(http.asked) == 3
    assert len(caught.value.earlier) == 2


async def test_a_spent_window_is_waited_for() -> None:
    caller, http = opened(gives(headers=spent(0)), gives(headers=spent(99)))
    await ask(caller)
    began_at = now()
    await ask(caller)
    assert 38.9 <= now() - began_at <= 40.2
    assert len(http.asked) == 2


@pytest.mark.parametrize(
    ("policy", "max_wait"), [(RateLimitPolicy(max_wait=5.0), None), (RateLimitPolicy(), 5.0), (RateLimitPolicy(), 0.0)]
)
async def test_a_wait_that_does_not_fit_fails_at_once_with_what_is_known(
    policy: RateLimitPolicy, max_wait: float | None
) -> None:
    caller, http = opened(gives(headers=spent(0)), rate_limit=policy)
    await ask(caller)
    began_at = now()
    with pytest.raises(RateLimitWaitError) as caught:
        await ask(caller, max_wait=max_wait)
    assert now() == began_at
    assert (caught.value.permitted, caught.value.remaining, caught.value.resets_at) == (100, 0, 1_709_287_260.0)
    assert 38.9 <= caught.value.retry_after <= 40.2
    assert len(http.asked) == 1


async def test_the_wait_of_all_attempts_together_stays_within_max_wait() -> None:
    refused = refuses(429, "rate_limit_reached", {"total_permitted": 100}, Date="Fri, 01 Mar 2024 10:00:20 GMT")
    later = refuses(429, "rate_limit_reached", {"total_permitted": 100}, Date="Fri, 01 Mar 2024 10:01:10 GMT")
    caller, http = opened(refused, after(10.0, later), gives())
    with pytest.raises(RateLimitWaitError):
        await ask(caller, max_wait=60.0)
    assert len(http.asked) == 2


@pytest.mark.parametrize(("setting", "given"), [(5.0, None), (180.0, 5.0), (math.inf, 5.0)])
async def test_a_call_ends_at_its_deadline_and_says_what_it_waited_for(setting: float, given: float | None) -> None:
    caller, _ = opened(hangs, timeouts=Timeouts(call=setting))
    began_at = now()
    with pytest.raises(RequestTimeoutError, match="not done within 5 s, while waiting for Katapult's answer") as caught:
        await ask(caller, timeout=given)
    assert now() - began_at == pytest.approx(5.0)
    assert (caught.value.phase, caught.value.path) == ("call", REQUEST.endpoint.path)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


async def test_a_deadline_during_the_wait_for_the_window_says_so() -> None:
    caller, _ = opened(gives(headers=spent(1)), hangs)
    await ask(caller)
    first = asyncio.create_task(ask(caller, timeout=30.0))
    await asyncio.sleep(0)
    with pytest.raises((RequestTimeoutError, RateLimitWaitError)):
        await ask(caller, timeout=3.0, max_wait=math.inf)
    with pytest.raises(RequestTimeoutError, match="Katapult's answer"):
        await first


async def test_a_deadline_between_two_attempts_carries_the_failure_before_it() -> None:
    caller, _ = opened(UNAVAILABLE, hangs)
    with pytest.raises(RequestTimeoutError) as caught:
        await ask(caller, timeout=9.0)
    assert caught.value.attempts == 2
    assert [type(error) for error in caught.value.earlier] == [ServiceUnavailableError]


async def test_no_attempt_begins_that_would_come_after_the_deadline() -> None:
    caller, http = opened(refuses(503, "service_unavailable", Retry_After="60"))
    began_at = now()
    with pytest.raises(ServiceUnavailableError):
        await ask(caller, timeout=30.0)
    assert now() == began_at
    assert len(http.asked) == 1


async def test_a_pause_that_the_server_asks_for_is_kept() -> None:
    caller, _ = opened(refuses(503, "service_unavailable", Retry_After="60"), gives())
    began_at = now()
    await ask(caller)
    assert now() - began_at == pytest.approx(60.0)


@pytest.mark.parametrize("bad", [math.nan, -1.0, "5", True])
@pytest.mark.parametrize("name", ["timeout", "max_wait"])
async def test_a_limit_that_is_no_number_of_seconds_is_refused_before_anything_is_sent(name: str, bad: float) -> None:
    caller, http = opened(gives())
    limits: dict[str, float | None] = {"timeout": None, "max_wait": None, name: bad}
    with pytest.raises(UsageError, match=f"^{name} must be 0 seconds or more, or math.inf, not "):
        await caller.call(REQUEST, max_wait=limits["max_wait"], timeout=limits["timeout"])
    assert http.asked == []


async def test_a_cancelled_call_is_cancelled_and_leaves_nothing_under_way() -> None:
    caller, _ = opened(hangs)
    task = asyncio.create_task(ask(caller))
    await asyncio.sleep(1.0)
    assert caller.rate_limit().in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert caller.rate_limit().in_flight == 0


async def test_a_token_is_asked_for_before_every_attempt() -> None:
    tokens = iter(f"t-{number}" for number in range(9))
    caller, http = opened(UNAVAILABLE, UNAVAILABLE, gives(), token=lambda: Secret(next(tokens)))
    await ask(caller)
    assert http.tokens == ["t-0", "t-1", "t-2"]


async def test_each_token_has_a_rate_limit_of_its_own() -> None:
    present = "t-1"
    caller, http = opened(gives(headers=spent(0)), token=lambda: Secret(present))
    await ask(caller)
    present = "t-2"
    began_at = now()
    await ask(caller)
    assert now() == began_at
    assert http.tokens == ["t-1", "t-2"]


async def test_clients_of_one_token_share_its_rate_limit() -> None:
    first, _ = opened(gives(headers=spent(7)))
    second, _ = opened(gives())
    await ask(first)
    assert second.rate_limit().remaining == 7


async def test_on_retry_is_told_what_failed_and_how_long_it_waits() -> None:
    notices: list[RetryNotice] = []
    caller, _ = opened(UNAVAILABLE, breaks(ConnectError), gives(), on_retry=notices.append)
    await ask(caller)
    assert [type(notice.error) for notice in notices] == [ServiceUnavailableError, ConnectError]
    assert all(0 <= notice.wait <= bound for notice, bound in zip(notices, (0.5, 1.0), strict=True))


async def test_on_retry_is_told_nothing_when_a_call_gives_up() -> None:
    notices: list[RetryNotice] = []
    caller, _ = opened(UNAVAILABLE, retry=ONCE, on_retry=notices.append)
    with pytest.raises(ServiceUnavailableError):
        await ask(caller)
    assert notices == []


async def test_on_wait_is_told_once_for_all_callers_that_wait() -> None:
    pauses: list[Pause] = []
    caller, _ = opened(gives(headers=spent(0)), gives(headers=spent(99)), on_wait=pauses.append)
    await ask(caller)
    await asyncio.gather(*(ask(caller) for _ in range(5)))
    [pause] = pauses
    assert (pause.reason, pause.permitted, pause.remaining) == ("spent", 100, 0)
    assert 38.9 <= pause.seconds <= 40.2


async def test_a_bug_in_a_hook_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def hook(_: object) -> None:
        raise ZeroDivisionError

    caller, _ = opened(UNAVAILABLE, gives(headers=spent(0)), gives(headers=spent(99)), on_retry=hook, on_wait=hook)
    await ask(caller)
    await ask(caller)
    assert [record.getMessage().partition(" ")[0] for record in caplog.records if record.levelno == logging.ERROR] == [
        "the",
        "the",
    ]


async def test_hooks_of_a_closed_client_are_told_nothing_more() -> None:
    pauses: list[Pause] = []
    caller, _ = opened(gives(), on_wait=pauses.append)
    other, _ = opened(gives(headers=spent(0)), gives(headers=spent(99)))
    await ask(caller)
    await caller.close()
    await ask(other)
    await ask(other)
    assert pauses == []


async def test_what_happens_is_logged_by_degrees(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "katapult_async")
    caller, _ = opened(
        UNAVAILABLE, gives(headers=spent(0)), gives(headers=spent(99)), refuses(404, "network_not_found")
    )
    await ask(caller)
    await ask(caller)
    with pytest.raises(NotFoundError):
        await ask(caller)
    told = {(record.levelname, record.getMessage()[:20]) for record in caplog.records}
    assert {record.name for record in caplog.records} == {"katapult_async"}
    assert ("INFO", "rate limit: spent; 1") in told
    assert ("DEBUG", "GET /networks/networ") in told
    assert ("DEBUG", "not tried again, sin") in told
    assert any(message.startswith("trying again in ") for level, message in told if level == "INFO")


async def test_a_caller_opens_and_closes_its_session() -> None:
    caller, http = opened(gives())
    assert (http.opened, http.closed) == (1, 0)
    await caller.close()
    assert (http.opened, http.closed) == (1, 1)


async def test_closing_ends_what_runs_what_waits_and_what_pauses() -> None:
    running, _ = opened(hangs)
    pausing, _ = opened(UNAVAILABLE, retry=RetryPolicy(wait_initial=1000.0, wait_max=1000.0))
    waiting, _ = opened(gives(headers=spent(0)), token=lambda: Secret("t-9"))
    await ask(waiting)
    calls = [asyncio.create_task(ask(each, timeout=math.inf)) for each in (running, pausing, waiting)]
    await asyncio.sleep(1e-3)
    for each in (running, pausing, waiting):
        await each.close()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [ClientClosedError] * 3
    for end, doing in zip(ends, ("Katapult's answer", "the next attempt", "the rate limit"), strict=True):
        assert doing in str(end)


async def test_closing_inside_a_task_group_is_an_error_and_no_silent_cancellation() -> None:
    caller, _ = opened(hangs)
    with pytest.RaisesGroup(ClientClosedError, ClientClosedError):
        async with asyncio.TaskGroup() as group:
            group.create_task(ask(caller))
            group.create_task(ask(caller))
            await asyncio.sleep(1.0)
            await caller.close()


async def test_a_call_that_is_cancelled_and_closed_at_once_is_cancelled() -> None:
    caller, _ = opened(hangs)
    task = asyncio.create_task(ask(caller))
    await asyncio.sleep(1.0)
    task.cancel()
    await caller.close()
    with pytest.raises((asyncio.CancelledError, ClientClosedError)):
        await task


async def test_an_outage_ends_waiting_calls_with_the_error_that_the_others_met() -> None:
    policy = RetryPolicy(failure_budget=3, outage_patience=20.0, attempts=100)
    caller, http = opened(UNAVAILABLE, retry=policy)
    ends = await asyncio.gather(*(ask(caller, timeout=math.inf) for _ in range(20)), return_exceptions=True)
    assert {type(end) for end in ends} == {ServiceUnavailableError}
    assert any("not sent, since every request has failed for" in str(end) for end in ends)
    assert len(http.asked) < 60


async def test_an_outage_that_ends_in_time_costs_no_call() -> None:
    policy = RetryPolicy(failure_budget=3, outage_patience=60.0, attempts=100)
    steps = [UNAVAILABLE] * 10
    caller, _ = opened(*steps, gives(), retry=policy)
    found = await asyncio.gather(*(ask(caller, timeout=math.inf) for _ in range(20)))
    assert [len(addresses) for addresses in found] == [1] * 20
