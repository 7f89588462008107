"""The table of `available-ips`: one row for an interface and address family."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from katapult_async.cli.available_ips_output import Record
from katapult_async.cli.fields import picked
from katapult_async.cli.output import cell
from katapult_async.cli.output_stream import Output
from katapult_async.cli.table import literal, rendered
from katapult_async.models.networks import Network

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
