"""DNS zones.

Core API v1: get:organization_dns_zones, post:organization_dns_zones, get:organization_dns_zones_nameservers,
get:dns_zone, patch:dns_zone, delete:dns_zone, post:dns_zone_verify.
"""

import builtins
from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.dns import DNSZone
from katapult_async.models.lookups import DomainName, SubDomain
from katapult_async.models.unset import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import DNS_ZONE, ORGANIZATION
from katapult_async.resources.resource import Resource, calls

_OF: Final = "/organizations/organization/dns_zones"
_ONE: Final = "/dns_zones/dns_zone"
_FIELD: Final = "dns_zone"
_REFS: Final = (DNS_ZONE,)
_WRITE: Final = ("dns",)
_READ: Final = (*_WRITE, "dns:read")

LIST: Final = Endpoint(
    path=_OF, answer="dns_zones", type=list[DNSZone], paginated=True, refs=(ORGANIZATION,), scopes=_READ
)
CREATE: Final = Endpoint(method="POST", path=_OF, answer=_FIELD, type=DNSZone, refs=(ORGANIZATION,), scopes=_WRITE)
NAMESERVERS: Final = Endpoint(
    path=f"{_OF}/nameservers", answer="nameservers", type=list[str], refs=(ORGANIZATION,), scopes=_READ
)
GET: Final = Endpoint(path=_ONE, answer=_FIELD, type=DNSZone, refs=_REFS, scopes=_READ)
# Safe to repeat: it sets values, and a second request sets the same ones.
UPDATE: Final = Endpoint(
    method="PATCH", path=_ONE, answer=_FIELD, type=DNSZone, refs=_REFS, scopes=_WRITE, idempotent=True
)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer="deleted", type=bool, refs=_REFS, scopes=_WRITE)
VERIFY: Final = Endpoint(
    method="POST",
    path=f"{_ONE}/verify",
    answer=_FIELD,
    type=DNSZone,
    refs=_REFS,
    scopes=_WRITE,
    idempotent=True,  # it looks the domain up once more, and a verified zone stays verified
)


class DNSZones(Resource):
    """DNS zones: domains whose records Katapult serves. Reached as ``katapult.dns_zones``."""

    @calls(LIST)
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[DNSZone]:
        """Return the DNS zones of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return self._list(LIST, organization=organization, **options)

    @calls(CREATE)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        default_ttl: int | None = None,
        verified: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> DNSZone:
        """Create a DNS zone and return it. Its records are created with ``dns_records.create``.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: domain name, such as ``acme.example``.
            default_ttl: seconds that resolvers keep a record without a TTL of its own; None for Katapult's default.
            verified: whether the zone needs no verification; only Katapult's own tokens may say so.

        Raises:
            UnprocessableError: a value is not valid, or the zone exists; ``detail`` lists the problems.
        """
        properties = {"name": name, "default_ttl": default_ttl}
        return await self._call(CREATE, organization=organization, properties=properties, verified=verified, **options)

    @calls(NAMESERVERS)
    async def nameservers(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> builtins.list[str]:
        """Return the name servers that the domains of an organization must be delegated to.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(NAMESERVERS, organization=organization, **options)

    @calls(GET)
    async def get(self, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> DNSZone:
        """Return a DNS zone.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
        """
        return await self._call(GET, dns_zone=dns_zone, **options)

    @calls(UPDATE)
    async def update(
        self,
        dns_zone: str | DomainName,
        *,
        name: str | Unset = UNSET,
        default_ttl: int | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> DNSZone:
        """Change a DNS zone and return it. An argument that is left out stays as it is.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
            name: domain name. Katapult documents the argument, and that it can only be set on creation.
            default_ttl: seconds that resolvers keep a record without a TTL of its own.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        return await self._call(
            UPDATE, dns_zone=dns_zone, properties={"name": name, "default_ttl": default_ttl}, **options
        )

    @calls(DELETE)
    async def delete(self, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> None:
        """Delete a DNS zone with its records.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
        """
        await self._delete(DELETE, dns_zone=dns_zone, **options)

    @calls(VERIFY)
    async def verify(self, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> DNSZone:
        """Verify that the organization owns the domain of a zone; returns the verified zone.

        Katapult looks up the name servers of the domain, or a TXT record at its root. See `nameservers`.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.

        Raises:
            UnprocessableError: the lookup found neither (``dns_zone_not_verified``).
        """
        return await self._call(VERIFY, dns_zone=dns_zone, **options)
