"""The table that people read: one row for an interface and address family."""

import os
from typing import Final, TextIO

import attrs
import rich.box
import rich.console
import rich.table
from rich.text import Text

from katapult_async.cli.records import Record
from katapult_async.cli.terminal import printable
from katapult_async.models.networks import Network

_SHOWN: Final = 2  # addresses of a row; three IPv6 addresses would not fit beside the rest in 120 columns
_ID_WIDTH: Final = 22  # columns: Katapult's ids of interfaces, vmnet_ and 16 characters
_COMFORTABLE: Final = 80  # columns; in fewer of them ids are folded too, for nothing is ever cut
_PIPE_WIDTH: Final = 240  # columns where no terminal sets them: enough that no row is folded, so that grep works


@attrs.frozen(kw_only=True, order=True)
class Row:
    """What is shown of one query. Rows sort by interface and family."""

    interface_id: str
    address_version: str
    available: int = attrs.field(order=False)
    """How many addresses there are."""

    shown: str = attrs.field(order=False)
    """The first few of them, or the error."""

    network: str = attrs.field(order=False)
    """The network that they belong to and where it is; all of them, should there be several."""

    failed: bool = attrs.field(order=False)

    @classmethod
    def of(cls, record: Record) -> "Row":
        """Return the row of a record."""
        addresses = record.ip_addresses
        shown = ", ".join(each.address for each in addresses[:_SHOWN])
        more = f", +{len(addresses) - _SHOWN}" if len(addresses) > _SHOWN else ""
        networks = [_named(each.network) for each in addresses if each.network is not None]
        return cls(
            interface_id=record.interface_id,
            address_version=record.address_version,
            available=len(addresses),
            shown=shown + more if record.error is None else str(record.error),
            network="; ".join(dict.fromkeys(networks)),
            failed=record.error is not None,
        )


class Table:
    """Rows, and how they are shown. Keeps no address that it does not show."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        """In the order in which they came."""

    def add(self, record: Record) -> None:
        """Take what is shown of a record."""
        self.rows.append(Row.of(record))

    def render(self, stream: TextIO) -> str:
        """Return the text for a stream: in colour and as wide as the terminal if it is one."""
        width = None if stream.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH
        console = rich.console.Console(file=stream, width=width, highlight=False)
        table = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("Interface", overflow="fold", min_width=_ID_WIDTH if console.width >= _COMFORTABLE else None)
        table.add_column("Version", overflow="fold")
        table.add_column("Free", overflow="fold", justify="right")
        table.add_column("Addresses", overflow="fold")
        table.add_column("Network", overflow="fold")
        for row in sorted(self.rows):
            table.add_row(
                _cell(row.interface_id),
                _cell(row.address_version),
                _cell("-" if row.failed else str(row.available)),
                _cell(row.shown, style="red" if row.failed else ""),
                _cell(row.network),
            )
        with console.capture() as text:
            console.print(table)
        return "".join(f"{line.rstrip()}\n" for line in text.get().splitlines())


def _named(network: Network) -> str:
    """Return what people call a network, and its data center."""
    place = network.data_center
    return ", ".join(each.name or each.id for each in (network, place) if each is not None)


def _cell(text: str, *, style: str = "") -> Text:
    """Return a cell that is taken literally: no markup, no control characters."""
    return Text(printable(text), style=style)
