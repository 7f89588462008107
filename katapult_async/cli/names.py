"""Names of objects on the command line: an id, a name that Katapult looks up, or one that `name_search` looks up."""

import contextlib
import ipaddress
import re
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from katapult_async.cli.groups import IDS
from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion
from katapult_async.models.lookups import FQDN, APIReference, ISOCode2, ISOCode3, ObjectID, SubDomain

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient

Address = str | ipaddress.IPv4Address | ipaddress.IPv6Address
"""An IP address, by its id or by the address itself."""

VERSIONS: Final = tuple(version.value for version in AddressVersion)
"""The address families."""

_LABEL: Final = re.compile(r"[^\s./]{1,63}")  # RFC 1035 section 2.3.4
_ID: Final = re.compile(r"[a-z]+_[A-Za-z0-9_-]{1,60}")
"""Katapult's ids have a prefix and a ``_``, which no sub domain, domain name, permalink or IP address contains."""

_OWN_IDS: Final[dict[type, str]] = {APIReference: "lb_", ObjectID: "trsh_"}
"""Lookups whose texts can look like an id, and the prefix of the ids of the objects that they find."""

_LENGTHS: Final[dict[type, int]] = {ISOCode2: 2, ISOCode3: 3}
"""Length of the texts of lookups that differ only in length."""

_NAMES: Final = {
    "api_reference": "API reference",
    "first_label": "its first label",
    "fqdn": "full domain name",
    "interface_name": "MACHINE/NETWORK",
    "iso_code": "ISO code",
    "iso_code2": "ISO code of two letters",
    "iso_code3": "ISO code of three letters",
    "name": "domain name",
    "object_id": "id of its object",
}


def _check_label(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    if not _LABEL.fullmatch(value) or not value.isprintable():
        raise UsageError(f"{attribute.name} must be 1 to 63 characters without a dot, not {value!r:.80}")


@attrs.frozen
class FirstLabel:
    """A virtual machine by the first label of its full domain name, such as ``web-1``."""

    first_label: str = attrs.field(validator=_check_label)

    def __str__(self) -> str:
        return self.first_label


@attrs.frozen
class InterfaceName:
    """A network interface by its machine and its network, ``MACHINE/NETWORK``, or by its machine if it has no other."""

    interface_name: str

    def __attrs_post_init__(self) -> None:
        if not self.interface_name.isprintable() or self.network == "":
            raise UsageError(f"the name of an interface is MACHINE/NETWORK, not {self.interface_name!r:.80}")
        _ = self.machine

    @property
    def machine(self) -> str | FQDN | FirstLabel:
        """The machine, by its id or a name.

        Raises:
            UsageError: it is neither.
        """
        text = self.interface_name.partition("/")[0]
        return text if text.startswith("vm_") else FQDN(text) if "." in text else FirstLabel(text)

    @property
    def network(self) -> str | None:
        """The network, by its id, name or permalink; None if the machine has one interface."""
        _, slash, network = self.interface_name.partition("/")
        return network if slash else None

    def __str__(self) -> str:
        return self.interface_name


_NOTES: Final[dict[type, str]] = {
    FirstLabel: " The first label of the name is enough where no other machine has it.",
    InterfaceName: " Or MACHINE/NETWORK, by their names or ids, or MACHINE if it has one interface.",
}
"""What the help says about names that are looked up by the command."""


def lookup_name(kind: Any) -> str:
    """Return what people call a lookup class, such as ``sub domain``."""
    if issubclass(kind, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return "valid IP address"
    field: str = attrs.fields(kind)[0].name
    return _NAMES.get(field, field.replace("_", " "))


class ObjectName(click.ParamType[Any]):
    """The type of an argument or option that names an object.

    Args:
        parameter: name of the method's parameter.
        by: what identifies the object beside its id: lookup classes, or classes of IP addresses.
    """

    name = "id"

    def __init__(self, parameter: str, *, by: tuple[type, ...] = ()) -> None:
        own: tuple[type, ...] = (InterfaceName,) if parameter == "interface_id" else (FirstLabel,) if FQDN in by else ()
        names = list(dict.fromkeys(map(lookup_name, (*by, *own)))) or ["valid id"]
        prefix = IDS.get(parameter, "").partition("_")[0]
        self._names = " or ".join([*names, "id"] if by or own else names) + (f" ({prefix}_...)" if prefix else "")
        self._own_id = next((_OWN_IDS[kind] for kind in by if kind in _OWN_IDS), "")
        self._by = (*own, *by)
        self.note = "".join(_NOTES[kind] for kind in own)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return an id as it is, and any other text as a lookup of the library, or a name that the command looks up."""
        if not isinstance(value, str):
            return value
        is_of_machine = InterfaceName in self._by and value.startswith("vm_")
        if _ID.fullmatch(value) and value.startswith(self._own_id) and not is_of_machine:
            return value
        for kind in self._by:
            if len(value) == _LENGTHS.get(kind, len(value)):
                with contextlib.suppress(ValueError):
                    return kind(value)
        return self.fail(f"{value!r} is not a {self._names}", param, ctx)


ORGANIZATION: Final = ObjectName("organization", by=(SubDomain,))
ADDRESS: Final = ObjectName("ip_address", by=(ipaddress.IPv4Address, ipaddress.IPv6Address))
INTERFACE: Final = ObjectName("interface_id")


def default_organization(environ: Mapping[str, str], *, use_sandbox: bool) -> str | SubDomain | None:
    """Return the organization that the environment names; None without one, and for a sandbox."""
    name = "" if use_sandbox else environ.get("KATAPULT_ORGANIZATION", "")
    return typing.cast("str | SubDomain", ORGANIZATION.convert(name, None, None)) if name else None


async def organization_or_only_one(katapult: "KatapultClient", given: str | SubDomain | None) -> str | SubDomain:
    """Return the organization that was given, or the only one that the token can see.

    Raises:
        click.UsageError: none was given, and the token sees none or several.
    """
    if given is not None:
        return given
    visible = [organization async for organization in katapult.organizations.list()]
    match visible:
        case [only]:
            return only.id
        case []:
            raise click.UsageError("the token sees no organization")
    names = ", ".join(organization.sub_domain or organization.id for organization in visible)
    raise click.UsageError(f"the token sees {len(visible)} organizations: choose one with --organization: {names}")
