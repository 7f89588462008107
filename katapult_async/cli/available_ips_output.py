"""From an outcome of the batch to the record that is written; pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Self

import attrs
import msgspec
from rich.text import Text

from katapult_async.batch import Failed, Succeeded
from katapult_async.cli.fields import Plain, picked
from katapult_async.cli.output import CSV, Output, PlainRecord, Writer, cell, list_writer
from katapult_async.cli.table import literal, rendered
from katapult_async.errors import APIError, BadResponseError, KatapultError, TransportError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.networks import Network
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


COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "interface_id": "interface_id",
        "address_version": "address_version",
        "id": "ip_addresses.id",
        "address": "ip_addresses.address",
        "address_with_mask": "ip_addresses.address_with_mask",
        "reverse_dns": "ip_addresses.reverse_dns",
        "network_id": "ip_addresses.network.id",
        "network_name": "ip_addresses.network.name",
        "data_center_id": "ip_addresses.network.data_center.id",
        "data_center_name": "ip_addresses.network.data_center.name",
        "error_type": "error.type",
        "error": "error.sentence",
    }
)
"""Columns of the csv, and the paths of what is in them, unless `--fields` names others."""


class Report:
    """Gives a writer what is to be written of each record."""

    def __init__(self, writer: Writer[PlainRecord], *, made_of: Callable[[Record], Iterable[PlainRecord]]) -> None:
        self._writer = writer
        self._made_of = made_of

    def write(self, record: Record) -> None:
        """Write what is made of one record."""
        for each in self._made_of(record):
            self._writer.write(each)

    def close(self) -> None:
        """Write what is still missing."""
        self._writer.close()


class AnsweredOnly:
    """Leaves failures to whoever tells them elsewhere."""

    def __init__(self, records: Writer[Record]) -> None:
        self._records = records

    def write(self, record: Record) -> None:
        """Pass on a record with an answer."""
        if record.error is None:
            self._records.write(record)

    def close(self) -> None:
        """Write what is still missing."""
        self._records.close()


def report(output_format: str, output: Output, *, fields: Sequence[str] | None = None) -> Writer[Record]:
    """Return what writes records in a format.

    Args:
        output_format: one of `asking.FORMATS`; all but the table are written as the records come.
        output: where to.
        fields: paths of what to write; None for all of a record, and for what fits into rows.
    """
    if output_format == "table":
        return AddressTable(output, fields=fields)
    if output_format == "csv":
        columns = COLUMNS if fields is None else {path: path for path in fields}
        return Report(CSV(output, columns=tuple(columns)), made_of=lambda record: _rows(record, columns))
    writer = list_writer(output_format, output, columns=())
    if fields is None:
        return Report(writer, made_of=lambda record: [record.as_json()])
    return Report(writer, made_of=lambda record: [{path: picked(record, path) for path in fields}])


def _rows(record: Record, columns: Mapping[str, str]) -> Iterator[PlainRecord]:
    """Yield a row for each address if a column is about addresses; one for a record without any, or without such."""
    rows = [record]
    if any(path.partition(".")[0] == "ip_addresses" for path in columns.values()):
        rows = [attrs.evolve(record, ip_addresses=(each,)) for each in record.ip_addresses] or rows
    for row in rows:
        yield {title: picked(row, path) for title, path in columns.items()}


_TITLES: Final = ("Interface", "Version", "Free", "Addresses", "Network")
_SHOWN: Final = 2  # addresses of a row; three IPv6 addresses would not fit beside the rest in 120 columns


class AddressTable:
    """Rows sorted by interface and family, which can be laid out only when all of them are known."""

    def __init__(self, output: Output, *, fields: Sequence[str] | None = None) -> None:
        self._output = output
        self._fields = fields
        self._rows: dict[tuple[str, str], list[list[Text]]] = {}

    def write(self, record: Record) -> None:
        """Keep what the table shows of one record, and no more of it."""
        cells = _cells(record) if self._fields is None else [cell(picked(record, path)) for path in self._fields]
        row = [literal(each, style="" if record.error is None else "red") for each in cells]
        self._rows.setdefault((record.interface_id, record.address_version), []).append(row)

    def close(self) -> None:
        """Write the table, if there is anything in it."""
        if self._rows:
            rows = [row for _, alike in sorted(self._rows.items()) for row in alike]
            self._output.put(rendered(rows, titles=self._fields or _TITLES, stream=self._output.stream))


def _cells(record: Record) -> list[str]:
    """Return what is shown of a record: how many addresses, the first few or the error, their networks."""
    addresses = record.ip_addresses
    shown = [each.address for each in addresses[:_SHOWN]]
    if len(addresses) > _SHOWN:
        shown.append(f"+{len(addresses) - _SHOWN}")
    networks = dict.fromkeys(_named(each.network) for each in addresses if each.network is not None)
    return [
        record.interface_id,
        record.address_version,
        str(len(addresses)) if record.error is None else "-",
        ", ".join(shown) if record.error is None else record.error.sentence,
        "; ".join(networks),
    ]


def _named(network: Network) -> str:
    """Return what people call a network, and its data center."""
    place = network.data_center
    return ", ".join(each.name or each.id for each in (network, place) if each is not None)
