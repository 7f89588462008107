"""The output of `available-ips`: the record of one query, and how each format writes it."""

from collections.abc import Mapping, Sequence
from typing import Final, Self

import attrs
import msgspec

from katapult_async.batch import Failed, Succeeded
from katapult_async.cli.format_names import FORMATS_OF_ROWS
from katapult_async.cli.location import Location, NamedObject
from katapult_async.cli.output import Output, PlainRecord, Writer, cell, converted, list_writer, table_writer
from katapult_async.cli.plain_values import value_at
from katapult_async.cli.table import Row
from katapult_async.errors import KatapultError, RequestError
from katapult_async.models.ip_addresses import AddressVersion, IPAddress
from katapult_async.models.serialization import Plain
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery

Outcome = Succeeded[AddressQuery, list[IPAddress]] | Failed[AddressQuery]
"""The outcome of one query."""

JSON = dict[str, Plain]
"""A JSON object."""

COLUMNS: Final[Mapping[str, str]] = {
    "interface_id": "interface_id",
    "address_version": "address_version",
    "virtual_machine": "location.virtual_machine.name",
    "id": "ip_addresses.id",
    "address": "ip_addresses.address",
    "address_with_mask": "ip_addresses.address_with_mask",
    "reverse_dns": "ip_addresses.reverse_dns",
    "network_id": "location.network.id",
    "network_name": "location.network.name",
    "data_center_id": "location.data_center.id",
    "data_center_name": "location.data_center.name",
    "error_type": "error.type",
    "error_message": "error.message",
}
"""Columns of csv and tsv without ``--fields``, each with the path of its field. ``--fields`` takes names and paths."""

LINE_START: Final = b'{"interface_id": "'
"""How every line of jsonl begins."""

_COLUMNS_BY_INTERFACE: Final = ("Interface", "IP", "Free", "Addresses", "Network")
_COLUMNS_BY_MACHINE: Final = ("Machine", "Network", "IP", "Free", "First address")
_ADDRESSES_SHOWN: Final = 2  # in a row; more would not fit into 120 columns


@attrs.frozen(kw_only=True)
class ErrorRecord:
    """Why a query failed."""

    type: str
    """Name of the error's class."""

    code: str | None = None
    """Katapult's code; None if Katapult sent none."""

    status: int | None = None
    """HTTP status; None without a response."""

    description: str
    """What went wrong, in one sentence."""

    request_id: str | None = None
    """Id of the request, for Katapult's support."""

    attempts: int = 0
    """Attempts that were made."""

    detail: object = None
    """JSON that Katapult sent with the code, such as the missing scopes."""

    @classmethod
    def of(cls, error: KatapultError) -> Self:
        """Return the record of an error."""
        if not isinstance(error, RequestError):
            return cls(type=type(error).__name__, description=str(error))
        names = [name for name in attrs.fields_dict(cls) if name != "type"]
        return cls(type=type(error).__name__, **{name: getattr(error.problem, name) for name in names})

    @property
    def message(self) -> str:
        """The error in one line, for a row."""
        text = self.description.rstrip(".")
        return f"{text} ({self.code})" if self.code else text


@attrs.frozen(kw_only=True)
class Record:
    """One query with its answer or its error."""

    interface_id: str
    """Id of the interface."""

    address_version: str
    """``ipv4`` or ``ipv6``."""

    location: Location = attrs.field(factory=Location)
    """Where the interface is: complete if it was listed, and otherwise only what its addresses contain."""

    ip_addresses: tuple[IPAddress, ...] = ()
    """The addresses in Katapult's order; none if the query failed."""

    error: ErrorRecord | None = None
    """Why the query failed; None if it was answered."""

    @classmethod
    def of(cls, outcome: Outcome, *, location: Location | None = None) -> Self:
        """Return the record of an outcome.

        Args:
            outcome: the outcome.
            location: where the interface is, as far as it is known; None to take it from its addresses.
        """
        addresses = tuple(outcome.value) if isinstance(outcome, Succeeded) else ()
        of_addresses = Location.of_addresses(addresses)
        location = location or of_addresses
        if location.data_center is None:
            location = attrs.evolve(location, data_center=of_addresses.data_center)
        return cls(
            interface_id=outcome.key.interface_id,
            address_version=outcome.key.address_version.value,
            location=location,
            ip_addresses=addresses,
            error=ErrorRecord.of(outcome.error) if isinstance(outcome, Failed) else None,
        )

    @property
    def is_exhausted(self) -> bool:
        """Whether no address is free. A virtual network has no public addresses, and is not exhausted."""
        return self.error is None and not self.ip_addresses and self.location.virtual_network is None

    def as_json(self) -> JSON:
        """Return the record as plain values, in the documented order. The location has only what is known of it."""
        location = attrs.asdict(self.location, recurse=False)
        return {
            "interface_id": self.interface_id,
            "address_version": self.address_version,
            "location": {name: _plain(named) for name, named in location.items() if named is not None},
            "ip_addresses": [_plain(address) for address in self.ip_addresses],
            "error": None if self.error is None else _plain(self.error),
        }


@attrs.frozen(kw_only=True)
class _Line:
    """A record as it is read from a file. The addresses are not decoded."""

    interface_id: str
    address_version: AddressVersion
    ip_addresses: list[msgspec.Raw]
    error: dict[str, msgspec.Raw] | None


def answered_query(line: bytes) -> AddressQuery | None:
    """Return the query that a line of jsonl answers; None for a line with an error.

    Raises:
        ValueError: the line is not a record.
    """
    record = msgspec.json.decode(line, type=_Line)
    return AddressQuery(record.interface_id, record.address_version) if record.error is None else None


def record_writer(
    output_format: str, output: Output, *, fields: Sequence[str] | None = None, by_machine: bool = False
) -> Writer[Record]:
    """Return the writer of records in a format.

    Args:
        output_format: one of `format_names.FORMATS`.
        output: where to write.
        fields: paths or names of `COLUMNS` to write; None for all of a record, and for the columns of a row.
        by_machine: whether a table shows machines and networks in place of interfaces.
    """
    if output_format == "table":
        titles = tuple(fields or (_COLUMNS_BY_MACHINE if by_machine else _COLUMNS_BY_INTERFACE))
        return converted(table_writer(output, columns=titles), lambda record: [_table_row(record, titles)])
    columns = {field: COLUMNS.get(field, field) for field in fields or COLUMNS}
    writer = list_writer(output_format, output, columns=tuple(columns))
    if output_format in FORMATS_OF_ROWS:
        return converted(writer, lambda record: [_row(part, columns) for part in _by_address(record, columns)])
    return converted(writer, lambda record: [_row(record, columns) if fields else record.as_json()])


def failures_last(writer: Writer[Record]) -> Writer[Record]:
    """Return a writer that writes failed queries last: a job that is resumed cuts them off the end of its file."""
    failures: list[Record] = []

    def write(record: Record) -> None:
        if record.error is None:
            writer.write(record)
        else:
            failures.append(record)

    def close() -> None:
        for record in failures:
            writer.write(record)
        writer.close()

    return Writer(write, close)


def _by_address(record: Record, columns: Mapping[str, str]) -> list[Record]:
    """Return a record with each address if a column is about addresses, and otherwise the record as it is."""
    if any(path.partition(".")[0] == "ip_addresses" for path in columns.values()):
        return [attrs.evolve(record, ip_addresses=(address,)) for address in record.ip_addresses] or [record]
    return [record]


def _row(record: Record, columns: Mapping[str, str]) -> PlainRecord:
    """Return the values at the paths of columns."""
    return {title: value_at(record, path) for title, path in columns.items()}


def _table_row(record: Record, titles: Sequence[str]) -> Row:
    """Return a row of a table, which is sorted by machine, or by interface where the machines are not known.

    A title is a column of the table, such as ``Free``, or the path of a field.
    """
    addresses = [address.address for address in record.ip_addresses]
    shown = addresses[:_ADDRESSES_SHOWN]
    if len(addresses) > len(shown):
        shown.append(f"+{len(addresses) - len(shown)}")
    message = "" if record.error is None else record.error.message
    location = record.location
    machine = str(location.virtual_machine or "")
    network_and_data_center = (location.network or location.virtual_network, location.data_center)
    values = {
        "Machine": machine,
        "Interface": record.interface_id,
        "IP": record.address_version,
        "Free": str(len(addresses)) if record.error is None else "-",
        "Addresses": ", ".join(shown) or message,
        "First address": next(iter(addresses), message),
        "Network": ", ".join(str(named) for named in network_and_data_center if named is not None),
    }
    return Row(
        cells=tuple(
            values[title] if title in values else cell(value_at(record, COLUMNS.get(title, title))) for title in titles
        ),
        is_red=record.error is not None,
        key=(machine, record.interface_id, record.address_version),
    )


def _plain(value: IPAddress | ErrorRecord | NamedObject) -> JSON:
    """Return an object as plain values, with its keys in the order of its fields.

    msgspec takes 3 us for an address with its network, and attrs.asdict takes 40 us.
    """
    plain = msgspec.to_builtins(value)
    return {name: plain[name] for name in attrs.fields_dict(type(value))}
