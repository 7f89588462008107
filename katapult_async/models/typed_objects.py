"""Objects whose type varies, such as what an IP address is allocated to."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class AnyObject(Model):
    """An object of any type, with the fields that all types have."""

    id: str | None = None
    """Katapult's id."""

    name: str | None = None
    """Display name."""


@attrs.frozen(kw_only=True, repr=False)
class TypedObject(Model):
    """An object whose type varies: its type, and the object."""

    type: str | None = None
    """Type of the object, such as ``VirtualMachine``; Katapult may add types."""

    value: AnyObject | None = None
    """The object."""
