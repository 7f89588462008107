import email.utils

import aiohttp
import pytest

from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.rate_limit import Bucket, Limit

from .plain_client import Asker, HandClock

PATH = "/data_centers"


async def test_remaining_falls_by_one_per_request(ask: Asker) -> None:
    assert [(await ask(PATH)).remaining for _ in range(3)] == [999, 998, 997]


async def test_every_answer_tells_what_is_permitted(ask: Asker) -> None:
    for path in (PATH, "/organizations/org_none", "/nowhere"):
        assert (await ask(path)).headers["X-Ratelimit-Permitted"] == "1000"
    assert (await ask(PATH, token="")).headers["X-Ratelimit-Permitted"] == "1000"


async def test_past_the_limit_comes_429_with_what_is_permitted(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=2, clock=clock) as sandbox:
        ask = Asker(sandbox, session)
        statuses = [(await ask(PATH)).status for _ in range(2)]
        refused = await ask(PATH)
        assert statuses == [200, 200]
        assert (refused.status, refused.code, refused.detail) == (
            429,
            "rate_limit_reached",
            {"total_permitted": 2},
        )
        assert refused.remaining == 0
        assert "Retry-After" not in refused.headers
        assert (sandbox.requests, sandbox.refused) == (3, 1)


async def test_a_window_ends_at_the_whole_minute_of_the_servers_clock(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=5, clock=clock, clock_offset=20.5) as sandbox:
        ask = Asker(sandbox, session)
        clock.now += 39.4
        before = await ask(PATH)
        clock.now += 0.1
        after = await ask(PATH)
        assert (before.remaining, after.remaining) == (4, 4)
        assert (await ask(PATH)).remaining == 3
        seconds = [email.utils.parsedate_to_datetime(each.headers["Date"]).second for each in (before, after)]
        assert seconds == [59, 0]


async def test_a_late_boundary_leaves_the_date_ahead_of_the_window(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=5, clock=clock, boundary_late=1.5) as sandbox:
        ask = Asker(sandbox, session)
        clock.now += 59
        assert (await ask(PATH)).remaining == 4
        clock.now += 2.4
        late = await ask(PATH)
        assert late.remaining == 3
        assert email.utils.parsedate_to_datetime(late.headers["Date"]).second == 1
        clock.now += 0.1
        assert (await ask(PATH)).remaining == 4


async def test_each_token_has_a_budget_of_its_own(ask: Asker, sandbox: Sandbox) -> None:
    other = sandbox.issue_token()
    assert (await ask(PATH)).remaining == 999
    assert (await ask(PATH, token=other)).remaining == 999
    assert (await ask(PATH, token="")).remaining == 999
    assert (await ask(PATH)).remaining == 998


async def test_foreign_use_takes_from_the_main_token_only(clock: HandClock, session: aiohttp.ClientSession) -> None:
    async with Sandbox(permitted=100, clock=clock, foreign_use=5.0) as sandbox:
        ask, other = Asker(sandbox, session), sandbox.issue_token()
        assert (await ask(PATH)).remaining == 99
        clock.now += 10
        assert (await ask(PATH)).remaining == 48
        assert (await ask(PATH, token=other)).remaining == 99
        clock.now += 10
        assert (await ask(PATH)).status == 429
        clock.now += 40
        assert (await ask(PATH)).remaining == 99


@pytest.mark.parametrize(("refused_counts", "remaining"), [(True, 98), (False, 99)])
async def test_whether_an_untimely_refusal_counts_is_a_setting(
    clock: HandClock, session: aiohttp.ClientSession, *, refused_counts: bool, remaining: int
) -> None:
    async with Sandbox(permitted=100, clock=clock, refused_counts=refused_counts) as sandbox:
        ask = Asker(sandbox, session)
        sandbox.faults = Faults(rate_limited=1.0)
        assert (await ask(PATH)).status == 429
        sandbox.faults = Faults()
        assert (await ask(PATH)).remaining == remaining


async def test_whether_a_refusal_tells_the_budget_is_a_setting(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=1, clock=clock, headers_on_refusal=False) as sandbox:
        ask = Asker(sandbox, session)
        assert (await ask(PATH)).remaining == 0
        refused = await ask(PATH)
        assert refused.status == 429
        assert not [name for name in refused.headers if name.lower().startswith("x-ratelimit")]
        assert "Date" in refused.headers


async def test_a_route_or_token_that_is_missing_answers_before_the_limit(
    clock: HandClock, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(permitted=1, clock=clock) as sandbox:
        ask = Asker(sandbox, session)
        for _ in range(3):
            assert (await ask("/nowhere")).status == 404
            assert (await ask(PATH, token="")).status == 400
        assert (await ask("/organizations", token=sandbox.issue_token(scopes=()))).status == 403
        assert (await ask(PATH)).status == 429


def test_a_window_of_any_length_starts_at_its_multiples() -> None:
    bucket = Bucket(Limit(permitted=2, window=0.5))
    seen = [bucket.spend(now) for now in (10.0, 10.4, 10.49, 10.5)]
    assert [each.remaining for each in seen] == [1, 0, 0, 1]
    assert [each.refused for each in seen] == [False, False, True, False]


def test_a_clock_that_is_set_back_opens_a_new_window() -> None:
    bucket = Bucket(Limit(permitted=2))
    assert [bucket.spend(now).remaining for now in (120.0, 60.0, 60.0)] == [1, 1, 0]


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
        {"boundary_late": -0.1},
        {"boundary_late": 60.0},
    ],
)
def test_a_limit_checks_itself(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Limit(**settings)  # type: ignore[arg-type] # wrong types are among the cases
