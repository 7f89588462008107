"""What people write to name a thing, and what the library takes for it: an id, or the other way to name its kind."""

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
"""An IP address by its id, or itself."""

VERSIONS: Final = tuple(version.value for version in AddressVersion)
"""The address families."""

_ID: Final = re.compile(r"[a-z]+_[A-Za-z0-9_-]{1,60}")
"""Katapult's ids have a prefix and a ``_``, which stands in no sub domain, domain name, permalink or IP address."""


@attrs.frozen(kw_only=True)
class Name:
    """Callback of an argument or option that names a thing: gives what the library takes for it."""

    what: str
    """The ways to name the thing, for the error."""

    otherwise: Callable[[str], object] | None = None
    """Takes what is no id; its ValueError says that this is no such name either."""

    def __call__(self, context: click.Context, parameter: click.Parameter, value: str | None) -> object:
        """Return an id as it is, and everything else as the library's lookup."""
        if value is None or _ID.fullmatch(value):
            return value
        with contextlib.suppress(ValueError):  # told below
            if self.otherwise is not None:
                return self.otherwise(value)
        raise click.BadParameter(f"{value!r} is no {self.what}", ctx=context, param=parameter)


ORGANIZATION: Final = Name(what="sub domain or id (org_...)", otherwise=SubDomain)
MACHINE: Final = Name(what="full domain name or id (vm_...)", otherwise=FQDN)
NETWORK: Final = Name(what="permalink or id (netw_...)", otherwise=Permalink)
ADDRESS: Final = Name(what="IP address or id (ip_...)", otherwise=ipaddress.ip_address)
INTERFACE: Final = Name(what="id (vmnet_...)")
TASK: Final = Name(what="id (task_...)")


async def one_organization(katapult: "KatapultClient", *, named: str | SubDomain | None) -> str | SubDomain:
    """Return the organization that was named, or else the only one that the token can see.

    Raises:
        click.UsageError: none was named, and it is not clear which.
    """
    if named is not None:
        return named
    seen = [each async for each in katapult.organizations.list()]
    if len(seen) == 1:
        return seen[0].id
    if not seen:
        raise click.UsageError("the token sees no organization")
    choices = ", ".join(each.sub_domain or each.id for each in seen)
    raise click.UsageError(f"say which: the token sees {len(seen)} organizations; --organization takes {choices}")
