"""Deadlines: every wait of a call ends at the deadline of the call, or when the client is closed.

A wait is ended as `asyncio.timeout` ends one: its task is cancelled, and the wait takes that cancellation back
(`asyncio.Task.uncancel`), unless somebody else cancelled the task too. One timer serves all deadlines, because nearly
every wait ends before its deadline. A timer for each wait costs 30 comparisons in asyncio's heap, and an
`asyncio.Timeout` for each wait costs 2 us of the 50 us of a call.
"""

import asyncio
import contextvars
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from katapult_async.errors import ClientClosedError

T = TypeVar("T")


class ExpiredError(Exception):
    """The deadline of a wait has passed, or the client was closed."""


class Lifetime:
    """The time in which one client may be used, in one event loop: from its opening to its closing."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        # Task and deadline of each wait; None once the task was cancelled here.
        self._waits: dict[Coroutine[Any, Any, Any], tuple[asyncio.Task[Any], float] | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._context = contextvars.Context()  # of the timer, which would keep the context of some call in memory
        self._wakes_at = math.inf  # the earliest deadline; it may be that of a wait that has ended
        self._idle = asyncio.Event()  # set when the client is closing and the last wait has ended
        self.closing: bool = False
        """Whether the client is closed, or is being closed."""

    def open(self) -> None:
        """Begin the lifetime, in the running loop."""
        if self.closing or self._loop is not None:
            self.loop()  # raises if the client is closed, or belongs to another loop
            raise ClientClosedError("the client is open already; enter it once")
        self._loop = _running_loop()

    def cancel_open(self) -> None:
        """Undo `open`, because the client could not be opened: it may be opened again."""
        self._loop = None

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the client's loop; raise `ClientClosedError` if the client is not open in the running loop."""
        if self.closing:
            raise ClientClosedError("the client is closed; make a new one")
        if self._loop is None:
            raise ClientClosedError("the client is not open; use it inside `async with`, or `await client.open()`")
        if _running_loop() is not self._loop:
            raise ClientClosedError("the client belongs to another event loop; make one in each loop that needs one")
        return self._loop

    async def run(
        self, wait: Coroutine[Any, Any, T], *, ends_at: float, expired: Callable[[], Exception] = ExpiredError
    ) -> T:
        """Return what a wait returns, unless its deadline or the end of the client comes first.

        Args:
            wait: what to wait for.
            ends_at: the deadline on the event loop's clock; ``math.inf`` for none.
            expired: returns the error that is raised when the deadline comes or the client is closed; `closing` shows
                which of the two.

        Raises:
            RuntimeError: no task awaits this, so nothing could end the wait.
        """
        loop = self._loop or asyncio.get_running_loop()
        task = asyncio.current_task(loop)  # without the loop, Python 3.11 asks the system for it each time
        if task is None or self.closing or ends_at <= loop.time():
            wait.close()
            raise expired() if task is not None else RuntimeError("a call is awaited in a task of an event loop")
        cancellations = task.cancelling()
        self._waits[wait] = task, ends_at
        if ends_at < self._wakes_at:
            self._wake_at(ends_at)
        try:
            return await wait
        except asyncio.CancelledError:
            if self._waits[wait] is not None or task.cancelling() > cancellations + 1:
                raise  # somebody else cancelled the task
        finally:
            if self._waits.pop(wait) is None:
                task.uncancel()
            del task  # a cancelled task keeps its CancelledError, whose traceback refers to this frame
            if self.closing and not self._waits:
                self._idle.set()
        raise expired()

    async def close(self) -> None:
        """End every current wait, and return when the last has ended."""
        if self._loop is not None and _running_loop() is not self._loop:
            raise ClientClosedError("the client belongs to another event loop; close it there")
        self.closing = True
        self._wake_at(math.inf)
        self._end_waits(math.inf)
        if self._waits:
            await self._idle.wait()

    def _wake_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at, self._timer = when, None
        if when < math.inf:
            loop = _running_loop()
            # The waits are ended one iteration of the loop later: if the process was suspended, or a task blocked the
            # loop, responses may have arrived meanwhile. They are read first.
            self._timer = loop.call_at(when, loop.call_soon, self._wake, context=self._context)

    def _wake(self) -> None:
        """End the waits whose deadline has come, and set the timer for the next."""
        now = max(self._wakes_at, asyncio.get_running_loop().time())  # timers fire early by the clock's resolution
        self._end_waits(now)
        self._wake_at(min((ends_at for _, ends_at in filter(None, self._waits.values())), default=math.inf))

    def _end_waits(self, now: float) -> None:
        """Cancel the tasks of the waits whose deadline has come, each once."""
        for wait, current in self._waits.items():
            match current:
                case (task, ends_at) if ends_at <= now:
                    self._waits[wait] = None
                    task.cancel()


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise ClientClosedError("no asyncio event loop is running; call this from a coroutine that asyncio.run(...) runs")
