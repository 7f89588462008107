"""Certificates for HTTPS."""

import datetime

import attrs

from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET


@attrs.frozen(kw_only=True, repr=False)
class Certificate(Model):
    """A certificate of an organization."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Domain name of the certificate."""

    additional_names: tuple[str, ...] = ()
    """Further domain names; lists omit them."""

    issuer: str | None = None
    """``lets_encrypt``, ``custom`` or ``self_signed`` so far."""

    state: str | None = None
    """``pending``, ``issuing``, ``issued`` or ``issue_failed`` so far."""

    created_at: datetime.datetime | None = None
    """When the certificate was created; lists omit it."""

    expires_at: datetime.datetime | None = None
    """When the certificate expires."""

    last_issued_at: datetime.datetime | None = None
    """When Katapult last issued the certificate; None for one whose issuer is ``custom``."""

    issue_error: str | None = None
    """Why the certificate could not be issued. Lists omit this field and all that follow."""

    authorization_method: str | None = None
    """How the issuer checks the domain names."""

    certificate_api_url: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """URL of the certificate in Katapult's certificate API; None when it is no longer available, or if the client's
    token may not see it. It contains a token of its own, so it is a secret."""

    certificate: str | None = None
    """The certificate, PEM; None until it is issued."""

    chain: str | None = None
    """Certificates of the issuers, PEM."""

    private_key: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Private key, PEM: a secret. None until the certificate is issued, or if the client's token may not see it."""
