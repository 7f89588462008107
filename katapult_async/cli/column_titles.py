"""The titles of columns in a table without ``--fields``. ``tests/cli/columns.py`` chooses their fields."""

from collections.abc import Mapping, Sequence
from typing import Final

_UPPER: Final = "api cpu dns eu fqdn gb gpu http https id io iops ip iso mac mb nfs ssh ssl ttl url uuid vat vip wwn"
_MIXED_CASE: Final = {"cpus": "CPUs", "ids": "IDs", "ipv4": "IPv4", "ipv6": "IPv6", "isos": "ISOs", "vms": "VMs"}
_ACRONYMS: Final[Mapping[str, str]] = {**_MIXED_CASE, **{word: word.upper() for word in _UPPER.split()}}


def titles_of(paths: Sequence[str]) -> tuple[str, ...]:
    """Return titles of columns for people: ``zone.data_center.name`` is ``Data center``."""
    titles = [_title(path) for path in paths]
    return tuple(
        title if titles.count(title) == 1 else _words(path.replace(".", "_"))
        for path, title in zip(paths, titles, strict=True)
    )


def _title(path: str) -> str:
    # `value` holds an object of one of several types
    *parents, last = [name for name in path.split(".") if name != "value"]
    # an address or a name identifies the object around it
    return _words(parents[-1] if parents and last in {"address", "name"} else last)


def _words(name: str) -> str:
    words = [_ACRONYMS.get(word, word) for word in name.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])
