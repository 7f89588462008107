"""Names of objects on the command line: an id, a name that Katapult looks up, or one of `machine_names`."""

import contextlib
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

from katapult_async.cli.declarations import reference_of

if TYPE_CHECKING:
    import ipaddress


Address = typing.Union[str, "ipaddress.IPv4Address", "ipaddress.IPv6Address"]
"""An IP address, by its id or by the address itself."""

VERSIONS: Final = ("ipv4", "ipv6")
"""The address versions."""

LOOKUP_NAMES: Final[Mapping[str, str]] = {
    "APIReference": "API reference",
    "DomainName": "domain name",
    "FQDN": "full domain name",
    "FirstLabel": "its first label",
    "IPv4Address": "IP address",
    "IPv6Address": "IP address",
    "ISOCode": "ISO code",
    "ISOCode2": "ISO code of two letters",
    "ISOCode3": "ISO code of three letters",
    "InterfaceName": "MACHINE/NETWORK",
    "ObjectID": "id of its object",
    "Permalink": "permalink",
    "SubDomain": "sub domain",
}
"""What help and errors call each lookup, by the name of its class."""

_ID: Final = re.compile(r"[a-z]+_[A-Za-z0-9_-]{1,60}")
"""Katapult's ids have a prefix and a ``_``, which no sub domain, domain name, permalink or IP address contains."""

_LIKE_IDS: Final = frozenset({"APIReference", "ObjectID"})
"""Lookups whose texts can look like ids. Where one is possible, only a text with the prefix of the objects is an id."""

_MODULES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("IPv4Address", "IPv6Address"), "ipaddress"),
    **dict.fromkeys(("FirstLabel", "InterfaceName"), "katapult_async.cli.machine_names"),
}
"""Modules of the lookups that are not in `katapult_async.models.lookups`."""


class ObjectName(click.ParamType[Any]):
    """The type of an argument or option that names an object.

    Args:
        parameter: name of the method's parameter.
        by: names of the lookup classes that identify the object besides its id: keys of `LOOKUP_NAMES`.
    """

    name = "id"

    def __init__(self, parameter: str, *, by: tuple[str, ...] = ()) -> None:
        self._parameter = parameter
        self.by_command: str = "FirstLabel" if "FQDN" in by else ""
        """Name of the class of `machine_names` that the command looks up; empty for none."""

        if parameter == "interface_id":
            self.by_command = "InterfaceName"
        self._by = [kind for kind in (self.by_command, *by) if kind]
        self._kinds_in_error = (*by, *self._by)  # a name that Katapult looks up comes before one of the command

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return an id as it is, and any other text as a lookup of the library, or a name that the command looks up."""
        if not isinstance(value, str) or self._is_id(value):
            return value
        for kind in self._by:
            if kind == "ObjectID" and not _ID.fullmatch(value):
                continue  # Katapult looks up any text, and finds nothing
            with contextlib.suppress(ValueError):
                return _lookup(kind)(value)
        from katapult_async.errors import quoted  # noqa: PLC0415 # loads attrs, which an id does not need

        reference = reference_of(self._parameter)
        names = names_text(reference.id_prefix, self._kinds_in_error)
        only_ids = {*self._by} <= {"ObjectID"}
        advice = f": `katapult-async {reference.group} list` shows the ids" if reference.group and only_ids else ""
        return self.fail(f"{quoted(value)} is not an {names}{advice}", param, ctx)

    def _is_id(self, text: str) -> bool:
        if not _ID.fullmatch(text) or ("InterfaceName" in self._by and text.startswith("vm_")):
            return False
        # second, because it loads the file of the declarations, which most ids do not need
        return _LIKE_IDS.isdisjoint(self._by) or text.startswith(reference_of(self._parameter).id_prefix)


def names_text(id_prefix: str, lookups: Iterable[str]) -> str:
    """Return what an object can be named by, such as ``id (vm_...) or full domain name``.

    Args:
        id_prefix: how the ids of such objects begin; empty if that is not known.
        lookups: keys of `LOOKUP_NAMES`. Some have the same name, which is shown once.
    """
    names = [f"id ({id_prefix}...)" if id_prefix else "id", *(LOOKUP_NAMES[lookup] for lookup in lookups)]
    return " or ".join(dict.fromkeys(names))


def _lookup(kind: str) -> Callable[[str], object]:
    """Import a class of `LOOKUP_NAMES`. Most commands get ids only, and need none of them."""
    module = _MODULES.get(kind, "katapult_async.models.lookups")
    lookup: Callable[[str], object] = getattr(import_module(module), kind)
    return lookup


ORGANIZATION: Final = ObjectName("organization", by=("SubDomain",))
ADDRESS: Final = ObjectName("ip_address", by=("IPv4Address", "IPv6Address"))
INTERFACE: Final = ObjectName("interface_id")
