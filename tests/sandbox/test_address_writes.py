"""IP addresses: how they are created, allocated, changed, unallocated and deleted, and the errors."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox, mutations
from katapult_async.sandbox.models import (
    IPAddress,
    Network,
    NetworkSpeedProfile,
    Subnet,
    VirtualMachineNetworkInterface,
)

from .plain_client import PlainClient, PlainResponse
from .samples import (
    NIC,
    addresses_of,
    allocated_address,
    exhaust,
    interface_in_state,
    interface_with_free_addresses,
    interfaces_of,
    machine_of,
    new_balancer_with_address,
    new_virtual_interface,
    snapshot,
    unused_networks,
)

ADDRESSES = "/ip_addresses/_"


def ids(listed: list[dict[str, Any]]) -> list[str]:
    return [obj["id"] for obj in listed]


async def allocate(send: PlainClient, interface: VirtualMachineNetworkInterface, address: IPAddress) -> PlainResponse:
    body = {NIC: {"id": interface.id}, "ip_address": {"id": address.id}}
    return await send(f"/{NIC}s/_/allocate_ip", method="POST", json=body)


async def test_allocated_address_is_not_available_to_any_interface_of_its_network(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store = sandbox.store
    interface = interface_with_free_addresses(store)
    owner = machine_of(store, interface).organization_id
    same_network = store.all(VirtualMachineNetworkInterface, network_id=interface.network_id)
    of_owner = [obj for obj in same_network if machine_of(store, obj).organization_id == owner]
    assert len(of_owner) > 1
    before = {obj.id: ids(store.available_ips(obj.id, "ipv4")) for obj in of_owner}
    address = store.free_addresses(interface.id, "ipv4")[1]
    response = await allocate(send, interface, address)
    assert response.status == 200
    assert {"id": address.id, "address": address.address} in response.json[NIC]["ip_addresses"]
    assert "speed_profile" not in response.json[NIC]
    for obj in of_owner:
        listed = await send(f"/{NIC}s/{obj.id}/available_ips/ipv4")
        assert ids(listed.json["ip_addresses"]) == [
            listed_id for listed_id in before[obj.id] if listed_id != address.id
        ]


async def test_unallocated_address_returns_to_its_place_among_the_available_addresses(
    send: PlainClient, sandbox: Sandbox
) -> None:
    interface = interface_with_free_addresses(sandbox.store)
    before = sandbox.store.available_ips(interface.id, "ipv4")
    for place in (0, 2):
        address = sandbox.store.free_addresses(interface.id, "ipv4")[place]
        await allocate(send, interface, address)
        response = await send(f"{ADDRESSES}/unallocate", method="POST", json={"ip_address": {"id": address.id}})
        assert (response.status, response.json) == (200, {})
        assert sandbox.store.available_ips(interface.id, "ipv4") == before


async def test_allocation_of_an_address_is_the_machine_of_its_interface(send: PlainClient, sandbox: Sandbox) -> None:
    interface = interface_with_free_addresses(sandbox.store)
    machine = machine_of(sandbox.store, interface)
    address = sandbox.store.free_addresses(interface.id, "ipv4")[0]
    path = f"/ip_addresses/{address.id}"
    before = (await send(path)).json
    assert (before["ip_address"]["allocation_id"], before["ip_address"]["allocation_type"]) == (None, None)
    assert before["allocation"] is None
    await allocate(send, interface, address)
    after = (await send(path)).json
    assert after["ip_address"]["allocation_id"] == machine.id
    assert after["ip_address"]["allocation_type"] == "VirtualMachine"
    assert after["allocation"] == {"type": "VirtualMachine", "value": {"id": machine.id, "name": machine.name}}


async def test_address_cannot_be_allocated_twice(send: PlainClient, sandbox: Sandbox) -> None:
    interface = interface_with_free_addresses(sandbox.store)
    address = sandbox.store.free_addresses(interface.id, "ipv4")[0]
    machine = {"virtual_machine": {"id": interface.virtual_machine_id}, "ip_address": {"id": address.id}}
    assert (await allocate(send, interface, address)).status == 200
    before = snapshot(sandbox.store)
    refused = [
        await allocate(send, interface, address),
        await send("/virtual_machines/_/allocate_ip", method="POST", json=machine),
    ]
    assert [(response.status, response.code) for response in refused] == [(422, "ip_already_allocated")] * 2
    assert snapshot(sandbox.store) == before


async def test_address_is_allocated_only_to_an_interface_of_its_network_and_organization(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store = sandbox.store
    interface = interface_with_free_addresses(store)
    owner = machine_of(store, interface).organization_id
    other_network = next(obj for obj in store.all(IPAddress) if obj.free and obj.network_id != interface.network_id)
    public = next(obj for obj in store.all(Network) if obj.default)
    foreign = next(
        obj for obj in store.all(IPAddress) if obj.free and obj.network_id == public.id and obj.organization_id != owner
    )
    machine = machine_of(store, interface)
    on_public = [obj for obj in interfaces_of(store, machine.id) if obj.network_id == public.id]
    if not on_public:
        profile = store.all(NetworkSpeedProfile)[0]
        on_public = [mutations.create_interface(store, machine=machine, network=public, speed_profile=profile)]
    wrong_pairs = [
        (interface, other_network),
        (on_public[0], foreign),
        (new_virtual_interface(store), other_network),
    ]
    for target, address in wrong_pairs:
        response = await allocate(send, target, address)
        assert (response.status, response.code) == (422, "invalid_ip")


async def test_machine_allocates_an_address_to_its_interface_on_the_network_of_the_address(
    send: PlainClient, sandbox: Sandbox
) -> None:
    interface = interface_with_free_addresses(sandbox.store)
    address = sandbox.store.free_addresses(interface.id, "ipv4")[0]
    body = {"virtual_machine": {"id": interface.virtual_machine_id}, "ip_address": {"address": address.address}}
    response = await send("/virtual_machines/_/allocate_ip", method="POST", json=body)
    assert (response.status, response.json["ip_address"]["allocation_id"]) == (200, interface.virtual_machine_id)
    networks = [
        obj.network_id
        for obj in interfaces_of(sandbox.store, interface.virtual_machine_id)
        if address.id in {allocated.id for allocated in addresses_of(sandbox.store, obj.id)}
    ]
    assert networks == [interface.network_id]


async def test_machine_without_an_interface_on_the_network_cannot_allocate_an_address(
    send: PlainClient, sandbox: Sandbox
) -> None:
    machine = sandbox.store.machines[0]
    network = unused_networks(sandbox.store, machine)[0]
    address = next(obj for obj in sandbox.store.all(IPAddress) if obj.free and obj.network_id == network.id)
    body = {"virtual_machine": {"id": machine.id}, "ip_address": {"id": address.id}}
    response = await send("/virtual_machines/_/allocate_ip", method="POST", json=body)
    assert (response.status, response.code) == (422, "no_interface_available")
    # The error of a machine in the trash has precedence over the error of the missing interface.
    sandbox.store.trash(machine)
    assert (await send("/virtual_machines/_/allocate_ip", method="POST", json=body)).code == "object_in_trash"


async def test_new_address_of_an_interface_is_in_its_network_and_allocated(send: PlainClient, sandbox: Sandbox) -> None:
    for version in ("ipv4", "ipv6"):
        interface = interface_with_free_addresses(sandbox.store, version)
        before = sandbox.store.available_ips(interface.id, version)
        existing = {obj.address for obj in sandbox.store.all(IPAddress)}
        body = {NIC: {"id": interface.id}, "address_version": version}
        created = [
            (await send(f"/{NIC}s/_/allocate_new_ip", method="POST", json=body)).json["ip_address"] for _ in range(2)
        ]
        assert {obj["allocation_id"] for obj in created} == {interface.virtual_machine_id}
        assert len({obj["address"] for obj in created} - existing) == 2
        assert {obj["network"]["id"] for obj in created} == {interface.network_id}
        assert ids(created) == [obj.id for obj in addresses_of(sandbox.store, interface.id)][-2:]
        assert sandbox.store.available_ips(interface.id, version) == before


async def test_allocation_of_a_new_address_gets_503_if_the_network_has_none_of_the_version(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store = sandbox.store
    interface = interface_with_free_addresses(store)
    exhaust(store, store.get(interface.network_id))
    versions = {obj.id: [subnet.address_version for subnet in obj.subnets] for obj in store.all(Network)}
    one_version = next(obj for obj in store.interfaces if len(versions[obj.network_id or ""]) == 1)
    other = "ipv6" if versions[one_version.network_id or ""] == ["ipv4"] else "ipv4"
    for target, version in (
        (interface, "ipv4"),  # its network has no free address
        (one_version, other),  # its network has no subnet of the version
        (new_virtual_interface(store), "ipv6"),  # a virtual network has no subnets
    ):
        body = {NIC: {"id": target.id}, "address_version": version}
        response = await send(f"/{NIC}s/_/allocate_new_ip", method="POST", json=body)
        assert (response.status, response.code) == (503, "no_available_addresses")


async def test_creation_of_an_address_gets_503_if_all_addresses_of_the_subnet_exist(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store = sandbox.store
    small = Subnet(id="sbnt_small", address_version="ipv4", address="192.0.2.0", gateway="192.0.2.1", mask=29)
    network = store.change(store.all(Network)[0], subnets=(small,))
    owner = store.organizations[0].id
    body = {"organization": {"id": owner}, "network": {"id": network.id}, "version": "ipv4"}
    path = "/organizations/_/ip_addresses"
    # A subnet with a prefix of 29 bits has 5 addresses for interfaces: 8 without network, gateway and broadcast.
    for _ in range(4):
        mutations.create_address(store, owner, network=network, version="ipv4")
    assert (await send(path, method="POST", json=body)).status == 200
    last = await send(path, method="POST", json=body)
    assert (last.status, last.code) == (503, "no_available_addresses")


async def test_new_address_of_an_organization_is_unallocated(send: PlainClient, sandbox: Sandbox) -> None:
    interface = interface_with_free_addresses(sandbox.store)
    before = sandbox.store.available_ips(interface.id, "ipv4")
    owner = machine_of(sandbox.store, interface).organization_id
    body = {
        "organization": {"id": owner},
        "network": {"id": interface.network_id},
        "version": "ipv4",
    }
    response = await send("/organizations/_/ip_addresses", method="POST", json=body)
    assert response.status == 200
    created = response.json["ip_address"]
    assert (created["allocation_id"], created["label"], created["vip"]) == (None, None, False)
    after = sandbox.store.available_ips(interface.id, "ipv4")
    assert created in after
    assert [address for address in after if address != created] == before
    assert sandbox.request_log[-1].argument == owner


@pytest.mark.parametrize(
    ("others", "status", "expected"),
    [
        ({"vip": True, "label": "front"}, 200, (True, "front")),
        ({"vip": "yes", "label": "front"}, 200, (True, "front")),
        ({"vip": False, "label": ""}, 200, (False, None)),
        ({"vip": None, "label": None}, 200, (False, None)),
        ({"vip": True}, 422, ["Label can't be blank"]),
        ({"vip": True, "label": ""}, 422, ["Label can't be blank"]),
        ({"vip": 1, "label": None}, 422, ["Label can't be blank"]),
        ({"vip": "perhaps"}, 400, "invalid_argument"),
        ({"vip": []}, 400, "invalid_argument"),
        ({"label": 5}, 400, "invalid_argument"),
        ({"version": "ipv5"}, 400, "invalid_argument"),
        ({"version": None}, 400, "missing_required_argument"),
        ({"network": None}, 400, "missing_required_argument"),
    ],
)
async def test_arguments_of_a_new_address_are_checked_and_a_vip_needs_a_label(
    send: PlainClient, sandbox: Sandbox, others: dict[str, Any], status: int, expected: object
) -> None:
    network = next(obj for obj in sandbox.store.all(Network) if obj.default)
    body = {"organization": {"sub_domain": "larch"}, "network": {"id": network.id}, "version": "ipv4", **others}
    response = await send("/organizations/_/ip_addresses", method="POST", json=body)
    assert response.status == status
    match status:
        case 200:
            result: object = (response.json["ip_address"]["vip"], response.json["ip_address"]["label"])
        case 422:
            result = response.detail["errors"]
        case _:
            result = response.code
    assert result == expected


async def test_address_cannot_be_created_in_the_network_of_another_organization(
    send: PlainClient, sandbox: Sandbox
) -> None:
    one, two = sandbox.store.organizations
    network = next(obj for obj in sandbox.store.all(Network) if obj.organization_id == two.id)
    body = {"organization": {"id": one.id}, "network": {"id": network.id}, "version": "ipv4"}
    assert (await send("/organizations/_/ip_addresses", method="POST", json=body)).code == "network_not_found"
    # The error of a suspended organization has precedence over the error of the network.
    sandbox.store.change(one, suspended=True)
    assert (await send("/organizations/_/ip_addresses", method="POST", json=body)).code == "organization_suspended"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"label": "new"}, {"label": "new"}),
        ({"label": None}, {"label": None}),
        ({"label": ""}, {"label": None}),
        ({"vip": True}, {"vip": True}),
        ({"vip": "true", "label": "new"}, {"vip": True, "label": "new"}),
        ({"reverse_dns": "host.example"}, {"reverse_dns": "host.example"}),
    ],
)
async def test_update_changes_only_the_fields_that_are_sent(
    send: PlainClient, sandbox: Sandbox, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    address = allocated_address(sandbox.store).changed(label="old")
    sandbox.store.put(address)
    before = (await send(f"/ip_addresses/{address.id}")).json["ip_address"]
    response = await send(f"/ip_addresses/{address.id}", method="PATCH", json=change)
    assert (response.status, response.json) == (200, {"ip_address": {**before, **expected}})
    assert sandbox.store.get(address.id) == address.changed(**expected)


async def test_address_resolves_to_the_name_of_its_machine_until_its_owner_gives_it_another(
    send: PlainClient, sandbox: Sandbox
) -> None:
    address = allocated_address(sandbox.store)
    path, machine = f"/ip_addresses/{address.id}", address.allocation(sandbox.store)

    async def reverse_name() -> str:
        return str((await send(path)).json["ip_address"]["reverse_dns"])

    names = [await reverse_name()]
    for name in ("mail.example", ""):
        await send(path, method="PATCH", json={"reverse_dns": name})
        names.append(await reverse_name())
    assert names == [machine.fqdn, "mail.example", machine.fqdn]
    await send(f"{path}/unallocate", method="POST")
    assert await reverse_name() == f"{address.address.replace('.', '-').replace(':', '-')}.reverse.example"


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"vip": True}, ["Label can't be blank"]),
        ({"vip": True, "label": ""}, ["Label can't be blank"]),
        ({"reverse_dns": "not a name"}, ["Reverse dns is invalid"]),
    ],
)
async def test_invalid_update_changes_nothing(
    send: PlainClient, sandbox: Sandbox, change: dict[str, Any], errors: list[str]
) -> None:
    address = allocated_address(sandbox.store)
    response = await send(
        f"/ip_addresses/{address.address}", method="PATCH", json={**change, "ip_address": {"id": address.id}}
    )
    assert (response.status, response.code, response.detail) == (422, "validation_error", {"errors": errors})
    assert sandbox.store.get(address.id) == address


async def test_deleted_address_is_removed_from_its_interface(send: PlainClient, sandbox: Sandbox) -> None:
    address = allocated_address(sandbox.store)
    response = await send(ADDRESSES, method="DELETE", params={"ip_address[address]": address.address})
    assert (response.status, response.json) == (200, {})
    assert (await send(f"/ip_addresses/{address.id}")).code == "ip_address_not_found"
    shown = await send(f"/{NIC}s/{address.interface_id}")
    assert address.id not in ids(shown.json[NIC]["ip_addresses"])


async def test_unallocated_address_cannot_be_unallocated(send: PlainClient, sandbox: Sandbox) -> None:
    address = next(obj for obj in sandbox.store.all(IPAddress) if obj.free)
    response = await send(f"/ip_addresses/{address.id}/unallocate", method="POST")
    assert (response.status, response.code) == (422, "no_allocation")


async def test_address_of_a_load_balancer_cannot_be_deleted_unallocated_or_allocated(
    send: PlainClient, sandbox: Sandbox
) -> None:
    free = next(obj for obj in sandbox.store.all(IPAddress) if obj.free)
    balancer = new_balancer_with_address(sandbox.store, free, name="front")
    shown = (await send(f"/ip_addresses/{free.id}")).json
    assert shown["allocation"] == {
        "type": "LoadBalancer",
        "value": {"id": balancer.id, "name": "front"},
    }
    for method, tail in (("DELETE", ""), ("POST", "/unallocate")):
        response = await send(f"/ip_addresses/{free.id}{tail}", method=method)
        assert (response.status, response.code) == (409, "resource_does_not_support_unallocation")
    assert (await allocate(send, interface_in_state(sandbox.store, "attached"), free)).code == "ip_already_allocated"


@pytest.mark.parametrize(
    ("allocated", "free"),
    [("true", {False}), ("1", {False}), ("no", {True}), ("false", {True}), (None, {True, False})],
)
async def test_list_of_addresses_can_be_filtered_by_allocation(
    send: PlainClient, sandbox: Sandbox, allocated: str | None, free: set[bool]
) -> None:
    owner = sandbox.store.organizations[1].id
    params: dict[str, str | int] = {"organization[id]": owner, "per_page": 200}
    if allocated is not None:
        params["allocated"] = allocated
    result: list[str] = []
    for page in range(1, 4):  # the organization has fewer than 400 addresses: the third page is empty
        response = await send("/organizations/_/ip_addresses", params={**params, "page": page})
        result.extend(ids(response.json["ip_addresses"]))
    owned = [obj for obj in sandbox.store.all(IPAddress) if obj.organization_id == owner]
    assert response.json["pagination"]["total"] == len(result)
    assert result == [obj.id for obj in owned if obj.free in free]
