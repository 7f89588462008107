"""When a client may be used, and how its calls end early: by their deadline, or because the client is closed.

Every call runs under an `asyncio.Timeout`. Its deadline, and the end of the client, move it to the present, so both
endings go the one way that the standard library has for cancelling a task from within. One timer serves all
deadlines, for nearly every call ends before its own: a timer for each is 30 comparisons in asyncio's heap.
"""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, TypeVar

from katapult_async.errors import ClientClosedError

T = TypeVar("T")


class ExpiredError(Exception):
    """The deadline of a call came, or the end of its client."""


class Lifetime:
    """One client's life in one event loop: made, opened, closed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limits: dict[asyncio.Timeout, float] = {}  # and their deadlines
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf  # the earliest deadline, or one of a call that has ended
        self._idle = asyncio.Event()
        self.closing = False
        """Whether it is closed, or about to be."""

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
        if _running_loop() is not self._loop:
            raise ClientClosedError("the client belongs to another event loop; make one in each loop that needs one")
        return self._loop

    async def run(self, call: Coroutine[Any, Any, T], *, ends_at: float) -> T:
        """Return what a call returns, unless its deadline or the end of the client comes first.

        Args:
            call: what to run.
            ends_at: the deadline on the loop's clock; ``math.inf`` for none.

        Raises:
            ExpiredError: either came first; `closing` tells them apart.
        """
        if self.closing or ends_at <= asyncio.get_running_loop().time():
            call.close()
            raise ExpiredError
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._limits[limit] = ends_at
                if ends_at < self._wakes_at:
                    self._wake_at(ends_at)
                return await call
        except TimeoutError:
            if not limit.expired():
                raise  # somebody else's
        finally:
            self._limits.pop(limit, None)
            if self.closing and not self._limits:
                self._idle.set()
        raise ExpiredError

    async def close(self) -> None:
        """End every call that is under way, and wait until the last has ended."""
        if self._loop is not None and _running_loop() is not self._loop:
            raise ClientClosedError("the client belongs to another event loop; close it there")
        self.closing = True
        self._wake_at(math.inf)
        for limit in self._limits:
            _end(limit)
        if self._limits:
            await self._idle.wait()

    def _wake_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = when
        self._timer = None if when == math.inf else asyncio.get_running_loop().call_at(when, self._wake)

    def _wake(self) -> None:
        """End the calls whose deadline has come, and wait for the next."""
        now = max(self._wakes_at, asyncio.get_running_loop().time())  # a loop may be early by its clock's resolution
        for limit, ends_at in self._limits.items():
            if ends_at <= now:
                _end(limit)
        self._wake_at(min((ends_at for ends_at in self._limits.values() if ends_at > now), default=math.inf))


def _end(limit: asyncio.Timeout) -> None:
    if not limit.expired():
        limit.reschedule(0.0)


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise ClientClosedError("no asyncio event loop is running; call this from a coroutine, as asyncio.run(...) runs it")
