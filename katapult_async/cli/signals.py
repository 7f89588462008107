"""Ctrl-C, SIGTERM and SIGHUP: each ends a command, and the exit code shows which of them came."""

import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Final, TypeVar, cast

from katapult_async.cli.exit_codes import ExitCode

T = TypeVar("T")


class SignalError(KeyboardInterrupt):
    """A signal that ends the command was received. Code that handles Ctrl-C handles it too.

    It is not a plain KeyboardInterrupt: if one is raised inside ``exec`` of a string, CPython ends the process by
    SIGINT even if a caller catches it (seen in 3.11). Importing a module with a dataclass runs such an ``exec``.
    """

    def __init__(self, number: int) -> None:
        self.code: ExitCode = _CODES[signal.Signals(number)]
        """The exit code of the command."""

        super().__init__(self.code.name.replace("_", " ").lower())


_CODES: Final = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
if sys.platform != "win32":
    _CODES[signal.SIGHUP] = ExitCode.HUNG_UP

_RECEIVED: Final[list[SignalError]] = []
"""The signals that came in the block of `signals_as_errors`, as errors, the first one first."""

_CANCEL: Final[list[Callable[[], object]]] = []
"""One function, which cancels the coroutine of `run`; empty while no coroutine runs."""


@contextlib.contextmanager
def signals_as_errors() -> Iterator[None]:
    """Raise `SignalError` when a signal comes while the block runs.

    A signal that is ignored stays ignored: a shell ignores Ctrl-C for the commands that it starts in the background.
    """
    before = {number: signal.getsignal(number) for number in _CODES}
    replaced = {number: old for number, old in before.items() if old not in {signal.SIG_IGN, None}}
    for number in replaced:
        signal.signal(number, _handle)
    try:
        yield
    finally:
        for number, old in replaced.items():
            signal.signal(number, old)
        _RECEIVED.clear()


def run(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """Return what a coroutine function returns. A signal cancels it, so that it can write what it has.

    Raises:
        SignalError: a signal cancelled it.
    """
    import asyncio  # noqa: PLC0415 # takes as long to load as click, and --help does not need it

    async def cancellable() -> T:
        loop = asyncio.get_running_loop()
        task = cast("asyncio.Task[T]", asyncio.current_task())
        _CANCEL.append(lambda: loop.call_soon_threadsafe(task.cancel))  # call_soon would not wake the loop
        try:
            if _RECEIVED:  # one came before, in a destructor: Python ignored the error that `_handle` raised
                raise _RECEIVED[-1]
            return await main()
        finally:
            _CANCEL.clear()

    try:
        with asyncio.Runner() as runner:
            runner.get_loop()  # made before the coroutine: a signal meanwhile leaves none that was never awaited
            return runner.run(cancellable())
    except asyncio.CancelledError:
        if _RECEIVED:
            raise _RECEIVED[-1] from None
        raise


def ignore() -> None:
    """Ignore the signals from now on."""
    for number in _CODES:
        signal.signal(number, signal.SIG_IGN)


def received() -> SignalError | None:
    """Return the error of the last signal in the block of `signals_as_errors`; None if none came."""
    return _RECEIVED[-1] if _RECEIVED else None


def _handle(number: int, _frame: FrameType | None) -> None:
    """Cancel the coroutine that runs. If none runs, or if this is the second signal, raise the error at once.

    Several SIGHUPs count as one signal: the terminal sends one, and the shell another.
    """
    _RECEIVED.append(SignalError(number))
    is_second = len(_RECEIVED) > 1 and not all(error.code is ExitCode.HUNG_UP for error in _RECEIVED)
    if is_second or not _CANCEL:
        raise _RECEIVED[-1]
    _CANCEL[-1]()
