"""DNS zones.

Core API v1: get:organization_dns_zones, post:organization_dns_zones, get:organization_dns_zones_nameservers,
get:dns_zone, patch:dns_zone, delete:dns_zone, post:dns_zone_verify.
"""

import builtins
from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.dns import DNSZone
from katapult_async.models.lookups import DomainName, SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import DNS_ZONE
from katapult_async.resources.resource import Resource

_ZONES: Final = Operations(DNS_ZONE, DNSZone, write=("dns",))


class DNSZones(Resource):
    """DNS zones: domains whose records Katapult serves. Reached as ``katapult.dns_zones``."""

    @_ZONES.list("/organizations/organization/dns_zones")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[DNSZone]:
        """Return the DNS zones of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_ZONES.create("/organizations/organization/dns_zones", outside=("verified",))
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
            verified: whether the zone needs no verification; only Katapult's own tokens may set it.

        Raises:
            UnprocessableError: a value is not valid, or the zone exists; ``detail`` lists the problems.
        """

    @_ZONES.get()
    async def get(self, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> DNSZone:
        """Return a DNS zone.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
        """

    @_ZONES.update()
    async def update(
        self,
        dns_zone: str | DomainName,
        *,
        name: str | Unset = UNSET,
        default_ttl: int | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> DNSZone:
        """Change a DNS zone and return it. A field whose argument is omitted stays as it is.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
            name: domain name. Katapult documents that it can only be set on creation.
            default_ttl: seconds that resolvers keep a record without a TTL of its own.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_ZONES.returning("deleted", bool).delete()
    async def delete(self, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> None:
        """Delete a DNS zone with its records.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
        """

    @_ZONES.returning("nameserver", str).list("/organizations/organization/dns_zones/nameservers", paginated=False)
    async def nameservers(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> builtins.list[str]:
        """Return the name servers that the domains of an organization must be delegated to.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    # Safe to repeat: it looks the domain up again, and a verified zone stays verified
    @_ZONES.action("POST", "/verify", idempotent=True)
    async def verify(self, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> DNSZone:
        """Verify that the organization owns the domain of a zone; returns the verified zone.

        Katapult looks up the name servers of the domain, or a TXT record at its root. See `nameservers`.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.

        Raises:
            UnprocessableError: the lookup found neither (``dns_zone_not_verified``).
        """
