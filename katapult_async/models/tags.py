"""Tags of virtual machines."""

import datetime

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class Tag(Model):
    """A tag: a label with a color on virtual machines."""

    id: str
    """Katapult's id, ``tag_...``."""

    name: str | None = None
    """Name of the tag."""

    color: str | None = None
    """``red``, ``pink``, ``purple``, ``dark_blue``, ``green``, ``teal``, ``aqua``, ``light_blue``, ``yellow``,
    ``orange``, ``orange_red``, ``brown``, ``black``, ``dark_gray``, ``light_gray`` or ``light_brown`` so far, or one of
    these with the prefix ``pastel_``, such as ``pastel_red``."""

    created_at: datetime.datetime | None = None
    """When the tag was created; lists omit it."""
