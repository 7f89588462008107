"""Graphics processors of virtual machines, and their types."""

import attrs

from katapult_async.models.data_centers import DataCenter
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class GPUType(Model):
    """A type of graphics processor."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    manufacturer: str | None = None
    """Name of the manufacturer."""

    memory_in_gb: int | None = None
    """Memory of the processor in GB."""

    memory_type: str | None = None
    """Type of the memory."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    data_centers: tuple[DataCenter | None, ...] = ()
    """Data centers that have processors of this type; a list of the types of one data center omits them. Katapult
    documents that an item can be null."""


@attrs.frozen(kw_only=True, repr=False)
class GPU(Model):
    """A graphics processor of a virtual machine."""

    id: str | None = None
    """Katapult's id; None while `status` is ``detached``."""

    status: str | None = None
    """``attached``, ``attaching``, ``detached``, ``detaching`` or ``unknown`` so far."""

    pending_action: str | None = None
    """What Katapult still has to do: ``attach`` or ``detach`` so far; None if nothing."""

    available: bool | None = None
    """Whether there is a free processor of this type, while `pending_action` is ``attach``."""

    type: GPUType | None = None
    """Type of the processor."""
