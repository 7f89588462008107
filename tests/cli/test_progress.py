"""The line beside the bar: what it tells, and what it leaves out while nobody knows it."""

import asyncio

import attrs
import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    ClientClosedError,
    ConnectError,
    DenialReason,
    Estimate,
    Failed,
    IPAddress,
    NotFoundError,
    Problem,
    RateLimit,
    RateLimitPause,
    RetryNotice,
    ServiceUnavailableError,
    Succeeded,
)
from katapult_async.cli.error_messages import cause
from katapult_async.cli.progress import Delays, Sight, budget, progress_bar, progress_lines
from katapult_async.cli.summary import Tally
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import Command, Terminal

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


UNAVAILABLE = Problem(method="GET", path="/x", description="down.", status=503, code="service_unavailable", attempts=2)
FAILED = RetryNotice(error=ServiceUnavailableError(UNAVAILABLE), wait=0.5)


@attrs.define
class Run:
    """A run whose time and progress are set."""

    now: float = 1000.0
    done: int = 0

    def delays(self) -> Delays:
        return Delays(progress=lambda: self.done, clock=lambda: self.now)


def pause(seconds: float, *, queued: int = 5) -> RateLimitPause:
    return RateLimitPause(
        reason=DenialReason.SPENT, seconds=seconds, queued=queued, permitted=9, remaining=0, resets_at=None
    )


@pytest.mark.parametrize(
    ("seconds", "queued", "said"),
    [
        (1.9, 5, ""),
        (23.4, 5, "the rate limit is spent: 5 queries wait 23 s for the next window\n"),
        (3.0, 1, "the rate limit is spent: 1 query waits 3 s for the next window\n"),
    ],
)
def test_a_wait_is_told_if_it_is_long_enough_to_be_noticed(
    seconds: float, queued: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Run().delays().paused(pause(seconds, queued=queued))
    assert capsys.readouterr().err == said


def test_an_outage_is_told_once_in_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run()
    delays = run.delays()
    told = []
    for _ in range(25):
        delays.retried(FAILED)
        told += capsys.readouterr().err.splitlines()
        run.now += 1
    assert told == [
        f"no progress for {seconds} s, trying again after: GET /x: down (service_unavailable, status 503, 2 attempts)"
        for seconds in (2, 12, 22)
    ]


def test_failures_between_answers_are_no_outage(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run()
    delays = run.delays()
    for _ in range(25):
        delays.retried(FAILED)
        run.now += 5
        run.done += 1
    assert capsys.readouterr().err == ""


@pytest.mark.looptime
async def test_progress_is_told_after_a_silence_and_later_less_often(capsys: pytest.CaptureFixture[str]) -> None:
    """Other lines break the silence too."""
    clock = asyncio.get_running_loop().time
    began_at = clock()
    delays = Delays(clock=clock)
    async with progress_lines(delays, line=lambda: f"so far: {clock() - began_at:g}"):
        await asyncio.sleep(75)
        delays.paused(pause(3))
        await asyncio.sleep(75)
    assert capsys.readouterr().err.splitlines() == [
        "so far: 10",
        "so far: 70",
        "the rate limit is spent: 5 queries wait 3 s for the next window",
        "so far: 135",
    ]


def test_a_cause_without_a_request_is_its_text() -> None:
    assert cause(ClientClosedError("closed")) == "closed"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_batch_hears_of_failures_with_a_bar_and_without(
    *, terminal: bool, sandbox: Sandbox, command: Command, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[RetryNotice] = []
    monkeypatch.setattr(Delays, "retried", lambda _, notice: heard.append(notice))
    sandbox.faults = Faults(service_unavailable=0.2)
    stderr = Terminal() if terminal else None
    assert command("available-ips", *ids, "-o", "csv", stderr=stderr).code == 0
    assert bool(heard) is not terminal
