"""Ctrl-C, SIGTERM and SIGHUP: each ends a command, and the exit code shows which of them came."""

import contextlib
import contextvars
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Final, NoReturn, cast

from katapult_async.cli.exit_codes import ExitCode

Handler = Callable[[int, FrameType | None], object]
"""What Python calls when a signal comes."""


class SignalError(KeyboardInterrupt):
    """A signal came that ends the command. Code that handles Ctrl-C handles it too.

    It is a separate class because CPython ends the process by SIGINT when a plain KeyboardInterrupt leaves an
    ``exec`` of text, even if it is caught further out (seen in 3.11). Importing a module with a dataclass does that.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = _CODES[signal.Signals(number)]
        """The exit code of the command."""


_CODES: Final = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
if sys.platform != "win32":
    _CODES[signal.SIGHUP] = ExitCode.HUNG_UP

_RECEIVED: Final[contextvars.ContextVar[list[SignalError] | None]] = contextvars.ContextVar("_RECEIVED", default=None)
"""The errors of the signals that came since `run` began."""


@contextlib.contextmanager
def as_errors() -> Iterator[None]:
    """Raise `SignalError` when a signal comes while the block runs."""
    _RECEIVED.set(None)
    try:
        with _handled_by(_raise):
            yield
    finally:
        _RECEIVED.set(None)


def run(main: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a coroutine function as `asyncio.run` does. A signal cancels it, so that it can write what it has.

    A second signal is raised at once, except a second SIGHUP: the terminal sends one, and the shell another.

    Raises:
        SignalError: a signal cancelled it.
    """
    import asyncio  # noqa: PLC0415 # as slow to load as click, and --help does not need it

    signals: list[SignalError] = []
    _RECEIVED.set(signals)

    async def cancellable() -> None:
        loop, task = asyncio.get_running_loop(), cast("asyncio.Task[None]", asyncio.current_task())

        def cancel(number: int, _frame: FrameType | None) -> None:
            signals.append(SignalError(number))
            if len(signals) > 1 and not all(error.code is ExitCode.HUNG_UP for error in signals):
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


def received() -> SignalError | None:
    """Return the error of the last signal that came since `run` began; None if none came."""
    signals = _RECEIVED.get()
    return signals[-1] if signals else None


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    raise SignalError(number)


@contextlib.contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    """Handle the signals while the block runs. An ignored signal stays ignored: shells do that in the background."""
    before = {number: signal.getsignal(number) for number in _CODES}
    replaced = {number: old for number, old in before.items() if old not in {signal.SIG_IGN, None}}
    for number in replaced:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in replaced.items():
            signal.signal(number, old)
