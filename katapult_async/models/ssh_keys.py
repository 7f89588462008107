"""SSH keys."""

from katapult_async.models.model import Model


class SSHKey(Model):
    """A public SSH key of an organization."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    fingerprint: str | None = None
    """Fingerprint of the key."""
