"""The progress of a job: the line, the bar, and the messages about waits and outages."""

import asyncio
import collections
import datetime
import sys

import attrs
import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    ConnectError,
    DenialReason,
    Estimate,
    Failed,
    IPAddress,
    NotFoundError,
    Outage,
    Problem,
    RateLimit,
    RetryNotice,
    ServiceUnavailableError,
    Succeeded,
    WaitNotice,
)
from katapult_async.cli import progress
from katapult_async.cli.progress import JobProgress, budget_text, show_progress
from katapult_async.cli.summary import Summary
from katapult_async.cli.wait_messages import show_wait
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command, Terminal

PROBLEM = Problem(method="GET", path="/x", description="no.", status=404)
QUERY = AddressQuery("vmnet_1", AddressVersion.IPV4)
ANSWERED: Succeeded[AddressQuery, list[IPAddress]] = Succeeded(QUERY, [])

BUDGET = "734 of 1000 left, resets in 23 s"
LONG = Estimate(requests=2500, windows=3, seconds=124.6)
LIMIT = RateLimit(permitted=1000, remaining=734, resets_at=None, resets_in=22.6, queued=0, in_flight=0)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (LIMIT, BUDGET),
        (attrs.evolve(LIMIT, resets_in=None), "734 of 1000 left"),
        (attrs.evolve(LIMIT, remaining=None), "rate limit not known yet"),
        (attrs.evolve(LIMIT, permitted=None), "rate limit not known yet"),
    ],
)
def test_text_of_the_budget_has_only_what_is_known(limit: RateLimit, text: str) -> None:
    assert budget_text(limit) == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (None, ""),
        (Estimate(requests=0, windows=0, seconds=0.0), ""),
        (Estimate(requests=9, windows=1, seconds=0.0), " | the rest fits into this window"),
        (LONG, " | 3 min left"),
        (attrs.evolve(LONG, seconds=119.4), " | 119 s left"),
    ],
)
def test_time_left_is_shown_if_the_job_must_wait_for_the_rate_limit(estimate: Estimate | None, text: str) -> None:
    assert JobProgress(estimate=lambda: estimate).line(LIMIT) == f"0/?{text} | {BUDGET}"


def test_no_time_left_is_shown_before_the_rate_limit_is_known() -> None:
    limit = attrs.evolve(LIMIT, remaining=None)
    assert JobProgress(estimate=lambda: LONG).line(limit) == "0/? | rate limit not known yet"


def test_failures_retries_and_resumed_queries_are_shown_when_there_are_any() -> None:
    summary = Summary(answered=1)
    job = JobProgress(summary=summary, has_bar=True)

    def line() -> str:
        return job.line(LIMIT)

    assert line() == f"1/? | {BUDGET}"
    summary.queries = 2
    assert line() == f"1/2+ | {BUDGET}"
    summary.add(Failed(QUERY, NotFoundError(PROBLEM)))
    summary.total = 9
    job.attempt_failed(RetryNotice(error=ConnectError(PROBLEM), wait=1.0))
    assert line() == f"2/9, 1 failed | {BUDGET} | trying again after: no"
    summary.add(ANSWERED)
    assert line() == f"3/9, 1 failed | {BUDGET}"
    summary.answered_before = 4
    assert line() == f"7/9, 1 failed | {BUDGET} | 4 already answered"


UNAVAILABLE = Problem(method="GET", path="/x", description="down.", status=503, code="service_unavailable", attempts=2)
RETRY = RetryNotice(error=ServiceUnavailableError(UNAVAILABLE), wait=0.5)


@attrs.define
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


LAST_ERROR = "the last error: down (503 service_unavailable, 2 attempts): GET /x"


def outage(*, endpoint: str | None = None, until: float | None = None) -> Outage:
    return Outage(
        endpoint=endpoint, since=local_time(14, 3, 12), until=until, last_error=ServiceUnavailableError(UNAVAILABLE)
    )


def local_time(hour: int, minute: int, second: int) -> float:
    return datetime.datetime(2026, 11, 26, hour, minute, second).timestamp()  # noqa: DTZ001 # users read local time


def test_outage_is_shown_in_place_of_the_time_left_and_the_retry() -> None:
    job = JobProgress(summary=Summary(answered=1, queries=9, total=9), outage_timeout=900.0, estimate=lambda: LONG)
    job.attempt_failed(RetryNotice(error=ConnectError(PROBLEM), wait=1.0))
    line = job.line(LIMIT, (outage(),))
    assert line == f"1/9 | requests have failed since 14:03:12, trying until 14:18:12 | {BUDGET}"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (outage(), f"requests have failed since 14:03:12, trying until 14:18:12; {LAST_ERROR}"),
        (
            outage(endpoint="GET /tags/tag"),
            f"requests to GET /tags/tag have failed since 14:03:12, trying until 14:18:12; {LAST_ERROR}",
        ),
        (outage(until=local_time(14, 3, 55)), "requests succeed again after 43 s"),
        (
            outage(endpoint="GET /tags/tag", until=local_time(14, 4, 12)),
            "requests to GET /tags/tag succeed again after 60 s",
        ),
    ],
)
def test_beginning_and_end_of_an_outage_are_shown(
    changed: Outage, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    JobProgress(outage_timeout=900.0).outage(changed)
    assert capsys.readouterr().err == f"{text}\n"


async def test_bar_fits_into_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    summary = Summary(total=9999, queries=9999, answered=9900, failures=collections.Counter({NotFoundError: 99}))
    job = JobProgress(summary=summary, estimate=lambda: LONG, has_bar=True)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    async with show_progress(job, line=lambda: job.line(attrs.evolve(LIMIT, remaining=1000))):
        await asyncio.sleep(0)  # the bar is drawn by a task
    assert "9999/9999, 99 failed | 3 min left | 1000 of 1000 left, resets in 23 s" in terminal.getvalue()


@pytest.mark.parametrize("columns", ["0", "-5", "abc", "²", "99999999999"])
async def test_bar_is_shown_even_if_the_variables_of_its_size_are_invalid(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", columns)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    async with show_progress(JobProgress(has_bar=True), line=lambda: "0/?"):
        await asyncio.sleep(0)  # the bar is drawn by a task
    assert terminal.getvalue()


def wait_notice(seconds: float, *, queued: int = 5) -> WaitNotice:
    return WaitNotice(
        reason=DenialReason.SPENT, seconds=seconds, queued=queued, permitted=9, remaining=0, resets_at=None
    )


@pytest.mark.parametrize(
    ("seconds", "queued", "text"),
    [
        (1.9, 5, ""),
        (23.4, 5, "rate limit: 5 calls wait 23.4 s: all requests of the window are used up\n"),
        (3.0, 1, "rate limit: 1 call waits 3.0 s: all requests of the window are used up\n"),
    ],
)
def test_wait_is_shown_if_it_takes_two_seconds_or_longer(
    seconds: float, queued: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_wait(wait_notice(seconds, queued=queued), show=JobProgress().show)
    assert capsys.readouterr().err == text


def test_lack_of_progress_is_shown_once_in_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = []
    job = JobProgress(clock=clock)
    for _ in range(25):
        job.attempt_failed(RETRY)
        lines += capsys.readouterr().err.splitlines()
        clock.now += 1
    assert lines == [
        f"no progress for {seconds} s, trying again after: down (503 service_unavailable, 2 attempts): GET /x"
        for seconds in (2, 12, 22)
    ]


def test_failures_are_not_shown_while_queries_are_answered(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    job = JobProgress(clock=clock)
    for _ in range(25):
        job.attempt_failed(RETRY)
        clock.now += 5
        job.summary.answered += 1
    assert capsys.readouterr().err == ""


@pytest.mark.looptime
async def test_progress_line_is_shown_after_10_s_without_a_message_and_then_after_60_s(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The message at 75 s begins a new period of 60 s."""
    clock = asyncio.get_running_loop().time
    started_at = clock()
    job = JobProgress(clock=clock)
    async with show_progress(job, line=lambda: f"{clock() - started_at:g}"):
        await asyncio.sleep(75)
        show_wait(wait_notice(3), show=job.show)
        await asyncio.sleep(75)
    assert capsys.readouterr().err.splitlines() == [
        "so far: 10",
        "so far: 70",
        "rate limit: 5 calls wait 3.0 s: all requests of the window are used up",
        "so far: 135",
    ]


@pytest.mark.parametrize(
    ("is_terminal", "term", "has_bar"),
    [(True, "xterm", True), (True, "dumb", False), (True, "unknown", False), (False, "xterm", False)],
)
def test_lack_of_progress_is_shown_only_without_a_bar(
    *,
    is_terminal: bool,
    term: str,
    has_bar: bool,
    sandbox: Sandbox,
    command: Command,
    ids: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(progress, "SHORT_WAIT", 0.0)
    sandbox.fail_next(code="service_unavailable")
    result = command("available-ips", *ids, "-o", "csv", stderr=Terminal() if is_terminal else None)
    assert result.code == 0
    assert ("no progress for 0 s, trying again after: " in result.err) is not has_bar
