"""The rate-limit window of one token: may the next request be sent now, and if not, when?

No event loop, clock, randomness or log: times are monotonic seconds that the caller passes in. Where a time is on the
server's clock, or in Unix seconds, its name or docstring names that clock.

Theory of operation
===================

**What the server does.** It counts the requests of each token and sets the counter back at ``:00`` of its own
clock. Every response reports how many requests are left and, to the second, the server's time. Past the limit the
response is 429. So the fastest batch spends each window's requests as fast as the network carries them, and then
waits for the next ``:00`` of the server's clock.

**Three questions** are answered here, each by classes of their own.

*When does the window reset?* `ServerClock` keeps an interval that contains the difference between the two clocks.
The window counts as over when even the slowest server clock inside that interval has reached ``:00``.
`ResetDelay` learns how long after ``:00`` the server sets its counter back.

*How many requests are left?* The smallest number that was reported since the reset, less the requests in flight.
Which reports count is decided by the order of events. Each permit carries the number of its *generation*, which
changes at every rollover; the response to a request of an earlier generation may report the old window, so its
counter is ignored. Inside a window the counter only falls. So when a request is sent after a response was received,
and reports *more* than that response, then a new window has begun, whatever the clocks say. Requests that the server
may have counted without a report are `UncountedRequests`; while some of them were sent before the reset, one probe
request is allowed although no room is left.

*Who else uses the token?* `ForeignRequests` compares the fall of the counter with this process's own requests, and
`FairShare` remembers the recent windows.

**A window's life.** After a rollover nothing is known about the new window. If nothing was left of the old one,
exactly one request is sent, the *probe*; its response shows the new budget and opens the window for all others. If
the response is 429, or its counter did not rise, then the server resets late, and the next probe follows soon. This
holds only within GRACE seconds after ``:00``: later than that, another process has spent the window, and all calls
wait for the next one. There is one exception: if the counter was not seen to rise since the window before, as in the
first window, a spent window may still be the old one, and foreground calls send a few more probes. In an open window a
request is granted while the counter less the requests in flight is 1 or more. After that all calls wait (`DRAINING`,
`SPENT`, `REFUSED`) for the next reset.

**Sharing a token without communication.** Other processes see the same counter. Two rules keep all of them from
running into 429s together, and neither needs a message between processes.

- All processes together keep at most a third of the remaining requests in flight, each according to its share. The
  counter in a response is one round trip old when the next request arrives. A quantity that is drained in proportion
  to its value one round trip ago falls to 0 without overshooting as long as less than 1/e of it is drained in a round
  trip (the delay equation ``x'(t) = -k x(t-1)`` does not oscillate for ``k <= 1/e``).
- Of n equal processes with one request in flight each, every process stops when it sees a counter below n. The
  counter shows each value once, so the n processes stop at n different values below n, which are exactly
  ``n-1 ... 0``: no request is left over and none is refused. n is 1 / own share.

No rule without messages can do two things. The first: find a request that is left over at the end of a window without
the risk of a refusal, since no counter is newer than the last response. If the processes' requests fill whole windows
exactly, a request that is left over needs one more window. In simulations 0 to 20 % of such starts need it, at 0.2 %
refused. The second: a batch that ends in this window cannot spend all of it and also keep some requests for processes
that it has not noticed yet. It spends all of it.

**The reserve.** A batch that outlasts the window has to wait for the next one anyway, so it loses nothing by spending
the last part of this window slowly. It holds back what foreground calls and other processes may need until the end
of the window, and this reserve shrinks to 0 towards the end. The expected use is estimated generously from what was
seen: no request in one second is weaker evidence than no request in thirty. A batch that ends in this window holds
back only for other processes that are proven to exist. The last few requests, the floor, are kept until shortly before
the end in any case, so no probe is spent on them. The exception is while other processes still send at the full rate:
then a probe shows what they leave. A refusal is no evidence that others use the token: it may concern one call alone,
and it does not show who used the rest.

**Slow processes beside several batches.** Each of several batches may be able to end in this window if the others leave
it the rest. If all of them then spend the rest, and it is too small for all, no batch ends, and a web application in
another process waits for the next window: up to 58 s, in the last window of 4 in 30 simulated starts. So a batch that
ends in this window keeps requests for slow processes even beside other batches, if these processes are proven. The
proof has to be strict. A request that is held back for a process that does not exist costs a whole window when the
batches fill it exactly. Most of what looks like slow use is that of other batches: they stop and go on at other times.
So the evidence comes from the quiet part of the window. A batch that keeps the floor sends one request in the middle of
the window, and one shortly before it releases the floor. Between these two, each other batch sends one request, and
slow processes send all others.
"""

import math

import attrs

from katapult_async.options import Priority
from katapult_async.rate_limit.denials import DenialReason, DenialScope, Denied
from katapult_async.rate_limit.foreign_requests import ForeignRequests
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.late_resets import ResetDelay
from katapult_async.rate_limit.reports import Estimate, RateLimit
from katapult_async.rate_limit.server_clock import ServerClock
from katapult_async.rate_limit.shared_token import FairShare
from katapult_async.rate_limit.slots import Slots
from katapult_async.rate_limit.uncounted_requests import UncountedRequests

__all__ = ["Permit", "Window"]

COLD = 4
"""Requests in flight at once, of each priority, while the budget is unknown."""

GROWTH = 2
"""Further requests in flight for each response, until one whole window has shown who else uses the token."""

OWN_WAIT = 0.5
"""Seconds: the upper bound of the first wait of a call that was refused alone. Each later bound is twice as long."""

OWN_WAIT_MAX = 4.0
"""Seconds: the largest of these bounds."""

DOUBTFUL = 50
"""A 429 with ``Remaining: 0`` is doubted if at least so many requests were left by the last count. In simulations of
shared tokens, the last count before a true one was 28 or less."""

LAST_PROBE = 0.5
"""Seconds before the end of a window at which the last probe for requests that are left over is sent."""

STALE = 0.5
"""Seconds after which the counter of a shared token is too old: then one request is sent before the others."""

URGENT = 3.0
"""A foreground call that waits probes for a late reset until so many times GRACE after ``:00``."""

URGENT_STEP = 1.6
"""Seconds before each of the first two of these probes; then the wait doubles."""

PROBE_TIMEOUT = 1.0
"""Seconds without a response after which the first request of a window is joined by another."""

GRACE = 3.0
"""Seconds after ``:00`` until which "nothing left" means that the server resets late. Recorded: about 1 s."""

UNKNOWN_PERMITTED = 1000
"""Requests that a window permits at a server that refuses without a figure: the documented number."""


@attrs.define(eq=False)
class Permit:
    """The right to send one request now."""

    granted_at: float
    """Monotonic seconds."""

    priority: Priority
    """Priority of the call."""

    order: int
    """Place in the queue, which a refused request keeps."""

    route: str
    """Method and path of the endpoint."""

    slots: Slots = attrs.field(repr=False)
    """The slots of the client. The request takes one of them."""

    call: int
    """Number of the call, the same for all its attempts."""

    window: "Window" = attrs.field(init=False, repr=False)
    """The window in which its outcome is recorded."""

    generation: int = attrs.field(init=False)
    """Number of the window's rollover before the grant; counters in responses to older generations are ignored."""

    refused_at: float = math.inf
    """Monotonic seconds at which the call's last refusal was received; infinite before the first."""

    was_passed: bool = False
    """Whether another request to the endpoint was sent and accepted between two refusals of the call."""

    refusals: int = 0
    """How often the call was refused with 429 so far, by Katapult or by a proxy."""

    own_refusals: int = 0
    """How many of these refusals concerned this call alone: the server accepted other calls at that time."""

    retry_at: float = -math.inf
    """Monotonic seconds before which a call that was refused alone is not sent again."""

    settled: bool = False
    """Whether its outcome is recorded."""

    def continue_call(self, again: "Permit") -> None:
        """Take over what is known about the call from the permit of its last attempt."""
        self.refusals, self.own_refusals, self.refused_at = again.refusals, again.own_refusals, again.refused_at
        self.was_passed, self.call = again.was_passed, again.call

    @property
    def stands_aside(self) -> bool:
        """Whether the call, once refused, waits behind all others: its refusals say little about the window."""
        return self.refusals > 1 or self.own_refusals > 0

    def refuse_alone(self, now: float, jitter: float) -> None:
        """Record a refusal that concerned this call alone. ``jitter`` is a random number from 0 to 1."""
        self.own_refusals += 1
        bound = min(OWN_WAIT_MAX, OWN_WAIT * 2.0 ** (self.own_refusals - 1))
        self.retry_at = now + bound * (0.5 + jitter / 2)


@attrs.define
class _Doubt:
    """A refusal without a counter, and the test: the one request whose response decides what the refusal means."""

    remaining: int | None
    """The counter before the refusal."""

    suspects: list[Permit]
    """The refused requests."""

    test: Permit | None = None
    """The test; None until it is sent."""


class Window:
    """The present rate-limit window of one token: grants requests and learns from their responses."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._grace = min(GRACE, seconds / 4)
        self._clock = ServerClock()
        self._reset_delay = ResetDelay()
        self._fair_share = FairShare(window=seconds)
        self.permitted: int | None = None
        self.remaining: int | None = None
        self.in_flight = 0
        self._batch_in_flight = 0
        self.windows_opened = 0  # windows that a response showed to be open
        # when the next window or probe is due, and which window this is
        self._index = 0  # windows since the Unix epoch, on the server's clock
        self._rollover_at = -math.inf
        self._retry_at = math.inf  # an earlier probe, while the server resets late or its clock is unknown
        self._urgent_retry_at = math.inf  # the same, for foreground calls only
        self._urgent_probes = 0  # of the present window
        self._doubt: _Doubt | None = None  # while it is unknown whether the last refusal concerns the window
        self._tested_at = -math.inf  # when the test was sent that showed the window to be open
        self._backoffs = 0  # refusals in a row while the server's clock is unknown
        # since the last rollover
        self._generation = 0
        self._began_at = 0.0
        self._in_flight_of_window = 0  # of the requests granted since the rollover
        self._granted = 0
        self._foreign = ForeignRequests()
        self._uncounted = UncountedRequests()
        self._reported = False
        self._reported_at = 0.0  # when the response arrived that set `remaining`
        self._open = False  # whether a response showed that the counter was set back
        self._refused = False
        self._has_risen = False  # whether the counter was seen to rise from the window before
        self._warm = False  # whether any window was observed to its end
        self._last_probe_for = 0  # the remaining requests for which the last probe was planned
        self._last_probe_at = math.inf
        self._draw = 0.0  # a random number from 0 to 1

    # permits

    def denial(
        self, now: float, *, priority: Priority, outstanding: int = 0, again: Permit | None = None
    ) -> Denied | None:
        """Return why a request may not be sent now, or None if it may.

        Args:
            now: monotonic seconds.
            priority: of the call.
            outstanding: requests that running batches still have to send, as far as is known.
            again: the permit of the same call's last attempt, if that was refused.
        """
        if now >= self._rollover_at or (now >= self._urgent_retry_at and priority is Priority.FOREGROUND):
            self._roll_over(now)
        if self._doubt is not None:
            return self._denial_in_doubt(self._doubt, again)
        of_priority = self._batch_in_flight if priority else self.in_flight - self._batch_in_flight
        if self.remaining is None:
            cold = not self._reported and of_priority >= COLD
            return Denied(math.inf, DenialReason.PROBING) if cold else None
        uncounted = self._uncounted
        if uncounted.count and not self._in_flight_of_window and uncounted.should_probe(self.remaining):
            return None
        room = self.remaining - self.in_flight - uncounted.count
        if room < 1:
            return self._without_room(now, priority)
        if not self._warm and of_priority >= COLD + GROWTH * (self._granted - self._in_flight_of_window):
            return Denied(math.inf, DenialReason.PROBING)
        spends = priority is Priority.BATCH and (self._reported or self._in_flight_of_window)
        return self._reserve(now, room, outstanding) if spends else None

    def enter(self, permit: Permit, now: float) -> None:
        """Count a request: one that is sent now, or one in flight whose response names this window."""
        if now >= self._rollover_at:
            self._roll_over(now)
        if not permit.settled:  # it is sent now, and not taken over from another window
            self._fair_share.foreground_calls += permit.priority is Priority.FOREGROUND
            if self._doubt is not None:
                self._doubt.test = permit
        permit.window, permit.generation, permit.settled = self, self._generation, False
        self.in_flight += 1
        self._batch_in_flight += permit.priority
        self._in_flight_of_window += 1
        self._granted += 1

    def _denial_in_doubt(self, doubt: _Doubt, again: Permit | None) -> Denied | None:
        """Return why a request may not be the test of a doubtful refusal: another is, or it was refused itself."""
        if doubt.test is not None:
            return Denied(math.inf, DenialReason.PROBING)
        return None if again is None else Denied(self._rollover_at, DenialReason.REFUSED, DenialScope.CALL)

    def _without_room(self, now: float, priority: Priority) -> Denied | None:
        if not self._reported:
            allowed = 1 + int((now - self._began_at) / PROBE_TIMEOUT)
            if self._in_flight_of_window < allowed:
                return None
            return Denied(self._began_at + allowed * PROBE_TIMEOUT, DenialReason.PROBING)
        if self.remaining and self.in_flight:
            return Denied(self._rollover_at, DenialReason.DRAINING)
        if self._retry_at < math.inf and self._clock.known:
            return Denied(self._rollover_at, DenialReason.LATE)
        if self._urgent_retry_at < self._rollover_at and priority is Priority.FOREGROUND:
            return Denied(self._urgent_retry_at, DenialReason.LATE)
        return Denied(self._rollover_at, DenialReason.REFUSED if self._refused else DenialReason.SPENT)

    def _reserve(self, now: float, room: int, outstanding: int) -> Denied | None:
        """Return why a batch may not use the remaining requests."""
        foreign = self._foreign
        share = self._fair_share.share(foreign=foreign.at_least, own=self._granted, unshared=foreign.unshared)
        endless = outstanding > room
        shared = self._denial_of_share(now, share, endless=endless)
        if shared is not None:
            return shared
        permitted = self.permitted
        if permitted is None or not self._clock.known or self._fair_share.exceeds_reserve(room, permitted):
            return None
        ends_at = self._clock.possibly_at((self._index + 1) * self._seconds)
        outlasts = outstanding > self._fair_share.fits(room, permitted, share)
        holds_floor = outlasts and room <= self._fair_share.floor(permitted, share)
        probe_at = math.inf
        if not self.in_flight and (foreign.may_be_fast or not holds_floor):
            probe_at = self._reported_at + self._fair_share.until_probe(foreign.observed, room)
        release_at = math.inf
        if holds_floor:
            release = self._fair_share.release(room * share, granted=self._granted, seconds=foreign.fast_seconds)
            release_at = ends_at - release
            foreign.quiet_from = ends_at - self._seconds / 2
            if not self.in_flight:
                quiet_probes = (foreign.quiet_from, ends_at - 2 * release)
                probe_at = min([probe_at, *(at for at in quiet_probes if at > self._reported_at)])
        if now >= probe_at:
            return None
        free_at = self._fair_share.free_at(
            now,
            room=room,
            permitted=permitted,
            foreign=foreign,
            elapsed=now - self._began_at,
            ends_at=ends_at,
            endless=endless,
        )
        if holds_floor:
            free_at = max(free_at, release_at)
        if free_at <= now:
            return None
        foreign.hold()
        return Denied(min(free_at, probe_at), DenialReason.RESERVED)

    def _denial_of_share(self, now: float, share: float, *, endless: bool) -> Denied | None:
        """Return why other processes' part of the remaining requests is left to them."""
        remaining = self.remaining or 0
        if share == 1.0:
            return None
        if self.in_flight and now - self._reported_at > STALE:
            return Denied(math.inf, DenialReason.SHARED)
        if endless and remaining < self._fair_share.stop_at(share):
            last_probe_at = self._plan_last_probe(remaining)
            if now < last_probe_at:
                return Denied(min(last_probe_at, self._rollover_at), DenialReason.SHARED)
            if self.in_flight:
                return Denied(self._rollover_at, DenialReason.SHARED)
        elif self.in_flight >= self._fair_share.taper(share, remaining):
            return Denied(math.inf, DenialReason.SHARED)
        return None

    def _plan_last_probe(self, remaining: int) -> float:
        """Return when a process that holds back at the end of a window sends one more request; infinite for never.

        The process whose last response reported the smallest counter knows best whether requests are left over. So a
        process whose counter is ``r`` sends this probe with the probability ``1 / r ** 3``, and sends more as long as
        the responses report that requests are left. If nothing is left, a probe costs a refusal.
        """
        if self._last_probe_for != remaining:
            self._last_probe_for = remaining
            ends_at = self._clock.possibly_at((self._index + 1) * self._seconds) if self._clock.known else math.inf
            self._last_probe_at = ends_at - LAST_PROBE if self._draw * remaining**3 < 1 else math.inf
        return self._last_probe_at

    # outcomes

    def feed(self, permit: Permit, report: RateLimitHeaders, *, now: float, jitter: float) -> None:
        """Record the response to a request. ``jitter`` is a random number from 0 to 1."""
        self._draw = jitter
        tests = self._doubt is not None and permit is self._doubt.test
        if not self._settle(permit):
            return
        date, revision = report.date, self._clock.revision
        is_first = self.remaining is None
        if date is not None:
            stepped = self._clock.update(date, permit.granted_at, now)
            if stepped or is_first:
                written_at = max(date, self._clock.earliest(permit.granted_at))
                self._index = math.floor(written_at / self._seconds)
        if permit.generation == self._generation:
            certain = self._doubt is None and not report.refused
            if certain or not self._is_doubtful(permit, report, now, jitter, tests=tests):
                self._update(permit, report, now, jitter)
        elif date is None or date >= self._index * self._seconds:  # else the old window counted it
            self._uncounted.add(now, before_reset=True)
        if is_first or date is None or self._clock.revision != revision:  # else the next window begins as planned
            self._plan_rollover()

    def _is_doubtful(self, permit: Permit, report: RateLimitHeaders, now: float, jitter: float, *, tests: bool) -> bool:
        """Return whether a response shows nothing about the window, and record doubtful refusals.

        After a refusal without a counter, only one other call is sent, the test. A counter here that shows room is no
        evidence against the refusal: with a shared token, another process mostly took the last request. The test
        decides. If it is accepted, the window is open, and the refusals concerned single calls. If it is refused, the
        window is spent.
        """
        doubt = self._doubt
        if doubt is not None and tests:
            self._doubt = None
            if not report.refused and report.remaining != 0:
                self._reopen(doubt, permit, now, jitter)
            return False
        if not report.refused:
            return doubt is not None
        if doubt is not None:
            doubt.suspects.append(permit)
            return True
        if permit.granted_at <= self._tested_at:
            permit.refuse_alone(now, jitter)
            return True
        room = math.inf if self.remaining is None else self.remaining - self.in_flight - self._uncounted.count
        needed: float = 1
        if report.remaining is not None:  # it is 0, which is believed unless the last count was far above
            needed = math.inf if self.remaining is None else DOUBTFUL
        if room < needed:
            return False
        self._doubt = _Doubt(self.remaining, [permit])
        self.permitted = self.permitted or report.total_permitted
        self.remaining, self._reported_at = 0, now
        self._closed(permit, now, jitter, refused=True)
        return True

    def is_test(self, permit: Permit) -> bool:
        """Return whether a request in flight is the test of a doubtful refusal."""
        return self._doubt is not None and permit is self._doubt.test

    @property
    def doubtful_routes(self) -> set[str]:
        """The routes of the refused requests whose meaning the test decides."""
        return set() if self._doubt is None else {suspect.route for suspect in self._doubt.suspects}

    def pass_test(self, permit: Permit, *, now: float, jitter: float) -> None:
        """Reopen a window after a doubtful refusal; ``permit`` is the test."""
        doubt, self._doubt = self._doubt, None
        self._settle(permit)
        if doubt is not None:
            self._reopen(doubt, permit, now, jitter)

    def _reopen(self, doubt: _Doubt, permit: Permit, now: float, jitter: float) -> None:
        self._tested_at = permit.granted_at
        self._refused, self._retry_at = False, math.inf
        self.remaining = doubt.remaining
        for suspect in doubt.suspects:
            suspect.refuse_alone(now, jitter)
        self._plan_rollover()

    def lost(self, permit: Permit, *, now: float) -> None:
        """Record a request without a response: spent, until a later request reports the counter."""
        if self._settle(permit):
            self._uncounted.add(now, before_reset=permit.generation != self._generation)

    def unsent(self, permit: Permit) -> None:
        """Take back the permit of a request that was never sent."""
        if self._settle(permit) and permit.generation == self._generation:
            self._granted -= 1

    def _settle(self, permit: Permit) -> bool:
        if permit.settled:
            return False
        permit.settled = True
        self.in_flight -= 1
        self._batch_in_flight -= permit.priority
        if self._doubt is not None and permit is self._doubt.test:
            self._doubt.test = None
        if permit.generation == self._generation:
            self._in_flight_of_window -= 1
        return True

    def _update(self, permit: Permit, report: RateLimitHeaders, now: float, jitter: float) -> None:
        if self._uncounted.count and (report.refused or report.remaining is not None):
            self._uncounted.report_sent(permit.granted_at)
        before = self.remaining
        permitted = report.permitted or report.total_permitted or self.permitted
        after = 0 if report.refused else report.remaining
        if after is None and permitted is not None:  # not reported: count here
            after = max(0, (before if self._reported and before is not None else permitted) - 1)
        if after is None or permitted is None:
            self._without_budget(permit, after, now)
        elif not self._reported or before is None:
            self._reported = True
            if not report.refused and (2 * after > permitted or (before is not None and after > before)):
                self._opened(permit)
            self._has_risen = before is not None and after > before
            self._foreign.count_from(permitted if self._open and before is not None else after + 1)
            self._set(after, now, refused=report.refused)
        elif permitted != self.permitted or (after > before and permit.granted_at >= self._reported_at):
            self._restarted(permit, after, now)
        elif after < before:
            self._set(after, now, refused=report.refused)
        elif after:
            return
        self.permitted = permitted
        if after == 0:
            self._closed(permit, now, jitter, refused=report.refused)

    def _without_budget(self, permit: Permit, after: int | None, now: float) -> None:
        """Record the response of a server that never reported a budget."""
        if after is None and not self._reported:
            self._opened(permit)
        self._reported = True
        self._reported_at = now
        self.remaining = after

    def _set(self, remaining: int, now: float, *, refused: bool) -> None:
        self.remaining = remaining
        self._reported_at = now
        if refused:  # no evidence of other processes: it may concern this request alone
            return
        self._foreign.report(
            remaining,
            now,
            granted=self._granted,
            in_flight=self._in_flight_of_window,
            full_rate=(self.permitted or UNKNOWN_PERMITTED) / self._seconds,
        )

    def _opened(self, permit: Permit) -> None:
        """Record that the counter was set back."""
        if self._clock.known:
            late = permit.granted_at - self._clock.certainly_at(self._index * self._seconds)
            if 0 <= late < self._grace:
                self._reset_delay.started(late)
            self._reset_delay.end_window()
        self._open = True
        self._refused = False
        self._backoffs = 0
        self._retry_at = self._urgent_retry_at = math.inf
        self.windows_opened += 1
        self._plan_rollover()

    def _restarted(self, permit: Permit, remaining: int, now: float) -> None:
        """Start a window: the counter rose since a response that came before this request, or its limit changed."""
        index = math.floor(self._clock.latest(now) / self._seconds) if self._clock.known else self._index
        windows = max(0, index - self._index)
        self._index += windows
        self._begin(now, windows=windows)
        self._reported = True
        self._opened(permit)
        self._has_risen = True
        self._granted = 1
        self._foreign.count_from(remaining + 1)
        self._set(remaining, now, refused=False)

    def _closed(self, permit: Permit, now: float, jitter: float, *, refused: bool) -> None:
        """Record that nothing is left, and plan a probe before the next window if the server may reset late."""
        self._refused = self._refused or refused
        if self._retry_at < math.inf:
            return
        if not self._clock.known:
            pace = self._seconds / (self.permitted or UNKNOWN_PERMITTED)
            self._retry_at = now + min(self._seconds, pace * 2.0**self._backoffs) * (0.5 + jitter / 2)
            self._backoffs += 1
        elif not self._open:
            start = self._index * self._seconds
            starts_at = self._clock.certainly_at(start)
            self._reset_delay.too_early(permit.granted_at - starts_at)
            probe_at = starts_at + self._reset_delay.next_probe(now - starts_at)
            late = probe_at - self._clock.possibly_at(start)
            if late < self._grace:
                self._retry_at = probe_at
            else:
                self._reset_delay.end_window()
                self._plan_urgent_probe(late, now)
        elif not self._has_risen:  # this may still be the window before, whose rest is spent now
            self._plan_urgent_probe(now - self._clock.possibly_at(self._index * self._seconds), now)
        self._plan_rollover()

    def _plan_urgent_probe(self, late: float, now: float) -> None:
        """Plan the next probe for a late reset that only foreground calls send."""
        if late < URGENT * self._grace:
            self._urgent_retry_at = now + URGENT_STEP * 2.0 ** max(0, self._urgent_probes - 1)
            self._urgent_probes += 1

    # time

    def _next_window_at(self) -> float:
        """Return when the next window has certainly begun."""
        if self._clock.known:
            return self._clock.certainly_at((self._index + 1) * self._seconds) + self._reset_delay.first_probe()
        return self._reported_at + self._seconds if self._reported else math.inf

    def _plan_rollover(self) -> None:
        """Set when to roll over. Called whenever the clock's bounds, the reset delay or the next probe have changed."""
        self._rollover_at = min(self._retry_at, self._next_window_at())

    def _roll_over(self, now: float) -> None:
        """Begin a new window, or another probe for one that is late."""
        windows = 0
        if now >= self._next_window_at():
            windows = 1
            if self._clock.known:  # after a long silence, more than one
                server_at = self._clock.earliest(now) - self._reset_delay.first_probe()
                windows = max(1, math.floor(server_at / self._seconds) - self._index)
            self._index += windows
        self._begin(now, windows=windows)

    def _begin(self, now: float, *, windows: int) -> None:
        if self._open:
            self._fair_share.record_window(self._foreign, own=self._granted)
        if self._generation:
            self._fair_share.age(windows, elapsed=now - self._began_at)
            self._warm = self._warm or windows > 0
        self._generation += 1
        self._began_at = now
        self._foreign.begin(now, in_flight=self.in_flight)
        self._in_flight_of_window = self._granted = 0
        self._reported = self._open = self._has_risen = False
        self._retry_at = self._urgent_retry_at = math.inf
        self._doubt = None
        self._tested_at = -math.inf
        self._last_probe_for = 0
        if windows:
            self._urgent_probes = 0
            self._reset_delay.end_window()
        self._rollover_at = self._next_window_at()

    # reports

    def snapshot(self, now: float, *, queued: int = 0) -> RateLimit:
        """Return the rate limit as of ``now``."""
        resets_at = None
        if self._clock.known:
            late = self._reset_delay.first_probe()
            index = max(self._index, math.floor((self._clock.earliest(now) - late) / self._seconds))
            resets_at = (index + 1) * self._seconds
        return RateLimit(
            permitted=self.permitted,
            remaining=self._left(now),
            resets_at=resets_at,
            resets_in=None if resets_at is None else max(0.0, self._clock.certainly_at(resets_at) + late - now),
            queued=queued,
            in_flight=self.in_flight,
        )

    def estimate(self, requests: int, now: float) -> Estimate:
        """Return how many windows and seconds ``requests`` more requests need, those in flight among them."""
        requests, left = max(0, requests - self.in_flight), self._left(now)
        if self.permitted is None or left is None or requests <= left:
            return Estimate(requests=requests, windows=1 if requests else 0, seconds=0.0)
        later = math.ceil((requests - left) / self.permitted)
        wait = max(0.0, min(self._next_window_at() - now, self._seconds))
        windows = later + (1 if left else 0)
        return Estimate(requests=requests, windows=windows, seconds=wait + (later - 1) * self._seconds)

    def served_at(self, denied: Denied, ahead: int) -> float:
        """Return when a waiter can be served at the earliest, after ``ahead`` other waiters."""
        return denied.until + ahead // (self.permitted or UNKNOWN_PERMITTED) * self._seconds

    def is_at_reset(self, now: float) -> bool:
        """Return whether the next request is the probe of a new window."""
        return now >= self._rollover_at or (
            not self._reported and self.remaining is not None and self.remaining - self.in_flight < 1
        )

    def next_reset_at(self, now: float) -> float:
        """Return when the next window has certainly begun, in monotonic seconds; a window from ``now`` if unknown."""
        if not self._clock.known:
            return now + self._seconds
        index = math.floor(self._clock.latest(now) / self._seconds) + 1
        return self._clock.certainly_at(index * self._seconds) + self._reset_delay.first_probe()

    def _left(self, now: float) -> int | None:
        if self.remaining is None:
            return None
        if now >= self._next_window_at() or not self._reported:
            return max(0, (self.permitted or 0) - self.in_flight)
        return max(0, self.remaining - self.in_flight - self._uncounted.count)
