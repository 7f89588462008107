"""The rate limit of one token as arithmetic: when may the next request be sent?

It knows no socket, event loop, clock, randomness or log. Times are monotonic seconds that the caller gives,
unless their name or text says server or Unix.

Theory of operation
===================

**What the server does.** It counts the requests of each token and starts to count afresh at ``:00`` of its own
clock. Every answer tells how many requests are left and, to the second, what time it is. Past the limit it
answers 429. So the fastest way through a batch is to send what a window holds as fast as the network carries it,
and then to be there when the server's next minute begins.

**Three questions** are answered here, each by a mechanism of its own:

*When does the window turn?* `ServerClock` keeps an interval in which the difference between the two clocks lies.
The window is taken to have turned when even the slowest server clock inside the interval shows ``:00``.
`ResetDelay` remembers servers that start to count afresh only some time after that.

*How much is left?* The smallest count that was reported since the window turned, less what is under way. The
order of events decides which reports count. A permit carries the number of the *start* that it was granted in;
answers to requests sent before the present start were perhaps counted in the old window, so their counts say
nothing. The counter only falls inside a window. So when a request was sent after an answer was heard and yet
reports *more* than that answer, a new window has begun, whatever any clock says. What may have been counted
without telling is `UncountedRequests`; while it holds strays, one request goes out to ask, past all that is held back.

*Who else needs it?* `FairShare` compares the fall of the counter with the own requests.

**A window's life.** At its start nothing is known about it. If nothing was left of the old one, exactly one
request goes out (*probing*); its answer shows the new budget and opens the window for the rest. If the answer is
429, or its count did not rise, then the server is late and the next look follows soon. Only within GRACE
seconds of ``:00``, though: later than that, somebody else has spent the window, and the next one is awaited.
Once open, requests are granted while the count less those under way is 1 or more. Then everybody waits
(*draining*, *spent*, *refused*) for the next start.

**Sharing without talking.** Other processes see the same counter. Two rules keep them from running into 429s
together, and neither needs a message between them.

- All processes together keep no more under way than a third of what is left, each according to its share. The
  count in an answer is one round trip old when the next request arrives. A quantity that is drained in
  proportion to a value one round trip old falls smoothly to 0, without shooting past it, as long as less than
  1/e of it is drained in a round trip (the delay equation ``x'(t) = -k x(t-1)`` does not oscillate for
  ``k <= 1/e``).
- Of n equal processes with one request under way each, every one stops when it sees a count below n. The
  counter shows each count once, so the n processes stop at n different counts below n, and these are exactly
  ``n-1 ... 0``: nothing is left over and nobody was refused. n is 1 / own share.

**Leaving something.** A batch that outlasts the window has to wait for the next one in any case, so it loses
nothing by spending the last part of this one slowly. It holds back what foreground calls and neighbours may need
until the end, and this shrinks to nothing as the end comes near. How much is reckoned generously from what was
seen: nothing seen for one second says less than nothing seen for thirty. A batch whose end is near holds back
only for neighbours that are proven.
"""

import math

from katapult_async.options import Priority
from katapult_async.rate_limit.fair_share import FairShare
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.reset_delay import ResetDelay
from katapult_async.rate_limit.server_clock import ServerClock
from katapult_async.rate_limit.status import DenialReason, Denied, Estimate, Permit, RateLimit
from katapult_async.rate_limit.uncounted_requests import UncountedRequests

__all__ = ["Window"]

COLD = 4
"""Requests under way at once while nothing is known about the budget."""

GROWTH = 2
"""Further requests under way for each answer, until one whole window has shown who else spends."""

PATIENCE = 1.0
"""Seconds after which a silent first request of a window is joined by another."""

GRACE = 3.0
"""Seconds after ``:00`` in which "nothing left" means that the server is late. Recorded: about 1 s at most."""

UNKNOWN_PERMITTED = 1000
"""Requests a window, where a server that refuses does not tell; the documented figure."""


class Window:
    """The present rate-limit window of one token."""

    def __init__(self, *, seconds: float, max_in_flight: int) -> None:
        self._seconds = seconds
        self._max_in_flight = max_in_flight
        self._grace = min(GRACE, seconds / 4)
        self._clock = ServerClock()
        self._lateness = ResetDelay()
        self._neighbours = FairShare(window=seconds)
        self.permitted: int | None = None
        self.remaining: int | None = None
        self.in_flight = 0
        self.episode = 0  # how many windows were seen open
        # when to look for a new window, and which one this is
        self._index = 0  # windows since the Unix epoch, on the server's clock
        self._due = -math.inf
        self._retry_at = math.inf  # an earlier look, while the server is late or its clock unknown
        self._backoffs = 0  # refusals in a row while its clock is unknown
        # since the last start
        self._start = 0
        self._began_at = 0.0
        self._under_way = 0  # of the requests granted since then
        self._granted = 0
        self._older = 0  # requests that were under way at the start
        self._unreported = UncountedRequests()
        self._heard = False
        self._heard_at = 0.0  # when the answer came that set `remaining`
        self._open = False  # whether the counter was seen to have started afresh
        self._refused = False
        self._warm = False  # whether any window was seen to its end
        self._base = 0  # what the counter showed at the start
        self._least = 0  # foreign requests that are proven
        self._most = 0  # the same, if no own request under way was counted yet

    # what may be sent

    def acquire(self, now: float, *, priority: Priority, order: int = 0, outstanding: int = 0) -> Permit | Denied:
        """Grant one request, or say why not.

        Args:
            now: monotonic seconds.
            priority: who asks.
            order: place in the queue, kept on the permit.
            outstanding: requests that the batches still have to send, as far as is known.
        """
        if now >= self._due:
            self._turn(now)
        shut = self._shut(now, priority, outstanding)
        if shut is not None:
            return shut
        self.in_flight += 1
        self._under_way += 1
        self._granted += 1
        if priority is Priority.FOREGROUND:
            self._neighbours.called()
        return Permit(now, self._start, priority, order)

    def _shut(self, now: float, priority: Priority, outstanding: int) -> Denied | None:
        if self.in_flight >= self._max_in_flight:
            return Denied(math.inf, DenialReason.BUSY)
        if self.remaining is None:
            cold = not self._heard and self.in_flight >= COLD
            return Denied(math.inf, DenialReason.PROBING) if cold else None
        if not self._under_way and self._unreported.worth_asking(self.remaining):
            return None
        room = self.remaining - self.in_flight - len(self._unreported)
        if room < 1:
            return self._empty(now)
        if not self._warm and self.in_flight >= COLD + GROWTH * (self._granted - self._under_way):
            return Denied(math.inf, DenialReason.PROBING)
        spends = priority is Priority.BATCH and (self._heard or self._under_way)
        return self._held_back(now, room, endless=outstanding > room) if spends else None

    def _empty(self, now: float) -> Denied | None:
        if not self._heard:
            allowed = 1 + int((now - self._began_at) / PATIENCE)
            if self._under_way < allowed:
                return None
            return Denied(self._began_at + allowed * PATIENCE, DenialReason.PROBING)
        if self.remaining and self.in_flight:
            return Denied(self._due, DenialReason.DRAINING)
        if self._retry_at < math.inf and self._clock.known:
            return Denied(self._due, DenialReason.LATE)
        return Denied(self._due, DenialReason.REFUSED if self._refused else DenialReason.SPENT)

    def _held_back(self, now: float, room: int, *, endless: bool) -> Denied | None:
        """Return why a batch has to leave the requests that there are."""
        remaining = self.remaining or 0
        share = self._neighbours.share(foreign=self._least, own=self._granted)
        if share < 1.0:
            if endless and remaining < self._neighbours.stop_at(share):
                return Denied(self._due, DenialReason.SHARED)
            if self.in_flight >= self._neighbours.taper(share, remaining):
                return Denied(math.inf, DenialReason.SHARED)
        permitted = self.permitted
        if permitted is None or not self._clock.known or self._neighbours.ample(room, permitted):
            return None
        ends_at = self._clock.perhaps((self._index + 1) * self._seconds)
        watched = self._heard_at - self._began_at
        look_at = math.inf if self.in_flight else self._heard_at + self._neighbours.until_look(watched, room)
        if now >= look_at:
            return None
        free_at = self._neighbours.free_at(
            now,
            room=room,
            permitted=permitted,
            least=self._least,
            most=self._most,
            watched=watched,
            lived=now - self._began_at,
            ends_at=ends_at,
            endless=endless,
        )
        return None if free_at <= now else Denied(min(free_at, look_at), DenialReason.RESERVED)

    # what became of it

    def feed(self, permit: Permit, report: RateLimitHeaders, *, now: float, jitter: float) -> None:
        """Book the answer to a request. ``jitter`` is a random number from 0 to 1."""
        if not self._settle(permit):
            return
        date = report.date
        if date is not None:
            stepped = self._clock.hear(date, permit.granted_at, now)
            if stepped or self.remaining is None:
                written_at = max(date, self._clock.earliest(permit.granted_at))
                self._index = math.floor(written_at / self._seconds)
        if permit.start == self._start:
            self._believe(permit, report, now, jitter)
        elif date is None or date >= self._index * self._seconds:  # else it was counted in the old window
            self._unreported.ended(now, stray=True)
        self._due = min(self._retry_at, self._turns_at())

    def lost(self, permit: Permit, *, now: float) -> None:
        """Book a request whose outcome nobody knows: spent, until a later request reports the counter."""
        if self._settle(permit):
            self._unreported.ended(now, stray=permit.start != self._start)

    def unsent(self, permit: Permit) -> None:
        """Give back a request that was never sent."""
        if self._settle(permit) and permit.start == self._start:
            self._granted -= 1

    def _settle(self, permit: Permit) -> bool:
        if permit.settled:
            return False
        permit.settled = True
        self.in_flight -= 1
        if permit.start == self._start:
            self._under_way -= 1
        return True

    def _believe(self, permit: Permit, report: RateLimitHeaders, now: float, jitter: float) -> None:
        if report.refused or report.remaining is not None:
            self._unreported.reported(permit.granted_at)
        before = self.remaining
        permitted = report.permitted or report.total_permitted or self.permitted
        after = 0 if report.refused else report.remaining
        if after is None and permitted is not None:  # the answer does not say: count for ourselves
            after = max(0, (before if self._heard and before is not None else permitted) - 1)
        if after is None or permitted is None:
            self._uncounted(permit, after, now)
        elif not self._heard or before is None:
            self._heard = True
            if not report.refused and (2 * after > permitted or (before is not None and after > before)):
                self._opened(permit)
            self._base = permitted if self._open and before is not None else after + 1
            self._set(after, now)
        elif permitted != self.permitted or (after > before and permit.granted_at >= self._heard_at):
            self._restarted(permit, after, now)
        elif after < before:
            self._set(after, now)
        elif after:
            return
        self.permitted = permitted
        if after == 0:
            self._closed(permit, now, jitter, refused=report.refused)

    def _uncounted(self, permit: Permit, after: int | None, now: float) -> None:
        """Book an answer of a server that never told any budget."""
        if after is None and not self._heard:
            self._opened(permit)
        self._heard = True
        self._heard_at = now
        self.remaining = after

    def _set(self, remaining: int, now: float) -> None:
        self.remaining = remaining
        self._heard_at = now
        spent = self._base - remaining
        least = spent - self._granted - self._older
        self._least = max(self._least, least)
        self._most = spent - self._granted + self._under_way

    def _opened(self, permit: Permit) -> None:
        """The counter was seen to start afresh."""
        if self._clock.known:
            late = permit.granted_at - self._clock.surely(self._index * self._seconds)
            if 0 <= late < self._grace:
                self._lateness.started(late)
            self._lateness.give_up()
        self._open = True
        self._refused = False
        self._backoffs = 0
        self._retry_at = math.inf
        self.episode += 1

    def _restarted(self, permit: Permit, remaining: int, now: float) -> None:
        """The counter rose from one answer to a request sent after it: a new window, or another counter."""
        index = math.floor(self._clock.latest(now) / self._seconds) if self._clock.known else self._index
        windows = max(0, index - self._index)
        self._index += windows
        self._begin(now, windows=windows)
        self._heard = True
        self._opened(permit)
        self._granted = 1
        self._base = remaining + 1
        self._set(remaining, now)

    def _closed(self, permit: Permit, now: float, jitter: float, *, refused: bool) -> None:
        """Nothing is left: decide when to look again, if that is before the next window."""
        self._refused = self._refused or refused
        if self._retry_at < math.inf:
            return
        if not self._clock.known:
            pace = self._seconds / (self.permitted or UNKNOWN_PERMITTED)
            self._retry_at = now + min(self._seconds, pace * 2.0**self._backoffs) * (0.5 + jitter / 2)
            self._backoffs += 1
        elif not self._open:
            start = self._index * self._seconds
            starts_at = self._clock.surely(start)
            self._lateness.too_early(permit.granted_at - starts_at)
            look_at = starts_at + self._lateness.next_look(now - starts_at)
            if look_at - self._clock.perhaps(start) < self._grace:
                self._retry_at = look_at
            else:
                self._lateness.give_up()

    # time

    def _turns_at(self) -> float:
        """Return when the next window has surely started."""
        if self._clock.known:
            return self._clock.surely((self._index + 1) * self._seconds) + self._lateness.first_look()
        return self._heard_at + self._seconds if self._heard else math.inf

    def _turn(self, now: float) -> None:
        """Start afresh: a new window, or another look for one that is late."""
        windows = 0
        if now >= self._turns_at():
            windows = 1
            if self._clock.known:  # after a long silence, more than one
                server_at = self._clock.earliest(now) - self._lateness.first_look()
                windows = max(1, math.floor(server_at / self._seconds) - self._index)
            self._index += windows
        self._begin(now, windows=windows)

    def _begin(self, now: float, *, windows: int) -> None:
        if self._open:
            watched = self._heard_at - self._began_at
            self._neighbours.hear(foreign=self._least, own=self._granted, watched=watched)
        if self._start:
            self._neighbours.age(windows, lived=now - self._began_at)
            self._warm = self._warm or windows > 0
        self._start += 1
        self._began_at = now
        self._older = self.in_flight
        self._under_way = self._granted = self._least = self._most = 0
        self._heard = self._open = False
        self._retry_at = math.inf
        if windows:
            self._lateness.give_up()
        self._due = self._turns_at()

    # what people see

    def snapshot(self, now: float, *, queued: int = 0) -> RateLimit:
        """Return the rate limit as of ``now``."""
        resets_at = None
        if self._clock.known:
            late = self._lateness.first_look()
            index = max(self._index, math.floor((self._clock.earliest(now) - late) / self._seconds))
            resets_at = (index + 1) * self._seconds
        return RateLimit(
            permitted=self.permitted,
            remaining=self._left(now),
            resets_at=resets_at,
            resets_in=None if resets_at is None else max(0.0, self._clock.surely(resets_at) + late - now),
            queued=queued,
            in_flight=self.in_flight,
        )

    def estimate(self, requests: int, now: float) -> Estimate:
        """Return how many windows and seconds ``requests`` more requests need."""
        left = self._left(now)
        if self.permitted is None or left is None or requests <= left:
            return Estimate(requests=requests, windows=1 if requests else 0, seconds=0.0)
        later = math.ceil((requests - left) / self.permitted)
        wait = max(0.0, min(self._turns_at() - now, self._seconds))
        windows = later + (1 if left else 0)
        return Estimate(requests=requests, windows=windows, seconds=wait + (later - 1) * self._seconds)

    def served_at(self, shut: Denied, ahead: int) -> float:
        """Return when a waiter can be served at the earliest, with so many ``ahead`` of it."""
        return shut.until + ahead // (self.permitted or UNKNOWN_PERMITTED) * self._seconds

    def _left(self, now: float) -> int | None:
        if self.remaining is None:
            return None
        if now >= self._turns_at():
            return max(0, (self.permitted or 0) - self.in_flight)
        return max(0, self.remaining - self.in_flight - len(self._unreported))
