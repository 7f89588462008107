"""Address lists: IP addresses and networks that security group rules can name."""

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.field_names import named
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class AddressListEntry(Model):
    """An entry of an address list."""

    id: str
    """Katapult's id, ``adlste_...``."""

    address: str | None = None
    """IP address or network, such as ``198.51.100.0/24``."""

    name: str | None = None
    """Name or comment."""


@attrs.frozen(kw_only=True, repr=False)
class AddressListItem(Model):
    """An entry to add to an address list, or to remove from it. See ``address_list_entries.bulk``."""

    address: str
    """IP address or network, such as ``198.51.100.0/24``."""

    name: str | None = None
    """Name or comment."""


@attrs.frozen(kw_only=True, repr=False)
class AddressList(Model):
    """A list of IP addresses and networks."""

    id: str
    """Katapult's id, ``adlst_...``."""

    name: str | None = None
    """Display name."""

    is_global: bool | None = attrs.field(default=None, metadata=named("global"))
    """Whether the list is Katapult's: every organization can use it, and none can change it."""

    entries: tuple[AddressListEntry, ...] = ()
    """The entries of the list; lists of address lists omit them."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""
