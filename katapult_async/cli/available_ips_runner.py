"""The job of `available-ips`: queries the addresses of interfaces, writes the records, and returns the exit code."""

import asyncio
import contextlib
import functools
import math
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Set as AbstractSet

import attrs

from katapult_async.batch import Batch, Failed
from katapult_async.cli import error_or_signal, file_descriptor, messages
from katapult_async.cli.available_ips_output import Record, failures_last, record_writer
from katapult_async.cli.checkpoint import open_checkpoint
from katapult_async.cli.connection import Connection
from katapult_async.cli.error_or_signal import EarlyEnd
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.free_address_counts import count_writer
from katapult_async.cli.id_input import open_input, read_ids
from katapult_async.cli.location import Location
from katapult_async.cli.machine_names import InterfaceName
from katapult_async.cli.name_search import NameSearch
from katapult_async.cli.output import Output, Writer, converted, standard_output
from katapult_async.cli.progress import JobProgress, show_progress
from katapult_async.cli.summary import Summary
from katapult_async.cli.wait_messages import show_wait
from katapult_async.client import KatapultClient
from katapult_async.config import BATCH_OUTAGE_TIMEOUT
from katapult_async.errors import IncompleteListError, UsageError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.lookups import SubDomain
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery, VirtualMachineNetworkInterface
from katapult_async.resources.resource import is_gone

Outcomes = Batch[AddressQuery, list[IPAddress]]
"""The outcomes of the queries, as they come."""

Queries = list[AddressQuery] | AsyncGenerator[AddressQuery]
"""The queries to send: a list if their number is known."""

Interface = str | VirtualMachineNetworkInterface
"""A network interface: its id, or its object from a list."""


@attrs.define(kw_only=True)
class Job:
    """One run of the command. Without ids and without a file, it queries all interfaces."""

    ids: tuple[str | InterfaceName, ...] = ()
    """Interfaces that were given as arguments."""

    file: str | None = None
    """Path of a file with ids; ``-`` is standard input."""

    organization: str | SubDomain | None = None
    """The organization whose interfaces are queried; None for all."""

    address_versions: tuple[str, ...] = ("ipv4", "ipv6")
    """Address versions to query."""

    concurrency: int = 50
    """Queries that run at once."""

    timeout: float | None = None
    """Seconds for each query; None for no limit."""

    connection: Connection = attrs.field(factory=Connection)
    """The server."""

    fields: tuple[str, ...] | None = None
    """Paths of the fields to write to standard output; None for all of a record. A file always gets whole records."""

    by: str | None = None
    """What free addresses are counted by, one of `free_address_counts.KEYS`; None for records."""

    exhausted: bool = False
    """Whether to write only what has no free address of a queried version, or has failed queries."""

    output: str | None = None
    """Path of the file for the records; None for standard output."""

    resume: bool = False
    """Whether that file may already hold answers. Their queries are not repeated."""

    _answered: AbstractSet[AddressQuery] = attrs.field(init=False, default=frozenset())
    """Queries that an earlier run has answered."""

    _locations: dict[str, Location] = attrs.field(init=False, factory=dict)
    """Locations of the interfaces that were listed, by interface id."""

    _summary: Summary = attrs.field(init=False, factory=Summary)
    """The outcomes so far."""

    def run(self, output_format: str) -> ExitCode:
        """Write the records, show on standard error how the job went, and return the exit code.

        Args:
            output_format: one of `format_names.FORMATS`; jsonl for a file.

        Raises:
            OutputError: the output cannot be written.
            CheckpointError: the file is not one that this job may write.
        """
        with contextlib.ExitStack() as stack:
            output, writer = self._open_output(output_format, stack)
            # a bar and records on one terminal would be mixed
            is_hidden = messages.is_given("quiet") or (output_format != "table" and output.stream.isatty())
            has_bar = messages.understands_escapes(sys.stderr) and not is_hidden
            send_queries = functools.partial(self._send_queries, writer, has_bar=has_bar)
            end = error_or_signal.run(send_queries, token_source=self.connection.token_source)
            # an error before the first outcome writes nothing
            if (end is None or end.by_signal or self._summary.done) and not output.is_cut_off:
                writer.close()
            self._show_summary(end)
            return self._summary.exit_code(single=self._is_single) if end is None else end.code

    def _open_output(self, output_format: str, stack: contextlib.ExitStack) -> tuple[Output, Writer[Record]]:
        """Open the output, and return it with its writer. Show how many answers of an earlier run it has."""
        if self.output is None:
            output = standard_output()
            return output, self._writer(output_format, output)
        stream, contents = stack.enter_context(open_checkpoint(self.output, resume=self.resume))
        self._answered = contents.answered
        if contents.answered or contents.failed:
            message = f"{self.output}: {len(contents.answered)} already answered"
            if contents.failed:
                message += f", {contents.failed} failed: removed, and queried again if the input has them"
            messages.show(message)
        output = Output(stream)
        return output, failures_last(record_writer(output_format, output))

    def _writer(self, output_format: str, output: Output) -> Writer[Record]:
        """Return the writer of the records to standard output."""
        if self.by is not None:
            return count_writer(output_format, output, by=self.by, fields=self.fields, exhausted=self.exhausted)
        writer = record_writer(output_format, output, fields=self.fields, by_machine=self._queries_all)
        if self.exhausted:
            writer = converted(writer, lambda record: [record] if record.is_exhausted or record.error else [])
        if output_format == "table":  # the error of a single interface is shown on standard error
            writer = converted(writer, lambda record: [] if record.error and self._is_single else [record])
        return writer

    @property
    def _queries_all(self) -> bool:
        """Whether all interfaces are queried."""
        return not self.ids and self.file is None

    @property
    def _is_single(self) -> bool:
        """Whether the arguments name one interface, once or several times. Known before the first query is sent."""
        return bool(self.ids) and self._summary.queries == len(self.address_versions)

    def _show_summary(self, end: EarlyEnd | None) -> None:
        """Show how the job went: after the records, so that it is the last text on a terminal."""
        summary = self._summary
        is_stopped = end is not None and end.by_signal
        if not (self._is_single or is_stopped) and (end is None or summary.done):
            for line in (summary.text(), *self._exhausted_networks()):
                messages.show(line)
            if others := len(self._answered) - summary.answered_before:
                messages.show(f"{self.output} also has {others} answers to queries that are not in the input")
        for error in summary.errors(token_source=self.connection.token_source):
            messages.show_error(error)
        if end is not None:
            end.show(state=summary.text_when_stopped() if is_stopped else "")
        if self.output is not None and (summary.failed or summary.unlisted or is_stopped):
            messages.show(f"{self.output} has the answers so far: repeat the command with --resume for the rest")

    def _exhausted_networks(self) -> list[str]:
        """Return lines about networks without free addresses; none unless this run queried all interfaces."""
        summary = self._summary
        if not self._queries_all or summary.answered_before:
            return []
        lines = list(summary.free.exhausted_networks())
        if self.exhausted and not (lines or summary.failed or summary.unlisted):
            return ["no network without free addresses was found"]
        return lines

    async def _send_queries(self, writer: Writer[Record], *, has_bar: bool) -> None:
        """Send all queries, write their outcomes, and show the progress meanwhile."""
        outage_timeout = self.connection.outage_timeout or BATCH_OUTAGE_TIMEOUT
        progress = JobProgress(summary=self._summary, outage_timeout=outage_timeout, has_bar=has_bar)

        def send(query: AddressQuery) -> Awaitable[list[IPAddress]]:
            nics = katapult.virtual_machine_network_interfaces
            return nics.available_ips(query.interface_id, address_version=query.address_version)

        on_wait = functools.partial(show_wait, show=progress.show)
        client = self.connection.client(on_retry=progress.attempt_failed, on_wait=on_wait, on_outage=progress.outage)
        async with (
            client as katapult,
            show_progress(progress, line=lambda: progress.line(katapult.rate_limit, katapult.outages)),
            self._queries(katapult) as queries,
            katapult.many(send, queries, concurrency=self.concurrency, timeout=self.timeout or math.inf) as outcomes,
        ):
            progress.estimate = outcomes.estimate
            try:
                await self._write(outcomes, writer)
            except asyncio.CancelledError:
                await self._write_ready(outcomes, writer)
                raise

    async def _write_ready(self, outcomes: Outcomes, writer: Writer[Record]) -> None:
        """Write the outcomes that are ready.

        When the batch lets other tasks run, the timeout ends `_write`, although more outcomes may be ready. So it is
        called often enough for the outcomes of all queries that run at once.
        """
        for _ in range(1 + self.concurrency):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0):
                    await self._write(outcomes, writer)

    async def _write(self, outcomes: Outcomes, writer: Writer[Record]) -> None:
        """Count and write outcomes as they come."""
        async for outcome in outcomes:
            if self._queries_all and isinstance(outcome, Failed) and is_gone(outcome.error):
                self._summary.vanished_queries += 1
                continue
            record = Record.of(outcome, location=self._locations.get(outcome.key.interface_id))
            self._summary.add(outcome)
            if self._queries_all:
                self._summary.free.add(record)
            writer.write(record)

    @contextlib.asynccontextmanager
    async def _queries(self, katapult: KatapultClient) -> AsyncGenerator[Queries]:
        """Yield the queries: in a list, to show the time left, but one by one from a pipe, which may be endless."""
        if self.file is None:
            interfaces = self._named(katapult) if self.ids else self._all(katapult)
            yield [query async for query in self._unanswered(interfaces)]
            return
        async with open_input(self.file) as stream:
            queries = self._unanswered(read_ids(stream))
            yield [query async for query in queries] if stream.seekable() else queries

    async def _named(self, katapult: KatapultClient) -> AsyncGenerator[Interface]:
        """Yield the interfaces that were given as arguments."""
        names = NameSearch(katapult, organization=self.connection.default_organization)
        for name in self.ids:
            yield name if isinstance(name, str) else await names.interface(name)

    async def _all(self, katapult: KatapultClient) -> AsyncGenerator[Interface]:
        """Yield all interfaces."""
        async with katapult.fleet(organization=self.organization) as interfaces:
            self._summary.unlisted = interfaces.failures
            with contextlib.suppress(IncompleteListError):  # the summary names what could not be listed
                async for interface in interfaces:
                    yield interface
            self._summary.vanished_owners = interfaces.vanished

    async def _unanswered(self, interfaces: AsyncIterable[Interface]) -> AsyncGenerator[AddressQuery]:
        """Yield the queries of interfaces, each once, without those that are answered, and count all of them.

        Raises:
            UsageError: there are no ids in the file.
        """
        summary = self._summary
        seen: set[str] = set()
        async for interface in interfaces:
            interface_id = interface if isinstance(interface, str) else interface.id
            if not isinstance(interface, str):
                self._locations[interface_id] = Location.of(interface)
            if interface_id in seen:
                continue
            seen.add(interface_id)
            for version in self.address_versions:
                query = AddressQuery(interface_id, AddressVersion(version))
                summary.queries += 1
                if query in self._answered:
                    summary.answered_before += 1
                else:
                    yield query
        if self.file is not None and not seen:
            raise UsageError(f"there is nothing to query: {file_descriptor.input_name(self.file)} has no ids")
        summary.total = summary.queries
