"""Each protection of the limiter is needed: a simulation misses its goal when the protection is switched off."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from katapult_async.rate_limit import fair_share, window_admission, window_times
from katapult_async.rate_limit.fair_share import FairShare
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.reset_delay import ResetDelay
from katapult_async.rate_limit.server_clock import ServerClock
from katapult_async.rate_limit.window_admission import Window
from katapult_async.rate_limit.window_use import WindowUse
from tests.simulation.scenario import Network, Scenario, informed, simulate
from tests.simulation.server import ServerSettings

pytestmark = pytest.mark.slow

MeetsGoal = Callable[[Scenario, int], bool]
"""Whether a run of a scenario with a seed meets its goal."""


def refuses_at_most(percent: float) -> MeetsGoal:
    return lambda scenario, seed: 100 * simulate(scenario, seed=seed).refused_share <= percent


def is_as_fast_as(*, times: float = 1.01, seconds_a_window: float = 0.2) -> MeetsGoal:
    def meets_goal(scenario: Scenario, seed: int) -> bool:
        ours = simulate(scenario, seed=seed)
        best = simulate(scenario, seed=seed, limiters=informed).makespan
        return ours.makespan <= max(times * best, best + seconds_a_window * ours.windows)

    return meets_goal


def serves_single_calls_quickly(scenario: Scenario, seed: int) -> bool:
    return simulate(scenario, seed=seed).single_call_at(0.9) <= 2 * scenario.network.round_trip


def rarely_refuses_the_foreign_process(scenario: Scenario, seed: int) -> bool:
    return simulate(scenario, seed=seed).foreign_share <= 0.05


def grant_whole_budget_at_once(self: Window, now: float, advance: Callable[[float], int]) -> None:
    before = self.times._index
    original_begin(self, now, advance)
    if self.times._index > before and self.permitted:
        self.remaining = self.permitted


def believe_every_response(self: Window, permit: Permit, report: RateLimitHeaders, *, now: float) -> None:
    if permit in self._requests[permit.priority] and permit.generation != self._generation:
        permit.generation = self._generation
        self._use.in_flight += 1
    original_responded(self, permit, report, now=now)


def forget_lost_request(self: Window, permit: Permit, *, now: float) -> None:  # noqa: ARG001  # replaces a method
    self._end(permit)


def use_newest_response_only(self: ServerClock, date: float, sent_at: float, received_at: float) -> bool:
    self._low = date - received_at
    self._high = date + 1.0 - sent_at
    self._at = received_at
    self.revision += 1
    return False


original_begin = Window._begin
original_responded = Window.responded

FOUR = Scenario(processes=4, requests=850)
EIGHT = Scenario(processes=8, requests=450)

Protection = tuple[Any, str, Any, Scenario, int, MeetsGoal]
"""A class or module, its attribute, and the value that switches the protection off; then a scenario that needs it, with
its seed and its goal."""

PROTECTIONS: dict[str, Protection] = {
    "one probe first": (
        Window,
        "_begin",
        grant_whole_budget_at_once,
        Scenario(server=ServerSettings(late=0.3)),
        101,
        refuses_at_most(0.25),
    ),
    "the limit of requests in flight on a shared token": (
        fair_share,
        "MOST_IN_FLIGHT",
        1e9,
        FOUR,
        101,
        refuses_at_most(0.25),
    ),
    "what others have probably sent since the last response": (
        WindowUse,
        "mean_rate",
        0.0,
        Scenario(processes=4, requests=525, task_size=50),
        107,
        refuses_at_most(0.25),
    ),
    "one request first after a long pause": (
        fair_share,
        "RENEW_AFTER",
        1e9,
        Scenario(processes=4, requests=525, task_size=50, pause=0.8),
        112,
        refuses_at_most(0.25),
    ),
    "last requests left to other processes": (FairShare, "stop_at", lambda *_: 0, EIGHT, 101, refuses_at_most(0.25)),
    "no probe when another batch may have spent the rest": (
        FairShare,
        "_lasts_until",
        lambda *_, **__: math.inf,
        Scenario(processes=8, requests=450, server=ServerSettings(phase=0.8)),
        1031,
        refuses_at_most(0.25),
    ),
    "reserve for single calls": (
        FairShare,
        "_free_at",
        lambda _, now, *__, **___: now,
        Scenario(single_calls=80),
        101,
        serves_single_calls_quickly,
    ),
    "reserve for a foreign process": (
        FairShare,
        "_free_at",
        lambda _, now, *__, **___: now,
        Scenario(foreign=0.3, server=ServerSettings(phase=0.02)),
        102,
        rarely_refuses_the_foreign_process,
    ),
    "counters of this window only": (
        Window,
        "responded",
        believe_every_response,
        Scenario(network=Network(tail_share=0.3, tail=2.0), server=ServerSettings(phase=0.97)),
        105,
        is_as_fast_as(),
    ),
    "lost requests": (
        Window,
        "lost",
        forget_lost_request,
        Scenario(network=Network(broken=0.1)),
        101,
        refuses_at_most(0.01),
    ),
    "memory of the reset delay": (
        ResetDelay,
        "first_probe",
        lambda _: 0.0,
        Scenario(server=ServerSettings(late=1.0)),
        101,
        refuses_at_most(0.25),
    ),
    "probes for a late reset": (
        window_times,
        "GRACE",
        0.0,
        Scenario(server=ServerSettings(late=1.0), requests=3500),
        101,
        is_as_fast_as(seconds_a_window=0.3),
    ),
    "the server's clock as an interval": (
        ServerClock,
        "update",
        use_newest_response_only,
        Scenario(server=ServerSettings(window=6.0, permitted=100), requests=450),
        101,
        is_as_fast_as(seconds_a_window=0.05),
    ),
    "second probe while the first has no response": (
        window_admission,
        "OVERDUE",
        1e9,
        Scenario(requests=100, network=Network(tail_share=0.15, tail=60.0), server=ServerSettings(permitted=30)),
        105,
        is_as_fast_as(),
    ),
    "slow start": (
        window_admission,
        "GROWTH",
        1000,
        Scenario(processes=8, requests=70, server=ServerSettings(permitted=200)),
        101,
        refuses_at_most(10.0),
    ),
}


@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_the_protection_a_goal_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, replacement, scenario, seed, meets_goal = PROTECTIONS[name]
    assert meets_goal(scenario, seed)
    monkeypatch.setattr(owner, attribute, replacement)
    assert not meets_goal(scenario, seed)
