"""Breaker queue: the calls that wait while a circuit breaker is open, and one timer for all of them.

`katapult_async.core.circuit_breaker` has the rules.
"""

import asyncio
import math
import random
import time
from collections.abc import Callable

import attrs

from katapult_async.config import RetryPolicy
from katapult_async.core.circuit_breaker import EndpointBreaker, HostBreaker
from katapult_async.errors import APIError, BadResponseError, KatapultError, TransportError
from katapult_async.options import Priority

__all__ = ["CircuitBreakers", "Outage", "Permission"]

Failure = TransportError | BadResponseError | APIError


@attrs.frozen(kw_only=True)
class Outage:
    """An endpoint, or the whole host, whose requests fail: its circuit breaker is open, or was until ``until``."""

    endpoint: str | None
    """Method and path, such as ``GET /organizations``; None for the whole host."""

    since: float
    """When the circuit breaker opened, in Unix seconds of this machine's clock."""

    until: float | None
    """When a request succeeded again, in Unix seconds; None while the outage lasts."""

    last_error: KatapultError
    """How the last failed request failed."""


@attrs.define(eq=False)
class _EndpointState:
    """The state of one endpoint."""

    name: str
    breaker: EndpointBreaker
    permission: "Permission" = attrs.field(init=False)  # of all requests but probes
    last_error: Failure | None = None

    def __attrs_post_init__(self) -> None:
        self.permission = Permission(self, probe=False)


@attrs.frozen(eq=False)
class Permission:
    """The right to send a request. A probe has one of its own; all other requests to an endpoint share one.

    The outcome of each request is reported to `CircuitBreakers.succeeded`, `failed` or `dropped`.
    """

    endpoint: _EndpointState
    probe: bool
    """Whether the request is one of those that find out whether an outage is over."""

    of_host: bool = False
    """Whether it is a probe of the whole host."""

    @property
    def succeeded_count(self) -> int:
        """See `EndpointBreaker.succeeded_count`."""
        return self.endpoint.breaker.succeeded_count

    @property
    def failing_since(self) -> float:
        """When the first request to the endpoint failed after its last success."""
        return self.endpoint.breaker.failing_since


@attrs.define(eq=False)
class _Waiter:
    endpoint: _EndpointState
    idempotent: bool
    priority: Priority
    timeout: float  # seconds from the opening of the breaker
    future: "asyncio.Future[Permission | None]"


class CircuitBreakers:
    """Lets requests through while their endpoint and the host work, and probes while one of them fails."""

    def __init__(
        self, policy: RetryPolicy, *, on_outage: Callable[[Outage], None], unix_time: Callable[[], float] = time.time
    ) -> None:
        self._policy = policy
        self._on_outage = on_outage
        self._unix_time = unix_time
        self._host = HostBreaker(policy.failure_budget)
        self._endpoints: dict[str, _EndpointState] = {}
        self.has_failures = False
        """Whether any failure budget is not full. While it is false, all breakers are closed, so no request needs a
        permission, and no success has to be recorded."""

        self._waiters: dict[_Waiter, None] = {}  # a set in the order of arrival
        self._last_probed: _EndpointState | None = None
        self._last_error: Failure | None = None
        self._outages: dict[str | None, Outage] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The present outages; the host's first."""
        return tuple(sorted(self._outages.values(), key=lambda outage: outage.endpoint or ""))

    def ordinary_permission(self, name: str) -> Permission:
        """Return the permission of all requests to an endpoint but probes."""
        return (self._endpoints.get(name) or self._add(name)).permission

    def is_open(self, name: str) -> bool:
        """Return whether requests to an endpoint have to wait; probes never do."""
        return self.is_open_for(self.ordinary_permission(name))

    def is_open_for(self, permission: Permission) -> bool:
        """Return whether the breaker of the host or of the endpoint is open now; False for a probe."""
        return not permission.probe and (self._host.is_open or permission.endpoint.breaker.is_open)

    async def permission(self, name: str, *, idempotent: bool, priority: Priority, timeout: float) -> Permission | None:
        """Wait until a request to an endpoint may be sent; return None if the outage outlasts ``timeout``.

        Args:
            name: of the endpoint.
            idempotent: whether the request may be repeated; such requests are the first probes.
            priority: of the call; foreground calls are the first probes.
            timeout: seconds, counted from the opening of the breaker.
        """
        if not self.is_open(name):
            return self.ordinary_permission(name)
        endpoint = self._endpoints[name]
        now = _now()
        waiter = _Waiter(endpoint, idempotent, priority, timeout, asyncio.get_running_loop().create_future())
        if self._timeout_at(waiter) <= now and not self._can_probe(endpoint, now):
            return None
        self._waiters[waiter] = None
        self._wake_by(self._wake_at(waiter))
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if not waiter.future.done() or waiter.future.cancelled():
                self._waiters.pop(waiter, None)
            elif (permission := waiter.future.result()) is not None:
                self.dropped(permission)
            raise

    def succeeded(self, permission: Permission) -> None:
        """Record a response that shows a working server, and release the requests that waited for it."""
        if not self.has_failures:
            return
        endpoint = permission.endpoint
        endpoint.breaker.succeeded()
        if self._host.is_open:
            for other in self._endpoints.values():
                other.breaker.probe_soon(_now())
        self._host.succeeded()
        for key in (None, endpoint.name):
            if (outage := self._outages.pop(key, None)) is not None:
                self._on_outage(attrs.evolve(outage, until=self._unix_time()))
        self.has_failures = not self._host.is_intact or any(
            other.breaker.is_open or not other.breaker.is_intact for other in self._endpoints.values()
        )
        self._release()
        self._set_timer()

    def fails_for_several(self, permission: Permission) -> bool:
        """Return whether several calls fail: calls to the endpoint that are not suspect, or calls to several endpoints.

        See `circuit_breaker` for suspect calls.
        """
        return self._host.fails_at_several or permission.endpoint.breaker.fails_for_several

    def failed(self, permission: Permission, failure: Failure, *, call: object = None) -> None:
        """Record a failure that blames the server. While a breaker is open, only a probe that fails delays the next.

        Args:
            permission: of the request.
            failure: how it failed.
            call: the call that failed; None if it is suspect, as `circuit_breaker` explains.
        """
        endpoint, now = permission.endpoint, _now()
        draw = random.random()  # noqa: S311 # spreads probes out, guards nothing
        self.has_failures = True
        self._last_error = endpoint.last_error = failure
        endpoint.breaker.failed(now, probe=permission.probe, draw=draw, call=call)
        self._host.failed(endpoint.name, now, probe=permission.of_host, draw=draw)
        for key, breaker in ((None, self._host), (endpoint.name, endpoint.breaker)):
            outage = self._outages.get(key)
            if outage is not None:
                self._outages[key] = attrs.evolve(outage, last_error=failure)
            elif breaker.is_open:
                self._outages[key] = Outage(endpoint=key, since=self._unix_time(), until=None, last_error=failure)
                self._on_outage(self._outages[key])
        self._set_timer()

    def dropped(self, permission: Permission) -> None:
        """Record that a request ended without an outcome, such as by a cancellation, or was not sent."""
        if permission.probe:
            breaker = self._host if permission.of_host else permission.endpoint.breaker
            breaker.probe_soon(_now())
            self._set_timer()

    def present_outage(self, name: str) -> tuple[str, float, Failure]:
        """Return the outage of an endpoint: what fails, in words for an error; the seconds so far; the last failure."""
        endpoint = self._endpoints[name]
        host = self._host.is_open
        last = self._last_error if host else endpoint.last_error
        if last is None or not (host or endpoint.breaker.is_open):
            raise RuntimeError("there is no outage")
        opened_at = min(breaker.opened_at for breaker in (self._host, endpoint.breaker) if breaker.is_open)
        what = "all requests have" if host else f"all requests to {name} have"
        return what, _now() - opened_at, last

    def _add(self, name: str) -> _EndpointState:
        endpoint = self._endpoints[name] = _EndpointState(name, EndpointBreaker(self._policy.failure_budget))
        return endpoint

    def _timeout_at(self, waiter: _Waiter) -> float:
        breakers = [breaker for breaker in (self._host, waiter.endpoint.breaker) if breaker.is_open]
        return min((breaker.opened_at for breaker in breakers), default=math.inf) + waiter.timeout

    def _can_probe(self, endpoint: _EndpointState, now: float) -> bool:
        return now >= self._breaker_of(endpoint).probe_at

    def _breaker_of(self, endpoint: _EndpointState) -> HostBreaker | EndpointBreaker:
        """Return the breaker whose probes a request to an endpoint waits for: the host's while that is open."""
        return self._host if self._host.is_open else endpoint.breaker

    def _release(self) -> None:
        """Release the waiters whose endpoint works again."""
        if self._host.is_open:
            return
        for waiter in [waiter for waiter in self._waiters if not waiter.endpoint.breaker.is_open]:
            self._end_wait(waiter, waiter.endpoint.permission)

    def _end_wait(self, waiter: _Waiter, permission: Permission | None) -> None:
        """End the wait of a call: with a permission, or with None if the outage outlasts its timeout."""
        del self._waiters[waiter]
        if not waiter.future.done():
            waiter.future.set_result(permission)

    def _send_probes(self, now: float) -> None:
        """Let waiters send the probes that are due.

        Idempotent requests come first, then foreground calls, then endpoints other than the last that was probed.
        """

        def rank(waiter: _Waiter) -> tuple[bool, Priority, bool]:
            return (not waiter.idempotent, waiter.priority, waiter.endpoint is self._last_probed)

        while due := [waiter for waiter in self._waiters if self._can_probe(waiter.endpoint, now)]:
            waiter = min(due, key=rank)  # of equal ones the first that came
            permission = Permission(waiter.endpoint, probe=True, of_host=self._host.is_open)
            self._breaker_of(waiter.endpoint).probe_sent(now)
            self._last_probed = waiter.endpoint
            self._end_wait(waiter, permission)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wakes_at = math.inf
        self._wake_by(min((self._wake_at(waiter) for waiter in self._waiters), default=math.inf))

    def _wake_by(self, at: float) -> None:
        """Wake at a time, unless the timer is set to an earlier one."""
        if at < self._wakes_at:
            if self._timer is not None:
                self._timer.cancel()
            self._wakes_at = at
            self._timer = asyncio.get_running_loop().call_at(at, self._wake)

    def _wake_at(self, waiter: _Waiter) -> float:
        return min(self._breaker_of(waiter.endpoint).probe_at, self._timeout_at(waiter))

    def _wake(self) -> None:
        """Send the probes that are due, and end the waits that took too long."""
        now = max(self._wakes_at, _now())  # timers fire early by the clock's resolution
        self._timer = None
        self._send_probes(now)
        for waiter in [waiter for waiter in self._waiters if self._timeout_at(waiter) <= now]:
            self._end_wait(waiter, None)
        self._set_timer()


def _now() -> float:
    return asyncio.get_running_loop().time()
