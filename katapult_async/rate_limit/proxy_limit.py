"""The limits of a proxy in front of Katapult, such as nginx's ``limit_req`` and ``limit_conn``, learned from refusals.

Theory of operation
===================

A proxy has rules of its own, and its 429 or 503 is a page without code or counter.
``Retry-After`` of a 429 distinguishes two kinds.

**With ``Retry-After``**, the proxy refuses everything until that time, and all calls wait. Then one request may be in
flight, and one more for each request that is accepted: if the proxy still refuses, few requests are lost.

**Without ``Retry-After``**, or with 0, requests come too fast. From then on they are *paced*: CUBIC (RFC 9438) controls
their rate, as in botocore's adaptive mode. A refusal lowers the rate to 0.7 of the measured rate of accepted requests.
Then the rate grows again: first quickly towards the rate at the refusal, then slowly past it, so that it stays near the
limit most of the time. It does not grow while no request waits for it: nothing shows then that the proxy accepts more.
Refusals of requests that were sent before the last reduction lower it no further, because those were sent at the old
rate. Pacing ends after a minute without a refusal.

**503** is what nginx sends unless ``limit_req_status`` or ``limit_conn_status`` is set, but also what a proxy sends if
the server fails. Two rules find out what it is:

- After a 503 of an endpoint that accepted another request shortly before, fewer requests may be in flight
  (`AdaptiveConcurrency`), as behind nginx's ``limit_conn``.

  This does not help if a request that is in flight alone gets 503, or if a call gets its third 503 after a request that
  was sent after its first was accepted. Then the limit ends, and 503s do not reduce the requests in flight for the next
  minute, or until a call succeeds after a 503.

  If a call succeeded after a 503 in the last minute, the limit stays: perhaps the proxy refused this request because of
  those that other processes have in flight. But if no other process was seen to use the token, a 503 of a request in
  flight alone always ends the limit: otherwise a server that fails for a second every few seconds would keep the limit
  at one request. Processes that have other tokens, and the same proxy, are not seen: they are refused more often.
- 503 starts pacing if the last second had many 503s, at least as many as accepted requests, and an accepted request of
  the same endpoint. Otherwise the endpoint, or the server, fails. If further 503s lower the rate many times, or if the
  rate of accepted requests falls to a fraction of an earlier one, pacing does not help: it ends, and no 503 of the next
  minute starts it.
"""

import math
from collections import deque
from collections.abc import Sequence

import attrs

from katapult_async.rate_limit.adaptive_concurrency import AdaptiveConcurrency, InFlight
from katapult_async.rate_limit.permit import Permit

__all__ = ["ProxyLimit"]

DECREASE = 0.7
"""Factor of the rate after a refusal (CUBIC's beta)."""

GROWTH = 0.4
"""CUBIC's constant: ``t`` seconds after the plateau, the rate exceeds it by ``GROWTH * t ** 3`` requests a second."""

RATE_INTERVAL = 1.0
"""Seconds over which the rate of accepted requests is measured."""

SHORT_INTERVAL = 0.25
"""Seconds over which this rate is measured too. The larger of the two rates counts: soon after requests began, the one
over `RATE_INTERVAL` is too low."""

SLOWEST_PACE = 0.5
"""Requests a second: pacing is never slower."""

LONGEST_RETRY_AFTER = 120.0
"""Seconds: the longest wait for a proxy's ``Retry-After``. It bounds the cost of a wrong header."""

PACE_ENDS_AFTER = 60.0
"""Seconds without a refusal after which pacing ends."""

ACCEPTED_WITHIN = 5.0
"""A 503 reduces the requests in flight only if another request to its endpoint was accepted, and was sent at most this
many seconds earlier. Otherwise the endpoint fails. nginx delays no request as long as this before it refuses one."""

FEWEST_UNAVAILABLE = 20
"""Pacing begins only after this many responses with 503 in a second. A server that fails at random can send a smaller
number by chance: with 5, the calls to a server that failed for 30 % of them were paced for 5 to 10 s."""

MOST_UNAVAILABLE = 2
"""More 503s of one call show that fewer requests in flight do not help, unless some call succeeds after a 503. Behind
``limit_conn 1``, a call may get two before the requests in flight are few enough."""

FEWEST_REDUCTIONS = 5
"""Pacing does not end as useless before 503s have lowered the rate this many times. After nginx has accepted a burst,
the first measured rate is too high, and several reductions are needed to reach the limit."""

MOST_REDUCTIONS = 0.25
"""Pacing is useless if its reductions are this share of its accepted requests, or more."""

LEAST_ACCEPTED = 0.25
"""Pacing is useless if the rate of accepted requests falls below this share of the highest rate that was accepted
since a second before pacing began. Without this bound, the rate behind a server that fails for a second of every four
stayed at a few requests a second: a batch took 342 s instead of 102 s. The rate just before pacing would be too low a
bound if the batch waited for a reset at that time."""


@attrs.define(eq=False)
class ProxyLimit:
    """When a proxy that has refused a request accepts the next one. Times are monotonic seconds."""

    _accepted: Sequence[float]  # when the last requests were accepted; the owner adds each
    closed_until: float = -math.inf
    """Until when the proxy refuses everything."""

    concurrency: AdaptiveConcurrency = attrs.field(factory=AdaptiveConcurrency)
    """How many requests of the token may be in flight."""

    next_at: float = -math.inf
    """When the next request may be sent, at the current pace."""

    _peak: float = 0.0  # requests a second at the last refusal; 0 while requests are not paced
    _reduced_at: float = -math.inf
    _idle: float = 0.0  # seconds since then in which no request waited for the pace
    _refused_at: float = -math.inf
    _unavailable: deque[float] = attrs.field(factory=lambda: deque(maxlen=1024))  # times of responses with 503
    _pace_began_at: float = -math.inf
    _most_accepted: int = 0  # the most requests accepted in a second, since a second before pacing began
    _reductions: int = 0  # how often a 503 has lowered the rate since pacing began
    _paced_accepted: int = 0  # accepted requests that were sent since then
    _ignores_unavailable_until: float = -math.inf
    _recovered_at: float = -math.inf  # when a call last succeeded after a 503

    def sent(self, now: float) -> None:
        """Record a request that is sent."""
        if now - self._refused_at > PACE_ENDS_AFTER:
            self._peak = 0.0
        elif self._peak:
            self._idle += max(0.0, now - self.next_at)
            self.next_at = max(now, self.next_at) + 1.0 / self._rate(now)

    def accepted(self, permit: Permit, now: float) -> None:
        """Record a request that the proxy let through."""
        self.concurrency.accepted(permit.granted_at)
        self._paced_accepted += 1 if permit.granted_at >= self._pace_began_at else 0
        if permit.unavailable_at:
            self._recovered_at = now
            if self.concurrency.most == math.inf:  # if the limit had ended, 503s reduce the requests in flight again
                self.concurrency.reduced_at = min(self.concurrency.reduced_at, now)

    def unavailable(
        self,
        permit: Permit,
        now: float,
        *,
        endpoint_accepted_sent_at: float,
        in_flight: InFlight = (),
        is_shared: bool = False,
    ) -> None:
        """Record a 503 of the proxy: a refusal, or a failure of the server.

        Args:
            permit: of the request.
            now: monotonic seconds.
            endpoint_accepted_sent_at: when the latest accepted request to the same endpoint was sent.
            in_flight: the requests of the token in flight, without this one.
            is_shared: whether other processes use the token.
        """
        permit.unavailable_at += (now,)
        others_are_accepted = endpoint_accepted_sent_at > permit.unavailable_at[0]
        fails_for_call = len(permit.unavailable_at) > MOST_UNAVAILABLE and others_are_accepted
        was_alone = permit.in_flight == 1 and self.concurrency.most < 2  # noqa: PLR2004 # no other joined it
        has_recovered = self._recovered_at >= now - PACE_ENDS_AFTER
        if (was_alone and not is_shared) or ((was_alone or fails_for_call) and not has_recovered):
            self.concurrency = AdaptiveConcurrency(reduced_at=now + PACE_ENDS_AFTER)
        elif endpoint_accepted_sent_at >= permit.granted_at - ACCEPTED_WITHIN:
            self.concurrency.refused(permit, now, in_flight)
        self._unavailable.append(now)
        if now < self._ignores_unavailable_until:
            return
        accepted = _count_since(now - RATE_INTERVAL, self._accepted)
        if not self._peak:
            is_frequent = _count_since(now - RATE_INTERVAL, self._unavailable) >= max(FEWEST_UNAVAILABLE, accepted)
            if is_frequent and endpoint_accepted_sent_at >= permit.granted_at - RATE_INTERVAL:
                self._pace_began_at, self._most_accepted = now, accepted
                self._reductions, self._paced_accepted = 0, 0
                self.refused(permit, now, retry_after=None)
            return
        self._most_accepted = max(self._most_accepted, accepted)
        self._reductions += 1 if permit.granted_at >= self._reduced_at else 0
        is_reduced_too_often = self._reductions >= max(FEWEST_REDUCTIONS, MOST_REDUCTIONS * self._paced_accepted)
        if is_reduced_too_often or accepted < LEAST_ACCEPTED * self._most_accepted:  # pacing does not help
            self._peak, self.next_at = 0.0, now
            self._ignores_unavailable_until = now + PACE_ENDS_AFTER
        else:
            self.refused(permit, now, retry_after=None)

    def refused(self, permit: Permit, now: float, *, retry_after: float | None) -> None:
        """Record a refusal."""
        if retry_after:
            self.closed_until = max(self.closed_until, now + min(retry_after, LONGEST_RETRY_AFTER))
            self.concurrency = AdaptiveConcurrency(1.0, self.closed_until, slow_start_threshold=math.inf)
            return
        self._refused_at = now
        if permit.granted_at < self._reduced_at:
            return
        rate = max(_count_since(now - seconds, self._accepted) / seconds for seconds in (RATE_INTERVAL, SHORT_INTERVAL))
        self._peak = max(SLOWEST_PACE, min(rate, self._rate(now)) if self._peak else rate)
        self._reduced_at, self._idle = now, 0.0
        self.next_at = now + 1.0 / self._rate(now)

    def _rate(self, now: float) -> float:
        """Return the pace: requests a second that may be sent now, by CUBIC."""
        plateau_after = math.cbrt(self._peak * (1.0 - DECREASE) / GROWTH)  # seconds from the reduction
        since_plateau = now - self._reduced_at - self._idle - plateau_after
        return max(SLOWEST_PACE, self._peak + GROWTH * since_plateau**3)


def _count_since(start: float, times: Sequence[float]) -> int:
    return len([at for at in times if at >= start])
