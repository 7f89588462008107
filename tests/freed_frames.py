"""Whether the frame that made a failed call is freed as soon as it has handled the error.

An error that is part of a reference cycle keeps that frame, and all that it holds, until the garbage collector runs.
"""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

Errors = type[BaseException] | tuple[type[BaseException], ...]


class _Held:
    """What the frame of the caller holds."""


@contextmanager
def without_garbage_collector() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def frees_its_caller(call: Callable[[], object], *, failing_with: Errors) -> bool:
    """Return whether the frame that makes the call and handles its error is freed, with the object that it holds."""

    def caller() -> weakref.ref[_Held]:
        held = _Held()
        try:
            call()
        except failing_with:
            return weakref.ref(held)
        raise AssertionError("the call has to fail")

    with without_garbage_collector():
        return caller()() is None


async def frees_its_awaiter(call: Callable[[], Awaitable[object]], *, failing_with: Errors) -> bool:
    """Return whether the frame that awaits the call and handles its error is freed, with the object that it holds."""

    async def caller() -> weakref.ref[_Held]:
        held = _Held()
        try:
            await call()
        except failing_with:
            return weakref.ref(held)
        raise AssertionError("the call has to fail")

    with without_garbage_collector():
        # The caller has a task of its own, which ends: a task that was cancelled keeps the error until its next step.
        held = await asyncio.create_task(caller())
        return held() is None
