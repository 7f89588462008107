"""Runs one command: opens the client, sends the requests, and writes the result. An error or a signal is shown."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Final, TypeVar

import click

from katapult_async.cli import error_or_signal
from katapult_async.cli.change_recorder import ChangeRecorder
from katapult_async.cli.dry_run import DryRunTransport, UnsentRequestError, write_unsent
from katapult_async.cli.error_or_signal import EarlyEnd
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.given_options import Options
from katapult_async.cli.messages import show
from katapult_async.cli.output import OutputError, PlainRecord, Writer, list_writer, single_writer, standard_output
from katapult_async.cli.plain_values import is_absent, value_at
from katapult_async.cli.signals import SignalError
from katapult_async.cli.wait_messages import show_retry, show_wait
from katapult_async.client import KatapultClient
from katapult_async.errors import KatapultError

_BLOCK: Final = 8192
"""Characters of a list that are written at once, so that ``| head -1`` does not end the writer of a short list."""

T = TypeVar("T")


def run_with_client(options: Options, work: Callable[[KatapultClient], Awaitable[T]]) -> T:
    """Call a coroutine function with an open client, and return its result.

    Args:
        options: the command's options.
        work: the function.

    Raises:
        click.exceptions.Exit: an error, a signal or a dry run stopped it, and was shown. The exit code is in it.
        OutputError: the output cannot be written.
    """
    transport = (DryRunTransport if options.dry_run else ChangeRecorder)(options.connection.http_transport())

    async def main() -> T:
        async with options.connection.client(transport=transport, on_retry=show_retry, on_wait=show_wait) as katapult:
            try:
                return await work(katapult)
            except UnsentRequestError as error:
                write_unsent(error, options, base_url=katapult.base_url)
                raise click.exceptions.Exit(ExitCode.OK) from error

    try:
        result = error_or_signal.run(main, token_source=options.connection.token_source)
    except OutputError as error:  # the response has come, and its record could not be written
        if transport.may_have_changed:
            raise OutputError(f"the change was made, but {error}") from error
        raise
    if not isinstance(result, EarlyEnd):
        return result
    state = ""
    code = result.code
    if transport.has_changed:
        state = "the change was accepted: check before you repeat the command"
        code = ExitCode.FAILURE if code is ExitCode.USAGE else code  # the code for usage says that nothing was changed
    elif transport.may_have_changed and result.by_signal:  # an error itself says what may have been done
        state = "the change may have been made: check before you repeat the command"
    result.show(state=state)
    raise click.exceptions.Exit(code)


def run_list(options: Options, *, fetch: Callable[[KatapultClient], AsyncIterable[object]], noun: str) -> None:
    """Write a list of records as they come.

    Args:
        options: the command's options.
        fetch: returns the records.
        noun: what the records are, such as ``tags``, for the message ``no tags``.
    """

    async def with_messages(katapult: KatapultClient) -> AsyncGenerator[object]:
        """Yield the records, then show that there are none, or which fields of the options no record has."""
        fields = [*(options.fields or ()), options.sort_path]
        missing = list(dict.fromkeys(filter(None, fields)))
        is_empty = True
        records = fetch(katapult)
        async for record in records if options.sort is None else options.sorted(records):
            is_empty = False
            missing = [field for field in missing if is_absent(value_at(record, field))]
            yield record
        if is_empty and options.output_format == "table":
            show(f"no {noun}")
        elif missing and not is_empty:
            show(f"no record has {', '.join(missing)}: Katapult's list may leave out what it shows of a single object")

    output = standard_output(block=_BLOCK)
    writer = list_writer(options.output_format, output, columns=options.titles, header=options.header)
    _write_records(options, with_messages, writer)


def run_single(options: Options, *, fetch: Callable[[KatapultClient], AsyncIterable[object]]) -> None:
    """Write one record, or none.

    Args:
        options: the command's options.
        fetch: returns the record.
    """
    writer = single_writer(options.output_format, standard_output(), columns=options.titles)
    _write_records(options, fetch, writer)


def _write_records(
    options: Options, fetch: Callable[[KatapultClient], AsyncIterable[object]], writer: Writer[PlainRecord]
) -> None:
    """Write records. After an error or signal that follows the first record, the output is completed all the same."""

    async def write(katapult: KatapultClient) -> None:
        has_begun = False
        try:
            async for record in fetch(katapult):
                has_begun = True
                writer.write(options.record(record))
        except (KatapultError, SignalError, asyncio.CancelledError):
            if has_begun:
                with contextlib.suppress(OutputError):  # the error to show is the first one
                    writer.close()
                show("the list is not complete")
            raise
        writer.close()

    run_with_client(options, write)
