"""DNS zones and their records."""

import ipaddress
import re
from collections.abc import Mapping

from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.models import DNSRecord, DNSZone, Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud, label
from .operation import operation

_NAMESERVERS = ["ns1.example", "ns2.example"]
_VERSIONS: Mapping[str, set[int]] = {"A": {4}, "AAAA": {6}}
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_PATTERNS: Mapping[str, str] = {
    **dict.fromkeys(("hostname", "target"), rf"{_LABEL}(\.{_LABEL})*\.?"),
    **dict.fromkeys(("weight", "port", "flag"), "[0-9]{1,5}"),
    "name": rf"@|\*|(\*\.)?{_LABEL}(\.{_LABEL})*\.?",
    "url": r"https?://\S+",
}
"""Patterns of the name and of the attributes; an attribute without a pattern can have any content."""


@operation("GET", "/organizations/:organization/dns_zones/nameservers")
def list_nameservers(_: Store, __: Organization) -> JSON:
    """Core API v1: get:organization_dns_zones_nameservers."""
    return {"nameservers": _NAMESERVERS}


@operation("POST", "/dns_zones/:dns_zone/verify")
def verify(store: Store, zone: DNSZone) -> DNSZone:
    """Core API v1: post:dns_zone_verify.

    The sandbox makes no DNS request. It reads its own records: the zone needs a TXT record, or NS records for all name
    servers, at its root.
    """
    root = [record for record in store.all(DNSRecord, dns_zone_id=zone.id) if record.name is None]
    servers = {record.content["NS"]["hostname"].rstrip(".").lower() for record in root if record.type == "NS"}
    proven = servers.issuperset(_NAMESERVERS) or "TXT" in [record.type for record in root]
    require(zone.verified or proven, "dns_zone_not_verified")
    return store.change(zone, verified=True)


def _problems_of_zone(_: Store, zone: DNSZone) -> Problems:
    return {"Name is invalid": not is_valid("hostname", zone.name)}


def _problems_of_record(_: Store, record: DNSRecord) -> Problems:
    """Return the possible problems of a record: a name that is not valid, or attributes that are blank or not valid."""
    problems: dict[str, object] = {"Name is invalid": record.name and not is_valid("name", record.name)}
    for name, content in record.attributes.items():
        problems[f"{label(name)} can't be blank"] = not content
        problems[f"{label(name)} is invalid"] = content and not is_valid(name, content, record_type=record.type)
    return problems


def is_valid(name: str, content: str, *, record_type: str = "") -> bool:
    """Return whether the name or an attribute of a record can have a content."""
    if not name.startswith("ip_"):
        return name not in _PATTERNS or re.fullmatch(_PATTERNS[name], content) is not None
    try:
        versions = {ipaddress.ip_address(text).version for text in re.split(r"[ ,]+", content)}
    except ValueError:
        return False
    return versions <= _VERSIONS.get(record_type, {4, 6})


DNS_ZONES = Crud(model=DNSZone, set_once=("name",), check=_problems_of_zone)

DNS_RECORDS = Crud(model=DNSRecord, check=_problems_of_record)
