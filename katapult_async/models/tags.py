"""Tags of virtual machines."""

import datetime

import attrs


@attrs.frozen(kw_only=True)
class Tag:
    """A tag: a label with a color on virtual machines."""

    id: str
    """Katapult's id, ``tag_...``."""

    name: str | None = None
    """Name of the tag."""

    color: str | None = None
    """One of Katapult's colors, such as ``light_blue``."""

    created_at: datetime.datetime | None = None
    """When the tag was created."""
