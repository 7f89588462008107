"""Fair share: how many of the remaining requests of a window a batch leaves to others.

Others are other processes that use the token, and single calls of this process. No event loop, clock or randomness:
times are monotonic seconds that the caller passes in.

Theory of operation
===================

Processes that share a token send each other no messages. Each sees the counter, from which `WindowUse` computes what
the others sent. A batch *fits* into the window if the remaining requests are enough for it and for the batches of this
process that have fewer requests left; otherwise it *outlasts* the window. The *full rate* spends all requests of a
window within it. Each paragraph is one rule: what it says, why, and what it costs.

**Share.** The share of a process is its fraction of all requests of the recent windows. It doubles, up to
`DOUBLED_SHARE_MAX`, after every `OWN_IN_A_ROW` responses that show no further request of others, because the others may
have finished. Cost: a process that pauses may find that the others have used its share.

**In flight.** All processes together keep at most a third of the remaining requests in flight, each according to its
share. The counter in a response is one round trip old when the next request arrives, so a process knows how many
requests were left one round trip ago. If all processes together spend at most 1/e of that number in each round trip,
what is left falls to 0 without overshooting: the delay equation ``x'(t) = -k x(t-1)`` does not oscillate for
``k <= 1/e``. Cost: the last requests of a window need some more round trips.

**Outdated counter.** The rule above allows for one round trip. A process that was busy, or had nothing to send, knows
an older counter. So it subtracts what the others have probably sent since then, at their mean rate in this window. If
the counter has been outdated for more than `RENEW_AFTER` seconds, it first sends one request. Cost: a round trip after
a pause, and refusals if the others send faster than before.

**Stop at n.** A batch that outlasts the window stops when the counter is below n = 1 / share. No two responses report
the same counter, so n equal processes with one request in flight each stop at n different counters: at ``n-1 ... 0``.
No request is left over, and none is refused. Cost: with unequal shares, a few requests may be left over.

**Last probe.** In the last `LAST_PROBE` seconds, a process that has stopped may send one request, to find what is left
over. The smaller its counter, the more likely it does so: see `FairShare._last_probe_at`. Cost: a refusal if nothing is
left. If the requests of all processes fill whole windows exactly, a request that is left over costs them one more
window: in 0 to 23 % of simulated starts, with 0.2 % of the requests refused. Without messages, no rule avoids both.

**Reserve.** A batch that outlasts the window holds back what others may need until the end of the window: their
requests per second times the time left, so the reserve shrinks to 0. The rate is estimated generously from what was
seen: no request in one second is weaker evidence than no request in thirty. Cost: none, because the batch waits for the
next window anyway. A batch that fits waits for a whole window if it holds back one request too many. So its reserve is
only for the single calls of this process, from the second one on, and for other processes that were certainly seen. If
it has seen none, it spends the whole window.

**Full rate.** If the others together send at the full rate, as batches do, requests that are held back do not help
them. Then the reserve is only for slow processes, such as web applications, which `WindowUse` distinguishes from the
others.

**Floor.** A batch that outlasts the window keeps a few last requests until shortly before the end, even if it saw no
other process, so that a process that begins in this window finds some. It releases them early enough to send them all
itself. Cost: some are left over if it sends more slowly than before.

**Probes.** A batch that holds requests back sends one whenever the time since the reset has grown by a quarter, because
only its own responses show whether the others still send. Cost: one request of the reserve each time, so probes are
rarer when few are left. When only the floor is left there is none, unless the others may send at the full rate.

**Beside a batch that fits.** If the batch of another process fits, it uses the window down to the last request, even
the requests that this process holds back. Each process that holds requests back would learn that by a refusal of its
own. So a process that saw the others send at the full rate computes when they could have used up the rest, and sends
its next probe before that time. After that time, or when only the floor is left, it cannot know whether anything is
left. It then sends a probe only with the probability of its share: of n processes, one does so on average. If requests
are left, that process goes on with them. Cost: one refusal instead of n. A refusal is not counted as use by others: it
may concern one call alone, and it does not show who used the rest.

**Slow processes beside several batches.** A batch that fits keeps requests for slow processes even while others send at
the full rate. This does not always help. If the rest is enough for each of several batches, but not for all of them,
they spend it, and a web application in another process waits for the next window. In 4 of 30 simulated starts this
happened in the last window, and the wait was up to 58 s. A needless reserve costs the batch a window, so there must be
strict proof of a slow process. Most slow use comes from other batches, which stop and continue at other times. So the
evidence comes from the quiet part of the window: a batch that keeps the floor sends one request in the middle of the
window, and one shortly before it releases the floor. Between these two, each other batch sends one request, and slow
processes send all others. Cost: two requests a window.
"""

import math
from collections.abc import Iterator
from operator import add
from typing import NamedTuple

from katapult_async.rate_limit.wait_reasons import DenialReason, Denied
from katapult_async.rate_limit.window_times import UNDATED_PROBE, WindowTimes
from katapult_async.rate_limit.window_use import WindowUse

__all__ = ["FairShare"]

AGING = 0.5
"""Whenever a window ends, the weight of all older figures is multiplied by this."""

FLOOR = 0.04
"""Fraction of the permitted requests that a batch which outlasts the window keeps for others, whether others were seen
or not."""

FLOOR_GROWTH = 0.7
"""The floor grows by this fraction for each further process that sends as fast as this one, because the requests that
are in flight when all of them stop take the counter below the floor."""

FLOOR_GROWTH_MAX = 3.0
"""The largest multiple to which the floor grows."""

FLOOR_RELEASE = 0.9
"""The floor is released at least this many seconds before the end of the window. A call that then finds nothing left
does not wait long for the next window."""

FLOOR_SLACK = 1.5
"""The floor is released before the end of the window by this multiple of the time that sending it takes."""

OWN_IN_A_ROW = 8
"""Responses in a row without a further request of another process, after which this process's share is doubled."""

DOUBLED_SHARE_MAX = 0.7
"""The largest share that is reached by doubling. Beside a slow process, most responses show no request of that process,
so they do not prove that it has finished."""

ROUNDED_DOWN = 0.2
"""Subtracted from the number of processes (1 / share) before it is rounded: with unequal shares, two processes would
otherwise leave one request unused."""

LARGEST_RESERVE = 0.5
"""No reserve exceeds this fraction of the permitted requests: a fair share between a batch and all others."""

MOST_IN_FLIGHT = 1 / 3
"""Fraction of the remaining requests that all processes together may have in flight; less than 1/e (see above)."""

PROBE_GROWTH = 0.25
"""A batch that holds requests back sends a probe whenever the time from the reset to the last response has grown by
this fraction. The probe shows how fast other processes send. It is sent more rarely when few requests are left."""

PROBE_COST = 10
"""With ``room`` requests left, the next probe comes later by ``PROBE_COST / room`` times the time from the
reset to the last response."""

LAST_PROBE = 0.5
"""Seconds before the end of a window at which the last probe for requests that are left over is sent."""

RENEW_AFTER = 0.5
"""Seconds for which the outdated counter of a shared token is used. After that, one request renews it first."""


class _PastUse(NamedTuple):
    """The use of the past windows, added up: see `WindowUse`. The older ones have less weight."""

    own: float = 0.0
    fast: float = 0.0
    fast_seconds: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 0.0
    quiet: float = 0.0
    """Requests in the quiet parts, without those of other batches."""

    quiet_seconds: float = 0.0
    seconds: float = 0.0
    """Seconds that have passed, also in windows whose use was not recorded."""


class _Rest(NamedTuple):
    """What is left of a window, and how much of it batches could use."""

    ends_at: float
    """When the window ends."""

    permitted: int
    """Requests that a window permits; 0 if unknown, so that no reserve is kept."""

    room: int
    """Requests left, minus those that are in flight or may have been counted."""

    in_flight: int
    """Own requests in flight, without overdue ones."""

    to_send: int
    """Requests still to be sent by the batch, and by all batches with fewer requests left."""

    share: float
    """The fraction of all requests that this process sends."""

    @property
    def outlasts(self) -> bool:
        """Whether the batch outlasts the window, even if nobody else uses it."""
        return self.to_send > self.room

    @property
    def is_only_floor(self) -> bool:
        """Whether no more is left than the floor."""
        growth = min(FLOOR_GROWTH_MAX, 1.0 + FLOOR_GROWTH * (1.0 / self.share - 1.0))
        return self.room <= self.permitted * FLOOR * growth

    @property
    def holds_floor(self) -> bool:
        """Whether the batch leaves the rest to others: only the floor is left, and the batch needs far more."""
        needs_far_more = self.to_send > max(self.room, self.share * self.room + FLOOR * self.permitted)
        return needs_far_more and self.is_only_floor


class FairShare:
    """Decides which of the remaining requests of a window a batch may use."""

    def __init__(self, *, seconds: float) -> None:
        self.single_calls: float = 0.0
        """Single calls of this process, the older ones with less weight. The window counts them here."""

        self.draw: float = 0.0
        """A random number from 0 to 1, drawn anew for each response."""

        self._seconds = seconds
        self._past = _PastUse()

    def record(self, use: WindowUse) -> None:
        """Add the use of a window that was seen to open."""
        quiet, quiet_seconds = 0.0, 0.0
        if self._past.own:  # in the first window processes hold back at different times, so no part of it is quiet
            other_batches = use.fast / max(1, use.own)  # about as fast as this one; each sent one request in that part
            quiet, quiet_seconds = max(0.0, use.quiet - other_batches), use.quiet_seconds
        window = _PastUse(use.own, use.fast, use.fast_seconds, use.slow, use.slow_seconds, quiet, quiet_seconds)
        self._past = _PastUse(*map(add, self._past, window))

    def age(self, windows: int, *, elapsed: float) -> None:
        """Reduce the weight of the past once for each window that ended in the last ``elapsed`` seconds."""
        weight = AGING**windows
        past = self._past._replace(seconds=self._past.seconds + elapsed)
        self._past = _PastUse(*(weight * value for value in past))
        self.single_calls *= weight

    def share(self, use: WindowUse) -> float:
        """Return the fraction of all requests that this process sends: 1 when no other process was seen."""
        others = self._past.fast + use.others_at_least
        if others < 1:
            return 1.0
        own = max(1.0, self._past.own + use.own)
        share = own / (own + others)
        doublings = min(10, use.own_in_a_row // OWN_IN_A_ROW)
        return max(share, min(DOUBLED_SHARE_MAX, share * 2.0**doublings))

    def stop_at(self, share: float) -> int:
        """Return the counter below which the remaining requests belong to other processes."""
        return round(1.0 / share - ROUNDED_DOWN)

    def holds_nothing_back(self, use: WindowUse, room: int, permitted: int | None) -> bool:
        """Return whether `hold_back` permits every request: no other process was seen, and at least half is left."""
        is_half_left = permitted is not None and room - 1 >= permitted * LARGEST_RESERVE
        return is_half_left and self._past.fast + use.others_at_least < 1

    def hold_back(
        self,
        now: float,
        use: WindowUse,
        times: WindowTimes,
        *,
        permitted: int | None,
        room: int,
        in_flight: int,
        to_send: int,
    ) -> Denied | None:
        """Hold one of the remaining requests back from a batch, and return why; None if the batch may use it.

        ``use`` records that a request is held back, and, if the batch keeps the floor, when the quiet part begins.

        Args:
            now: monotonic seconds.
            use: of the window.
            times: when the window ends.
            permitted: requests that a window permits; None if unknown.
            room: requests left, minus those that are in flight or may have been counted.
            in_flight: own requests in flight, without overdue ones.
            to_send: requests still to be sent by the batch, and by all batches with fewer requests left.
        """
        ends_at = times.ends_at() if times.clock.known else use.began_at + self._seconds
        rest = _Rest(ends_at, permitted or 0, room, in_flight, to_send, self.share(use))
        if rest.share < 1.0:
            denied = self._denial_beside_others(now, use, times, rest)
            if denied is not None:
                return denied
        if room - 1 >= rest.permitted * LARGEST_RESERVE:
            return None
        if rest.holds_floor:
            use.quiet_from = ends_at - self._seconds / 2
        until = self._held_until(now, use, times, rest)
        if until <= now:
            return None
        use.hold()
        return Denied(until, DenialReason.RESERVED)

    def _denial_beside_others(self, now: float, use: WindowUse, times: WindowTimes, rest: _Rest) -> Denied | None:
        """Return why a batch leaves a request to other processes of the token, or None if its share includes it."""
        after_response = Denied(math.inf, DenialReason.SHARED)
        outdated = max(0.0, now - use.current_until)
        if rest.in_flight and outdated > RENEW_AFTER:
            return after_response
        counter = rest.room + rest.in_flight
        stops = rest.outlasts and counter < self.stop_at(rest.share)
        if not stops:
            likely_counter = counter - use.mean_rate * outdated
            return after_response if rest.in_flight >= max(1.0, rest.share * likely_counter * MOST_IN_FLIGHT) else None
        last_probe_at = self._last_probe_at(counter, times)
        if now < last_probe_at:
            return Denied(min(last_probe_at, times.rollover_at), DenialReason.SHARED)
        return Denied(times.rollover_at, DenialReason.SHARED) if rest.in_flight else None

    def _held_until(self, now: float, use: WindowUse, times: WindowTimes, rest: _Rest) -> float:
        """Return when a batch may use a request that is held back: as a probe, or because it is held back no longer.

        If it may use the request already, that is ``now`` or an earlier time.
        """
        until = self._free_at(now, use, rest)
        if rest.holds_floor:
            until = max(until, rest.ends_at - self._release_seconds(use, rest))
        lasts_until = self._lasts_until(use, rest)
        if not rest.in_flight:  # the response to a request in flight shows as much as a probe
            probes = self._probe_times(use, rest, lasts_until=lasts_until)
            until = min([until, *(at for at in probes if at <= lasts_until)])
            if not times.clock.known:  # only a response shows that the next window has begun
                until = min(until, use.reported_at + self._seconds * UNDATED_PROBE)
        if rest.outlasts and until > lasts_until:  # others may have used up the rest by then
            return times.rollover_at
        return until

    def _probe_times(self, use: WindowUse, rest: _Rest, *, lasts_until: float) -> Iterator[float]:
        """Yield the times of the next probes."""
        if use.may_be_fast or not rest.holds_floor:
            observed = use.reported_at - use.began_at
            probe_at = use.reported_at + observed * (PROBE_GROWTH + PROBE_COST / rest.room)
            # While more than the floor is left, the probe comes before others can have used up the rest.
            yield probe_at if rest.is_only_floor else min(probe_at, lasts_until)
        if rest.holds_floor:  # the two requests around the quiet part
            before_release = rest.ends_at - 2 * self._release_seconds(use, rest)
            yield from (at for at in (use.quiet_from, before_release) if at > use.reported_at)

    def _release_seconds(self, use: WindowUse, rest: _Rest) -> float:
        """Return how long before the end of the window the floor is released, so that there is time to send it."""
        sending_seconds = rest.room * rest.share * use.fast_seconds / max(1, use.own)
        return max(FLOOR_RELEASE, FLOOR_SLACK * sending_seconds)

    def _lasts_until(self, use: WindowUse, rest: _Rest) -> float:
        """Return until when the rest lasts for certain: no probe or release of the floor is planned for a later time.

        That is when the other processes could have used it up, if they sent at the full rate when last seen; otherwise
        infinite. It is infinite also for a process that is chosen by chance (`draw`), which finds out what is left.
        """
        if not (use.may_be_fast and use.rate) or self.draw < rest.share:
            return math.inf
        return use.reported_at + max(RENEW_AFTER, (rest.room - self.stop_at(rest.share)) / use.rate)

    def _last_probe_at(self, counter: int, times: WindowTimes) -> float:
        """Return when a process that holds back at the end of a window sends one more request; infinite for never.

        The process whose last response reported the smallest counter knows best whether requests are left over. So a
        process whose counter is ``r`` sends this probe with the probability ``1 / r ** 3``, and decides anew after each
        response. If nothing is left, a probe costs a refusal.
        """
        sends = self.draw * counter**3 < 1 and times.clock.known
        return times.ends_at() - LAST_PROBE if sends else math.inf

    def _free_at(self, now: float, use: WindowUse, rest: _Rest) -> float:
        """Return when the reserve frees one of the remaining requests; ``now`` or earlier if it is free already.

        If the batch outlasts this window, the reserve may be generous: it costs nothing, because the batch waits for
        the next window anyway.
        """
        rate = self._rate(use, rest)
        seen_seconds = self._past.seconds + now - use.began_at
        if rest.outlasts:
            rate += _likely_most(self.single_calls) / max(seen_seconds, 1e-3)
        else:
            rate += max(0.0, self.single_calls - 1.0) / max(seen_seconds, self._seconds / 2)
        # the reserve is rate * (time left); less than 1 request is no reserve
        return rest.ends_at - max(rest.room - 1, 1) / rate if rate else now

    def _rate(self, use: WindowUse, rest: _Rest) -> float:
        """Return the expected requests of others per second.

        They are the most that is likely if the batch outlasts the window, and only what is proven if it fits into it.
        """
        past = self._past
        fast, fast_seconds = past.fast + use.fast, max(past.fast_seconds + use.fast_seconds, 1e-3)
        slow, slow_seconds = past.slow + use.slow, past.slow_seconds + use.slow_seconds
        if fast >= rest.permitted / self._seconds * fast_seconds:
            # Others use the full rate. Holding requests back does not help them, but it helps slow processes.
            if rest.outlasts:
                return _likely_most(slow) / max(slow_seconds, 1.0)
            is_proven = past.quiet - 2.0 * math.sqrt(past.quiet) >= 1.0
            return _likely_most(past.quiet) / past.quiet_seconds if is_proven else 0.0
        seconds = fast_seconds + slow_seconds
        if rest.outlasts:
            return _likely_most(past.fast + past.slow + max(0, use.others_at_most)) / seconds
        proven = max(0.0, fast + slow - 1.0)
        return (proven + 2.0 * math.sqrt(proven)) / seconds


def _likely_most(events: float) -> float:
    """Return the largest likely mean of a Poisson process with this number of events: 3 standard deviations above."""
    return events + 1.0 + 3.0 * math.sqrt(events + 1.0)
