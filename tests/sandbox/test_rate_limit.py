"""The rate limit: its windows, its headers, and what counts."""

import email.utils

import aiohttp
import pytest

from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.rate_limit import Limit, RequestCounter

from .plain_client import ManualClock, PlainClient

PATH = "/data_centers"


async def test_remaining_decreases_by_one_with_each_request(send: PlainClient) -> None:
    assert [(await send(PATH)).remaining for _ in range(3)] == [999, 998, 997]


async def test_rate_limit_headers_are_absent_only_from_errors_that_are_recorded_without_them(
    send: PlainClient, sandbox: Sandbox
) -> None:
    for path, token in ((PATH, None), ("/organizations/org_none", None), (PATH, "made-up")):
        assert (await send(path, token=token)).headers["X-Ratelimit-Permitted"] == "1000"
    sandbox.fail_next(code="unhandled_exception", matching="zones")
    for path, token, code in (
        ("/nowhere", None, "route_not_found"),
        (PATH, "", "missing_api_token"),
        ("/zones", None, "unhandled_exception"),
    ):
        response = await send(path, token=token)
        assert response.code == code
        assert not [name for name in response.headers if name.lower().startswith("x-ratelimit")]


async def test_request_beyond_the_limit_gets_429_with_the_permitted_number(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=2, clock=clock) as sandbox:
        send = PlainClient(sandbox, session)
        statuses = [(await send(PATH)).status for _ in range(2)]
        refused = await send(PATH)
        assert statuses == [200, 200]
        assert (refused.status, refused.code, refused.detail) == (
            429,
            "rate_limit_reached",
            {"total_permitted": 2},
        )
        assert refused.remaining == 0
        assert "Retry-After" not in refused.headers
        assert (sandbox.requests, sandbox.refused) == (3, 1)


async def test_window_ends_at_a_full_minute_of_the_server_clock(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=5, clock=clock, clock_offset=20.5) as sandbox:
        send = PlainClient(sandbox, session)
        clock.now += 39.4  # 20.5 + 39.4 s: 0.1 s before the full minute
        before = await send(PATH)
        clock.now += 0.1
        after = await send(PATH)
        assert (before.remaining, after.remaining) == (4, 4)
        assert (await send(PATH)).remaining == 3
        seconds = [email.utils.parsedate_to_datetime(response.headers["Date"]).second for response in (before, after)]
        assert seconds == [59, 0]


async def test_counter_is_reset_with_a_delay_after_the_date_shows_the_next_window(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=5, clock=clock, reset_delay=1.5) as sandbox:
        send = PlainClient(sandbox, session)
        clock.now += 59
        assert (await send(PATH)).remaining == 4
        clock.now += 2.4  # 1.4 s after the full minute: 0.1 s before the reset
        late = await send(PATH)
        assert late.remaining == 3
        assert email.utils.parsedate_to_datetime(late.headers["Date"]).second == 1
        clock.now += 0.1
        assert (await send(PATH)).remaining == 4


async def test_each_token_has_its_own_budget(send: PlainClient, sandbox: Sandbox) -> None:
    other = sandbox.issue_token()
    assert (await send(PATH)).remaining == 999
    assert (await send(PATH, token=other)).remaining == 999
    assert (await send(PATH, token="made-up")).remaining == 999
    assert (await send(PATH)).remaining == 998


async def test_foreign_use_spends_only_the_budget_of_the_main_token(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=100, clock=clock, foreign_use=5.0) as sandbox:
        send, other = PlainClient(sandbox, session), sandbox.issue_token()
        assert (await send(PATH)).remaining == 99
        clock.now += 10  # 50 requests of the other process
        assert (await send(PATH)).remaining == 48
        assert (await send(PATH, token=other)).remaining == 99
        clock.now += 10  # 50 more
        assert (await send(PATH)).status == 429
        clock.now += 40  # the next window
        assert (await send(PATH)).remaining == 99


@pytest.mark.parametrize(("refused_counts", "remaining"), [(True, 98), (False, 99)])
async def test_setting_refused_counts_decides_whether_a_429_of_a_fault_is_counted(
    clock: ManualClock, session: aiohttp.ClientSession, *, refused_counts: bool, remaining: int
) -> None:
    async with Sandbox(permitted=100, clock=clock, refused_counts=refused_counts) as sandbox:
        send = PlainClient(sandbox, session)
        sandbox.faults = Faults(rate_limited=1.0)
        assert (await send(PATH)).status == 429
        sandbox.faults = Faults()
        assert (await send(PATH)).remaining == remaining


async def test_429_has_no_rate_limit_headers_if_headers_on_refusal_is_false(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=1, clock=clock, headers_on_refusal=False) as sandbox:
        send = PlainClient(sandbox, session)
        assert (await send(PATH)).remaining == 0
        refused = await send(PATH)
        assert refused.status == 429
        assert not [name for name in refused.headers if name.lower().startswith("x-ratelimit")]
        assert "Date" in refused.headers


async def test_route_and_token_errors_precede_the_rate_limit_and_are_counted(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=1, clock=clock) as sandbox:
        send = PlainClient(sandbox, session)
        revoked = sandbox.issue_token()
        sandbox.revoke_token(revoked)
        for _ in range(3):
            assert (await send("/nowhere")).status == 404
            assert (await send(PATH, token="")).status == 400
            assert (await send(PATH, token=revoked)).status == 403
        assert (await send(PATH)).status == 429


def test_windows_start_at_multiples_of_their_length() -> None:
    counter = RequestCounter(Limit(permitted=2, window=0.5))
    states = [counter.count(now) for now in (10.0, 10.4, 10.49, 10.5)]
    assert [state.remaining for state in states] == [1, 0, 0, 1]
    assert [state.refused for state in states] == [False, False, True, False]


def test_clock_that_is_set_back_starts_a_new_window() -> None:
    counter = RequestCounter(Limit(permitted=2))
    assert [counter.count(now).remaining for now in (120.0, 60.0, 60.0)] == [1, 1, 0]


@pytest.mark.parametrize(
    "settings",
    [
        {"permitted": 0},
        {"permitted": 1.5},
        {"permitted": True},
        {"window": 0.0},
        {"window": -1.0},
        {"window": float("nan")},
        {"window": "60"},
        {"reset_delay": -0.1},
        {"reset_delay": 60.0},
    ],
)
def test_limit_rejects_invalid_settings(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Limit(**settings)  # type: ignore[arg-type] # wrong types are among the cases
