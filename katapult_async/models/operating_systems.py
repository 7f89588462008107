"""Operating systems."""

import attrs

from katapult_async.models.attachments import Attachment
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class OperatingSystem(Model):
    """An operating system."""

    id: str
    """Katapult's id, ``os_...``."""

    name: str | None = None
    """Display name."""

    badge: Attachment | None = None
    """Logo; lists omit it."""
