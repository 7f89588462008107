"""The summary of a job: outcomes counted one by one, as text at the end, and as an exit code. Pure."""

import collections
from collections.abc import Iterator

import attrs

from katapult_async.batch import Failed, Succeeded
from katapult_async.cli.available_ips_output import Outcome
from katapult_async.cli.error_messages import message_of
from katapult_async.cli.exit_codes import ExitCode, exit_code_of
from katapult_async.cli.free_address_counts import FreeAddresses
from katapult_async.errors import AuthenticationError, KatapultError


@attrs.define(kw_only=True)
class Summary:
    """The outcomes of one job so far."""

    total: int | None = None
    """Queries of the whole input; None until its end is read."""

    queries: int = 0
    """Queries that were read from the input so far."""

    answered_before: int = 0
    """Queries that an earlier run has answered."""

    answered: int = 0
    """Queries with an answer."""

    addresses: int = 0
    """Addresses in all answers."""

    address_ids: set[str] = attrs.field(factory=set)
    """Ids of these addresses. Interfaces of one network are offered the same addresses."""

    free: FreeAddresses = attrs.field(factory=FreeAddresses)
    """Free addresses by network, in the answers of this run. Counted only if all interfaces are queried."""

    without_address: int = 0
    """Answers without an address."""

    vanished_queries: int = 0
    """Queries for interfaces that no longer existed."""

    vanished_owners: int = 0
    """Machines and organizations that no longer existed when their contents were listed."""

    failures: collections.Counter[type[KatapultError]] = attrs.field(factory=collections.Counter)
    """Failed queries by the class of their error."""

    first_errors: dict[type[KatapultError], KatapultError] = attrs.field(factory=dict)
    """The first error of each class."""

    unlisted: list[Failed[str]] = attrs.field(factory=list)
    """Machines and organizations whose interfaces could not be listed."""

    @property
    def failed(self) -> int:
        """Queries that failed."""
        return self.failures.total()

    @property
    def done(self) -> int:
        """Queries with an outcome: of this run, and the answers of an earlier one."""
        return self.answered_before + self.answered + self.failed + self.vanished_queries

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if isinstance(outcome, Succeeded):
            self.answered += 1
            self.addresses += len(outcome.value)
            self.address_ids.update(address.id for address in outcome.value)
            if not outcome.value:
                self.without_address += 1
        else:
            kind = type(outcome.error)
            self.failures[kind] += 1
            self.first_errors.setdefault(kind, outcome.error)

    def exit_code(self, *, single: bool) -> ExitCode:
        """Return the exit code of the job: after errors ``PARTIAL``, or ``DENIED`` if the token was rejected.

        If no query was answered, and all errors have the same exit code, it is that exit code: always for a single
        interface, and for several interfaces if it is ``DENIED``.

        Args:
            single: whether one interface was queried.
        """
        errors = [*self.first_errors.values(), *(failure.error for failure in self.unlisted)]
        if not errors:
            return ExitCode.OK
        if any(isinstance(error, AuthenticationError) for error in errors):
            return ExitCode.DENIED
        codes = {exit_code_of(error) for error in errors}
        if not self.answered and len(codes) == 1 and (single or ExitCode.DENIED in codes):
            return codes.pop()
        return ExitCode.PARTIAL

    def text(self) -> str:
        """Return one line about a job that was completed."""
        has_sent_nothing = self.total == self.answered_before and not self.unlisted
        if has_sent_nothing and self.answered_before:
            text = f"nothing is left to query: {_queries(self.answered_before)} already answered"
        elif has_sent_nothing:
            text = "there is nothing to query: no network interface was found"
        else:
            text = f"{self.answered} of {_queries(self.answered + self.failed)} answered"
            text += f" ({self.without_address} without any address)" if self.without_address else ""
            text += ", 1 address" if self.addresses == 1 else f", {self.addresses} addresses"
            text += f", {len(self.address_ids)} different" if len(self.address_ids) != self.addresses else ""
            text += f"; {self.failed} failed" if self.failed else ""
            text += f"; {self.answered_before} already answered" if self.answered_before else ""
        if self.vanished_queries or self.vanished_owners:
            queries = _queries(self.vanished_queries)
            owners = "machine or organization" if self.vanished_owners == 1 else "machines or organizations"
            text += f"; skipped because they no longer exist: {queries}, {self.vanished_owners} {owners}"
        return text

    def text_when_stopped(self) -> str:
        """Return one line about a job that was stopped."""
        text = f"{self.answered} answered, {self.failed} failed, "
        text += f"{self.answered_before} already answered, " if self.answered_before else ""
        if self.total is not None:
            return f"{text}{self.total - self.done} of {_queries(self.total)} not answered"
        return f"{text}{self.queries - self.done} not answered, and the rest of the input not read"

    def errors(self, *, token_source: str = "") -> Iterator[str]:
        """Yield one line for each class of error: of failed queries, then of interfaces that could not be listed.

        Args:
            token_source: where the token comes from, for the message that it was not accepted.
        """
        for kind, count in self.failures.items():
            message = message_of(self.first_errors[kind], token_source=token_source)
            yield message if self.failed == 1 else f"{_queries(count)} failed; the first: {message}"
        for kind in dict.fromkeys(type(failure.error) for failure in self.unlisted):
            first, *others = (failure for failure in self.unlisted if type(failure.error) is kind)
            text = f"the interfaces of {first.key} could not be listed"
            if others:
                owners = f"{len(others) + 1} machines or organizations"
                text = f"the interfaces of {owners} could not be listed; the first: {first.key}"
            yield f"{text}: {message_of(first.error, token_source=token_source)}"


def _queries(count: int) -> str:
    return f"{count} {'query' if count == 1 else 'queries'}"
