"""Records of DNS zones.

Core API v1: get:dns_zone_records, post:dns_zone_records, get:dns_record, patch:dns_record, delete:dns_record.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.errors import UsageError, quoted
from katapult_async.models.dns import DNSRecord
from katapult_async.models.lookups import DomainName
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import DNS_RECORD
from katapult_async.resources.resource import Resource

DNSRecordType = Literal[
    "A", "AAAA", "ALIAS", "CAA", "CNAME", "HTTPRedirect", "IPS", "MX", "NS", "PTR", "SOA", "SRV", "SSHFP", "TXT",
    "VirtualMachine"
]  # fmt: skip
"""Type of a DNS record."""

_PARTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("A", "AAAA"), "ip_address"),
    **dict.fromkeys(("ALIAS", "CNAME", "MX", "NS", "PTR"), "hostname"),
    "CAA": "flag tag value",
    "HTTPRedirect": "url http_status",
    "IPS": "ip_addresses",
    "SOA": "",
    "SRV": "weight port target",
    "SSHFP": "algorithm fingerprint_type fingerprint",
    "TXT": "content",
    "VirtualMachine": "virtual_machine",
}
"""The parts of the content of each type of record, in the order in which zone files have them."""

_RECORDS: Final = Operations(DNS_RECORD, DNSRecord, write=("dns",))


def _split_content(arguments: dict[str, Any]) -> None:
    """Replace the content of a record by its parts, under the type of the record."""
    match arguments["properties"]:
        case {"type": record_type, "content": content} as properties:
            properties["content"] = {record_type: _parts(record_type, content)}
        case {"content": _}:
            raise UsageError("give type with content: it says what the content means")


def _parts(record_type: str, content: str) -> dict[str, str]:
    names = _PARTS[record_type].split()
    values = [content] if len(names) == 1 else content.split(maxsplit=len(names) - 1)
    if len(values) != len(names):
        form = f"must be '{_PARTS[record_type]}'" if names else "must be empty"
        raise UsageError(f"content of the type {record_type} {form}, not {quoted(content)}")
    return dict(zip(names, values, strict=True))


class DNSRecords(Resource):
    """Records of DNS zones. Reached as ``katapult.dns_records``.

    Their content is one text, as in a zone file but without the priority: ``203.0.113.7`` for A, ``mail.acme.example``
    for MX, ``10 443 web.acme.example`` (weight, port, target) for SRV, ``0 issue ca.example`` for CAA.
    """

    @_RECORDS.list("/dns_zones/dns_zone/records", paginated=False)
    def list(self, *, dns_zone: str | DomainName, **options: Unpack[CallOptions]) -> Pages[DNSRecord]:
        """Return the records of a DNS zone. One request, not paginated.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
        """

    @_RECORDS.create("/dns_zones/dns_zone/records", adjust=_split_content)
    async def create(
        self,
        *,
        dns_zone: str | DomainName,
        type: DNSRecordType,  # noqa: A002 # Katapult's name
        content: str,
        name: str | None = None,
        ttl: int | None = None,
        priority: int | None = None,
        **options: Unpack[CallOptions],
    ) -> DNSRecord:
        """Add a record to a DNS zone and return it.

        Args:
            dns_zone: id of the zone, or ``DomainName("acme.example")``.
            type: type of the record.
            content: content as in a zone file, such as ``203.0.113.7``, without the priority; empty for SOA.
            name: name below the zone, such as ``www``; None for the zone itself.
            ttl: seconds that resolvers keep the record; None for the default of the zone.
            priority: priority of an MX or SRV record; lower is preferred.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_RECORDS.get()
    async def get(self, dns_record: str, **options: Unpack[CallOptions]) -> DNSRecord:
        """Return a record.

        Args:
            dns_record: id of the record.
        """

    @_RECORDS.update(adjust=_split_content)
    async def update(
        self,
        dns_record: str,
        *,
        type: DNSRecordType | Unset = UNSET,  # noqa: A002 # Katapult's name
        content: str | Unset = UNSET,
        name: str | Unset | None = UNSET,
        ttl: int | Unset | None = UNSET,
        priority: int | Unset | None = UNSET,
        **options: Unpack[CallOptions],
    ) -> DNSRecord:
        """Change a record and return it. A field whose argument is omitted stays as it is.

        Args:
            dns_record: id of the record.
            type: type of the record; required with ``content``, even if the type stays the same.
            content: content as in a zone file, such as ``203.0.113.7``, without the priority; empty for SOA.
            name: name below the zone, such as ``www``; None for the zone itself.
            ttl: seconds that resolvers keep the record; None for the default of the zone.
            priority: priority of an MX or SRV record; lower is preferred.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_RECORDS.returning("deleted", bool).delete()
    async def delete(self, dns_record: str, **options: Unpack[CallOptions]) -> None:
        """Delete a record.

        Args:
            dns_record: id of the record.
        """
