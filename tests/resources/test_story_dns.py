"""Stories of DNS zones, their records and certificates, against the sandbox over real sockets."""

import pytest

from katapult_async import (
    DomainName,
    KatapultClient,
    NotFoundError,
    UnprocessableError,
    UsageError,
    to_dict,
)
from katapult_async.core.decoding_errors import DecodingError
from katapult_async.sandbox import Sandbox
from tests.bodies import encoded
from tests.openapi.library import METHODS, result_of

ACME = DomainName("acme.example")


async def test_zone_is_created_filled_verified_and_deleted(sandbox: Sandbox, client: KatapultClient) -> None:
    zones, records = client.dns_zones, client.dns_records
    organization = sandbox.store.organizations[0].id
    # Create a zone, which is not verified.
    zone = await zones.create(organization=organization, name="acme.example", default_ttl=600)
    assert (zone.name, zone.default_ttl, zone.verified) == ("acme.example", 600, False)
    with pytest.raises(UnprocessableError):
        await zones.create(organization=organization, name="acme.example")
    with pytest.raises(UnprocessableError) as refused:
        await zones.verify(zone.id)
    assert refused.value.code == "dns_zone_not_verified"

    # Verify it by the records of its name servers.
    for server in await zones.nameservers(organization=organization):
        await records.create(dns_zone=ACME, type="NS", content=server)
    assert (await zones.verify(ACME)).verified is True

    # Create, change and delete records of several types.
    web = await records.create(dns_zone=ACME, name="www", type="A", content="203.0.113.7")
    assert (web.full_name, web.content, web.ttl) == ("www.acme.example", "203.0.113.7", None)
    moved = await records.update(web.id, type="A", content="203.0.113.8", ttl=60)
    assert moved.content_attributes is not None
    assert moved.content_attributes.A is not None
    assert (moved.content_attributes.A.ip_address, moved.content_attributes.MX, moved.ttl) == ("203.0.113.8", None, 60)
    mail = await records.create(dns_zone=zone.id, type="MX", priority=10, content="mail.acme.example")
    assert (mail.name, mail.full_name, mail.priority) == (None, "acme.example", 10)
    service = await records.create(dns_zone=ACME, name="_sip._tcp", type="SRV", content="10 5060 sip.acme.example")
    assert service.content_attributes is not None
    assert service.content_attributes.SRV is not None
    assert service.content_attributes.SRV.port == "5060"
    root = await records.update(web.id, name=None)
    assert (root.name, root.full_name, root.content) == (None, "acme.example", "203.0.113.8")
    await records.delete(mail.id)
    assert [record.type for record in await records.list(dns_zone=ACME)] == ["NS", "NS", "A", "SRV"]

    # Change and delete the zone.
    assert (await zones.update(ACME, default_ttl=3600)).default_ttl == 3600
    await zones.delete(ACME)
    with pytest.raises(NotFoundError):
        await records.get(web.id)
    assert zone.id not in [listed.id async for listed in zones.list(organization=organization)]


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("SRV", "5060 sip.acme.example", "content of the type SRV must be 'weight port target', not '5060 sip.acme"),
        ("CAA", "", "content of the type CAA must be 'flag tag value', not ''"),
        ("SOA", "ns1.example", "content of the type SOA must be empty, not 'ns1.example'"),
        ("B", "x", "type must be 'A', 'AAAA', "),
        ("A", 7, "content must be a string, not "),
    ],
)
async def test_content_that_does_not_fit_its_type_is_not_sent(
    sandbox: Sandbox, client: KatapultClient, kind: str, content: str, problem: str
) -> None:
    with pytest.raises(UsageError, match=f"^{problem}"):
        await client.dns_records.create(dns_zone=ACME, type=kind, content=content)  # type: ignore[arg-type] # the mistake
    assert sandbox.requests == 0


async def test_update_of_the_content_needs_the_type(client: KatapultClient) -> None:
    with pytest.raises(UsageError, match=r"^give type with content"):
        await client.dns_records.update("dnsrec_1", content="203.0.113.7")


async def test_certificate_is_read_and_its_secrets_are_not_shown(sandbox: Sandbox, client: KatapultClient) -> None:
    listed = await client.certificates.list(organization=sandbox.store.organizations[0].id)
    assert [certificate.state for certificate in listed] == ["issued", "pending"]
    issued = await client.certificates.get(listed[0].id)
    assert issued.private_key is not None
    assert issued.certificate_api_url is not None
    assert issued.expires_at == listed[0].expires_at
    secret = issued.private_key.splitlines()[1]
    for shown in (repr(issued), str(to_dict(issued))):
        assert secret not in shown
        assert issued.certificate_api_url not in shown
    assert to_dict(issued, secrets=True)["private_key"] == issued.private_key


def test_certificate_is_decoded_whether_or_not_it_is_in_a_list() -> None:
    method = METHODS["GET /certificates/certificate"]
    for sent in ({"id": "cert_1"}, [{"id": "cert_1"}]):
        assert result_of(method, {"certificate": "cert_1"}, body=encoded({"certificate": sent})).id == "cert_1"


def test_certificate_that_is_an_empty_list_is_an_invalid_response() -> None:
    method = METHODS["GET /certificates/certificate"]
    with pytest.raises(DecodingError, match=r"^Expected `array` of length 1, got 0 - at `\$.certificate`"):
        result_of(method, {"certificate": "cert_1"}, body=encoded({"certificate": []}))
