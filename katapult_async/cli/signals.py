"""SIGTERM and Ctrl-C: both end a command, and the exit code shows which of them came."""

import contextlib
import contextvars
import signal
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Final, NoReturn, cast

Handler = Callable[[int, FrameType | None], object]
"""What Python calls when a signal comes."""


class TerminatedError(KeyboardInterrupt):
    """SIGTERM came. Code that handles Ctrl-C handles it too."""


class InterruptedByUserError(KeyboardInterrupt):
    """Ctrl-C came.

    It is a class of its own because CPython ends the process by SIGINT when a plain KeyboardInterrupt leaves an
    ``exec`` of text, even if it is caught further out (seen in 3.11). Importing a module with a dataclass does that.
    """


_ERRORS: Final = {signal.SIGTERM: TerminatedError, signal.SIGINT: InterruptedByUserError}

_RECEIVED: Final[contextvars.ContextVar[list[type[KeyboardInterrupt]] | None]] = contextvars.ContextVar(
    "_RECEIVED", default=None
)
"""The errors of the signals that came since `run` began."""


@contextlib.contextmanager
def as_errors() -> Iterator[None]:
    """Raise `TerminatedError` or `InterruptedByUserError` when a signal comes while the block runs."""
    _RECEIVED.set(None)
    try:
        with _handled_by(_raise):
            yield
    finally:
        _RECEIVED.set(None)


def run(main: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a coroutine function as `asyncio.run` does. A signal cancels it, so that it can write what it has.

    A second signal is raised at once.

    Raises:
        InterruptedByUserError: Ctrl-C cancelled it.
        TerminatedError: SIGTERM cancelled it.
    """
    import asyncio  # noqa: PLC0415 # as slow to load as click, and --help does not need it

    signals: list[type[KeyboardInterrupt]] = []
    _RECEIVED.set(signals)

    async def cancellable() -> None:
        loop, task = asyncio.get_running_loop(), cast("asyncio.Task[None]", asyncio.current_task())

        def cancel(number: int, _frame: FrameType | None) -> None:
            signals.append(_ERRORS[signal.Signals(number)])
            if len(signals) > 1:
                raise signals[-1]
            loop.call_soon_threadsafe(task.cancel)  # threadsafe, because it also wakes the loop

        with _handled_by(cancel):
            await main()

    try:
        asyncio.run(cancellable())
    except asyncio.CancelledError:
        if signals:
            raise signals[-1] from None
        raise


def received() -> type[KeyboardInterrupt] | None:
    """Return the error of the last signal that came since `run` began; None if none came."""
    signals = _RECEIVED.get()
    return signals[-1] if signals else None


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    raise _ERRORS[signal.Signals(number)]


@contextlib.contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    """Handle both signals while the block runs. An ignored signal stays ignored: shells do that in the background."""
    before = {number: signal.getsignal(number) for number in _ERRORS}
    replaced = {number: old for number, old in before.items() if old not in {signal.SIG_IGN, None}}
    for number in replaced:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in replaced.items():
            signal.signal(number, old)
