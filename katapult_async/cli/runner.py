"""One question to the server: asked, its answer written, and ended with an exit code whatever happens on the way."""

import contextlib
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine
from typing import Final, TypeVar

import attrs

from katapult_async.cli import signals
from katapult_async.cli.asking import Asking
from katapult_async.cli.connection import Connection
from katapult_async.cli.delays import Delays, say_retry
from katapult_async.cli.dry_run import UnsentError, rehearse
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.messages import say, say_error
from katapult_async.cli.output import PlainRecord, Writer, list_writer, single_writer
from katapult_async.cli.output_stream import Output, OutputError, OutputGoneError
from katapult_async.cli.summary import exit_code_of, told
from katapult_async.client import KatapultClient
from katapult_async.errors import KatapultError

T = TypeVar("T")

_UNSENT: Final = ("method", "path", "body")


def answer(asking: Asking, *, things: Callable[[KatapultClient], AsyncIterable[object]], alone: bool) -> ExitCode:
    """Ask, write what comes as it comes, and return how it ended.

    What was written before something went wrong is completed: a list is closed. Before that, nothing is begun.

    Args:
        asking: how to write, and whom to ask.
        things: what to ask of an open client.
        alone: whether the answer is one thing, and not a list.
    """
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


def found(asking: Asking, *, thing: Callable[[KatapultClient], Awaitable[T]]) -> T | ExitCode:
    """Return the answer to a question itself, or how it ended without one."""
    value: T | None = None

    async def ask() -> None:
        nonlocal value
        async with _client(asking) as katapult:
            value = await thing(katapult)

    code = _ended(asking, ask)
    return code if value is None else value


@contextlib.asynccontextmanager
async def _client(asking: Asking) -> AsyncGenerator[KatapultClient]:
    async with _connection(asking).client(on_retry=say_retry, on_wait=Delays().paused) as katapult:
        if asking.dry_run:
            rehearse(katapult)
        yield katapult


def _connection(asking: Asking) -> Connection:
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


def _rehearsed(error: UnsentError, *, asking: Asking, output: Output) -> ExitCode:
    """Show the request that a dry run came to."""
    writer: Writer[PlainRecord] = single_writer(asking.output_format, output, columns=_UNSENT)
    writer.write(attrs.evolve(asking, columns=_UNSENT, fields=None).record(error.unsent))
    writer.close()
    say("dry run: this was not sent")
    return ExitCode.OK
