"""API tokens."""

import datetime

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET


@attrs.frozen(kw_only=True, repr=False)
class APIToken(Model):
    """An API token of an organization."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Display name."""

    organization_id: str | None = None
    """Id of the organization."""

    authorized_ip_addresses: tuple[str, ...] = ()
    """IP addresses and networks that the token may be used from; empty for all."""

    expires_at: datetime.datetime | None = None
    """When the token expires; None for never."""

    rate_limit: int | None = None
    """Requests that the token may make in a minute."""

    scopes: tuple[str, ...] = ()
    """Its scopes, such as ``virtual_machines:read``."""

    secret: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """The token itself: a secret that only ``create`` and ``regenerate_secret`` return."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""
