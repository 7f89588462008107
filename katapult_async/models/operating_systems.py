"""Operating systems."""

import attrs

from katapult_async.models.attachments import Attachment


@attrs.frozen(kw_only=True)
class OperatingSystem:
    """An operating system."""

    id: str
    """Katapult's id, ``os_...``."""

    name: str | None = None
    """Display name."""

    badge: Attachment | None = None
    """Logo; lists omit it."""
