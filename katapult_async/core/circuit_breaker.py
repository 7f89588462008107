"""The calls of a client that wait for the end of an outage: a queue and one timer around `sansio.outage`."""

import asyncio
import collections
import random

import attrs

from katapult_async.config import RetryPolicy
from katapult_async.core.breaker_state import BreakerState
from katapult_async.errors import APIError, BadResponseError, TransportError


@attrs.frozen
class Turn:
    """Leave to send one request. It ends in exactly one of `CircuitBreaker.succeeded`, `failed` and `dropped`."""

    probe: bool
    """Whether it is the one request that shall find out whether the outage is over."""


ORDINARY = Turn(probe=False)


class CircuitBreaker:
    """Lets every request through while the server answers, and one probe at a time while everything fails."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._outage = BreakerState(policy)
        self._waiting: collections.deque[asyncio.Future[Turn | None]] = collections.deque()
        self._probe: Turn | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.last_failure: TransportError | BadResponseError | APIError  # there is none before the first
        """How the latest attempt failed that narrowed the client, or found it narrow."""

    @property
    def narrow(self) -> bool:
        """Whether only probes are let through."""
        return self._outage.narrow

    def lasted(self) -> float:
        """Return for how many seconds everything has failed."""
        return self._outage.lasted(asyncio.get_running_loop().time())

    async def turn(self) -> Turn | None:
        """Wait until a request may be sent; return None if the outage outlasts the policy's patience.

        Waiting calls go first come, first served, one probe each, so that no call has to pay for all of them.
        """
        if not self.narrow:
            return ORDINARY
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._outage.is_hopeless(now) and (self._probe or now < self._outage.probe_at):
            return None
        place: asyncio.Future[Turn | None] = loop.create_future()
        self._waiting.append(place)
        self._set_timer()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and (turn := place.result()) is not None:
                self.dropped(turn)
            raise

    def succeeded(self) -> None:
        """Note that the server answered, and let everybody go."""
        self._outage.succeeded()
        self._probe = None
        if self._waiting:
            self._release(ORDINARY)
        if self._timer is not None:
            self._set_timer()

    def failed(self, turn: Turn, failure: TransportError | BadResponseError | APIError) -> None:
        """Note a failure that may pass. Of those sent before it narrowed, only the first matter."""
        if self.narrow and not turn.probe:
            return
        self.last_failure = failure
        self._outage.failed(asyncio.get_running_loop().time(), draw=random.random())  # noqa: S311 # spreads probes out
        self._ended(turn)

    def dropped(self, turn: Turn) -> None:
        """Note that a request which was let through was given up before its outcome was known."""
        self._ended(turn)

    def _ended(self, turn: Turn) -> None:
        if turn is self._probe:
            self._probe = None
            self._set_timer()

    def _release(self, turn: Turn | None) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(turn)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.narrow and self._waiting:
            at = self._outage.hopeless_at if self._probe else min(self._outage.probe_at, self._outage.hopeless_at)
            self._timer = asyncio.get_running_loop().call_at(at, self._due)

    def _due(self) -> None:
        """Send the next probe, or send everybody home."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._probe is None and now >= self._outage.probe_at and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                self._probe = Turn(probe=True)
                place.set_result(self._probe)
        if self._outage.is_hopeless(now):
            self._release(None)
        self._set_timer()
