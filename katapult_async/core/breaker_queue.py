"""Breaker queue: the calls that wait while a circuit breaker is open, and the timer of their probes.

`katapult_async.core.circuit_breaker` has the rules.
"""

import asyncio
import math
import random
import time
from collections.abc import Callable
from typing import Final

import attrs

from katapult_async.call_limits import Priority
from katapult_async.config import RetryPolicy
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.hooks import Outage
from katapult_async.errors import RequestError

__all__ = ["CircuitBreakers"]

_MOST_ENDPOINTS: Final = 512
"""Number of breakers at which the closed ones are dropped. An application may put ids into the paths of its endpoints;
Katapult has 189 operations."""


@attrs.define(eq=False)
class _Waiter:
    breaker: CircuitBreaker  # of the endpoint
    idempotent: bool
    priority: Priority
    released: "asyncio.Future[None]"
    probed: CircuitBreaker | None = None  # the breaker that the request probes


class CircuitBreakers:
    """Lets requests through while their endpoint and the host work, and only probes while one of them fails.

    The outcome of each request is reported to `succeeded` or `failed`; one without an outcome, to `release_probe`. A
    ``route`` is the method and path of an endpoint, such as ``GET /organizations``.
    """

    def __init__(
        self, policy: RetryPolicy, *, on_outage: Callable[[Outage], None], unix_time: Callable[[], float] = time.time
    ) -> None:
        self._policy = policy
        self._on_outage = on_outage
        self._unix_time = unix_time
        self._host = CircuitBreaker(policy.failure_budget, of_host=True)
        self._endpoints: dict[str, CircuitBreaker] = {}
        self.has_failures: bool = False
        """Whether any breaker has not recovered. While it is false, all breakers are closed, and no success has to be
        recorded."""

        self._waiters: dict[_Waiter, None] = {}  # a set in the order of arrival
        self._last_probed: CircuitBreaker | None = None
        self._outages: dict[str | None, Outage] = {}  # of the host (None) and of endpoints, while breakers are open
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The current outages; the host's first."""
        return tuple(sorted(self._outages.values(), key=lambda outage: outage.endpoint or ""))

    def of_endpoint(self, route: str) -> CircuitBreaker:
        """Return the circuit breaker of an endpoint."""
        if route not in self._endpoints:
            if len(self._endpoints) >= _MOST_ENDPOINTS:
                self._endpoints = {name: breaker for name, breaker in self._endpoints.items() if breaker.is_open}
            self._endpoints[route] = CircuitBreaker(self._policy.failure_budget)
        return self._endpoints[route]

    def is_open(self, route: str) -> bool:
        """Return whether the breaker of the host or of an endpoint is open now: requests that are not probes wait."""
        return self._host.is_open or self.of_endpoint(route).is_open

    async def wait(self, route: str, *, idempotent: bool, priority: Priority, timeout: float) -> CircuitBreaker | None:
        """Wait until a request to an endpoint may be sent; return the breaker that it probes, or None.

        Args:
            route: of the endpoint.
            idempotent: whether the request may be repeated. Such a request is sent as a probe before others.
            priority: of the call. Among idempotent requests, and among the others, single calls send the first probes.
            timeout: seconds, counted from the opening of the breaker.

        Raises:
            TimeoutError: the outage did not end within ``timeout``.
        """
        if not self.is_open(route):
            return None
        breaker = self.of_endpoint(route)
        waiter = _Waiter(breaker, idempotent, priority, asyncio.get_running_loop().create_future())
        self._waiters[waiter] = None
        if (at := self._breaker_of(waiter).probe_at) < self._wakes_at:
            self._wake_at(at)
        # The timer of the probes is set first, so that even a call that comes after its timeout can become a probe:
        # otherwise nothing would end the outage.
        try:
            await asyncio.wait([waiter.released], timeout=max(0.0, self._opened_at(breaker) + timeout - _now()))
        except asyncio.CancelledError:
            self._waiters.pop(waiter, None)
            self.release_probe(waiter.probed)
            raise
        if waiter in self._waiters:
            del self._waiters[waiter]
            raise TimeoutError
        return waiter.probed

    def succeeded(self, route: str, *, sent_at: float, after_503: bool = False) -> None:
        """Record a response that shows a working server, and release the requests that waited for it.

        Args:
            route: the endpoint.
            sent_at: when the request was sent.
            after_503: whether an earlier attempt of the call got 503 from a proxy.
        """
        if after_503:
            self.of_endpoint(route).succeeded_after_503_at = _now()
        if not self.has_failures:
            return
        self.of_endpoint(route).succeeded(sent_at, _now())
        if self._host.is_open:
            for breaker in self._endpoints.values():
                breaker.allow_probe(_now())
        self._host.succeeded(sent_at, _now())
        for key in (None, route):
            if (outage := self._outages.pop(key, None)) is not None:
                self._on_outage(attrs.evolve(outage, until=self._unix_time()))
        self.has_failures = not all(breaker.has_recovered for breaker in (self._host, *self._endpoints.values()))
        for waiter in [waiter for waiter in self._waiters if not self._breaker_of(waiter).is_open]:
            self._release(waiter)
        self._set_timer()

    def fails_for_several(self, route: str) -> bool:
        """Return whether several calls fail: calls to the endpoint that are not suspect, or calls to several endpoints.

        See `circuit_breaker` for suspect calls.
        """
        return self._host.fails_for_several or self.of_endpoint(route).fails_for_several

    def failed(
        self, route: str, failure: RequestError, *, probed: CircuitBreaker | None = None, call: object = None
    ) -> None:
        """Record a failure of the server. While a breaker is open, only a probe that fails delays the next.

        Args:
            route: of the request.
            failure: how it failed.
            probed: the breaker that the request probed; None if it was not a probe.
            call: the call that failed; None if it is suspect, as `circuit_breaker` explains.
        """
        endpoint_breaker, now = self.of_endpoint(route), _now()
        draw = random.random()  # noqa: S311 # spreads probes out, guards nothing
        self.has_failures = True
        endpoint_breaker.failed(now, probe=probed is not None, draw=draw, source=call)
        self._host.failed(now, probe=probed is self._host, draw=draw, source=route)
        for key, breaker in ((None, self._host), (route, endpoint_breaker)):
            if key in self._outages:
                self._outages[key] = attrs.evolve(self._outages[key], last_error=failure)
            elif breaker.is_open:
                self._outages[key] = Outage(endpoint=key, since=self._unix_time(), until=None, last_error=failure)
                self._on_outage(self._outages[key])
        self._set_timer()

    def expect_success(self, route: str) -> None:
        """Record successes at an endpoint, at least until a request that is sent from now on succeeds."""
        self.has_failures, self.of_endpoint(route).failed_at = True, _now()

    def release_probe(self, probed: CircuitBreaker | None) -> None:
        """Allow another probe at once, if a request that probed a breaker was cancelled, refused or not sent."""
        if probed is not None:
            probed.allow_probe(_now())
            self._set_timer()

    def current_outage(self, route: str) -> tuple[Outage, float]:
        """Return the outage that requests to an endpoint wait for, and the seconds since they began to wait."""
        outage = self._outages[None if self._host.is_open else route]
        return outage, _now() - self._opened_at(self.of_endpoint(route))

    def _opened_at(self, endpoint_breaker: CircuitBreaker) -> float:
        """Return when requests to an endpoint began to wait; infinity if they do not wait."""
        breakers = (self._host, endpoint_breaker)
        return min((breaker.opened_at for breaker in breakers if breaker.is_open), default=math.inf)

    def _breaker_of(self, waiter: _Waiter) -> CircuitBreaker:
        """Return the breaker that a request waits for: the endpoint's if that is open, else the host's."""
        return waiter.breaker if waiter.breaker.is_open else self._host

    def _release(self, waiter: _Waiter) -> None:
        """End the wait of a call."""
        del self._waiters[waiter]
        waiter.released.set_result(None)

    def _set_timer(self) -> None:
        self._wake_at(min((self._breaker_of(waiter).probe_at for waiter in self._waiters), default=math.inf))

    def _wake_at(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = at
        self._timer = None if at == math.inf else asyncio.get_running_loop().call_at(at, self._wake)

    def _wake(self) -> None:
        """Let waiters send the probes that are due, and set the timer for the next.

        Idempotent requests come first, then single calls, then endpoints other than the last that was probed.
        """
        now = max(self._wakes_at, _now())  # timers fire early by the clock's resolution
        while due := [waiter for waiter in self._waiters if self._breaker_of(waiter).probe_at <= now]:
            # of equal ones, the first that arrived
            waiter = min(due, key=lambda call: (not call.idempotent, call.priority, call.breaker is self._last_probed))
            waiter.probed = self._breaker_of(waiter)
            waiter.probed.probe_sent(now)
            self._last_probed = waiter.breaker
            self._release(waiter)
        self._set_timer()


def _now() -> float:
    return asyncio.get_running_loop().time()
