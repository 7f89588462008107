"""From an outcome of the batch to the record that is written; pure."""

from typing import Final, Self

import attrs
import msgspec

from katapult_async.batch import Failed, Succeeded
from katapult_async.cli.fields import Plain
from katapult_async.errors import APIError, BadResponseError, KatapultError, TransportError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery

Outcome = Succeeded[AddressQuery, list[IPAddress]] | Failed[AddressQuery]

JSON = dict[str, Plain]

_OF_A_REQUEST: Final = (APIError, BadResponseError, TransportError)


@attrs.frozen(kw_only=True)
class ErrorRecord:
    """Why a query has no answer."""

    type: str
    """Name of the error's class."""

    code: str | None = None
    """Katapult's name for it; None where Katapult did not speak."""

    status: int | None = None
    """HTTP status, where an answer arrived."""

    description: str
    """One sentence."""

    request_id: str | None = None
    """What to quote to Katapult's support."""

    attempts: int = 0
    """How many times it was tried."""

    detail: object = None
    """What Katapult sent beside the code, any JSON: the missing scopes, for example."""

    @classmethod
    def of(cls, error: KatapultError) -> Self:
        """Return the record of an error."""
        if not isinstance(error, _OF_A_REQUEST):
            return cls(type=type(error).__name__, description=str(error))
        problem = error.problem
        return cls(
            type=type(error).__name__,
            code=problem.code,
            status=problem.status,
            description=problem.description,
            request_id=problem.request_id,
            attempts=problem.attempts,
            detail=problem.detail,
        )

    @property
    def sentence(self) -> str:
        """The error in one line."""
        said = f"{self.type}: {self.description.rstrip('.')}"
        return f"{said} ({self.code})" if self.code else said


@attrs.frozen(kw_only=True)
class Record:
    """One query and its answer, or why there is none."""

    interface_id: str
    """The interface, as it was given."""

    address_version: str
    """``ipv4`` or ``ipv6``."""

    ip_addresses: tuple[IPAddress, ...] = ()
    """The addresses, in Katapult's order; empty also when the query failed."""

    error: ErrorRecord | None = None
    """Why it failed; None when it was answered."""

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Return the record of an outcome."""
        return cls(
            interface_id=outcome.key.interface_id,
            address_version=outcome.key.address_version.value,
            ip_addresses=tuple(outcome.value) if isinstance(outcome, Succeeded) else (),
            error=ErrorRecord.of(outcome.error) if isinstance(outcome, Failed) else None,
        )

    def as_json(self) -> JSON:
        """Return the record as plain values, in the documented order of keys."""
        return {
            "interface_id": self.interface_id,
            "address_version": self.address_version,
            "ip_addresses": [_plain(address) for address in self.ip_addresses],
            "error": None if self.error is None else _plain(self.error),
        }


HEAD: Final = b'{"interface_id": "'
"""How every line begins that a record is written to."""


@attrs.frozen(kw_only=True)
class _Line:
    """A record as it is read back: whether it is one, and of which query. The addresses stay bytes."""

    interface_id: str
    address_version: AddressVersion
    ip_addresses: list[msgspec.Raw]
    error: dict[str, msgspec.Raw] | None


def answered(line: bytes) -> AddressQuery | None:
    """Return which query a line answers, or None if it says why one failed.

    Raises:
        ValueError: it is no record.
    """
    read = msgspec.json.decode(line, type=_Line)
    return AddressQuery(read.interface_id, read.address_version) if read.error is None else None


def _plain(value: IPAddress | ErrorRecord) -> JSON:
    """Return an object of ours as plain values, its own keys in the order of its fields.

    msgspec takes 3 us for an address and its network, where attrs.asdict takes 40.
    """
    plain = msgspec.to_builtins(value)
    return {name: plain[name] for name in attrs.fields_dict(type(value))}
