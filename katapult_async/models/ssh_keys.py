"""SSH keys."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class SSHKey(Model):
    """A public SSH key of an organization."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    fingerprint: str | None = None
    """Fingerprint of the key."""
