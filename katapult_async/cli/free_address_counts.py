"""Free addresses counted by network, data center or virtual machine, and which of these have none."""

import collections
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from katapult_async.cli.available_ips_output import Record
from katapult_async.cli.location import Location, NamedObject
from katapult_async.cli.output import Output, Writer, cell, list_writer, table_writer
from katapult_async.cli.plain_values import value_at
from katapult_async.cli.table import Row

_VERSIONS: Final = {"ipv4": "IPv4", "ipv6": "IPv6"}
_NAMES_SHOWN: Final = 5  # exhausted networks of each address version in the summary


@attrs.frozen(kw_only=True)
class Count:
    """The free addresses of one network, data center or virtual machine."""

    id: str | None
    """Its id; None for the count of all interfaces whose network, data center or machine is not known."""

    name: str | None
    """Its name."""

    data_center: str | None
    """Name of its data center."""

    interfaces: int
    """Network interfaces in it."""

    free_ipv4: int | None
    """Free IPv4 addresses, each counted once; None if no query for them was answered."""

    free_ipv6: int | None
    """Free IPv6 addresses, each counted once; None if no query for them was answered."""

    failed: int
    """Queries that failed."""

    exhausted: tuple[str, ...]
    """Address versions without a free address. Virtual networks have no public addresses, and are not exhausted."""


@attrs.define
class _Group:
    """The interfaces, free addresses and failed queries of one network, data center or virtual machine."""

    subject: NamedObject | None
    data_center: NamedObject | None
    interfaces: set[str] = attrs.field(factory=set)
    free: dict[str, set[str]] = attrs.field(factory=dict)
    network_versions: set[str] = attrs.field(factory=set)  # versions answered for an interface on a public network
    failed: int = 0

    def count(self) -> Count:
        free = {version: len(ids) for version, ids in self.free.items()}
        return Count(
            id=None if self.subject is None else self.subject.id,
            name=None if self.subject is None else self.subject.name,
            data_center=None if self.data_center is None else str(self.data_center),
            interfaces=len(self.interfaces),
            free_ipv4=free.get("ipv4"),
            free_ipv6=free.get("ipv6"),
            failed=self.failed,
            exhausted=tuple(version for version in _VERSIONS if version in self.network_versions and not free[version]),
        )


KEYS: Final[Mapping[str, Callable[[Location], NamedObject | None]]] = {
    "network": lambda location: location.network or location.virtual_network,
    "data-center": lambda location: location.data_center,
    "machine": lambda location: location.virtual_machine,
}
"""What addresses can be counted by: the values of ``--by``."""


class FreeAddresses:
    """Counts the free addresses of each network, data center or machine. Interfaces of one network share addresses."""

    def __init__(self, by: str = "network") -> None:
        self._subject_of = KEYS[by]
        self._groups: dict[str | None, _Group] = {}

    def add(self, record: Record) -> None:
        """Count the addresses of one query."""
        location = record.location
        subject = self._subject_of(location)
        key = None if subject is None else subject.id
        group = self._groups.setdefault(key, _Group(subject, location.data_center))
        group.interfaces.add(record.interface_id)
        if record.error is not None:
            group.failed += 1
            return
        group.free.setdefault(record.address_version, set()).update(address.id for address in record.ip_addresses)
        if location.network is not None:
            group.network_versions.add(record.address_version)

    def counts(self) -> list[Count]:
        """Return all counts, sorted by data center and name; those with an exhausted address version come first."""

        def order(count: Count) -> tuple[object, ...]:
            return not count.exhausted, count.data_center or "", count.name or "", count.id or ""

        return sorted((group.count() for group in self._groups.values()), key=order)

    def exhausted_networks(self) -> Iterator[str]:
        """Yield for each address version a sentence that names the networks without a free address, if any."""
        networks = [count for count in self.counts() if count.id is not None]
        for version, title in _VERSIONS.items():
            names = [label for count, label in _labels(networks) if version in count.exhausted]
            if names:
                verb = "has" if len(names) == 1 else "have"
                more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
                shown = "; ".join(names[:_NAMES_SHOWN]) + more
                yield f"{len(names)} of {len(networks)} networks {verb} no free {title} address: {shown}"


def count_writer(
    output_format: str, output: Output, *, by: str, fields: Sequence[str] | None = None, exhausted: bool = False
) -> Writer[Record]:
    """Return a writer of records that writes only the counts of their addresses, at the end.

    Args:
        output_format: one of `format_names.FORMATS`.
        output: where to write.
        by: what addresses are counted by.
        fields: names of the fields to write; None for all.
        exhausted: whether to write only what has an exhausted address version or failed queries.
    """
    free = FreeAddresses(by)

    def close() -> None:
        counts = [count for count in free.counts() if count.exhausted or count.failed or not exhausted]
        if output_format == "table" and fields is None:
            _write_table(counts, title=by.replace("-", " ").capitalize(), output=output)
            return
        names = fields or tuple(attrs.fields_dict(Count))
        writer = list_writer(output_format, output, columns=names)
        for count in counts:
            writer.write({name: value_at(count, name) for name in names})
        writer.close()

    return Writer(free.add, close)


def _write_table(counts: Sequence[Count], *, title: str, output: Output) -> None:
    """Write a table of the columns that have a value."""
    columns = {
        title: [label for _, label in _labels(counts)],
        "Interfaces": [cell(count.interfaces) for count in counts],
        "Free IPv4": [cell(count.free_ipv4) for count in counts],
        "Free IPv6": [cell(count.free_ipv6) for count in counts],
        "Failed": [cell(count.failed or None) for count in counts],
        "Exhausted": [", ".join(f"no free {_VERSIONS[version]}" for version in count.exhausted) for count in counts],
    }
    shown = {name: cells for name, cells in columns.items() if any(cells)}
    writer = table_writer(output, columns=tuple(shown))
    for count, *cells in zip(counts, *shown.values(), strict=True):
        writer.write(Row(cells=tuple(cells), is_red=bool(count.exhausted)))
    writer.close()


def _labels(counts: Sequence[Count]) -> list[tuple[Count, str]]:
    """Return the counts, each with its label. Equal labels get the id: organizations may use one name for a network."""
    pairs = [(count, _label(count)) for count in counts]
    occurrences = collections.Counter(label for _, label in pairs)
    return [(count, label if occurrences[label] == 1 else f"{label} ({count.id})") for count, label in pairs]


def _label(count: Count) -> str:
    """Return the names of what is counted and of its data center; only one name if both are equal."""
    names = dict.fromkeys((count.name or count.id, count.data_center))
    return ", ".join(filter(None, names)) or "(not known)"
