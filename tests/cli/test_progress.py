"""The line beside the bar: what it tells, and what it leaves out while nobody knows it."""

import attrs
import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    ConnectError,
    Estimate,
    Failed,
    IPAddress,
    NotFoundError,
    Problem,
    RateLimit,
    RetryNotice,
    Succeeded,
)
from katapult_async.cli.progress import Sight, budget, progress_bar
from katapult_async.cli.summary import Tally
from tests.cli.conftest import Terminal

PROBLEM = Problem(method="GET", path="/x", description="no.", status=404)
QUERY = AddressQuery("vmnet_1", AddressVersion.IPV4)
ANSWERED: Succeeded[AddressQuery, list[IPAddress]] = Succeeded(QUERY, [])

TOLD = "734/1000 this window, next in 23 s"
LONG = Estimate(requests=2500, windows=3, seconds=124.6)
LIMIT = RateLimit(permitted=1000, remaining=734, resets_at=None, resets_in=22.6, queued=0, in_flight=0)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (LIMIT, TOLD),
        (attrs.evolve(LIMIT, resets_in=None), "734/1000 this window"),
        (attrs.evolve(LIMIT, remaining=None), "rate limit not known yet"),
        (attrs.evolve(LIMIT, permitted=None), "rate limit not known yet"),
    ],
)
def test_the_budget_is_told_as_far_as_it_is_known(limit: RateLimit, said: str) -> None:
    assert budget(limit) == said


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (None, ""),
        (Estimate(requests=0, windows=0, seconds=0.0), ""),
        (Estimate(requests=9, windows=1, seconds=0.0), " | the rest fits"),
        (LONG, " | 3 min left"),
        (attrs.evolve(LONG, seconds=119.4), " | 119 s left"),
    ],
)
def test_the_time_left_is_told_as_far_as_the_rate_limit_decides_it(estimate: Estimate | None, said: str) -> None:
    assert str(Sight(tally=Tally(), rate_limit=lambda: LIMIT, estimate=lambda: estimate)) == f"0/?{said} | {TOLD}"


def test_no_time_left_is_told_before_the_rate_limit_is_known() -> None:
    limit = attrs.evolve(LIMIT, remaining=None)
    assert str(Sight(tally=Tally(), rate_limit=lambda: limit, estimate=lambda: LONG)) == (
        "0/? | rate limit not known yet"
    )


def test_progress_is_told_with_failures_retries_and_what_was_resumed_only_if_there_are_any() -> None:
    tally = Tally(answered=1)
    seen = Sight(tally=tally, rate_limit=lambda: LIMIT, estimate=lambda: None)
    assert str(seen) == f"1/? | {TOLD}"
    tally.asked = 2
    assert str(seen) == f"1/2+ | {TOLD}"
    tally.note(Failed(QUERY, NotFoundError(PROBLEM)))
    tally.total = 9
    tally.note_retry(RetryNotice(error=ConnectError(PROBLEM), wait=1.0))
    assert str(seen) == f"2/9, 1 failed | {TOLD} | trying again after ConnectError"
    tally.note(ANSWERED)
    assert str(seen) == f"3/9, 1 failed | {TOLD}"
    tally.resumed = 4
    assert str(seen) == f"7/9, 1 failed | {TOLD} | 4 already answered"


async def test_what_is_always_told_fits_into_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    tally = Tally(total=9999, asked=9999, answered=9900, failures={NotFoundError: 99})
    seen = Sight(tally=tally, rate_limit=lambda: attrs.evolve(LIMIT, remaining=1000), estimate=lambda: LONG)
    shown = Terminal()
    async with progress_bar(seen, stderr=shown):
        pass
    assert "9999/9999, 99 failed | 3 min left | 1000/1000 this window, next in 23 s" in shown.getvalue()
