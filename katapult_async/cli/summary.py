"""What a run came to: counted outcome by outcome, told at the end, and turned into an exit code; pure."""

from collections.abc import Iterator

import attrs

from katapult_async.batch import Failed, Succeeded
from katapult_async.cli.available_ips_output import Outcome
from katapult_async.cli.error_messages import told
from katapult_async.cli.exit_codes import ExitCode, exit_code_of
from katapult_async.core.caller import RetryNotice
from katapult_async.errors import (
    AuthenticationError,
    KatapultError,
    PermissionDeniedError,
)


@attrs.define(kw_only=True)
class Tally:
    """The outcomes of one run so far."""

    total: int | None = None
    """Queries in all; None while the input has not been read to its end."""

    asked: int = 0
    """Queries that were found in the input so far."""

    resumed: int = 0
    """Those of them that an earlier run has answered."""

    answered: int = 0
    """Queries with an answer."""

    addresses: int = 0
    """Addresses in all answers."""

    different: set[str] = attrs.field(factory=set)
    """Ids of them: interfaces of one network are offered the same ones."""

    used_up: int = 0
    """Answers without an address."""

    gone: int = 0
    """Queries for interfaces that were gone when they were asked."""

    vanished: int = 0
    """Machines and organizations that were gone when they were asked for their contents."""

    failures: dict[type[KatapultError], int] = attrs.field(factory=dict)
    """How many queries failed with each class of error."""

    firsts: dict[type[KatapultError], KatapultError] = attrs.field(factory=dict)
    """The first error of each class."""

    token_source: str = ""
    """Where the token comes from, for who has to mend it."""

    unlisted: list[Failed[str]] = attrs.field(factory=list)
    """Machines and organizations whose interfaces could not be listed."""

    retrying: str = ""
    """The class of error that calls are tried again after; empty once one of them is answered."""

    @property
    def failed(self) -> int:
        """Queries that failed."""
        return sum(self.failures.values())

    @property
    def done(self) -> int:
        """Queries that came to an end of any kind, in this run or before it."""
        return self.resumed + self.answered + self.failed + self.gone

    def note(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if isinstance(outcome, Succeeded):
            self.answered += 1
            self.retrying = ""
            self.addresses += len(outcome.value)
            self.different.update(address.id for address in outcome.value)
            self.used_up += not outcome.value
        else:
            kind = type(outcome.error)
            self.failures[kind] = self.failures.get(kind, 0) + 1
            self.firsts.setdefault(kind, outcome.error)

    def note_retry(self, notice: RetryNotice) -> None:
        """Remember why a call is tried again."""
        self.retrying = type(notice.error).__name__

    def exit_code(self, *, alone: bool) -> ExitCode:
        """Return how the run ends.

        Args:
            alone: whether it was about one interface that was named, so that its own error says more than "some".
        """
        if not self.failures and not self.unlisted:
            return ExitCode.OK
        kinds = set(self.failures) | {type(each.error) for each in self.unlisted}
        if AuthenticationError in kinds or (not self.answered and kinds == {PermissionDeniedError}):
            return ExitCode.DENIED
        codes = {exit_code_of(error) for error in self.firsts.values()}
        if alone and not self.answered and len(codes) == 1:
            return codes.pop()
        return ExitCode.PARTIAL

    def summary(self) -> str:
        """Return one line about all of it."""
        if self.resumed and self.done == self.resumed:
            said = f"nothing is left to ask: {_queries(self.resumed)} already answered before"
        else:
            said = self._new()
        if self.gone or self.vanished:
            places = "machine or organization" if self.vanished == 1 else "machines or organizations"
            said += f"; vanished meanwhile and skipped: {_queries(self.gone)}, {self.vanished} {places}"
        return said

    def _new(self) -> str:
        """Return what this run answered, and what it did not need to."""
        said = f"{self.answered} of {_queries(self.answered + self.failed)} answered"
        if self.used_up:
            said += f" ({self.used_up} without any address)"
        said += ", 1 address" if self.addresses == 1 else f", {self.addresses} addresses"
        if len(self.different) != self.addresses:
            said += f", {len(self.different)} different"
        if self.failed:
            said += f"; {self.failed} failed"
        if self.resumed:
            said += f"; {self.resumed} already answered before"
        return said

    def unfinished(self) -> str:
        """Return one line about a run that was stopped: what it did, and what it left undone."""
        said = f"{self.answered} answered, {self.failed} failed, "
        if self.resumed:
            said += f"{self.resumed} already answered before, "
        if self.total is not None:
            return f"{said}{self.total - self.done} of {_queries(self.total)} not answered"
        return f"{said}{self.asked - self.done} not answered, and the rest of the input not asked"

    def troubles(self) -> Iterator[str]:
        """Yield one line for each class of failure, and one for each machine that could not be listed."""
        for kind, count in self.failures.items():
            first = told(self.firsts[kind], token_source=self.token_source)
            yield first if self.failed == 1 else f"{count} x {kind.__name__}, the first: {first}"
        for each in self.unlisted:
            reason = told(each.error, token_source=self.token_source)
            yield f"the interfaces of {each.key} could not be listed: {reason}"


def _queries(count: int) -> str:
    return f"{count} {'query' if count == 1 else 'queries'}"
