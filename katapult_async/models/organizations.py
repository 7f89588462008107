"""Organizations: who owns machines, networks and addresses."""

import datetime

import attrs


@attrs.frozen(kw_only=True)
class Organization:
    """An organization that the token can see."""

    id: str
    """Katapult's id, ``org_...``."""

    name: str | None = None
    """Name for people."""

    sub_domain: str | None = None
    """Name for URLs; look it up with ``SubDomain``."""

    infrastructure_domain: str | None = None
    """Domain under which its machines get their names."""

    created_at: datetime.datetime | None = None
    """When it was made."""

    activated_at: datetime.datetime | None = None
    """When it was activated; None before that."""

    suspended: bool | None = None
    """Whether Katapult has suspended it."""

    managed: bool | None = None
    """Whether another organization manages it."""
