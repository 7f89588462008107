"""SSH keys."""

import attrs


@attrs.frozen(kw_only=True)
class SSHKey:
    """A public SSH key of an organization."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    fingerprint: str | None = None
    """Fingerprint of the key."""
