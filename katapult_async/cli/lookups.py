"""How people name an object on the command line: by its id, or by the other name that its kind has."""

import contextlib
import ipaddress
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import attrs
import click

from katapult_async.models.ip_addresses import AddressVersion
from katapult_async.models.lookups import FQDN, Permalink, SubDomain

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient

Address = str | ipaddress.IPv4Address | ipaddress.IPv6Address
"""An IP address, by its id or by the address itself."""

VERSIONS: Final = tuple(version.value for version in AddressVersion)
"""The address families."""

_ID: Final = re.compile(r"[a-z]+_[A-Za-z0-9_-]{1,60}")
"""Katapult's ids have a prefix and a ``_``, which no sub domain, domain name, permalink or IP address contains."""


@attrs.frozen(kw_only=True)
class Lookup:
    """Callback of an argument or option that names an object."""

    names: str
    """The ways to name the object, for the error."""

    other: Callable[[str], object] | None = None
    """Makes a lookup of what is no id; its ValueError means that the text is no such name either."""

    def __call__(self, context: click.Context, parameter: click.Parameter, value: str | None) -> object:
        """Return an id as it is, and any other text as one of the library's lookups."""
        if value is None or _ID.fullmatch(value):
            return value
        with contextlib.suppress(ValueError):
            if self.other is not None:
                return self.other(value)
        raise click.BadParameter(f"{value!r} is not a {self.names}", ctx=context, param=parameter)


ORGANIZATION: Final = Lookup(names="sub domain or id (org_...)", other=SubDomain)
MACHINE: Final = Lookup(names="full domain name or id (vm_...)", other=FQDN)
NETWORK: Final = Lookup(names="permalink or id (netw_...)", other=Permalink)
ADDRESS: Final = Lookup(names="valid IP address or id (ip_...)", other=ipaddress.ip_address)
INTERFACE: Final = Lookup(names="valid id (vmnet_...)")
TASK: Final = Lookup(names="valid id (task_...)")


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
