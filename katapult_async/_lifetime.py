"""When a client may be used, and how its calls end early: by their deadline, or because the client is closed.

Every call runs under an `asyncio.Timeout`. Closing the client moves all of them to the present, so both endings
go the one way that the standard library has for cancelling a task from within.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from katapult_async.errors import ClientClosedError

T = TypeVar("T")


class ExpiredError(Exception):
    """The deadline of a call came, or the end of its client."""


class Lifetime:
    """One client's life in one event loop: made, opened, closed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limits: set[asyncio.Timeout] = set()
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

    async def run(self, call: Callable[[], Awaitable[T]], *, ends_at: float) -> T:
        """Return what a call returns, unless its deadline or the end of the client comes first.

        Args:
            call: what to run.
            ends_at: the deadline on the loop's clock; ``math.inf`` for none.

        Raises:
            ExpiredError: either came first; `closing` tells them apart.
        """
        limit = asyncio.timeout_at(None if ends_at == math.inf else ends_at)
        try:
            async with limit:
                self._limits.add(limit)
                return await call()
        except TimeoutError:
            if not limit.expired():
                raise  # somebody else's
        finally:
            self._limits.discard(limit)
            if self.closing and not self._limits:
                self._idle.set()
        raise ExpiredError

    async def close(self) -> None:
        """End every call that is under way, and wait until the last has ended."""
        if self._loop is not None and _running_loop() is not self._loop:
            raise ClientClosedError("the client belongs to another event loop; close it there")
        self.closing = True
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(0.0)
        if self._limits:
            await self._idle.wait()


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise ClientClosedError("no asyncio event loop is running; call this from a coroutine, as asyncio.run(...) runs it")
