"""The rules that a window keeps in any order of events."""

import asyncio
import math
from collections import Counter, deque
from typing import NamedTuple

from hypothesis import HealthCheck, example, given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from katapult_async.call_limits import Priority
from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import OVERDUE
from katapult_async.rate_limit.wait_reasons import Denied
from katapult_async.rate_limit.window_admission import Window
from tests.scripted_transport import now
from tests.simulation.virtual_time import run

from .simulated_server import MIDNIGHT, acquire, new_permit

WINDOW = 10.0
PERMITTED = 12


class EventsInAnyOrder(RuleBasedStateMachine):
    """A window, and a punctual server whose responses arrive in any order or are lost."""

    @initialize(phase=st.floats(0.0, 0.99))
    def begin(self, phase: float) -> None:
        self.window = Window(seconds=WINDOW, random=lambda: 0.5)
        self.now = 500.0
        self.offset = MIDNIGHT + phase * WINDOW - self.now
        self.index = self.window_of(self.now)
        self.used = 0
        self.sent: list[Permit] = []
        self.responses: list[tuple[Permit, RateLimitHeaders]] = []

    def window_of(self, now: float) -> int:
        return math.floor((now + self.offset) / WINDOW)

    def count(self) -> bool:
        """Count one request, as the server does; return whether it is refused."""
        if self.window_of(self.now) != self.index:
            self.index = self.window_of(self.now)
            self.used = 0
        refused = self.used >= PERMITTED
        if not refused:
            self.used += 1
        return refused

    @rule(seconds=st.sampled_from([0.001, 0.05, 0.3, 1.0, 4.0, 15.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(priority=st.sampled_from(Priority), to_send=st.sampled_from([0, 5, 1000]))
    def acquire(self, priority: Priority, to_send: int) -> None:
        result = acquire(self.window, new_permit(priority), self.now, to_send=to_send)
        if isinstance(result, Permit):
            self.sent.append(result)
            return
        assert result.until > self.now
        if result.until == math.inf:
            assert self.window.in_flight > 0, "only a response can help, and none is due"
        else:
            assert result.until <= self.now + WINDOW + 2.0, "waits beyond the next window"

    @rule(data=st.data())
    def reach_server(self, data: st.DataObject) -> None:
        if self.sent:
            permit = self.sent.pop(data.draw(st.integers(0, len(self.sent) - 1)))
            refused = self.count()
            date = float(math.floor(self.now + self.offset))
            self.responses.append((permit, RateLimitHeaders(PERMITTED, PERMITTED - self.used, date, refused)))

    @rule(data=st.data(), lost=st.booleans())
    def receive_response(self, data: st.DataObject, lost: bool) -> None:  # noqa: FBT001  # drawn by hypothesis
        if self.responses:
            permit, headers = self.responses.pop(data.draw(st.integers(0, len(self.responses) - 1)))
            if lost:
                self.window.lost(permit, now=self.now)
            else:
                self.window.responded(permit, headers, now=self.now)

    @rule()
    def take_back_permit(self) -> None:
        if self.sent:
            self.window.unsent(self.sent.pop())

    @rule()
    def count_request_of_another_process(self) -> None:
        self.count()

    @rule(seconds=st.sampled_from([-30.0, -0.5, 0.5, 30.0]))
    def set_clock(self, seconds: float) -> None:
        self.offset += seconds

    @invariant()
    def requests_in_flight_are_counted(self) -> None:
        if hasattr(self, "window"):
            assert self.window.in_flight == len(self.sent) + len(self.responses)

    def teardown(self) -> None:
        if not hasattr(self, "window"):
            return
        for permit in self.sent:
            self.window.unsent(permit)
        for permit, headers in self.responses:
            self.window.responded(permit, headers, now=self.now)
        assert self.window.in_flight == 0
        for _ in range(40):  # from any state, a request is granted in the end
            result = acquire(self.window, new_permit(Priority.SINGLE), self.now)
            if isinstance(result, Permit):
                break
            assert result.until < math.inf
            self.now = result.until
        assert isinstance(result, Permit)


TestEventsInAnyOrder = EventsInAnyOrder.TestCase
TestEventsInAnyOrder.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


class Response(NamedTuple):
    """A response on its way. Responses are sorted by their arrival, and then by their number."""

    arrives_at: float
    number: int
    permit: Permit
    headers: RateLimitHeaders | None
    """None if it is lost."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.integers(0, PERMITTED - 1),
    delays=st.lists(st.floats(0.01, 3.0), min_size=1, max_size=40),
    lost=st.sets(st.integers(0, 39)),
)
def test_no_more_than_the_known_budget_is_granted_in_a_window(first: int, delays: list[float], lost: set[int]) -> None:
    window = Window(seconds=600.0, random=lambda: 0.5)
    now, used, granted = 100.0, first, 0
    on_the_way: list[Response] = []
    number = 0
    for delay in [0.0, *delays]:
        now += delay / 4
        for response in sorted(response for response in on_the_way if response.arrives_at <= now):
            on_the_way.remove(response)
            if response.headers is None:
                window.lost(response.permit, now=now)
            else:
                assert not response.headers.refused
                window.responded(response.permit, response.headers, now=now)
        while True:
            permit = acquire(window, new_permit(Priority.SINGLE), now)
            if isinstance(permit, Denied):
                break
            granted += 1
            used += 1
            headers = RateLimitHeaders(
                PERMITTED, max(0, PERMITTED - used), MIDNIGHT + 300.0 + math.floor(now), used > PERMITTED
            )
            if granted == 1:  # the first response comes at once, and reports the budget
                window.responded(permit, headers, now=now)
            else:
                on_the_way.append(Response(now + delay, number, permit, None if number in lost else headers))
            number += 1
    assert first + granted <= PERMITTED


@settings(max_examples=40, deadline=None)
# in the example, two cancelled calls would keep their slots forever if the limiter did not learn of it
@example(callers=[(Priority.SINGLE, 1.0, None), *[(Priority.SINGLE, 0.65625, 0.6875)] * 2], permitted=1)
@given(
    callers=st.lists(
        st.tuples(st.sampled_from(Priority), st.floats(0.0, 5.0), st.none() | st.floats(0.1, 30.0)),
        min_size=1,
        max_size=30,
    ),
    permitted=st.integers(1, 6),
)
def test_every_waiter_is_served_and_equal_priorities_keep_their_order(
    callers: list[tuple[Priority, float, float | None]], permitted: int
) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        limiter = RateLimiter(RateLimitPolicy(window=WINDOW, max_in_flight=3), clock=now, random=lambda: 0.5)
        begun: list[tuple[Priority, int]] = []  # priority and number of each call, in the order of their beginning
        served: list[tuple[Priority, int]] = []  # the same, in the order in which they got their permits
        used: Counter[int] = Counter()  # requests that the server has counted in each window

        async def call(number: int, priority: Priority, starts_in: float) -> None:
            await asyncio.sleep(starts_in)
            begun.append((priority, number))
            permit = await limiter.acquire(priority=priority, max_wait=None)
            served.append((priority, number))
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                limiter.lost(permit)
                raise
            index = int(loop.time() // WINDOW)
            used[index] += 1
            left = permitted - used[index]
            limiter.responded(
                permit, RateLimitHeaders(permitted, max(0, left), float(int(loop.time())), refused=left < 0)
            )

        tasks = []
        for number, (priority, starts_in, cancelled_in) in enumerate(callers):
            task = asyncio.create_task(call(number, priority, starts_in))
            tasks.append(task)
            if cancelled_in is not None:
                loop.call_later(cancelled_in, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        kept = {number for number, task in enumerate(tasks) if not task.cancelled()}  # every one of these was served
        for priority in Priority:
            order = [entry for entry in served if entry[0] is priority and entry[1] in kept]
            assert order == [entry for entry in begun if entry[0] is priority and entry[1] in kept]
        assert limiter.snapshot().queued == 0

    run(main())


@settings(max_examples=60, deadline=None)
@given(
    round_trip=st.floats(0.01, 2.0),
    permitted=st.integers(5, 50),
    phase=st.floats(0.0, 0.99),
    every=st.floats(0.01, 0.5),
)
# in the first example, 26 requests are refused if the window does not count the requests sent before its reset
@example(round_trip=2.77, permitted=50, phase=0.218, every=0.393)
@example(round_trip=1.625, permitted=19, phase=0.59375, every=0.01)  # a second probe is refused
# two requests are refused if an unchanged counter after the end of a window is not taken for its reset
@example(round_trip=0.5, permitted=5, phase=0.9375, every=0.25)
def test_punctual_server_that_responds_in_order_refuses_nothing_but_second_probes(
    round_trip: float, permitted: int, phase: float, every: float
) -> None:
    """The round trip may be so long that many requests sent in one window count in the next."""
    window = Window(seconds=WINDOW, random=lambda: 0.5)
    offset = MIDNIGHT + phase * WINDOW
    now, refused, used = 0.0, 0, Counter[int]()
    requests, responses = deque[tuple[float, Permit]](), deque[tuple[float, Permit, RateLimitHeaders]]()
    while now < 5 * WINDOW:
        now += every
        while requests and requests[0][0] <= now:
            arrived, permit = requests.popleft()
            index = math.floor((arrived + offset) / WINDOW)
            used[index] += 1
            if used[index] > permitted:
                refused += 1
            left = max(0, permitted - used[index])
            headers = RateLimitHeaders(permitted, left, float(math.floor(arrived + offset)), used[index] > permitted)
            responses.append((arrived + round_trip / 2, permit, headers))
        while responses and responses[0][0] <= now:
            _, permit, headers = responses.popleft()
            window.responded(permit, headers, now=now)
        while True:
            result = acquire(window, new_permit(Priority.BATCH), now, to_send=1000)
            if isinstance(result, Denied):
                break
            requests.append((now + round_trip / 2, result))
    assert sum(used.values()) > 2 * permitted
    # a second probe is sent if the first has no response after `OVERDUE` seconds: one more request in a window
    assert refused <= (5 if round_trip > OVERDUE else 0)
