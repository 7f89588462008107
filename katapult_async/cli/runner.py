"""Runs one command: opens the client, writes the result, and returns the exit code, also after an error or a signal."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Final, TypeVar

import click

from katapult_async.cli import early_end
from katapult_async.cli.dry_run import DryRunTransport, UnsentRequestError, write_unsent
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.given_options import Options
from katapult_async.cli.messages import show
from katapult_async.cli.output import OutputError, list_writer, single_writer, standard_output
from katapult_async.cli.plain_values import value_at
from katapult_async.cli.progress import JobProgress, show_retry
from katapult_async.client import KatapultClient

T = TypeVar("T")

_MAY_HAVE_HAPPENED: Final = "the change may have been made: check before you repeat the command"


def run_list(options: Options, *, records: Callable[[KatapultClient], AsyncIterable[object]], words: str) -> ExitCode:
    """Write a list of records as they come, and return the exit code.

    Args:
        options: the command's options.
        records: fetches the records.
        words: what the records are, for the message that there are none. Only a table needs it.
    """

    async def with_messages(katapult: KatapultClient) -> AsyncGenerator[object]:
        """Yield the records, then show what is missing: all records, or a field of each."""
        is_empty, missing = True, dict.fromkeys(options.fields or ())
        async for record in records(katapult):
            is_empty = False
            for field in [field for field in missing if value_at(record, field) not in (None, [])]:
                del missing[field]
            yield record
        if is_empty and options.output_format == "table":
            show(f"no {words}")
        elif missing and not is_empty:
            show(f"no record has {', '.join(missing)}: Katapult's list may leave out what it shows of a single object")

    return _write_records(options, with_messages, single=False)


def run_single(options: Options, *, record: Callable[[KatapultClient], Awaitable[object]]) -> ExitCode:
    """Write one record, or nothing if it is None, and return the exit code."""

    async def records(katapult: KatapultClient) -> AsyncGenerator[object]:
        value = await record(katapult)
        if value is not None:
            yield value

    return _write_records(options, records, single=True)


def fetch(options: Options, *, value: Callable[[KatapultClient], Awaitable[T]]) -> T:
    """Return a value that is not written.

    Raises:
        click.exceptions.Exit: an error or a signal came before it.
    """
    fetched: list[T] = []

    async def work(katapult: KatapultClient) -> None:
        fetched.append(await value(katapult))

    code = _run(options, work)
    if code is not ExitCode.OK:
        raise click.exceptions.Exit(code)
    return fetched[0]


def _write_records(
    options: Options, records: Callable[[KatapultClient], AsyncIterable[object]], *, single: bool
) -> ExitCode:
    """Write records. Output that has begun gets its end, such as that of a JSON list, also after an error or signal."""
    output = standard_output()
    if single:
        writer = single_writer(options.output_format, output, columns=options.titles)
    else:
        writer = list_writer(options.output_format, output, columns=options.titles, header=options.header)
    fetched = False
    unsent: dict[str, object] = {}

    async def work(katapult: KatapultClient) -> None:
        nonlocal fetched
        try:
            async for record in _ordered(records(katapult), options):
                fetched = True
                writer.write(options.record(record))
        except UnsentRequestError as error:
            unsent.update(error.record(katapult.base_url))

    try:
        changes = options.mutates and not options.dry_run
        code = _run(options, work, state=_MAY_HAVE_HAPPENED if changes else "")
        if unsent:
            write_unsent(unsent, options, output)
        elif not output.is_cut_off and (fetched or code is ExitCode.OK):
            writer.close()
    except OutputError as error:
        if fetched and options.mutates:
            raise OutputError(f"the change was made, but {error}") from error
        raise
    return code


async def _ordered(records: AsyncIterable[object], options: Options) -> AsyncGenerator[object]:
    """Yield records as they come. With ``--sort``, yield them in order after the last one has come."""
    if options.sort is None:
        async for record in records:
            yield record
    else:
        for record in options.sorted([record async for record in records]):
            yield record


def _run(options: Options, work: Callable[[KatapultClient], Awaitable[None]], *, state: str = "") -> ExitCode:
    """Run a coroutine function with an open client, show the error or signal that stopped it, and return the exit code.

    Args:
        options: the command's options.
        work: the function.
        state: how far the work may be when a signal ends it.
    """

    async def main() -> None:
        transport = DryRunTransport() if options.dry_run else None
        on_wait = JobProgress().paused
        async with options.connection.client(transport=transport, on_retry=show_retry, on_wait=on_wait) as katapult:
            await work(katapult)

    end = early_end.run(main, token_source=options.connection.token_source)
    if end is None:
        return ExitCode.OK
    end.show(state=state)
    return end.code
