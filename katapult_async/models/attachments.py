"""Images and files that Katapult stores for objects."""

import attrs

from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET


@attrs.frozen(kw_only=True, repr=False)
class Attachment(Model):
    """An image or file that Katapult stores for an object."""

    url: str | None = None
    """URL of the file."""

    file_name: str | None = None
    """Name of the file."""

    file_type: str | None = None
    """Media type."""

    file_size: int | None = None
    """Size in bytes."""

    digest: str | None = None
    """Checksum, in Katapult's notation."""

    token: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Token that grants access to the file: a secret."""
