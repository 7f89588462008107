"""One question to the server: asked, its answer written, and ended with an exit code whatever happens on the way."""
# ruff: noqa: PLC0415 # rich, yaml, aiohttp, the sandbox: --help needs none

import contextlib
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from katapult_async.cli import signals
from katapult_async.cli.error_messages import told
from katapult_async.cli.exit_codes import ExitCode, exit_code_of
from katapult_async.cli.messages import say, say_error
from katapult_async.cli.options import Asking
from katapult_async.errors import KatapultError

if TYPE_CHECKING:
    from katapult_async.cli.connection import Connection
    from katapult_async.cli.dry_run import UnsentError
    from katapult_async.cli.output import Output, PlainRecord, Writer
    from katapult_async.client import KatapultClient

T = TypeVar("T")

_UNSENT: Final = ("method", "path", "body")


def many(asking: Asking, *, things: Callable[["KatapultClient"], AsyncIterable[object]]) -> ExitCode:
    """Ask for a list, write it, and return how it ended."""
    return _answer(asking, things=things, alone=False)


def one(asking: Asking, *, thing: Callable[["KatapultClient"], Awaitable[object]]) -> ExitCode:
    """Ask for one thing, or do one thing; write what comes back, and return how it ended."""

    async def things(katapult: "KatapultClient") -> AsyncGenerator[object]:
        yield await thing(katapult)

    return _answer(asking, things=things, alone=True)


def found(asking: Asking, *, thing: Callable[["KatapultClient"], Awaitable[T]]) -> T | ExitCode:
    """Return the answer to a question itself, or how it ended without one."""
    value: T | None = None

    async def ask() -> None:
        nonlocal value
        async with _client(asking) as katapult:
            value = await thing(katapult)

    code = _ended(asking, ask)
    return code if value is None else value


def _answer(asking: Asking, *, things: Callable[["KatapultClient"], AsyncIterable[object]], alone: bool) -> ExitCode:
    """Ask, write what comes as it comes, and return how it ended.

    What was written before something went wrong is completed: a list is closed. Before that, nothing is begun.

    Args:
        asking: how to write, and whom to ask.
        things: what to ask of an open client.
        alone: whether the answer is one thing, and not a list.
    """
    from katapult_async.cli.dry_run import UnsentError
    from katapult_async.cli.output import Output, OutputError, OutputGoneError, list_writer, single_writer

    if sys.stdout is None:  # under a shell's >&-
        say_error("the output cannot be written: standard output is closed")
        return ExitCode.FAILURE
    output = Output(sys.stdout)
    writer = (single_writer if alone else list_writer)(asking.output_format, output, columns=asking.titles)
    begun = False

    async def ask() -> None:
        nonlocal begun
        async with _client(asking) as katapult:
            async for thing in things(katapult):
                writer.write(asking.record(thing))
                begun = True

    try:
        code = _ended(asking, ask)
        if begun or code is ExitCode.OK:
            writer.close()
    except UnsentError as error:
        return _rehearsed(error, asking=asking, output=output)
    except OutputGoneError:
        return ExitCode.FAILURE
    except OutputError as error:
        say_error(str(error))
        return ExitCode.FAILURE
    return code


@contextlib.asynccontextmanager
async def _client(asking: Asking) -> AsyncGenerator["KatapultClient"]:
    from katapult_async.cli.dry_run import rehearse
    from katapult_async.cli.progress import Delays, say_retry

    async with _connection(asking).client(on_retry=say_retry, on_wait=Delays().paused) as katapult:
        if asking.dry_run:
            rehearse(katapult)
        yield katapult


def _connection(asking: Asking) -> "Connection":
    from katapult_async.cli.connection import Connection

    return Connection(window=asking.window, sandboxed=asking.sandboxed, environ=asking.environ)


def _ended(asking: Asking, ask: Callable[[], Coroutine[object, object, None]]) -> ExitCode:
    """Run something to its end, and tell in one line what cut it short."""
    try:
        signals.run(ask)
    except signals.TerminatedError:
        say("terminated")
        return ExitCode.TERMINATED
    except KeyboardInterrupt:
        say("interrupted")
        return ExitCode.INTERRUPTED
    except KatapultError as error:
        say_error(told(error, token_source=_connection(asking).token_source))
        return exit_code_of(error)
    return ExitCode.OK


def _rehearsed(error: "UnsentError", *, asking: Asking, output: "Output") -> ExitCode:
    """Show the request that a dry run came to."""
    from katapult_async.cli.output import single_writer

    writer: Writer[PlainRecord] = single_writer(asking.output_format, output, columns=_UNSENT)
    writer.write(attrs.evolve(asking, columns=_UNSENT, fields=None).record(error.unsent))
    writer.close()
    say("dry run: this was not sent")
    return ExitCode.OK
