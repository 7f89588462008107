"""One run of `available-ips`: from ids to records, and to an exit code whatever happens on the way."""

import asyncio
import contextlib
import math
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final, TextIO

import attrs

from katapult_async.batch import Batch, Failed
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.output import STREAMING, OutputError, OutputGoneError, Writer, writer
from katapult_async.cli.progress import Sight, progress_bar
from katapult_async.cli.records import Record
from katapult_async.cli.sources import InputError, ids_in, ids_of
from katapult_async.cli.tally import Tally, exit_code_of, told
from katapult_async.cli.terminal import say, say_error
from katapult_async.client import KatapultClient
from katapult_async.config import RateLimitPolicy, RetryPolicy
from katapult_async.errors import KatapultError
from katapult_async.fleet import is_gone
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.lookups import SubDomain
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery
from katapult_async.sandbox import Sandbox
from katapult_async.sansio import arguments
from katapult_async.sansio.window import Pause

_WINDOW: Final = 60.0  # seconds: Katapult's
_SANDBOX_WINDOW: Final = 5.0  # seconds: nobody wants to watch a demonstration wait for a minute
_SANDBOX_MACHINES: Final = 60
_SANDBOX_INTERFACES: Final = 100

_SILENCE: Final = 2.0  # seconds that need no explanation

Outcomes = Batch[AddressQuery, list[IPAddress]]


@attrs.frozen(kw_only=True)
class Inquiry:
    """What was asked for on the command line. Without ids or a file it is about the whole fleet."""

    ids: tuple[str, ...] = ()
    """Interfaces that were named one by one."""

    file: str | None = None
    """Path of a file with ids; ``-`` is standard input."""

    organization: str | None = None
    """Id or sub domain of the one organization to walk; None for all."""

    address_versions: tuple[str, ...] = ("ipv4", "ipv6")
    """Address families."""

    concurrency: int = 50
    """Queries under way at once."""

    timeout: float = math.inf
    """Seconds for each query."""

    window: float | None = None
    """Seconds of the server's rate-limit window; None for what is usual there."""

    patience: float | None = None
    """Seconds to wait for the end of an outage; None for what the client does."""

    sandboxed: bool = False
    """Whether to ask a sandbox in this process."""

    def run(self, output_format: str, *, stdout: TextIO | None, stderr: TextIO | None) -> ExitCode:
        """Ask, write the records, tell how it went on standard error, and return the exit code.

        Args:
            output_format: table, json, jsonl or csv.
            stdout: where the records go; None when the shell has closed it.
            stderr: where the progress bar goes, if it is a terminal.
        """
        if stdout is None:
            say_error("the output cannot be written: standard output is closed")
            return ExitCode.FAILURE
        mixed = output_format in STREAMING and stdout.isatty()  # records would be written into the bar
        terminal = stderr if stderr is not None and stderr.isatty() and not mixed else None
        records = writer(output_format, stdout)
        tally = Tally(total=len(self.ids) * len(self.address_versions) if self.ids else None)
        try:
            ended = self._ended(records, tally, terminal=terminal)
            if ended is None or ended.leaves_records(tally):
                records.close()
        except OutputGoneError:
            _forget(stdout)
            return ExitCode.FAILURE
        except OutputError as error:
            _forget(stdout)
            say_error(str(error))
            return ExitCode.FAILURE
        self._close(tally, ended)
        return tally.exit_code(alone=len(self.ids) == 1) if ended is None else ended.code

    def _ended(self, records: Writer, tally: Tally, *, terminal: TextIO | None) -> "_Cut | None":
        """Run to the end, or return what cut it short."""
        try:
            asyncio.run(self._ask(records, tally, terminal=terminal))
        except KeyboardInterrupt:
            return _Cut(code=ExitCode.INTERRUPTED, said=tally.interruption())
        except KatapultError as error:
            code = exit_code_of(error)
            partial = tally.answered and code is not ExitCode.DENIED
            return _Cut(code=ExitCode.PARTIAL if partial else code, said=f"error: {told(error)}")
        except InputError as error:
            return _Cut(code=ExitCode.FAILURE, said=f"error: {error}")
        return None

    def _close(self, tally: Tally, ended: "_Cut | None") -> None:
        """Tell how it went: after the records, so that the end of a terminal's screen says what matters."""
        interrupted = ended is not None and ended.code is ExitCode.INTERRUPTED
        if len(self.ids) != 1 and not interrupted and (tally.done or ended is None):
            say(tally.summary())
        for trouble in tally.troubles():
            say_error(trouble)
        if ended is not None:
            say(ended.said)

    async def _ask(self, records: Writer, tally: Tally, *, terminal: TextIO | None) -> None:
        for each in self.ids:
            arguments.identifier("ID", each)
        async with contextlib.AsyncExitStack() as stack:
            katapult = await stack.enter_async_context(self._client(tally, bar=terminal is not None))
            ids = await stack.enter_async_context(self._source(katapult, tally))
            outcomes = await stack.enter_async_context(
                katapult.virtual_machine_network_interfaces.available_ips_many(
                    ids,
                    address_versions=self.address_versions,
                    concurrency=self.concurrency,
                    timeout=self.timeout,
                )
            )
            if terminal is not None:
                seen = Sight(tally=tally, rate_limit=lambda: katapult.rate_limit, estimate=outcomes.estimate)
                await stack.enter_async_context(progress_bar(seen, stderr=terminal))
            try:
                await self._write(outcomes, records, tally)
            except asyncio.CancelledError:
                await self._write_finished(outcomes, records, tally)
                raise

    async def _write(self, outcomes: Outcomes, records: Writer, tally: Tally) -> None:
        """Count and write outcomes as they come."""
        walking = not self.ids and self.file is None
        async for outcome in outcomes:
            if walking and isinstance(outcome, Failed) and is_gone(outcome.error):
                tally.gone += 1
                continue
            tally.note(outcome)
            records.write(Record.of(outcome))

    async def _write_finished(self, outcomes: Outcomes, records: Writer, tally: Tally) -> None:
        """Write the outcomes that lie ready, which does not wait; the first wait ends it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await self._write(outcomes, records, tally)

    @contextlib.asynccontextmanager
    async def _client(self, tally: Tally, *, bar: bool) -> AsyncGenerator[KatapultClient]:
        """Open a client of the sandbox, or of the API that the environment names."""
        window = self.window or (_SANDBOX_WINDOW if self.sandboxed else _WINDOW)
        policy = RateLimitPolicy(window=window)
        retry = RetryPolicy() if self.patience is None else RetryPolicy(outage_patience=self.patience)
        on_wait = None if bar else _say_pause  # the bar says it too
        async with contextlib.AsyncExitStack() as stack:
            if self.sandboxed:
                sandbox = Sandbox(machines=_SANDBOX_MACHINES, interfaces=_SANDBOX_INTERFACES, window=window)
                await stack.enter_async_context(sandbox)
                say(
                    f"sandbox: {_SANDBOX_MACHINES} made-up machines in this process, 1000 requests in each window of"
                    f" {window:g} s (Katapult's has {_WINDOW:g} s)"
                )
                katapult = KatapultClient(
                    sandbox.token,
                    base_url=sandbox.base_url,
                    retry=retry,
                    rate_limit=policy,
                    on_wait=on_wait,
                    on_retry=tally.note_retry,
                )
            else:
                katapult = KatapultClient.from_env(
                    retry=retry, rate_limit=policy, on_wait=on_wait, on_retry=tally.note_retry
                )
            yield await stack.enter_async_context(katapult)

    @contextlib.asynccontextmanager
    async def _source(
        self, katapult: KatapultClient, tally: Tally
    ) -> AsyncGenerator[tuple[str, ...] | AsyncIterator[str]]:
        """Open whatever the ids come from, and keep the tally of what was found."""
        if self.ids:
            yield self.ids
        elif self.file is not None:
            with _opened(self.file) as stream:
                yield self._counted(ids_in(stream), tally)
        else:
            async with katapult.fleet(organization=_organization(self.organization)) as fleet:
                tally.unlisted = fleet.failures
                try:
                    yield self._counted(ids_of(fleet), tally)
                finally:
                    tally.vanished = fleet.vanished

    async def _counted(self, ids: AsyncIterator[str], tally: Tally) -> AsyncGenerator[str]:
        """Yield ids, and count the queries that they make."""
        async for each in ids:
            tally.asked += len(self.address_versions)
            yield each
        tally.total = tally.asked


def _say_pause(pause: Pause) -> None:
    """Tell a log file why nothing happens for a while."""
    if pause.seconds >= _SILENCE:
        say(f"the rate limit is {pause.reason}: {pause.queued} queries wait {pause.seconds:.0f} s for the next window")


@attrs.frozen(kw_only=True)
class _Cut:
    """A run that did not come to the end of its input."""

    code: ExitCode
    said: str
    """One line for standard error."""

    def leaves_records(self, tally: Tally) -> bool:
        """Return whether the output is still to be completed: not if nothing was asked, for then it is not begun."""
        return bool(tally.done) or self.code is ExitCode.INTERRUPTED


def _opened(file: str) -> contextlib.AbstractContextManager[BinaryIO]:
    """Open a file with ids; standard input stays open."""
    stdin: TextIO | None = sys.stdin  # None under a shell's <&-
    if file != "-":
        try:
            return Path(file).open("rb")
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror or error}") from error
    if stdin is None:
        raise InputError("the ids cannot be read: standard input is closed")
    return contextlib.nullcontext(stdin.buffer)


def _organization(name: str | None) -> str | SubDomain | None:
    """Return how to look an organization up: Katapult's ids start with ``org_``, and no sub domain has a ``_``."""
    return name if name is None or name.startswith("org_") else SubDomain(name)


def _forget(stdout: TextIO) -> None:
    """Send what is left in the stream's buffer nowhere, or the interpreter would complain at its end.

    As the documentation of Python's signal module advises, section "Note on SIGPIPE".
    """
    with contextlib.suppress(OSError):  # io.UnsupportedOperation is one: a stream in memory has no descriptor
        descriptor = stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
