"""Deadlines: whatever a call waits for ends at its deadline, or when the client is closed.

Every wait runs under an `asyncio.Timeout`, which its deadline and the end of the client reschedule to the present: so
both end a wait in the way that the standard library has for cancelling a task from within. One timer serves all
deadlines, because nearly every wait ends before its own: a timer for each costs 30 comparisons in asyncio's heap.
"""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from katapult_async.errors import ClientClosedError

T = TypeVar("T")

_NO_LOOP: Final = "no asyncio event loop is running; call this from a coroutine, as asyncio.run(...) runs it"
_OTHER_LOOP: Final = "the client belongs to another event loop; make one in each loop that needs one"


class ExpiredError(Exception):
    """The deadline of a wait came, or its client was closed."""


class Lifetime:
    """The time in which one client may be used, in one event loop: from its opening to its closing."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timeouts: dict[asyncio.Timeout, float] = {}  # of the present waits, and their deadlines
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf  # the earliest deadline, or that of a wait that has ended
        self._idle = asyncio.Event()
        self.closing = False
        """Whether the client is closed, or is being closed."""

    def open(self) -> None:
        """Begin, in the running loop."""
        if self.closing:
            raise ClientClosedError("the client is closed; make a new one")
        if self._loop is not None:
            raise ClientClosedError("the client is open already; enter it once")
        self._loop = _running_loop()

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the client's loop, or say why the client cannot be used here and now."""
        if self.closing:
            raise ClientClosedError("the client is closed; make a new one")
        if self._loop is None:
            raise ClientClosedError("the client is not open; use it inside `async with`, or `await client.open()`")
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is not self._loop:
            raise ClientClosedError(_NO_LOOP if running is None else _OTHER_LOOP)
        return self._loop

    async def run(self, wait: Coroutine[Any, Any, T], *, ends_at: float) -> T:
        """Return what a wait returns, unless its deadline or the end of the client comes first.

        Args:
            wait: what to wait for.
            ends_at: the deadline on the event loop's clock; ``math.inf`` for none.

        Raises:
            ExpiredError: the deadline came, or the client is closed; `closing` tells which.
        """
        if self.closing or ends_at <= asyncio.get_running_loop().time():
            wait.close()
            raise ExpiredError
        timeout = asyncio.timeout(None)
        try:
            async with timeout:
                self._timeouts[timeout] = ends_at
                if ends_at < self._wakes_at:
                    self._wake_at(ends_at)
                return await wait
        except TimeoutError:
            if not timeout.expired():
                raise  # of an inner timeout
        finally:
            self._timeouts.pop(timeout, None)
            if self.closing and not self._timeouts:
                self._idle.set()
        raise ExpiredError

    async def close(self) -> None:
        """End every present wait, and return when the last has ended."""
        if self._loop is not None and _running_loop() is not self._loop:
            raise ClientClosedError("the client belongs to another event loop; close it there")
        self.closing = True
        self._wake_at(math.inf)
        for timeout in self._timeouts:
            _end(timeout)
        if self._timeouts:
            await self._idle.wait()

    def _wake_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = when
        self._timer = None if when == math.inf else asyncio.get_running_loop().call_at(when, self._wake)

    def _wake(self) -> None:
        """End the waits whose deadline has come, and set the timer for the next."""
        now = max(self._wakes_at, asyncio.get_running_loop().time())  # timers fire early by the clock's resolution
        for timeout, ends_at in self._timeouts.items():
            if ends_at <= now:
                _end(timeout)
        self._wake_at(min((ends_at for ends_at in self._timeouts.values() if ends_at > now), default=math.inf))


def _end(timeout: asyncio.Timeout) -> None:
    if not timeout.expired():
        timeout.reschedule(0.0)


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise ClientClosedError(_NO_LOOP)
