"""The rate-limit windows of a token, or of an endpoint with its own limit: may a request be sent now, and if not, when?

No event loop, clock, randomness or log: times are monotonic seconds that the caller passes in. Where a time is on the
server's clock, or in Unix seconds, its name or docstring names that clock.

Theory of operation
===================

**What the server does.** It counts the requests of each token and resets the counter at the start of each window, which
for Katapult is ``:00`` of the server's clock. Every response reports how many requests are left and, to the second, the
server's time. Past the limit the response is 429. So the fastest batch spends each window's requests as fast as the
network carries them, and then waits for the next ``:00`` of the server's clock.

**The states of a window**, in order.

1. *Rollover.* A window begins when the server's clock has certainly reached ``:00`` (`WindowTimes`). Its counter is
   not known yet.
2. *Probe.* If nothing was left of the window before, one request is sent, and one more for each second without a
   response.
3. *Late.* If the response to a probe is 429, or its counter did not rise, the server resets late, and the next probe
   follows soon. This holds only for the first seconds after ``:00`` (`window_times.GRACE`). Later than that, another
   process has spent the window. There is one exception: if no response has shown that the counter rose, then the spent
   window may still be the old one. Then single calls send a few more probes. `ResetEvidence` lists what responses show.
4. *Open.* A response shows that the counter was set back. From now on a permit is granted while the counter, minus the
   requests in flight, is 1 or more. In the first window of a process, few requests are in flight at first
   (`INITIAL_IN_FLIGHT`, `GROWTH`).
5. *In doubt.* A 429 that reports no counter, or reports a 0 that is doubted, may concern one call alone. When nothing
   is in flight, one other call is sent, the test, which decides whether the window is open or spent
   (`DoubtfulRefusals`).
6. *Drained and spent.* When the last requests are in flight (`DRAINING`) or used (`SPENT`, `REFUSED`), all calls wait
   for the next rollover.

**Which counters are believed.** Inside a window the counter only falls, so the smallest number that was reported since
the reset is the newest. Each permit carries the number of its *generation*, which changes at every rollover: the
response to a request of an earlier generation may report the old window, so its counter is ignored. When the response
to a request reports *more* than a response that was received before the request was sent, then a new window has begun,
whatever the clocks say. Requests that the server may have counted without a report are `UncountedRequests`. While some
of them were sent before the reset, one more request is allowed although no room is left, because they may not have
counted.

**Who else uses the token** is seen in `WindowUse`, and `FairShare` decides what a batch leaves to others.
"""

import math
from collections.abc import Callable, Sequence

import attrs

from katapult_async.call_limits import BATCH, SINGLE, Priority
from katapult_async.rate_limit.fair_share import FairShare
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.requests_in_flight import OVERDUE, OVERDUE_FACTOR, RequestsInFlight
from katapult_async.rate_limit.status import Estimate, RateLimit
from katapult_async.rate_limit.too_many_requests import DoubtfulRefusals, is_doubtful
from katapult_async.rate_limit.uncounted_requests import UncountedRequests
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied, DeniedCalls
from katapult_async.rate_limit.window_times import ResetEvidence, WindowTimes
from katapult_async.rate_limit.window_use import WindowUse

__all__ = ["ToSend", "Window"]

ToSend = Callable[[object], int]
"""Takes the key of a batch; returns the requests still to be sent by it, and by all batches with fewer left."""

INITIAL_IN_FLIGHT = 4
"""Requests in flight at once, of each priority, while the budget is unknown. A batch sends the next one only when those
before are overdue. So if nothing is left when it begins, only two requests are refused: the first one, and its test."""

GROWTH = 2
"""Each response permits this many more requests in flight, until the first window of this process has ended."""

ASSUMED_PERMITTED = 1000
"""Requests that a window is assumed to permit until the server reports a number: the documented one."""


class Window:
    """The successive windows of one counter of the server: grants requests and learns from their responses."""

    def __init__(self, *, seconds: float, random: Callable[[], float]) -> None:
        self._seconds = seconds
        self._random = random
        self.times: WindowTimes = WindowTimes(seconds=seconds)
        """When the windows begin and end."""

        self._fair_share = FairShare(seconds=seconds)
        self._has_seen_window = False  # whether a window has ended since the first request
        self.permitted: int | None = None
        """Requests that a window permits; None until a response reports them."""

        self.remaining: int | None = None
        """The last counter, perhaps in an earlier window; 0 while a refusal is doubtful; None if unknown."""

        self._requests = (RequestsInFlight(), RequestsInFlight())  # those in flight, by priority
        self._fastest = math.inf  # seconds of the fastest response, doubled at each rollover since then
        self.overdue_after: float = OVERDUE
        """Seconds after which a request is overdue, so that nothing waits for its response any longer."""

        self.windows_opened: int = 0
        """Windows that a response showed to be open."""

        self._generation = 0
        # since the last rollover
        self._doubt: DoubtfulRefusals | None = None  # while it is unknown what the last refusals mean
        self._tested_at = -math.inf  # when the test that showed the window to be open was sent
        self._use = WindowUse(0.0)
        # across rollovers
        self._uncounted = UncountedRequests()
        self._reported_at = 0.0  # when the response that set `remaining` arrived
        self._report_sent_at = -math.inf  # when the last request was sent whose response reported a counter
        self._was_refused = False  # whether a request was refused since a response showed an open window

    @property
    def began_at(self) -> float:
        """When the current window was seen to begin."""
        return self._use.began_at

    @property
    def is_shared(self) -> bool:
        """Whether other processes were seen to use the token."""
        return self._fair_share.share(self._use) < 1.0

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return len(self._requests[SINGLE]) + len(self._requests[BATCH])

    # permits

    def check(self, permit: Permit, now: float, *, to_send: ToSend = lambda _: 0) -> Denied | None:
        """Return why a permit may not be granted now, or None if it may. Begins the next window if that is due.

        If a request is held back from a batch, that is recorded; see `FairShare.hold_back`.

        Args:
            permit: of the call that wants to send a request.
            now: monotonic seconds.
            to_send: returns the requests still to be sent by the call's batch and others. It is called only if a
                request may be held back from the batch, since it takes time while there are many batches.
        """
        priority = permit.priority
        if now >= self.times.rollover_at or (now >= self.times.urgent_at and priority is SINGLE):
            self._begin(now, self.times.roll_over)
        if self._doubt is not None:
            return self._denial_of_test(permit, now)
        same_priority = self._requests[priority]
        if self.remaining is None:
            return None if self.times.evidence else self._denial_of_first(same_priority, priority, now)
        uncounted = self._uncounted.count
        if uncounted and not self._use.in_flight and self._uncounted.should_probe(self.remaining):
            return None  # the response shows whether they were counted
        room = self.remaining - self.in_flight - uncounted
        if room < 1:  # the counter includes those in flight that were overdue when the last reporting request was sent
            room += sum(requests.overdue(self._report_sent_at, self.overdue_after) for requests in self._requests)
        if room < 1:
            return self._denial_without_room(now, priority)
        allowed = INITIAL_IN_FLIGHT + GROWTH * (self._use.own - self._use.in_flight)
        if not self._has_seen_window and same_priority.not_overdue(now, self.overdue_after) >= allowed:
            return Denied(self._until_response(now), DenialReason.PROBING)
        return None if priority is SINGLE else self._hold_back(permit, now, room, to_send)

    def _denial_of_first(self, same_priority: RequestsInFlight, priority: Priority, now: float) -> Denied | None:
        """Return why a request may not be among the first ones, before any response."""
        if len(same_priority) >= INITIAL_IN_FLIGHT:
            return Denied(math.inf, DenialReason.PROBING)
        if priority is BATCH and same_priority.not_overdue(now, self.overdue_after):
            return Denied(self._until_response(now), DenialReason.PROBING)
        return None

    def _hold_back(self, permit: Permit, now: float, room: int, to_send: ToSend) -> Denied | None:
        """Hold the next request back from a batch, and return why; None if the batch may send it."""
        is_first = not (self.times.evidence or self._use.in_flight)  # of this window: its response shows the counter
        if is_first or self._fair_share.holds_nothing_back(self._use, room, self.permitted):
            return None
        in_flight = sum(requests.not_overdue(now, self.overdue_after) for requests in self._requests)
        left = to_send(permit.batch)
        denied = self._fair_share.hold_back(
            now, self._use, self.times, permitted=self.permitted, room=room, in_flight=in_flight, to_send=left
        )
        if denied is None:
            return None
        if not self.times.evidence:  # the counter is still that of an earlier window
            return self._denial_of_probe(now)
        until = self._until_response(now) if denied.until == math.inf else min(denied.until, self.times.rollover_at)
        return attrs.evolve(denied, until=until)

    def _denial_of_test(self, permit: Permit, now: float) -> Denied | None:
        """Return why a request may not be the test of a doubtful refusal. An overdue test is replaced."""
        if any(requests.not_overdue(now, self.overdue_after) for requests in self._requests):
            return Denied(self._until_response(now), DenialReason.PROBING)
        if permit.refusals:
            return Denied(self.times.rollover_at, DenialReason.REFUSED, DeniedCalls.ONE)
        return None

    def _until_response(self, now: float) -> float:
        """Return when a wait for a response ends without one: when a request becomes overdue, or the window ends."""
        next_overdue_at = (requests.next_overdue_at(now, self.overdue_after) for requests in self._requests)
        return min(self.times.rollover_at, *next_overdue_at)

    def add_request(self, permit: Permit, now: float, *, is_sent_now: bool = True) -> None:
        """Count a request in this window.

        Args:
            permit: of the request.
            now: monotonic seconds.
            is_sent_now: False if it was counted in another window, but its response reports this one.
        """
        if now >= self.times.rollover_at:
            self._begin(now, self.times.roll_over)
        if is_sent_now:
            permit.granted_at = now
            if permit.priority is SINGLE:
                self._fair_share.single_calls += 1
            if self._doubt is not None:
                self._doubt.test = permit
        permit.generation = self._generation
        self._requests[permit.priority][permit] = permit.granted_at
        self._use.in_flight += 1
        self._use.own += 1

    def _denial_of_probe(self, now: float) -> Denied | None:
        """Return why no further request may be sent before the first response of a window."""
        next_at = self._use.began_at + self._use.in_flight * OVERDUE
        if next_at <= now:
            return None
        return Denied(min(next_at, self.times.rollover_at), DenialReason.PROBING)

    def _denial_without_room(self, now: float, priority: Priority) -> Denied | None:
        """Return why calls wait when no request is left, or None for the probe of a new window."""
        times = self.times
        if not times.evidence:
            return self._denial_of_probe(now)
        if self.remaining and self.in_flight:
            return Denied(times.rollover_at, DenialReason.DRAINING)
        if times.is_late:
            return Denied(times.rollover_at, DenialReason.LATE)
        if times.urgent_at < times.rollover_at and priority is SINGLE:
            return Denied(times.urgent_at, DenialReason.LATE)
        return Denied(times.rollover_at, DenialReason.REFUSED if self._was_refused else DenialReason.SPENT)

    # outcomes

    def responded(self, permit: Permit, headers: RateLimitHeaders, *, now: float) -> Sequence[Permit]:
        """Record the response to a request. Return the permits of calls that it shows to be refused alone."""
        self._fair_share.draw = self._random()
        is_test = self._doubt is not None and permit is self._doubt.test
        refused_alone: Sequence[Permit] = ()
        if not self._end(permit):
            return refused_alone
        date = headers.date
        revision = self.times.clock.revision
        is_first = self.remaining is None
        if headers.from_katapult and now - permit.granted_at < self._fastest:
            self._fastest = now - permit.granted_at
            self.overdue_after = max(OVERDUE, OVERDUE_FACTOR * self._fastest)
        is_spent = permit.generation == self._generation and (headers.refused or headers.remaining == 0)
        # `times` counts the windows itself, except before the first counter, after the server's clock was set, and if a
        # node whose clock is behind has nothing left
        if date is not None and (self.times.clock.update(date, permit.granted_at, now) or is_first or is_spent):
            self.times.set_index(date, permit.granted_at, is_spent=is_spent)
        if permit.generation == self._generation:
            if headers.remaining is not None:
                self._report_sent_at = max(self._report_sent_at, permit.granted_at)
                self._use.current_until = max(self._use.current_until, permit.granted_at + 2.0 * self._fastest)
            if self._doubt is not None:
                refused_alone = self._update_in_doubt(self._doubt, permit, headers, now, is_test=is_test)
            elif headers.refused:
                refused_alone = self._refused(permit, headers, now)
            else:
                self._update(permit, headers, now)
        elif date is None or not self.times.is_before_window(date):  # this window may have counted it, not the old one
            self._uncounted.add(now, before_reset=True)
        # the end of the window may have changed
        if is_first or is_spent or date is None or self.times.clock.revision != revision:
            self.times.plan(undated_end=self._reported_at + self._seconds if self.times.evidence else math.inf)
        return refused_alone

    def _update_in_doubt(
        self, doubt: DoubtfulRefusals, permit: Permit, headers: RateLimitHeaders, now: float, *, is_test: bool
    ) -> Sequence[Permit]:
        """Record a response while it is unknown what the last refusals mean: only that of the test decides."""
        if not is_test:
            if headers.refused:
                doubt.permits.append(permit)
            return ()
        self._doubt = None
        is_open = not headers.refused and headers.remaining != 0
        refused_alone = self._reopen(doubt, permit) if is_open else ()
        self._update(permit, headers, now)
        return refused_alone

    def _refused(self, permit: Permit, headers: RateLimitHeaders, now: float) -> Sequence[Permit]:
        """Record a refusal: of the call alone, or a doubtful one, or one that shows a spent window."""
        if permit.granted_at <= self._tested_at:  # a request that was sent later, the test, was accepted
            return (permit,)
        left = None if self.remaining is None else self.remaining - self.in_flight - self._uncounted.count
        if is_doubtful(headers, expected=left, permitted=self.permitted or ASSUMED_PERMITTED):
            self._doubt = DoubtfulRefusals(self.remaining, [permit])
            self.remaining = 0
            self._spent(permit, now, permitted=self.permitted or headers.total_permitted, refused=True)
        else:
            self._update(permit, headers, now)
        return ()

    def is_test_of_own_endpoint(self, permit: Permit) -> bool:
        """Return whether a request in flight is the test of a doubtful refusal of the same endpoint."""
        doubt = self._doubt
        return doubt is not None and permit is doubt.test and permit.route in {other.route for other in doubt.permits}

    def pass_test(self, permit: Permit) -> Sequence[Permit]:
        """Reopen a window after doubtful refusals, as if their test had been accepted, and return their permits.

        Args:
            permit: of the test.
        """
        doubt, self._doubt = self._doubt, None
        self._end(permit)
        return () if doubt is None else self._reopen(doubt, permit)

    def _reopen(self, doubt: DoubtfulRefusals, permit: Permit) -> Sequence[Permit]:
        """Record that the doubtful refusals did not concern the window, and return their permits."""
        self._tested_at = permit.granted_at
        self._was_refused = False
        self.remaining = doubt.remaining
        self.times.cancel_probes()
        return doubt.permits

    def lost(self, permit: Permit, *, now: float) -> None:
        """Record a request that got no response: it counts as used until a later response reports the counter."""
        if self._end(permit):
            self._uncounted.add(now, before_reset=permit.generation != self._generation)

    def unsent(self, permit: Permit) -> None:
        """Take back the permit of a request that was never sent."""
        if self._end(permit) and permit.generation == self._generation:
            self._use.own -= 1

    def _end(self, permit: Permit) -> bool:
        """Record that a request is no longer in flight; return whether it was."""
        if self._requests[permit.priority].pop(permit, None) is None:
            return False
        if self._doubt is not None and permit is self._doubt.test:
            self._doubt.test = None
        if permit.generation == self._generation:
            self._use.in_flight -= 1
        return True

    def _update(self, permit: Permit, headers: RateLimitHeaders, now: float) -> None:
        """Record the counter in a response, and whether it shows that a window was opened or spent."""
        if self._uncounted.count and (headers.refused or headers.remaining is not None):
            self._uncounted.remove_counted(permit.granted_at)
        permitted = headers.permitted or headers.total_permitted or self.permitted
        before = self.remaining if self.times.evidence else None  # the last counter of this window
        counter = 0 if headers.refused else headers.remaining
        if counter is None and permitted is not None:  # not reported: count here
            counter = max(0, (permitted if before is None else before) - 1)
        if counter is None or permitted is None:
            self._without_budget(permit, counter, now)
        elif before is None:
            self._first_counter(permit, counter, permitted, now, refused=headers.refused)
        elif permitted != self.permitted or self._was_set_back(permit, before, counter, headers.date):
            self._restarted(permit, counter, now)
        elif counter < before:
            date, own = headers.date, 1 + self._use.in_flight  # that many were used by requests of this process
            if 0 < counter < before - own and date is not None and self.times.is_before_window(date):
                counter = before - 1  # the node's clock is behind, and it may count in the window of its own clock
            self._set_remaining(counter, now, refused=headers.refused)
        self.permitted = permitted
        if counter == 0:
            self._spent(permit, now, permitted=permitted, refused=headers.refused)

    def _first_counter(self, permit: Permit, counter: int, permitted: int, now: float, *, refused: bool) -> None:
        """Record the first counter of a window, and whether it shows that the counter was set back."""
        before = self.remaining
        has_risen = before is not None and (counter > before or not before)  # no request is accepted if none is left
        if before and has_risen and self._use.in_flight and self.times.was_late:
            self._restarted(permit, counter, now)  # those in flight may report the old window
            return
        if not refused and (has_risen or 2 * counter >= permitted - 1):
            self._opened(permit, ResetEvidence.RISEN if has_risen else ResetEvidence.MOST_LEFT, now)
        elif before and counter and self.times.clock.known:  # the server may reset late
            self._spent(permit, now, permitted=permitted, refused=False)
        self.times.evidence = max(self.times.evidence, ResetEvidence.NOT_RESET)
        # without a reset, or without a counter before it, only the use after this response is known
        self._use.counter_at_reset = permitted if self._is_open and before is not None else counter + 1
        self._set_remaining(counter, now, refused=refused)

    def _was_set_back(self, permit: Permit, before: int, counter: int, date: float | None) -> bool:
        """Return whether the counter was set back since the response that reported ``before``.

        In the same window, a request that was sent after that response is counted later, and no two requests get the
        same number.
        """
        if counter == before and counter > 0:
            return date is not None and self.times.is_after_window(date)
        return counter > before and permit.granted_at >= self._reported_at

    def _without_budget(self, permit: Permit, counter: int | None, now: float) -> None:
        """Record a response while the counter, or how many requests a window permits, is still unknown."""
        if counter is None and not self.times.evidence:
            self._opened(permit, ResetEvidence.MOST_LEFT, now)
        self.times.evidence = max(self.times.evidence, ResetEvidence.NOT_RESET)
        self._reported_at = now
        self.remaining = counter

    def _set_remaining(self, remaining: int, now: float, *, refused: bool) -> None:
        """Store the counter, and record what it shows about other processes."""
        self.remaining = remaining
        self._reported_at = now
        if not refused:  # a refusal is no evidence of other processes: it may concern this request alone
            self._use.report(remaining, now, full_rate=(self.permitted or ASSUMED_PERMITTED) / self._seconds)

    @property
    def _is_open(self) -> bool:
        """Whether a response showed that the counter was set back."""
        return self.times.evidence >= ResetEvidence.MOST_LEFT

    def _opened(self, permit: Permit, evidence: ResetEvidence, now: float) -> None:
        """Record that the counter was set back."""
        self.times.evidence = evidence
        self.times.opened(permit.granted_at, now, not_before=self._reported_at - OVERDUE)
        self._was_refused = False
        self.windows_opened += 1

    def _restarted(self, permit: Permit, remaining: int, now: float) -> None:
        """Begin a window: the counter was set back, or another number of permitted requests was reported."""
        self._begin(now, self.times.restart)
        self._opened(permit, ResetEvidence.RISEN, now)
        self._use.own = 1
        self._use.counter_at_reset = remaining + 1
        self._set_remaining(remaining, now, refused=False)

    def _spent(self, permit: Permit, now: float, *, permitted: int | None, refused: bool) -> None:
        """Record that nothing is left, or that the counter was not set back."""
        self._was_refused = self._was_refused or refused
        self._reported_at = now
        self.times.spent(permit.granted_at, now, permitted=permitted or ASSUMED_PERMITTED, draw=self._random())

    # rollover

    def _begin(self, now: float, advance: Callable[[float], int]) -> None:
        """Begin the next window, or permit another probe for one that is late; ``advance`` moves `times` on."""
        if self._is_open:
            self._fair_share.record(self._use)
        windows = advance(now)
        if self._generation:
            self._fair_share.age(windows, elapsed=now - self._use.began_at)
            self._has_seen_window = self._has_seen_window or windows > 0
        self._use = WindowUse(now, self.in_flight)
        self._generation += 1
        self._fastest *= 2.0
        self._doubt = None
        self._tested_at = -math.inf

    # status

    def snapshot(self, now: float, *, queued: int = 0) -> RateLimit:
        """Return the rate limit as of ``now``."""
        resets_at, resets_in = self.times.next_reset(now) or (None, None)
        return RateLimit(
            permitted=self.permitted,
            remaining=self._left(now),
            resets_at=resets_at,
            resets_in=resets_in,
            queued=queued,
            in_flight=self.in_flight,
        )

    def estimate(self, requests: int, now: float) -> Estimate:
        """Return how long ``requests`` will take; those in flight, which have a permit already, are among them."""
        requests = max(0, requests - self.in_flight)
        next_window_in = max(0.0, min(self.times.next_window_at() - now, self._seconds))
        return Estimate.of(requests, self.snapshot(now), next_window_in=next_window_in, window_seconds=self._seconds)

    def served_at(self, denied: Denied, ahead: int) -> float:
        """Return when a denied call can get its permit at the earliest, after ``ahead`` other calls."""
        return denied.until + ahead // (self.permitted or ASSUMED_PERMITTED) * self._seconds

    def _left(self, now: float) -> int | None:
        """Return the requests left, as users see them; see `RateLimit.remaining`."""
        if self.remaining is None:
            return None
        if now >= self.times.next_window_at() or not self.times.evidence:
            return max(0, (self.permitted or 0) - self.in_flight)
        return max(0, self.remaining - self.in_flight - self._uncounted.count)
