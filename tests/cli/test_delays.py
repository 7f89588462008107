"""What is said of a run that does not get on, where no progress bar says it: on a clock that the test moves."""

import asyncio

import attrs
import pytest

from katapult_async import (
    ClientClosedError,
    DenialReason,
    Problem,
    RateLimitPause,
    RetryNotice,
    ServiceUnavailableError,
)
from katapult_async.cli.delays import Delays, cause, progress_lines
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import Command, Terminal

PROBLEM = Problem(method="GET", path="/x", description="down.", status=503, code="service_unavailable", attempts=2)
FAILED = RetryNotice(error=ServiceUnavailableError(PROBLEM), wait=0.5)


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
        f"no progress for {seconds} s, trying again after: down (503 service_unavailable, 2 attempts): GET /x"
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
