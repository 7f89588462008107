"""DNS zones and their records."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class DNSZone(Model):
    """A DNS zone: a domain whose records Katapult serves."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Domain name, which ``DomainName`` looks up."""

    default_ttl: int | None = None
    """Seconds that resolvers keep a record without a TTL of its own."""

    verified: bool | None = None
    """Whether Katapult has checked that the organization owns the domain. See ``dns_zones.verify``."""


@attrs.frozen(kw_only=True, repr=False)
class DNSRecordContent(Model):
    """The content of a record, by parts. Which parts there are depends on the type of the record."""

    ip_address: str | None = None
    """IP address of an A or AAAA record."""

    ip_addresses: str | None = None
    """IP addresses of an IPS record."""

    hostname: str | None = None
    """Domain name of an ALIAS, CNAME, MX, NS or PTR record."""

    flag: str | None = None
    """Flags of the property of a CAA record."""

    tag: str | None = None
    """Name of the property of a CAA record, such as ``issue``."""

    value: str | None = None
    """Value of the property of a CAA record."""

    url: str | None = None
    """URL to which an HTTPRedirect record redirects requests."""

    http_status: str | None = None
    """HTTP status of the responses of an HTTPRedirect record."""

    weight: str | None = None
    """Weight of an SRV record among the records of the same priority."""

    port: str | None = None
    """Port of the service of an SRV record."""

    target: str | None = None
    """Domain name of the service of an SRV record."""

    algorithm: str | None = None
    """Number of the key's algorithm, in an SSHFP record."""

    fingerprint_type: str | None = None
    """Number of the fingerprint's algorithm, in an SSHFP record."""

    fingerprint: str | None = None
    """Fingerprint of the key, in an SSHFP record."""

    content: str | None = None
    """Text of a TXT record."""

    virtual_machine: str | None = None
    """Virtual machine of a VirtualMachine record; the name of the record has its addresses."""


@attrs.frozen(kw_only=True, repr=False)
class DNSRecordContents(Model):
    """The content of a record under its type. All fields of other types are None."""

    A: DNSRecordContent | None = None
    """IPv4 address."""

    AAAA: DNSRecordContent | None = None
    """IPv6 address."""

    ALIAS: DNSRecordContent | None = None
    """Katapult's alias: the addresses of another name."""

    CAA: DNSRecordContent | None = None
    """Authorities that may issue certificates."""

    CNAME: DNSRecordContent | None = None
    """Alias of another name."""

    HTTPRedirect: DNSRecordContent | None = None
    """Katapult's redirect of HTTP requests."""

    IPS: DNSRecordContent | None = None
    """Katapult's list of IP addresses."""

    MX: DNSRecordContent | None = None
    """Mail server."""

    NS: DNSRecordContent | None = None
    """Name server."""

    PTR: DNSRecordContent | None = None
    """Name of an address."""

    SOA: DNSRecordContent | None = None
    """Start of authority, without parts."""

    SRV: DNSRecordContent | None = None
    """Server of a service."""

    SSHFP: DNSRecordContent | None = None
    """Fingerprint of an SSH key."""

    TXT: DNSRecordContent | None = None
    """Text."""

    VirtualMachine: DNSRecordContent | None = None
    """Katapult's alias: the addresses of a virtual machine."""


@attrs.frozen(kw_only=True, repr=False)
class DNSRecord(Model):
    """A record of a DNS zone."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name below the zone, such as ``www``; None for the zone itself."""

    full_name: str | None = None
    """Domain name, such as ``www.acme.example``."""

    ttl: int | None = None
    """Seconds that resolvers keep the record; None for the default of the zone."""

    type: str | None = None
    """Type of the record, such as ``MX``: so far one of the fields of `DNSRecordContents`."""

    priority: int | None = None
    """Priority of an MX or SRV record; lower is preferred."""

    content: str | None = None
    """Content as one text."""

    content_attributes: DNSRecordContents | None = None
    """Content by parts, under the type of the record."""
