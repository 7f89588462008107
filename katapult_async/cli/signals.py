"""SIGTERM and Ctrl-C, which end a run alike: what lies ready is written, and the exit code says what came."""

import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import NoReturn

Handler = Callable[[int, FrameType | None], object]
"""What Python calls when a signal comes."""


class TerminatedError(KeyboardInterrupt):
    """SIGTERM came. What handles Ctrl-C handles it."""


class InterruptedByUserError(KeyboardInterrupt):
    """Ctrl-C came.

    A KeyboardInterrupt itself that leaves an ``exec`` of text, such as a module with a dataclass does when it is
    loaded, makes CPython (seen in 3.11) end the process by SIGINT, although the exception is handled outside.
    """


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Raise `TerminatedError` or `InterruptedByUserError` when a signal comes while the block runs."""
    with (
        _handling(signal.SIGTERM, _terminate),
        _handling(signal.SIGINT, _interrupt, instead_of=signal.default_int_handler),
    ):
        yield


def run(main: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a coroutine function as `asyncio.run` does; SIGTERM cancels it too.

    Raises:
        KeyboardInterrupt: Ctrl-C cancelled it.
        TerminatedError: SIGTERM did.
    """
    import asyncio  # noqa: PLC0415 # it costs as much as click, and --help needs none of it

    came = False

    async def listening() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(main())

        def cancel(_signal: int, _frame: FrameType | None) -> None:
            nonlocal came
            came = True
            loop.call_soon_threadsafe(task.cancel)  # which also wakes the loop

        with _handling(signal.SIGTERM, cancel):
            await task

    try:
        # asyncio cancels the task on Ctrl-C only where Python's own handler is in place
        with _handling(signal.SIGINT, signal.default_int_handler, instead_of=_interrupt):
            asyncio.run(listening())
    except asyncio.CancelledError:
        if came:
            raise TerminatedError from None
        raise


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TerminatedError


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise InterruptedByUserError


@contextlib.contextmanager
def _handling(number: signal.Signals, handler: Handler, *, instead_of: Handler | None = None) -> Iterator[None]:
    """Handle a signal while the block runs; if a handler is named, only in the place of that one."""
    before = signal.getsignal(number)
    if instead_of is None or before is instead_of:
        signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
