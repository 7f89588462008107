"""Resources with the common operations, one row for each resource; then the rules of single resources."""

from typing import Any

import attrs
import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.kinds import kind_name, plural
from katapult_async.sandbox.models import (
    AddressList,
    AddressListEntry,
    Certificate,
    Country,
    CountryState,
    Currency,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    DNSRecord,
    DNSZone,
    GPUType,
    LoadBalancerRule,
    OperatingSystem,
    Organization,
    SecurityGroup,
    SecurityGroupRule,
    SSHKey,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import new_balancer_rule


@attrs.frozen(kw_only=True)
class Row:
    """A resource that can be listed, created, shown, changed and deleted."""

    model: type[Any]
    new: dict[str, Any]
    """Arguments of create."""
    shown: dict[str, Any]
    """Names and values of the new object in responses."""
    change: dict[str, Any] = attrs.field(factory=dict)
    """Arguments of update; empty when there is no update."""
    changed: dict[str, Any] = attrs.field(factory=dict)
    """Names and values after the update."""
    invalid: dict[str, Any]
    """Arguments of create that are not valid."""
    problems: list[str]
    """The sentences in the error."""
    parent: type[Any] = Organization
    """Class of the object in the path of list and create."""
    segment: str | None = None
    """Last segment of the path of list and create; None for the plural of the model."""
    path: str | None = None
    """Path of get, update and delete, without the id; None for the plural of the model."""
    inside: str = "properties"
    """Argument of create that has ``new`` inside."""
    others: dict[str, Any] = attrs.field(factory=dict)
    """Further arguments of create."""
    status: int = 200
    """HTTP status of create."""
    deleted: dict[str, Any] | None = None
    """Response of delete; None for the object."""

    @property
    def list_path(self) -> str:
        return f"/{plural(self.parent)}/_/{self.segment or plural(self.model)}"


A_CONTENT = {"A": {"ip_address": "203.0.113.7"}}
ROWS = [
    Row(
        model=Tag,
        new={"name": "app", "color": "aqua"},
        shown={"name": "app", "color": "aqua"},
        change={"color": "black"},
        changed={"name": "app", "color": "black"},
        invalid={"name": " "},
        problems=["Name can't be blank"],
    ),
    Row(
        model=SSHKey,
        new={"name": "laptop", "key": "ssh-ed25519 AAAA"},
        shown={"name": "laptop", "fingerprint": "69:3e:9a:f8:4d:3d:fc:c7:1e:64:0e:00:5b:dc:5e:2e"},
        invalid={"name": "laptop", "key": ""},
        problems=["Key can't be blank"],
        inside="ssh_key",
        status=201,
    ),
    Row(
        model=SecurityGroup,
        new={"name": "db", "allow_all_outbound": True},
        shown={"name": "db", "allow_all_inbound": False, "allow_all_outbound": True, "associations": []},
        change={"allow_all_outbound": "no", "allow_all_inbound": None, "associations": None},
        changed={"name": "db", "allow_all_outbound": False, "allow_all_inbound": False, "associations": []},
        invalid={"name": None},
        problems=["Name can't be blank"],
    ),
    Row(
        model=SecurityGroupRule,
        new={"direction": "inbound", "protocol": "UDP", "ports": "53", "targets": ["all:ipv4"], "notes": ""},
        shown={"direction": "inbound", "action": "allow", "ports": "53", "targets": ["all:ipv4"], "notes": None},
        change={"protocol": "ICMP", "ports": None, "targets": None},
        changed={"protocol": "ICMP", "ports": None, "targets": []},
        invalid={"direction": "inbound", "protocol": "ICMP", "ports": "22"},
        problems=["Ports cannot be set with ICMP"],
        parent=SecurityGroup,
        segment="rules",
        path="/security_groups/rules",
    ),
    Row(
        model=VirtualMachineGroup,
        new={"name": "pair"},
        shown={"name": "pair", "segregate": True, "auto_segregate": False, "created_at": 1_800_000_000},
        change={"segregate": False},
        changed={"name": "pair", "segregate": False},
        invalid={},
        problems=["Name can't be blank"],
    ),
    Row(
        model=VirtualNetwork,
        new={"name": "backend"},
        shown={"name": "backend"},
        change={"name": "frontend"},
        changed={"name": "frontend"},
        invalid={"name": ""},
        problems=["Name can't be blank"],
        others={"data_center": {"permalink": "gb-london-1"}},
    ),
    Row(
        model=AddressList,
        new={"name": "partners"},
        shown={"name": "partners", "global": False, "entries": []},
        change={"name": "friends"},
        changed={"name": "friends"},
        invalid={"name": ""},
        problems=["Name can't be blank"],
        status=201,
    ),
    Row(
        model=AddressListEntry,
        new={"name": "office", "address": "198.51.100.0/24"},
        shown={"name": "office", "address": "198.51.100.0/24"},
        change={"address": "198.51.100.9"},
        changed={"name": "office", "address": "198.51.100.9"},
        invalid={"address": ""},
        problems=["Address can't be blank"],
        parent=AddressList,
        segment="entries",
        status=201,
    ),
    Row(
        model=DNSZone,
        new={"name": "new.example"},
        shown={"name": "new.example", "default_ttl": 3600, "verified": True},
        change={"default_ttl": "60"},
        changed={"name": "new.example", "default_ttl": 60},
        invalid={"name": "larch.example"},
        problems=["Name has already been taken"],
        others={"verified": True},
        status=201,
        deleted={"deleted": True},
    ),
    Row(
        model=DNSRecord,
        new={"type": "A", "name": "web", "ttl": 60, "content": A_CONTENT},
        shown={"type": "A", "full_name": "web.larch.example", "content": "203.0.113.7", "ttl": 60, "priority": None},
        change={"name": "", "type": "MX", "priority": 10, "content": {"MX": {"hostname": "mail.example"}}},
        changed={"name": None, "full_name": "larch.example", "content": "mail.example", "priority": 10},
        invalid={"type": "SRV", "content": A_CONTENT},
        problems=["Weight can't be blank", "Port can't be blank", "Target can't be blank"],
        parent=DNSZone,
        segment="records",
        deleted={"deleted": True},
    ),
]
every_row = pytest.mark.parametrize("row", ROWS, ids=[kind_name(row.model) for row in ROWS])


def body(sandbox: Sandbox, row: Row, properties: dict[str, Any]) -> dict[str, Any]:
    parent = next(iter(sandbox.store.all(row.parent)))
    return {kind_name(row.parent): {"id": parent.id}, row.inside: properties, **row.others}


@every_row
async def test_resource_is_created_shown_changed_and_deleted(send: PlainClient, sandbox: Sandbox, row: Row) -> None:
    name = kind_name(row.model)
    path = row.path or f"/{plural(row.model)}"
    arguments = body(sandbox, row, row.new)
    created = await send(row.list_path, method="POST", json=arguments)
    resource = created.json[name]
    assert (created.status, {key: resource[key] for key in row.shown}) == (row.status, row.shown)
    listed = await send(row.list_path, params={f"{kind_name(row.parent)}[id]": arguments[kind_name(row.parent)]["id"]})
    assert [obj["id"] for obj in listed.json[plural(row.model)]][-1] == resource["id"]
    if row.change:
        assert (await send(f"{path}/{resource['id']}")).json[name] == resource
        response = await send(
            f"{path}/_", method="PATCH", json={name: {"id": resource["id"]}, "properties": row.change}
        )
        after = response.json[name]
        assert (response.status, {key: after[key] for key in row.changed}) == (200, row.changed)
        assert after == (await send(f"{path}/{resource['id']}")).json[name]
    deleted = await send(f"{path}/{resource['id']}", method="DELETE")
    assert deleted.status == 200
    if row.deleted is None:
        assert deleted.json[name]["id"] == resource["id"]
    else:
        assert deleted.json == row.deleted
    assert (await send(f"{path}/{resource['id']}", method="DELETE")).code == f"{name}_not_found"


@every_row
async def test_error_for_an_invalid_resource_has_one_sentence_for_each_problem(
    send: PlainClient, sandbox: Sandbox, row: Row
) -> None:
    before = len(sandbox.store.all(row.model))
    response = await send(row.list_path, method="POST", json=body(sandbox, row, row.invalid))
    assert (response.status, response.code, response.detail) == (422, "validation_error", {"errors": row.problems})
    assert len(sandbox.store.all(row.model)) == before


KEYS = {
    Zone: "permalink",
    Country: "iso_code3",
    Certificate: "id",
    CountryState: "id",
    GPUType: "permalink",
    Currency: "iso_code",
    OperatingSystem: "id",
    VirtualMachinePackage: "permalink",
    DiskTemplate: "permalink",
    DiskTemplateVersion: "id",
}
"""Classes of objects that no request changes, and the last key of their lookup."""


@pytest.mark.parametrize("model", KEYS, ids=kind_name)
async def test_object_is_found_by_its_keys(send: PlainClient, sandbox: Sandbox, model: type[Any]) -> None:
    name, key, objects = kind_name(model), KEYS[model], sandbox.store.all(model)
    assert objects
    for obj in objects:
        response = await send(f"/{plural(model)}/_", params={f"{name}[{key}]": getattr(obj, key)})
        assert response.json[name]["id"] == obj.id


@pytest.mark.parametrize(
    "model", [Zone, Country, Currency, GPUType, OperatingSystem, VirtualMachinePackage], ids=kind_name
)
async def test_list_has_all_objects(send: PlainClient, sandbox: Sandbox, model: type[Any]) -> None:
    response = await send(f"/{plural(model)}")
    assert [obj["id"] for obj in response.json[plural(model)]] == [obj.id for obj in sandbox.store.all(model)]


async def test_list_of_packages_rejects_an_unknown_organization(send: PlainClient) -> None:
    response = await send("/virtual_machine_packages", params={"organization[id]": "none"})
    assert response.code == "organization_not_found"


async def test_tag_that_is_created_without_a_color_gets_one(send: PlainClient, sandbox: Sandbox) -> None:
    path = f"/organizations/{sandbox.store.organizations[0].id}/tags"
    created = await send(path, method="POST", json={"properties": {"name": "app"}})
    assert (created.status, created.json["tag"]["color"]) == (200, "pastel_brown")


async def test_deleted_tag_is_removed_from_machines(send: PlainClient, sandbox: Sandbox) -> None:
    machine = next(obj for obj in sandbox.store.machines if len(obj.tag_ids) == 2)
    first, second = machine.tag_ids
    assert (await send(f"/tags/{first}", method="DELETE")).status == 200
    shown = (await send(f"/virtual_machines/{machine.id}")).json["virtual_machine"]
    assert [tag["id"] for tag in shown["tags"]] == [second]
    assert shown["tag_names"] == [tag["name"] for tag in shown["tags"]]


async def test_name_of_a_tag_is_unique_in_its_organization(send: PlainClient, sandbox: Sandbox) -> None:
    own, other = sandbox.store.organizations
    first, second, *_ = sandbox.store.all(Tag, own)
    new = {"name": "new", "color": "red"}
    created = [
        await send(f"/organizations/{obj.id}/tags", method="POST", json={"properties": new}) for obj in (own, other)
    ]
    assert [response.status for response in created] == [200, 200]
    refused = [
        await send(f"/organizations/{own.id}/tags", method="POST", json={"properties": new}),
        await send(f"/tags/{second.id}", method="PATCH", json={"properties": {"name": first.name}}),
    ]
    assert [response.detail for response in refused] == [{"errors": ["Name has already been taken"]}] * 2
    kept = await send(f"/tags/{first.id}", method="PATCH", json={"properties": {"name": first.name}})
    assert kept.status == 200


async def test_group_with_machines_cannot_be_deleted(send: PlainClient, sandbox: Sandbox) -> None:
    group_id = next(obj.group_id for obj in sandbox.store.machines if obj.group_id)
    response = await send(f"/virtual_machine_groups/{group_id}", method="DELETE")
    assert (response.status, response.code) == (409, "deletion_restricted")


async def test_security_group_that_allows_all_inbound_traffic_refuses_inbound_rules(
    send: PlainClient, sandbox: Sandbox
) -> None:
    group = sandbox.store.all(SecurityGroup)[0]
    sandbox.store.put(group.changed(allow_all_inbound=True))
    rule = {"direction": "inbound", "protocol": "TCP"}
    response = await send(f"/security_groups/{group.id}/rules", method="POST", json={"properties": rule})
    text = "Security group cannot have inbound rules while all inbound traffic is allowed"
    assert response.detail == {"errors": [text]}


async def test_associations_of_a_security_group_are_machines_groups_and_tags_of_its_organization(
    send: PlainClient, sandbox: Sandbox
) -> None:
    security_group, *_ = sandbox.store.all(SecurityGroup)
    path = f"/security_groups/{security_group.id}"
    own, foreign = sandbox.store.organizations
    ids = {}
    for owner in (own, foreign):  # ids[owner.id]: the ids of a machine, a group and a tag
        models: list[type[Any]] = [VirtualMachine, VirtualMachineGroup, Tag]
        ids[owner.id] = [sandbox.store.all(model, owner)[0].id for model in models]
    accepted = await send(path, method="PATCH", json={"properties": {"associations": ids[own.id]}})
    assert accepted.json["security_group"]["associations"] == ids[own.id]
    for wrong in (*ids[foreign.id], security_group.id, "tag_none"):
        refused = await send(path, method="PATCH", json={"properties": {"associations": [wrong]}})
        text = "Associations must be virtual machines, virtual machine groups or tags of the organization"
        assert (refused.code, refused.detail) == ("validation_error", {"errors": [text]})


async def test_rules_are_removed_with_their_security_group(send: PlainClient, sandbox: Sandbox) -> None:
    rule = sandbox.store.all(SecurityGroupRule)[0]
    assert (await send(f"/security_groups/{rule.security_group_id}", method="DELETE")).status == 200
    assert (await send(f"/security_groups/rules/{rule.id}")).code == "security_group_rule_not_found"


@pytest.mark.parametrize(
    ("properties", "issue"),
    [
        ({"direction": "up"}, "invalid_enum_value"),
        ({"ports": 22}, "invalid_scalar"),
        ({"targets": "all"}, "array_expected"),
        ({"targets": [1]}, "array_expected"),
    ],
)
async def test_argument_of_the_wrong_type_gets_400(
    send: PlainClient, sandbox: Sandbox, properties: dict[str, Any], issue: str
) -> None:
    rule = sandbox.store.all(SecurityGroupRule)[0]
    response = await send(f"/security_groups/rules/{rule.id}", method="PATCH", json={"properties": properties})
    assert (response.status, response.code, response.detail["issue"]) == (400, "invalid_argument", issue)
    assert response.detail["path"] == ["properties", next(iter(properties))]


@pytest.mark.parametrize("content", ["x", {"A": "x"}, {"A": {"ip_address": 5}}])
async def test_content_of_a_record_must_be_an_object_of_objects(
    send: PlainClient, sandbox: Sandbox, content: object
) -> None:
    record = sandbox.store.all(DNSRecord)[0]
    response = await send(f"/dns_records/{record.id}", method="PATCH", json={"properties": {"content": content}})
    assert (response.status, response.code) == (400, "invalid_argument")


async def test_null_in_the_content_of_a_record_is_a_blank_value(send: PlainClient, sandbox: Sandbox) -> None:
    record = sandbox.store.all(DNSRecord)[0]
    for content, text in ((None, "Content"), ({"A": {"ip_address": None}}, "Ip address")):
        response = await send(f"/dns_records/{record.id}", method="PATCH", json={"properties": {"content": content}})
        assert response.detail == {"errors": [f"{text} can't be blank"]}


@pytest.mark.parametrize(
    ("record_type", "content", "problems"),
    [
        ("A", {"ip_address": "nonsense"}, ["Ip address is invalid"]),
        ("A", {"ip_address": "2001:db8::1"}, ["Ip address is invalid"]),
        ("AAAA", {"ip_address": "203.0.113.7"}, ["Ip address is invalid"]),
        ("IPS", {"ip_addresses": "203.0.113.7, 2001:db8::1, x"}, ["Ip addresses is invalid"]),
        ("CNAME", {"hostname": "no host"}, ["Hostname is invalid"]),
        ("MX", {"hostname": "-mail.example"}, ["Hostname is invalid"]),
        (
            "SRV",
            {"weight": "x", "port": " ", "target": "a..b"},
            ["Weight is invalid", "Port can't be blank", "Target is invalid"],
        ),
        ("HTTPRedirect", {"url": "ftp://a.example", "http_status": "301"}, ["Url is invalid"]),
        ("A", {"ip_address": "203.0.113.7"}, []),
        ("AAAA", {"ip_address": "2001:db8::1"}, []),
        ("IPS", {"ip_addresses": "203.0.113.7, 2001:db8::1"}, []),
        ("NS", {"hostname": "ns1.example."}, []),
        ("SRV", {"weight": "10", "port": "5060", "target": "_sip.example"}, []),
        ("TXT", {"content": "any text; at all"}, []),
    ],
)
async def test_content_of_a_record_must_fit_its_type(
    send: PlainClient, sandbox: Sandbox, record_type: str, content: dict[str, str], problems: list[str]
) -> None:
    zone = sandbox.store.all(DNSZone)[0]
    properties = {"name": "x", "type": record_type, "content": {record_type: content}}
    response = await send(f"/dns_zones/{zone.id}/records", method="POST", json={"properties": properties})
    if problems:
        assert (response.status, response.code, response.detail) == (422, "validation_error", {"errors": problems})
    else:
        assert response.status == 200


@pytest.mark.parametrize(("name", "is_valid"), [("new.example", True), ("two words.example", False), ("a..b", False)])
async def test_name_of_a_zone_must_be_a_domain_name(
    send: PlainClient, sandbox: Sandbox, name: str, *, is_valid: bool
) -> None:
    path = f"/organizations/{sandbox.store.organizations[0].id}/dns_zones"
    response = await send(path, method="POST", json={"properties": {"name": name}})
    assert response.json.get("error", {}).get("detail") == (None if is_valid else {"errors": ["Name is invalid"]})


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("www", True),
        ("www.", True),
        ("@", True),
        ("*.dev", True),
        ("_dmarc", True),
        ("two words", False),
        ("a..b", False),
    ],
)
async def test_name_of_a_record_must_be_below_its_zone(
    send: PlainClient, sandbox: Sandbox, name: str, *, is_valid: bool
) -> None:
    record = sandbox.store.all(DNSRecord)[0]
    response = await send(f"/dns_records/{record.id}", method="PATCH", json={"properties": {"name": name}})
    assert response.json.get("error", {}).get("detail") == (None if is_valid else {"errors": ["Name is invalid"]})


@pytest.mark.parametrize("key", ["laptop", "ssh-ed25519", "ssh-ed25519 ???", "ssh-ed25519 AAAAB"])
async def test_ssh_key_without_type_and_content_is_refused(send: PlainClient, sandbox: Sandbox, key: str) -> None:
    path = f"/organizations/{sandbox.store.organizations[0].id}/ssh_keys"
    refused = await send(path, method="POST", json={"ssh_key": {"name": "laptop", "key": key}})
    assert refused.detail == {"errors": ["Key is invalid"]}


@pytest.mark.parametrize("key", ["ssh-ed25519 AAAA/+=== ada@laptop", "ssh-ed25519 AAAA", "ssh-rsa AAAA ada@laptop\n"])
async def test_ssh_key_is_accepted_in_the_form_of_a_public_key_file(
    send: PlainClient, sandbox: Sandbox, key: str
) -> None:
    path = f"/organizations/{sandbox.store.organizations[0].id}/ssh_keys"
    created = await send(path, method="POST", json={"ssh_key": {"name": "laptop", "key": key}})
    assert created.status == 201


async def test_fingerprint_of_an_ssh_key_is_that_of_ssh_keygen(send: PlainClient, sandbox: Sandbox) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB7CW2MHaFnhdW+Toi5T6iCvYPd3kCyVOrMGxSGe/1dB ada@laptop"
    path = f"/organizations/{sandbox.store.organizations[0].id}/ssh_keys"
    created = await send(path, method="POST", json={"ssh_key": {"name": "laptop", "key": key}})
    assert created.json["ssh_key"]["fingerprint"] == "e4:84:0e:0f:16:03:7f:4c:d3:06:99:ec:b8:ee:89:13"


@pytest.mark.parametrize(
    ("model", "path", "field"),
    [
        (DNSRecord, "dns_records", "ttl"),
        (DNSRecord, "dns_records", "priority"),
        (DNSZone, "dns_zones", "default_ttl"),
        (LoadBalancerRule, "load_balancers/rules", "check_interval"),
    ],
)
async def test_negative_number_is_refused(
    send: PlainClient, sandbox: Sandbox, model: type[Any], path: str, field: str
) -> None:
    obj = new_balancer_rule(sandbox.store) if model is LoadBalancerRule else sandbox.store.all(model)[0]
    refused = await send(f"/{path}/{obj.id}", method="PATCH", json={"properties": {field: -1}})
    name = field.capitalize().replace("_", " ")
    assert refused.detail == {"errors": [f"{name} must be greater than or equal to 0"]}
    assert sandbox.store.get(obj.id) == obj


async def test_content_of_a_record_cannot_be_removed(send: PlainClient, sandbox: Sandbox) -> None:
    for record in sandbox.store.all(DNSRecord):
        path = f"/dns_records/{record.id}"
        refused = await send(path, method="PATCH", json={"properties": {"content": None}})
        assert (record.type, refused.status) == (record.type, 422)
        assert refused.detail == {"errors": ["Content can't be blank"]}


@pytest.mark.parametrize("ports", ["0", "65536", "99999", "443-80", "22,0-10", "80-", "80,,443"])
async def test_security_group_rule_refuses_ports_that_do_not_exist(
    send: PlainClient, sandbox: Sandbox, ports: str
) -> None:
    path = f"/security_groups/rules/{sandbox.store.all(SecurityGroupRule)[0].id}"
    refused = await send(path, method="PATCH", json={"properties": {"ports": ports}})
    assert refused.detail == {"errors": ["Ports is invalid"]}


async def test_targets_of_a_rule_are_addresses_networks_and_objects_that_the_organization_can_use(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store = sandbox.store
    rule = store.all(SecurityGroupRule)[0]
    owner_id = store.owner_id(rule)
    foreign = next(obj for obj in store.machines if obj.organization_id != owner_id)
    models = (AddressList, VirtualMachine, VirtualMachineGroup, Tag)
    own = [store.all(model, organization_id=owner_id)[0].id for model in models]
    global_list = store.add(AddressList, organization_id=None, name="World")
    targets = ["all:ipv4", "all:ipv6", "198.51.100.184/24", "2001:db8::1", global_list.id, *own]
    path = f"/security_groups/rules/{rule.id}"
    for target, status in (*((target, 200) for target in targets), ("all", 422), ("web", 422), (foreign.id, 422)):
        response = await send(path, method="PATCH", json={"properties": {"targets": [target]}})
        assert (target, response.status) == (target, status)
    assert response.detail == {"errors": ["Targets is invalid"]}


@pytest.mark.parametrize("ports", ["22", "80,443", "22, 8000-8010"])
async def test_security_group_rule_takes_ports_and_ranges(send: PlainClient, sandbox: Sandbox, ports: str) -> None:
    rule = sandbox.store.all(SecurityGroupRule)[0]
    path = f"/security_groups/rules/{rule.id}"
    assert (await send(path, method="PATCH", json={"properties": {"ports": ports}})).status == 200
    refused = await send(path, method="PATCH", json={"properties": {"ports": f"{ports}-x"}})
    assert refused.detail == {"errors": ["Ports is invalid"]}


@pytest.mark.parametrize("address", ["office", "203.0.113.0/99"])
async def test_entry_of_an_address_list_must_be_an_address_or_network(
    send: PlainClient, sandbox: Sandbox, address: str
) -> None:
    entry = sandbox.store.all(AddressListEntry)[0]
    for method, path, body in (
        ("PATCH", f"/address_list_entries/{entry.id}", {"properties": {"address": address}}),
        ("POST", f"/address_lists/{entry.address_list_id}/entries/bulk", {"add": [{"address": address}]}),
    ):
        refused = await send(path, method=method, json=body)
        assert refused.detail == {"errors": ["Address is invalid"]}


async def test_new_entry_of_an_address_list_needs_an_address(send: PlainClient, sandbox: Sandbox) -> None:
    path = f"/address_lists/{sandbox.store.all(AddressListEntry)[0].address_list_id}/entries/bulk"
    refused = await send(path, method="POST", json={"add": [{"name": "office"}]})
    assert refused.detail == {"errors": ["Address can't be blank"]}


async def test_update_does_not_change_the_name_of_a_zone(send: PlainClient, sandbox: Sandbox) -> None:
    zone = sandbox.store.all(DNSZone)[0]
    body = {"properties": {"name": "other.example", "default_ttl": 60}}
    changed = (await send(f"/dns_zones/{zone.id}", method="PATCH", json=body)).json["dns_zone"]
    assert (changed["name"], changed["default_ttl"]) == (zone.name, 60)


@pytest.mark.parametrize("record_type", ["TXT", "NS"])
async def test_zone_is_verified_by_its_root_records(send: PlainClient, sandbox: Sandbox, record_type: str) -> None:
    organization = sandbox.store.organizations[0].id
    zone = {"dns_zone": {"name": "new.example"}}
    arguments = {"organization": {"id": organization}, "properties": {"name": "new.example"}}
    created = await send("/organizations/_/dns_zones", method="POST", json=arguments)
    assert created.json["dns_zone"]["verified"] is False
    servers = (await send(f"/organizations/{organization}/dns_zones/nameservers")).json["nameservers"]
    contents = [{"content": "x"}] if record_type == "TXT" else [{"hostname": f"{name.upper()}."} for name in servers]
    # The record of www does not verify the zone. One TXT record without a name does, or NS records of all servers.
    for name, content in [("www", contents[0]), *((None, content) for content in contents)]:
        refused = await send("/dns_zones/_/verify", method="POST", json=zone)
        assert (refused.status, refused.code) == (422, "dns_zone_not_verified")
        properties = {"name": name, "type": record_type, "content": {record_type: content}}
        await send("/dns_zones/_/records", method="POST", json={**zone, "properties": properties})
    verified = await send("/dns_zones/_/verify", method="POST", json=zone)
    assert verified.json["dns_zone"]["verified"] is True


async def test_global_address_list_is_listed_and_cannot_be_changed(send: PlainClient, sandbox: Sandbox) -> None:
    [address_list] = [obj for obj in sandbox.store.all(AddressList) if obj.organization_id is None]
    listed = (await send("/address_lists")).json["address_lists"]
    assert listed == [{"id": address_list.id, "name": address_list.name, "global": True}]
    path, entry = f"/address_lists/{address_list.id}", {"properties": {"address": "203.0.113.1", "name": "x"}}
    refused = [
        await send(path, method="PATCH", json={"properties": {"name": "x"}}),
        await send(path, method="DELETE"),
        await send(f"{path}/entries", method="POST", json=entry),
        await send(f"{path}/entries/bulk", method="POST", json={"add": [entry["properties"]]}),
    ]
    assert [(response.status, response.code) for response in refused] == [(403, "permission_denied")] * 4


async def test_entries_are_added_and_removed_in_bulk(send: PlainClient, sandbox: Sandbox) -> None:
    address_list = sandbox.store.all(AddressList)[0]
    path = f"/address_lists/{address_list.id}"
    [first, *others] = (await send(f"{path}/entries")).json["address_list_entries"]
    bulk = {"add": [{"address": "203.0.113.1", "name": "new"}], "remove": [{"address": first["address"]}]}
    assert (await send(f"{path}/entries/bulk", method="POST", json=bulk)).json == {}
    entries = (await send(path)).json["address_list"]["entries"]
    assert entries[:-1] == others
    assert (entries[-1]["address"], entries[-1]["name"]) == ("203.0.113.1", "new")
    for add, code in (([{"address": ""}], "validation_error"), ("x", "invalid_argument"), ([5], "invalid_argument")):
        assert (await send(f"{path}/entries/bulk", method="POST", json={"add": add})).code == code


@pytest.mark.parametrize("properties", [{}, {"name": None}, {"name": ""}])
async def test_name_of_an_entry_is_optional(
    send: PlainClient, sandbox: Sandbox, properties: dict[str, str | None]
) -> None:
    path = f"/address_lists/{sandbox.store.all(AddressList)[0].id}/entries"
    body = {"properties": {"address": "203.0.113.1", **properties}}
    created = await send(path, method="POST", json=body)
    assert (created.status, created.json["address_list_entry"]["name"]) == (201, "")


async def test_templates_are_filtered_by_owner_and_operating_system(send: PlainClient, sandbox: Sandbox) -> None:
    universal, own = sandbox.store.all(DiskTemplate)
    path = f"/organizations/{own.organization_id}/disk_templates"
    cases: list[tuple[dict[str, str | int], list[str]]] = [
        ({}, [own.id]),
        ({"include_universal": "true"}, [universal.id, own.id]),
        ({"include_universal": "1", "operating_system[id]": str(universal.operating_system_id)}, [universal.id]),
    ]
    for params, ids in cases:
        response = await send(path, params=params)
        assert [obj["id"] for obj in response.json["disk_templates"]] == ids
    missing = await send(path, params={"operating_system[id]": "none"})
    assert missing.code == "operating_system_not_found"


@pytest.mark.parametrize(
    ("listed", "name", "properties"),
    [
        ("disk", "disk", {"name": "data", "size_in_gb": 10, "data_center": {"permalink": "gb-london-1"}}),
        ("security_groups", "security_group", {"name": "New"}),
    ],
)
async def test_annotations_are_kept_shown_and_searched(
    send: PlainClient, sandbox: Sandbox, listed: str, name: str, properties: dict[str, Any]
) -> None:
    owner = sandbox.store.organizations[0].id
    path, web = f"/organizations/{owner}/{name}s", {"key": "role", "value": "web"}
    created = await send(path, method="POST", json={"properties": properties, "annotations": [web]})
    object_path = f"/{name}s/{created.json[name]['id']}"
    for role, ids in (("web", [created.json[name]["id"]]), ("db", [])):
        matches = (await send(path, params={"annotations[][key]": "role", "annotations[][value]": role})).json
        assert ([obj["id"] for obj in matches[listed]], matches["pagination"]["total"]) == (ids, len(ids))
    team = {"key": "team", "value": "blue"}
    changed = await send(object_path, method="PATCH", json={"properties": {}, "annotations": [team]})
    shown = await send(object_path, params={"annotations[][key]": "role", "annotations[][value]": "other"})
    assert created.json["annotations"] == [web]
    assert changed.json["annotations"] == shown.json["annotations"] == [web, team]


async def test_argument_annotations_is_ignored_by_an_operation_that_has_none(
    send: PlainClient, sandbox: Sandbox
) -> None:
    path = f"/organizations/{sandbox.store.organizations[0].id}/tags"
    created = await send(path, method="POST", json={"properties": {"name": "New"}, "annotations": "web"})
    assert created.json["tag"]["name"] == "New"
    for listed in (path, f"/virtual_machines/{sandbox.store.machines[0].id}/disks"):
        every, filtered = await send(listed), await send(listed, params={"annotations[][key]": "role"})
        assert filtered.json == every.json
        assert every.json["pagination"]["total"] > 0


async def test_annotation_with_a_blank_key_is_invalid(send: PlainClient, sandbox: Sandbox) -> None:
    body = {"properties": {"name": "New"}, "annotations": [{"key": "", "value": "web"}]}
    groups = len(sandbox.store.all(SecurityGroup))
    refused = await send(
        f"/organizations/{sandbox.store.organizations[0].id}/security_groups", method="POST", json=body
    )
    assert (refused.code, refused.detail) == ("validation_error", {"errors": ["Annotation key can't be blank"]})
    assert len(sandbox.store.all(SecurityGroup)) == groups


async def test_list_filtered_by_a_blank_key_is_empty(send: PlainClient, sandbox: Sandbox) -> None:
    """For a list, the validation error is not documented."""
    path = f"/organizations/{sandbox.store.organizations[0].id}/security_groups"
    every, filtered = await send(path), await send(path, params={"annotations[][key]": ""})
    assert every.json["security_groups"]
    assert (filtered.status, filtered.json["security_groups"]) == (200, [])


@pytest.mark.parametrize("annotation", [{"key": "role"}, {"key": "role", "value": ""}, {"key": "role", "value": None}])
async def test_annotation_without_a_value_has_an_empty_one(
    send: PlainClient, sandbox: Sandbox, annotation: dict[str, str | None]
) -> None:
    """As documented, a value is never null."""
    path = f"/organizations/{sandbox.store.organizations[0].id}/security_groups"
    created = await send(path, method="POST", json={"properties": {"name": "New"}, "annotations": [annotation]})
    matches = await send(path, params={"annotations[][key]": "role"})
    assert created.json["annotations"] == [{"key": "role", "value": ""}]
    assert [obj["name"] for obj in matches.json["security_groups"]] == ["New"]


async def test_removed_object_has_no_annotations(sandbox: Sandbox) -> None:
    store = sandbox.store
    tag = store.all(Tag)[0]
    store.annotations[tag.id]["role"] = "web"
    store.remove(tag)
    assert tag.id not in store.annotations


async def test_build_and_its_machine_have_the_annotations_of_the_request(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    owner, web = sandbox.store.organizations[0].id, {"key": "role", "value": "web"}
    body = {"package": {"permalink": "small"}, "data_center": {"permalink": "gb-london-1"}, "annotations": [web]}
    begun = await send(f"/organizations/{owner}/virtual_machines/build", method="POST", json=body)
    shown = await send(f"/virtual_machines/builds/{begun.json['build']['id']}")
    assert begun.json["annotations"] == shown.json["annotations"] == [web]
    clock.now += TASK_DURATION
    complete = await send(f"/virtual_machines/builds/{begun.json['build']['id']}")
    machine = await send(f"/virtual_machines/{complete.json['virtual_machine_build']['virtual_machine']['id']}")
    assert machine.json["annotations"] == [web]


async def test_io_profiles_are_listed_for_every_organization(send: PlainClient, sandbox: Sandbox) -> None:
    for organization in sandbox.store.organizations:
        listed = (await send(f"/organizations/{organization.id}/disk_io_profiles")).json["disk_io_profiles"]
        assert [obj["id"] for obj in listed] == [obj.id for obj in sandbox.store.all(DiskIOProfile)]
