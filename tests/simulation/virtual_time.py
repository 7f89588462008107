"""An event loop whose clock jumps to the next timer instead of waiting for it. It has no sockets."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["START", "StuckError", "VirtualLoop", "run"]

T = TypeVar("T")


START = 5000.0
"""The time at which the clock starts: a real monotonic clock does not start at 0 either."""


RESOLUTION = 1e-6
"""Seconds that each iteration of the loop takes at least, so that time passes in a busy loop, as on a real clock."""


class StuckError(Exception):
    """Every task waits and no timer is set: on a real clock, the program would hang forever."""


class _Selector(selectors.SelectSelector):
    """Passes virtual time when the loop would sleep; no file ever becomes ready."""

    now = START

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError
        self.now += max(timeout, RESOLUTION)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time.

    Raises:
        StuckError: all its tasks wait, and no timer is set.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
