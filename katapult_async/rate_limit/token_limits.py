"""The limits of a token: each request uses the token's window, or the limit that its endpoint has of its own.

No event loop, clock or randomness: times are monotonic seconds that the caller passes in.

Theory of operation
===================

Katapult documents a limit for each token, and speaks of "the rate limit for this type of request". Recorded responses
of the load balancers' endpoints reported 200 permitted requests, all others 1,000. So an endpoint may have a limit of
its own, and its refusals then say nothing about the token. An endpoint is identified by its *route*: method and path,
such as ``GET /organizations``.

**The token's window** is the one whose permitted number most endpoints report. Every endpoint uses it until there is
evidence for a limit of its own:

- If its responses report a different ``X-Ratelimit-Permitted`` from most endpoints, it gets a `Window` of its own. The
  permit is taken back in the window that granted it, and the response is recorded in the window that it reports. So in
  the token's fair share such a request counts neither as one of this process nor as one of others. Responses that
  report the token's number again move the endpoint back. When most endpoints report a new number, the token's limit has
  changed.
- If its requests are refused while those of other endpoints are accepted, it gets an `EndpointLimit`. The evidence is
  three refusals of the endpoint in a row, of at least two calls, and an accepted request of another endpoint that was
  sent after the first of them. Two refusals are enough if the first was doubtful, the second refused its test
  (`DoubtfulRefusals`), and other endpoints are in use. Twelve refusals in a row are enough, also without other
  endpoints. A refusal that shows that the token's window is spent does not count. The limit holds the endpoint's
  requests back until the next reset. Then one probe is sent, and each accepted request permits two more.
  Meanwhile single requests test the limit, at intervals that double: the refusals may have been those of a server that
  permits fewer requests in flight. The limit is dropped when a test is accepted, and after a window that did not use it
  up.

**Until a second endpoint has reported**, it is unknown whether a window is the token's. When only one endpoint has
reported, and the first request of another is denied, then the first endpoint keeps its window as its own, and the token
gets a new one, which the other endpoint uses. If its response reports the same number, then both share the first window
again.

**What a single 429 means** is listed in `katapult_async.rate_limit.too_many_requests`.

**A call that is refused alone** waits for a random time, whose bound doubles with each such refusal. After that, other
calls of its priority still go first. If another request of its endpoint was accepted between two refusals of a call in
one window, then the refusals of this call are no evidence about the window. (In two windows they may be: another
process can spend the rest of each.) The server may permit fewer requests in flight, to all endpoints or to this one. So
after such a refusal, the endpoint may have fewer in flight, and with each accepted request a few more again
(`AdaptiveConcurrency`).
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping

from katapult_async.rate_limit.adaptive_concurrency import AdaptiveConcurrency, InFlight
from katapult_async.rate_limit.endpoint_state import EndpointLimit, EndpointState
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.proxy_limit import ProxyLimit
from katapult_async.rate_limit.too_many_requests import RefusalsInARow, Refused, refused_by
from katapult_async.rate_limit.wait_reasons import DenialReason, Denied, DeniedCalls
from katapult_async.rate_limit.window_admission import ToSend, Window

__all__ = ["TokenLimits"]

_PRUNE_SIZE = 512
"""When there are this many endpoints, half of those that are not in use are dropped. Katapult has 189 operations, but
an application may put ids into the paths of its endpoints."""

RECENT = 2
"""Windows for which a report or an accepted request of an endpoint counts as recent."""


class TokenLimits:
    """Grants requests by all limits of one token, and learns from the responses which limit they concern."""

    def __init__(self, *, seconds: float, random: Callable[[], float]) -> None:
        self._seconds = seconds
        self._random = random
        self.token: Window = self._new_window()
        """The window that most endpoints use."""

        self._endpoints: defaultdict[str, EndpointState] = defaultdict(EndpointState)  # by route
        self._prune_at = _PRUNE_SIZE
        self._refusals: dict[str, RefusalsInARow] = {}  # by route
        self._accepted: deque[float] = deque(maxlen=1024)  # when the last requests were accepted
        self._proxy: ProxyLimit | None = None  # once a proxy has responded with 429 or 503
        self._granted_by: dict[Permit, Window] = {}  # the window of each request in flight

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return len(self._granted_by)

    def overdue(self, route: str, now: float) -> int:
        """Return how many requests of an endpoint are overdue; see `EndpointState.overdue`."""
        return self._endpoints[route].overdue(now, self.window_of(route).overdue_after)

    def window_of(self, route: str) -> Window:
        """Return the window that an endpoint uses."""
        return self._endpoints[route].window or self.token

    def accepted_sent_at(self, route: str) -> float:
        """Return when the latest request of an endpoint that was accepted was sent; minus infinity for none."""
        return self._endpoints[route].accepted_sent_at

    def windows(self) -> Mapping[str, Window]:
        """Return the windows of the endpoints that have one of their own, by route."""
        return {route: state.window for route, state in self._endpoints.items() if state.window is not None}

    def acquire(self, permit: Permit, now: float, *, to_send: ToSend = lambda _: 0) -> Denied | None:
        """Grant a permit and return None, or return why it is denied.

        Args:
            permit: of the call that wants to send a request.
            now: monotonic seconds.
            to_send: returns the requests still to be sent by the call's batch and others.
        """
        if permit.retry_at > now:
            return Denied(permit.retry_at, DenialReason.REFUSED, DeniedCalls.ONE)
        if len(self._endpoints) >= self._prune_at:
            self._prune(now)
        state = self._endpoints[permit.route]
        window = state.window or self.token
        denied = None if self._proxy is None else self._proxy_denial(self._proxy, now)
        if denied is None and (state.limit is not None or state.concurrency.most < math.inf):
            denied = self._check_endpoint(state, now)
        if denied is None:
            denied = window.check(permit, now, to_send=to_send)
            if denied is not None and not state.in_flight and self._separate_token_window(state):
                window = self.token
                denied = window.check(permit, now)
        if denied is not None:
            return denied
        slots = permit.slots
        may_hang = slots.in_flight >= slots.not_kept and self._may_hang(state, slots, now, window.overdue_after)
        if not slots.take(permit.priority, now, may_hang=may_hang):
            return Denied(math.inf, DenialReason.BUSY, DeniedCalls.OF_CLIENT)
        window.add_request(permit, now)
        self._granted_by[permit] = window
        state.in_flight[permit] = now
        permit.in_flight = len(self._granted_by)
        if state.limit is not None:
            state.limit.grant(now)
        if self._proxy is not None:
            self._proxy.sent(now)
        return None

    def responded(self, permit: Permit, headers: RateLimitHeaders, *, now: float) -> None:
        """Record the response to a request."""
        window = self._end(permit)
        if window is None:
            return
        state = self._endpoints[permit.route]
        if headers.refused:
            self._record_refusal(permit, window, headers, now)
            return
        if not headers.from_katapult:
            self._proxy = self._proxy or ProxyLimit(self._accepted)
            self._proxy.unavailable(
                permit,
                now,
                endpoint_accepted_sent_at=state.accepted_sent_at,
                in_flight=self._in_flight(),
                is_shared=window.is_shared,
            )
        else:
            self._accepted.append(now)
            state.accepted_sent_at = max(state.accepted_sent_at, permit.granted_at)
            state.fastest = min(state.fastest, now - permit.granted_at)
            if self._proxy is not None:
                self._proxy.accepted(permit, now)
        if self._refusals or state.limit is not None or state.concurrency.most < math.inf:
            self._record_accepted(permit, state)
        permitted = headers.permitted
        is_known = window is self.token and permitted == state.permitted == window.permitted
        is_recent = now - state.permitted_at <= self._seconds
        if not (is_known and is_recent):  # both are true for nearly all responses
            window = self._window_for(permit, window, headers, now)
        refused_alone = window.responded(permit, headers, now=now)
        if refused_alone:
            self._record_own_refusals(refused_alone, now)

    def lost(self, permit: Permit, *, now: float) -> None:
        """Record a request without a response."""
        window = self._end(permit)
        if window is not None:
            if now - permit.granted_at >= window.overdue_after:
                self._endpoints[permit.route].hung_sent_at = permit.granted_at
            window.lost(permit, now=now)

    def unsent(self, permit: Permit) -> None:
        """Take back the permit of a request that was never sent."""
        window = self._end(permit)
        if window is not None:
            window.unsent(permit)
            limit = self._endpoints[permit.route].limit
            if limit is not None:
                limit.room += 1

    def _end(self, permit: Permit) -> Window | None:
        """Record that a request is no longer in flight, and return its window; None if it was not in flight."""
        window = self._granted_by.pop(permit, None)
        if window is not None:
            permit.slots.release(permit.priority)
            del self._endpoints[permit.route].in_flight[permit]
        return window

    def _prune(self, now: float) -> None:
        """Drop the older half of the endpoints that are not in use and have no limit of their own."""
        states = self._endpoints.items()
        shared = [(route, state) for route, state in states if state.window is None and state.limit is None]
        unused = [route for route, state in shared if not self._is_in_use(state, now)]
        for route in unused[: len(unused) // 2]:
            del self._endpoints[route]
            self._refusals.pop(route, None)
        self._prune_at = max(_PRUNE_SIZE, 2 * len(self._endpoints))  # not at every request when many are in use

    def _is_in_use(self, state: EndpointState, now: float) -> bool:
        """Return whether an endpoint has requests in flight, or had a recent one accepted."""
        return bool(state.in_flight) or now - state.accepted_sent_at <= RECENT * self._seconds

    def _may_hang(self, state: EndpointState, slots: Slots, now: float, overdue_after: float) -> bool:
        """Return whether an endpoint has to leave the kept slots to others, because its requests in flight may hang.

        If the client has two slots, one is kept only while other endpoints are in use. Otherwise, one request that
        hangs would delay all others of its endpoint.
        """
        if state.accepted_sent_at > -math.inf and not state.overdue(now, overdue_after):
            return False  # it responds
        return bool(state.in_flight) and (slots.not_kept > 1 or self._others_in_use(state, now))

    def _new_window(self) -> Window:
        return Window(seconds=self._seconds, random=self._random)

    def _proxy_denial(self, proxy: ProxyLimit, now: float) -> Denied | None:
        if now < proxy.closed_until:
            return Denied(proxy.closed_until, DenialReason.PROXY, DeniedCalls.ALL)
        if now < proxy.next_at:
            return Denied(proxy.next_at, DenialReason.PACED, DeniedCalls.ALL)
        if proxy.concurrency.most == math.inf:
            return None
        until = proxy.concurrency.wait_ends_at(self._in_flight(), now)
        return None if until is None else Denied(until, DenialReason.PACED, DeniedCalls.ALL)

    def _in_flight(self) -> InFlight:
        """Return the requests in flight of all endpoints that have some."""
        return [(state.in_flight, state.overdue_after) for state in self._endpoints.values() if state.in_flight]

    def _record_refusal(self, permit: Permit, window: Window, headers: RateLimitHeaders, now: float) -> None:
        """Record a 429 as what it means: a proxy refused it, or it concerns the call, its endpoint or its window."""
        permit.refusals += 1
        if self.accepted_sent_at(permit.route) > permit.refused_at >= window.began_at:
            permit.was_overtaken = True
        match refused_by(headers):
            case Refused.ALL:
                self._proxy = self._proxy or ProxyLimit(self._accepted)
                self._proxy.refused(permit, now, retry_after=headers.retry_after)
                window.unsent(permit)
            case Refused.CALL:
                window = self._window_for(permit, window, headers, now)
                counted = headers.as_accepted()  # its counter is true
                self._record_own_refusals(window.responded(permit, counted, now=now), now)
                self._record_refusal_of_call_or_endpoint(permit, headers, now)
            case Refused.WINDOW:
                window = self._window_for(permit, window, headers, now)
                self._record_refusal_of_window(permit, window, headers, now)
        permit.refused_at = now

    # limits of single endpoints

    def _check_endpoint(self, state: EndpointState, now: float) -> Denied | None:
        """Return why the endpoint's limit or refusals hold a request back, or None. Begins the limit's next window."""
        if state.limit is not None and now >= state.limit.ends_at:
            state.limit = state.limit.next(self.token.times.reset_after(now))
            state.concurrency = AdaptiveConcurrency(1.0, now, slow_start_threshold=math.inf)
        return state.denial(now, overdue_after=self.token.overdue_after)

    def _record_accepted(self, permit: Permit, state: EndpointState) -> None:
        """Record an accepted request.

        It ends the refusals in a row of its own endpoint. For the refusals of other endpoints it is evidence that they
        have limits of their own. It shows neither if it was sent before the first of the refusals.
        """
        state.record_accepted(permit.granted_at)
        for route, refusals in tuple(self._refusals.items()):
            if permit.granted_at < refusals.began_at:
                continue
            if route == permit.route:
                del self._refusals[route]
            else:
                refusals.others_accepted = True

    def _record_refusal_of_window(self, permit: Permit, window: Window, headers: RateLimitHeaders, now: float) -> None:
        """Record a refusal after which the window is spent, or may be."""
        state = self._endpoints[permit.route]
        if state.limit is not None or permit.own_refusals or permit.was_overtaken:
            window.lost(permit, now=now)  # the server may have counted it
            self._record_refusal_of_call_or_endpoint(permit, headers, now)
        elif window.is_test_of_own_endpoint(permit) and self._others_in_use(state, now):
            # refusals of one endpoint show nothing about others
            self._record_own_refusals(window.pass_test(permit), now)
            self._add_limit(state, headers, now)
        elif headers.remaining is None and self._count_refusal(permit, headers, now):
            window.lost(permit, now=now)
        else:
            self._record_own_refusals(window.responded(permit, headers, now=now), now)

    def _record_refusal_of_call_or_endpoint(self, permit: Permit, headers: RateLimitHeaders, now: float) -> None:
        """Record a refusal that concerns the call or its endpoint, but not the window."""
        limit = self._endpoints[permit.route].limit
        if limit is not None:
            limit.refused(headers, self.token.permitted, now)
        elif not self._count_refusal(permit, headers, now):
            self._record_own_refusals((permit,), now)

    def _record_own_refusals(self, permits: Iterable[Permit], now: float) -> None:
        """Record a refusal of each of these calls alone."""
        for permit in permits:
            permit.add_own_refusal(now, self._random(), reset_at=self.token.times.reset_after(now))
            self._endpoints[permit.route].concurrency.refused(permit, now)

    def _count_refusal(self, permit: Permit, headers: RateLimitHeaders, now: float) -> bool:
        """Count a refusal as evidence for a limit of the endpoint's own, and return whether that limit was added."""
        if permit.was_overtaken:
            return False
        refusals = self._refusals.get(permit.route)
        if refusals is None or now - refusals.began_at > self._seconds:
            refusals = self._refusals[permit.route] = RefusalsInARow(now)
        elif permit.granted_at < refusals.began_at:
            return False
        refusals.count += 1
        refusals.permits.add(permit)
        if refusals.show_own_limit:
            self._add_limit(self._endpoints[permit.route], headers, now)
        return refusals.show_own_limit

    def _add_limit(self, state: EndpointState, headers: RateLimitHeaders, now: float) -> None:
        """Give an endpoint a limit of its own."""
        state.limit = EndpointLimit(self.token.times.reset_after(now))
        state.concurrency = AdaptiveConcurrency(1.0, now, slow_start_threshold=math.inf)
        state.limit.refused(headers, self.token.permitted, now)

    def _others_in_use(self, state: EndpointState, now: float) -> bool:
        """Return whether other endpoints have requests in flight, or had recent ones accepted."""
        return any(other is not state and self._is_in_use(other, now) for other in self._endpoints.values())

    # windows of single endpoints

    def _window_for(self, permit: Permit, window: Window, headers: RateLimitHeaders, now: float) -> Window:
        """Return the window whose permitted requests a response reports, and move permit and endpoint there."""
        state, permitted = self._endpoints[permit.route], headers.permitted
        if permitted is None:
            return window
        state.permitted, state.permitted_at = permitted, now
        if self.token.permitted is None or permitted in (self.token.permitted, self._majority(now)):
            target = self._token_window(permitted)
        else:
            target = state.window or self._new_window()
        if target is not window:
            window.unsent(permit)
            target.add_request(permit, now, is_sent_now=False)
        state.window = None if target is self.token else target
        return target

    def _majority(self, now: float) -> int:
        """Return the permitted requests that most endpoints report; of equally many, the larger number."""
        recent = Counter(
            state.permitted
            for state in self._endpoints.values()
            if state.permitted is not None and now - state.permitted_at <= RECENT * self._seconds
        )
        return max(recent, key=lambda permitted: (recent[permitted], permitted))

    def _token_window(self, permitted: int) -> Window:
        """Return the token's window. If an endpoint was given it by mistake, the token gets it back first."""
        if self.token.permitted is None:
            for state in self._endpoints.values():
                if state.window is not None and state.window.permitted == permitted:
                    self.token, state.window = state.window, None
                    break
        return self.token

    def _separate_token_window(self, newcomer: EndpointState) -> bool:
        """Give the token's window to the only endpoint that has reported a limit, and make another for the token.

        The limit may be that endpoint's own. Return False, and change nothing, if the newcomer has got a response, if
        no endpoint or several have reported limits, or if the only one that has reported has a window of its own.
        """
        if newcomer.permitted is not None or newcomer.accepted_sent_at > -math.inf:
            return False
        match [state for state in self._endpoints.values() if state.permitted is not None]:
            case [only] if only.window is None:
                only.window, self.token = self.token, self._new_window()
                return True
        return False
