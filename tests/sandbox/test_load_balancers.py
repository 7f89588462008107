"""Load balancers: their address, their targets and their rules."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import (
    Certificate,
    FileStorageVolume,
    IPAddress,
    LoadBalancer,
    LoadBalancerRule,
    Network,
    Tag,
    VirtualMachine,
)

from .plain_client import PlainClient
from .samples import exhaust, new_balancer_rule

LIST = "/organizations/organization/load_balancers"


async def create_balancer(send: PlainClient, sandbox: Sandbox, **properties: Any) -> Any:
    properties = {"name": "front", "data_center": {"permalink": "gb-london-1"}, **properties}
    body = {"organization": {"id": sandbox.store.organizations[0].id}, "properties": properties}
    return await send(LIST, method="POST", json=body)


async def test_load_balancer_has_an_address_and_its_targets(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    weights = [{"virtual_machine_id": machine.id, "weight": 3}]
    created = await create_balancer(send, sandbox, resource_ids=[machine.id], weights=weights, api_reference="front")
    balancer = created.json["load_balancer"]
    assert (created.status, balancer["weights"], balancer["resource_ids"]) == (201, weights, [machine.id])
    assert [(target["type"], target["value"]["id"]) for target in balancer["resources"]] == [
        ("VirtualMachine", machine.id)
    ]
    address = sandbox.store.find(IPAddress, balancer["ip_address"]["id"])
    assert address is not None
    assert address.load_balancer_id == balancer["id"]
    shown = await send("/load_balancers/_", params={"load_balancer[api_reference]": "front"})
    assert shown.json["load_balancer"] == balancer


async def test_several_load_balancers_may_have_no_api_reference(send: PlainClient, sandbox: Sandbox) -> None:
    assert [(await create_balancer(send, sandbox)).status for _ in range(2)] == [201, 201]


async def test_each_machine_that_is_a_target_has_a_weight(send: PlainClient, sandbox: Sandbox) -> None:
    """As recorded for machines and for tags."""
    first, second, *_ = sandbox.store.all(VirtualMachine, sandbox.store.organizations[0])
    tag = sandbox.store.add(Tag, sandbox.store.organizations[0], name="front", color="red")
    for machine in (first, second):
        sandbox.store.change(machine, tag_ids=(tag.id,))
    weight = {"virtual_machine_id": second.id, "weight": 3}
    created = await create_balancer(send, sandbox, resource_type="tags", resource_ids=[tag.id], weights=[weight])
    expected = [{"virtual_machine_id": first.id, "weight": 128}, weight]
    assert created.json["load_balancer"]["weights"] == expected
    path, machines = f"/load_balancers/{created.json['load_balancer']['id']}", {"resource_type": "virtual_machines"}
    changes = {"properties": {**machines, "resource_ids": [first.id]}}
    changed = await send(path, method="PATCH", json=changes)
    assert changed.json["load_balancer"]["weights"] == expected[:1]


async def test_deleted_load_balancer_frees_its_address_and_its_rules_are_removed(
    send: PlainClient, sandbox: Sandbox
) -> None:
    rule = new_balancer_rule(sandbox.store)
    deleted = await send(f"/load_balancers/{rule.load_balancer_id}", method="DELETE")
    assert set(deleted.json["load_balancer"]) == {"id", "name", "api_reference"}
    assert [*sandbox.store.all(LoadBalancerRule), *sandbox.store.all(LoadBalancer)] == []
    assert all(address.load_balancer_id is None for address in sandbox.store.all(IPAddress))


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"name": " "}, "Name can't be blank"),
        ({"data_center": None}, "Data center can't be blank"),
        ({"resource_ids": ["vm_none"]}, "Resource ids are not all of the resource type"),
    ],
)
async def test_properties_of_a_load_balancer_are_validated(
    send: PlainClient, sandbox: Sandbox, properties: dict[str, Any], problem: str
) -> None:
    refused = await create_balancer(send, sandbox, **properties)
    assert (refused.status, refused.detail["errors"]) == (422, [problem])


async def test_load_balancer_without_an_address_is_not_created(send: PlainClient, sandbox: Sandbox) -> None:
    for network in sandbox.store.all(Network):
        exhaust(sandbox.store, network)
    refused = await create_balancer(send, sandbox)
    assert (refused.status, refused.detail["errors"]) == (422, ["IP address can't be blank"])
    assert sandbox.store.all(LoadBalancer) == ()


async def test_load_balancer_has_at_most_one_rule_for_a_listen_port(send: PlainClient, sandbox: Sandbox) -> None:
    rule = new_balancer_rule(sandbox.store)
    properties = {"destination_port": 80, "listen_port": 80, "protocol": "TCP"}
    path = f"/load_balancers/{rule.load_balancer_id}/rules"
    refused = await send(path, method="POST", json={"properties": properties})
    assert refused.detail["errors"] == ["Listen port has already been taken"]
    created = await send(path, method="POST", json={"properties": properties | {"listen_port": 81}})
    assert [created.json["load_balancer_rule"][name] for name in ("listen_port", "check_path")] == [81, "/"]


async def test_ports_of_a_rule_are_1_to_65535(send: PlainClient, sandbox: Sandbox) -> None:
    rule = new_balancer_rule(sandbox.store)
    for ports in ({"listen_port": 0}, {"destination_port": 65_536}):
        refused = await send(f"/load_balancers/rules/{rule.id}", method="PATCH", json={"properties": ports})
        assert refused.detail == {"errors": ["Ports must be 1 to 65535"]}


async def test_certificates_of_a_rule_can_be_set_and_removed(send: PlainClient, sandbox: Sandbox) -> None:
    rule = new_balancer_rule(sandbox.store)
    path = f"/load_balancers/rules/{rule.id}"
    owner_id = sandbox.store.get(rule.load_balancer_id).organization_id
    certificate = sandbox.store.all(Certificate, organization_id=owner_id)[0]
    changes = {"protocol": "HTTPS", "certificates": [{"id": certificate.id}]}
    changed = (await send(path, method="PATCH", json={"properties": changes})).json["load_balancer_rule"]
    assert [shown["id"] for shown in changed["certificates"]] == [certificate.id]
    assert (await send(path)).json["load_balancer_rule"] == changed
    removed = await send(path, method="PATCH", json={"properties": {"certificates": []}})
    assert removed.json["load_balancer_rule"]["certificates"] == []


async def test_certificate_of_another_organization_is_refused(send: PlainClient, sandbox: Sandbox) -> None:
    rule = new_balancer_rule(sandbox.store)
    owner_id = sandbox.store.get(rule.load_balancer_id).organization_id
    foreign = next(obj for obj in sandbox.store.all(Certificate) if obj.organization_id != owner_id)
    for certificate in ({"id": foreign.id}, {"id": "cert_none"}, {"id": None}):
        body = {"properties": {"certificates": [certificate]}}
        refused = await send(f"/load_balancers/rules/{rule.id}", method="PATCH", json=body)
        assert refused.detail == {"errors": ["Certificates must be certificates of the organization"]}


async def test_machine_of_another_organization_is_refused_as_a_target_as_a_standby_and_in_weights(
    send: PlainClient, sandbox: Sandbox
) -> None:
    other = sandbox.store.organizations[1].id
    foreign = next(obj for obj in sandbox.store.machines if obj.organization_id == other)
    refused = await create_balancer(send, sandbox, resource_ids=[foreign.id])
    assert (refused.status, refused.code) == (422, "validation_error")
    for properties in ({"standby_vms": [foreign.id]}, {"weights": [{"virtual_machine_id": foreign.id, "weight": 1}]}):
        refused = await create_balancer(send, sandbox, **properties)
        assert refused.detail["errors"] == ["Weights and standby vms must be virtual machines of the organization"]


async def test_load_balancer_and_volume_can_be_renamed_after_their_machine_is_removed(
    send: PlainClient, sandbox: Sandbox
) -> None:
    volume = next(obj for obj in sandbox.store.all(FileStorageVolume) if obj.associations)
    machine = sandbox.store.get(volume.associations[0])
    balancer = (await create_balancer(send, sandbox, resource_ids=[machine.id])).json["load_balancer"]
    sandbox.store.remove(machine)
    body = {"properties": {"name": "renamed"}}
    for path in (f"/load_balancers/{balancer['id']}", f"/file_storage_volumes/{volume.id}"):
        assert (await send(path, method="PATCH", json=body)).status == 200
