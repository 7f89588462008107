"""DNS zones and their records."""

from collections.abc import Iterable

from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import DNSRecord, DNSZone, Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import operation

_NAMESERVERS = ["ns1.example", "ns2.example"]


@operation("GET", "/organizations/:organization/dns_zones/nameservers", Organization, scopes="dns dns:read")
def list_nameservers(_: Store, __: Organization) -> JSON:
    """Core API v1: get:organization_dns_zones_nameservers."""
    return {"nameservers": _NAMESERVERS}


@operation("POST", "/dns_zones/:dns_zone/verify", DNSZone, scopes="dns")
def verify(store: Store, zone: DNSZone) -> DNSZone:
    """Core API v1: post:dns_zone_verify.

    The sandbox looks nothing up: a TXT record at the root of the zone verifies it, or NS records for all name servers.
    """
    root = [record for record in store.all(DNSRecord, dns_zone_id=zone.id) if record.name is None]
    servers = {record.content["NS"].get("hostname") for record in root if record.type == "NS"}
    if not zone.verified and not servers.issuperset(_NAMESERVERS) and "TXT" not in [record.type for record in root]:
        raise APIError("dns_zone_not_verified")
    return store.change(zone, verified=True)


def problems_of_record(_: Store, record: DNSRecord, __: Iterable[str]) -> Iterable[str]:
    """Return the problem of a record without content for its type."""
    blank = (name for name, content in record.attributes.items() if not content)
    yield from (f"{name.replace('_', ' ').capitalize()} can't be blank" for name in blank)


DNS_ZONES = Crud(model=DNSZone, parent=Organization, scope="dns", delete_shape="", created=201, outside="verified")

DNS_RECORDS = Crud(
    model=DNSRecord,
    parent=DNSZone,
    segment="records",
    scope="dns",
    paginated=False,
    delete_shape="",
    check=problems_of_record,
)
