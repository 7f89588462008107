"""One run of `available-ips`: from ids to records, and to an exit code whatever happens on the way."""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Iterator, Set as AbstractSet
from typing import Final, TextIO

import attrs

from katapult_async.batch import Batch, Failed, asynchronous
from katapult_async.cli import signals
from katapult_async.cli.connection import Connection
from katapult_async.cli.delays import Delays, progress_lines
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.formats import Writer
from katapult_async.cli.journal import JournalError, RecordLines, journal
from katapult_async.cli.output import Output, OutputError, OutputGoneError
from katapult_async.cli.progress import Sight, progress_bar
from katapult_async.cli.records import HEAD, Record, answered
from katapult_async.cli.report import AnsweredOnly, report
from katapult_async.cli.sources import InputError, ids_in, ids_of, opened
from katapult_async.cli.tally import Tally, exit_code_of, told
from katapult_async.cli.terminal import say, say_error
from katapult_async.client import KatapultClient
from katapult_async.core import validation
from katapult_async.core.caller import RetryNotice
from katapult_async.errors import IncompleteListError, KatapultError
from katapult_async.fleet import is_gone
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.lookups import SubDomain
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery

_LINES: Final = RecordLines(head=HEAD, answered=answered)

Outcomes = Batch[AddressQuery, list[IPAddress]]


@attrs.frozen(kw_only=True)
class Inquiry:
    """What was asked for on the command line. Without ids or a file it is about the whole fleet."""

    ids: tuple[str, ...] = ()
    """Interfaces that were named one by one."""

    file: str | None = None
    """Path of a file with ids; ``-`` is standard input."""

    organization: str | SubDomain | None = None
    """The one organization to walk; None for all."""

    address_versions: tuple[str, ...] = ("ipv4", "ipv6")
    """Address families."""

    concurrency: int = 50
    """Queries under way at once."""

    timeout: float = math.inf
    """Seconds for each query."""

    connection: Connection = attrs.field(factory=Connection)
    """Which server to ask."""

    fields: tuple[str, ...] | None = None
    """Paths of what to write of a record; None for all of it. The records of a file are whole."""

    output: str | None = None
    """Path of the file for the records; None for standard output."""

    resume: bool = False
    """Whether that file may have answers already, which are not asked for again."""

    def run(self, output_format: str, *, stdout: TextIO | None, stderr: TextIO | None) -> ExitCode:
        """Ask, write the records, tell how it went on standard error, and return the exit code.

        Args:
            output_format: one of `asking.FORMATS`; jsonl for a file.
            stdout: where the records go unless they go to a file; None when the shell has closed it.
            stderr: where the progress bar goes, if it is a terminal.
        """
        try:
            with self._sink(output_format, stdout=stdout, stderr=stderr) as sink:
                return self._run(sink)
        except OutputError as error:
            if not isinstance(error, OutputGoneError):
                say_error(str(error))
            return ExitCode.FAILURE
        except JournalError as error:
            say_error(str(error))
            return ExitCode.USAGE

    @contextlib.contextmanager
    def _sink(self, output_format: str, *, stdout: TextIO | None, stderr: TextIO | None) -> Iterator["_Sink"]:
        """Open what the records are written to, before anything is asked."""
        terminal = stderr if stderr is not None and stderr.isatty() else None
        if self.output is not None:
            with journal(self.output, resume=self.resume, lines=_LINES) as job:
                if job.answered or job.failed:
                    failed = f", {job.failed} failed, to be asked again" if job.failed else ""
                    say(f"{self.output}: {len(job.answered)} already answered{failed}")
                yield _Sink(records=report(output_format, Output(job.stream)), answered=job.answered, terminal=terminal)
        elif stdout is None:
            raise OutputError("the output cannot be written: standard output is closed")
        else:
            mixed = output_format != "table" and stdout.isatty()  # records would be written into the bar
            records = report(output_format, Output(stdout), fields=self.fields)
            if output_format == "table" and len(self.ids) == 1:
                records = AnsweredOnly(records)
            yield _Sink(records=records, answered=frozenset(), terminal=None if mixed else terminal)

    def _run(self, sink: "_Sink") -> ExitCode:
        tally = Tally(token_source=self.connection.token_source)
        ended = self._ended(sink, tally)
        if ended is None or ended.leaves_records(tally):
            sink.records.close()
        self._close(tally, ended)
        return tally.exit_code(alone=len(self.ids) == 1) if ended is None else ended.code

    def _ended(self, sink: "_Sink", tally: Tally) -> "_Cut | None":
        """Run to the end, or return what cut it short."""
        try:
            signals.run(lambda: self._ask(sink, tally))
        except signals.TerminatedError:
            return _Cut(code=ExitCode.TERMINATED, said=f"terminated: {tally.unfinished()}")
        except KeyboardInterrupt:
            return _Cut(code=ExitCode.INTERRUPTED, said=f"interrupted: {tally.unfinished()}")
        except KatapultError as error:
            code = exit_code_of(error)
            partial = tally.answered and code is not ExitCode.DENIED
            return _Cut(
                code=ExitCode.PARTIAL if partial else code,
                said=f"error: {told(error, token_source=tally.token_source)}",
            )
        except InputError as error:
            return _Cut(code=ExitCode.FAILURE, said=f"error: {error}")
        if self.file is not None and not tally.asked:
            named = "standard input" if self.file == "-" else self.file
            return _Cut(code=ExitCode.USAGE, said=f"error: there is nothing to ask: {named} has no ids")
        return None

    def _close(self, tally: Tally, ended: "_Cut | None") -> None:
        """Tell how it went: after the records, so that the end of a terminal's screen says what matters."""
        if len(self.ids) != 1 and (ended is None or (tally.done and not ended.stopped)):
            say(tally.summary())
        for trouble in tally.troubles():
            say_error(trouble)
        if ended is not None:
            say(ended.said)
        if self.output is not None and (tally.failed or tally.unlisted or (ended is not None and ended.stopped)):
            say(f"{self.output} has what was answered: the same command with --resume asks for the rest")

    async def _ask(self, sink: "_Sink", tally: Tally) -> None:
        for each in self.ids:
            validation.identifier("ID", each)
        outcomes: Outcomes | None = None
        delays = Delays(progress=lambda: tally.asked + tally.done)

        def note_retry(notice: RetryNotice) -> None:
            tally.note_retry(notice)
            if sink.terminal is None:
                delays.retried(notice)

        async with contextlib.AsyncExitStack() as stack:
            client = self.connection.client(
                on_retry=note_retry, on_wait=delays.paused if sink.terminal is None else None
            )
            katapult = await stack.enter_async_context(client)
            nics = katapult.virtual_machine_network_interfaces
            seen = Sight(
                tally=tally,
                rate_limit=lambda: katapult.rate_limit,
                estimate=lambda: None if outcomes is None else outcomes.estimate(),
            )
            await stack.enter_async_context(
                progress_lines(delays, line=lambda: f"so far: {seen}")
                if sink.terminal is None
                else progress_bar(seen, stderr=sink.terminal)
            )

            def ask(query: AddressQuery) -> Awaitable[list[IPAddress]]:
                return nics.available_ips(query.interface_id, address_version=query.address_version)

            queries = await stack.enter_async_context(self._queries(katapult, tally, answered=sink.answered))
            outcomes = await stack.enter_async_context(
                katapult.many(ask, queries, concurrency=self.concurrency, timeout=self.timeout)
            )
            try:
                await self._write(outcomes, sink.records, tally)
            except asyncio.CancelledError:
                await self._write_finished(outcomes, sink.records, tally)
                raise

    async def _write(self, outcomes: Outcomes, records: Writer[Record], tally: Tally) -> None:
        """Count and write outcomes as they come."""
        walked = not self.ids and self.file is None
        async for outcome in outcomes:
            if walked and isinstance(outcome, Failed) and is_gone(outcome.error):
                tally.gone += 1
                continue
            tally.note(outcome)
            records.write(Record.of(outcome))

    async def _write_finished(self, outcomes: Outcomes, records: Writer[Record], tally: Tally) -> None:
        """Write the outcomes that lie ready, which does not wait; the first wait ends it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await self._write(outcomes, records, tally)

    @contextlib.asynccontextmanager
    async def _queries(
        self, katapult: KatapultClient, tally: Tally, *, answered: AbstractSet[AddressQuery]
    ) -> AsyncGenerator[list[AddressQuery] | AsyncGenerator[AddressQuery]]:
        """Find out what to ask. All of it at once, so that the time left can be told; but a pipe may have no end."""
        if self.file is not None:
            with opened(self.file) as stream:
                queries = self._unanswered(ids_in(stream), tally, answered=answered)
                yield [each async for each in queries] if stream.seekable() else queries
        elif self.ids:
            yield [each async for each in self._unanswered(asynchronous(self.ids), tally, answered=answered)]
        else:
            async with katapult.fleet(organization=self.organization) as fleet:
                tally.unlisted = fleet.failures
                found: list[AddressQuery] = []
                with contextlib.suppress(IncompleteListError):  # the summary names what could not be listed
                    async for query in self._unanswered(ids_of(fleet), tally, answered=answered):
                        found.append(query)  # noqa: PERF401 # what came before an error is kept
                tally.total = tally.asked
                tally.vanished = fleet.vanished
            yield found

    async def _unanswered(
        self, ids: AsyncIterable[str], tally: Tally, *, answered: AbstractSet[AddressQuery]
    ) -> AsyncGenerator[AddressQuery]:
        """Yield the queries that ids make, each once, and count them."""
        named: set[str] = set()
        async for each in ids:
            if each in named:
                continue
            named.add(each)
            for version in self.address_versions:
                query = AddressQuery(each, AddressVersion(version))
                tally.asked += 1
                if query in answered:
                    tally.resumed += 1
                else:
                    yield query
        tally.total = tally.asked


@attrs.frozen(kw_only=True)
class _Sink:
    """Where the records of a run go."""

    records: Writer[Record]

    answered: AbstractSet[AddressQuery]
    """What an earlier run has answers to."""

    terminal: TextIO | None
    """Where the progress bar goes."""


@attrs.frozen(kw_only=True)
class _Cut:
    """A run that did not come to the end of its input."""

    code: ExitCode
    said: str
    """One line for standard error."""

    @property
    def stopped(self) -> bool:
        """Whether somebody wanted it to end."""
        return self.code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}

    def leaves_records(self, tally: Tally) -> bool:
        """Return whether the output is still to be completed: not if nothing was asked, for then it is not begun."""
        return bool(tally.done) or self.stopped
