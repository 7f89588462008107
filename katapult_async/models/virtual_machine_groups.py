"""Groups of virtual machines."""

import datetime

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class VirtualMachineGroup(Model):
    """A group of virtual machines."""

    id: str
    """Katapult's id, ``vmgrp_...``."""

    name: str | None = None
    """Display name."""

    segregate: bool | None = None
    """Whether the virtual machines of the group run on different hypervisors."""

    auto_segregate: bool | None = None
    """Whether Katapult moves virtual machines to keep them on different hypervisors."""

    created_at: datetime.datetime | None = None
    """When the group was created."""
