"""Network interfaces: how they are created, changed and deleted, and the errors."""

import re
from typing import Any

import pytest

from katapult_async.sandbox import Sandbox, Store
from katapult_async.sandbox.models import Network, NetworkSpeedProfile, VirtualNetwork, Zone

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import NIC, NICS, WRITES, Body, addresses_of, interface_in_state, interfaces_of, unused_networks

CREATE = "/virtual_machines/virtual_machine/network_interfaces"


def creation_body(store: Store) -> Body:
    return WRITES["POST", CREATE](store)


async def test_new_interface_is_detached_and_listed(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    network = unused_networks(sandbox.store, machine)[0]
    existing = {obj.mac_address for obj in sandbox.store.interfaces}
    response = await send(CREATE, method="POST", json=creation_body(sandbox.store))
    created = response.json[NIC]
    assert response.status == 200
    assert re.fullmatch(r"vmnet_[A-Za-z0-9]{16}", created["id"])
    assert re.fullmatch(r"02(:[0-9a-f]{2}){5}", created["mac_address"])
    assert created["mac_address"] not in existing
    assert (created["state"], created["ip_addresses"]) == ("detached", [])
    assert created["virtual_machine"] == {"id": machine.id, "name": machine.name}
    assert (created["network"], created["virtual_network"]) == ({"id": network.id, "name": network.name}, None)
    assert created["speed_profile"]["id"] == sandbox.store.all(NetworkSpeedProfile)[1].id
    assert (await send(f"/{NIC}s/{created['id']}")).json[NIC] == created
    listed = await send(f"/virtual_machines/{machine.id}/network_interfaces", params={"per_page": 200})
    assert listed.json[f"{NIC}s"][-1]["id"] == created["id"]
    on_network = (await send(f"/virtual_machines/{machine.id}/networks/{network.id}/interface")).json[NIC]
    del created["speed_profile"]
    assert on_network == created


async def test_interface_can_be_on_a_virtual_network(send: PlainClient, sandbox: Sandbox) -> None:
    network = sandbox.store.all(VirtualNetwork)[0]
    zones = [zone.id for zone in sandbox.store.all(Zone, data_center_id=network.data_center_id)]
    own = [obj for obj in sandbox.store.machines if obj.organization_id == network.organization_id]
    machine = next(obj for obj in own if obj.zone_id in zones)
    body = {
        "virtual_machine": {"id": machine.id},
        "network": None,
        "virtual_network": {"id": network.id},
        "speed_profile": {"id": sandbox.store.all(NetworkSpeedProfile)[0].id},
    }
    created = (await send(CREATE, method="POST", json=body)).json[NIC]
    assert (created["network"], created["virtual_network"]) == (None, {"id": network.id, "name": network.name})
    for version in ("ipv4", "ipv6"):
        assert (await send(f"/{NIC}s/{created['id']}/available_ips/{version}")).json == {"ip_addresses": []}
    renamed = {"virtual_network": {"id": network.id}, "properties": {"name": "Renamed"}}
    assert (await send("/virtual_networks/_", method="PATCH", json=renamed)).status == 200
    assert (await send(f"/{NIC}s/{created['id']}")).json[NIC]["virtual_network"]["name"] == "Renamed"


@pytest.mark.parametrize("networks", ["none", "two", "one with an interface of the machine"])
async def test_new_interface_needs_exactly_one_network_that_its_machine_is_not_on(
    send: PlainClient, sandbox: Sandbox, networks: str
) -> None:
    body = creation_body(sandbox.store)
    machine = sandbox.store.machines[0]
    match networks:
        case "none":
            del body["network"]
        case "two":
            body["virtual_network"] = {
                "id": sandbox.store.all(VirtualNetwork, organization_id=machine.organization_id)[0].id
            }
        case _:
            body["network"] = {"id": interfaces_of(sandbox.store, machine.id)[0].network_id}
    response = await send(CREATE, method="POST", json=body)
    assert (response.status, response.code) == (422, "validation_error")
    assert [type(error) for error in response.detail["errors"]] == [str]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"virtual_machine": {"id": "none"}}, "virtual_machine_not_found"),
        ({"network": {"id": "none"}}, "network_not_found"),
        ({"virtual_network": {"id": "none"}}, "virtual_network_not_found"),
        ({"speed_profile": {"permalink": "none"}}, "network_speed_profile_not_found"),
        ({"speed_profile": None}, "missing_required_argument"),
        ({"network": {"id": "a", "permalink": "b"}}, "invalid_argument"),
    ],
)
async def test_new_interface_needs_existing_objects(
    send: PlainClient, sandbox: Sandbox, change: dict[str, Any], code: str
) -> None:
    response = await send(CREATE, method="POST", json={**creation_body(sandbox.store), **change})
    assert response.code == code


async def test_new_interface_cannot_be_on_the_network_of_another_organization(
    send: PlainClient, sandbox: Sandbox
) -> None:
    machine = sandbox.store.machines[0]
    body = creation_body(sandbox.store)
    network = next(
        obj for obj in sandbox.store.all(Network) if obj.organization_id not in (None, machine.organization_id)
    )
    virtual = next(obj for obj in sandbox.store.all(VirtualNetwork) if obj.organization_id != machine.organization_id)
    public = await send(CREATE, method="POST", json={**body, "network": {"id": network.id}})
    private = await send(CREATE, method="POST", json={**body, "network": None, "virtual_network": {"id": virtual.id}})
    assert (public.code, private.code) == ("network_not_found", "virtual_network_not_found")


async def test_new_interface_cannot_be_on_a_network_of_another_data_center(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    center_id = sandbox.store.get(machine.zone_id).data_center_id
    distant = next(obj for obj in sandbox.store.all(Network) if obj.default and obj.data_center_id != center_id)
    response = await send(CREATE, method="POST", json={**creation_body(sandbox.store), "network": {"id": distant.id}})
    assert response.detail == {"errors": ["The network and the virtual machine are in different data centers"]}


async def test_new_interface_needs_a_speed_profile(send: PlainClient, sandbox: Sandbox) -> None:
    body = creation_body(sandbox.store)
    del body["speed_profile"]
    response = await send(CREATE, method="POST", json=body)
    assert (response.status, response.code, response.detail["path"]) == (
        400,
        "missing_required_argument",
        ["speed_profile"],
    )


async def test_missing_interface_of_a_machine_on_a_network_gets_404(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    params = {
        "virtual_machine[id]": machine.id,
        "network[permalink]": unused_networks(sandbox.store, machine)[0].permalink,
    }
    response = await send("/virtual_machines/_/networks/_/interface", params=params)
    assert (response.status, response.code) == (404, "interface_not_found")


async def test_only_a_detached_interface_can_be_deleted_and_its_addresses_stay(
    send: PlainClient, sandbox: Sandbox
) -> None:
    attached = interface_in_state(sandbox.store, "attached")
    response = await send(f"/{NIC}s/{attached.id}", method="DELETE")
    assert (response.status, response.code) == (409, "deletion_restricted")
    assert [type(error) for error in response.detail["errors"]] == [str]
    detached = next(
        obj for obj in sandbox.store.interfaces if obj.state == "detached" and addresses_of(sandbox.store, obj.id)
    )
    addresses = addresses_of(sandbox.store, detached.id)
    shown = (await send(f"/{NIC}s/{detached.id}")).json
    deleted = await send(f"/{NIC}s/{detached.id}", method="DELETE")
    assert (deleted.status, deleted.json) == (200, shown)
    assert (await send(f"/{NIC}s/{detached.id}")).code == f"{NIC}_not_found"
    for address in addresses:
        assert (await send(f"/ip_addresses/{address.id}")).json["allocation"] is None


async def test_interface_changes_its_state_when_the_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    interface = interface_in_state(sandbox.store, "detached")
    for verb, before, after in (("attach", "detached", "attached"), ("detach", "attached", "detached")):
        started = await send(f"/{NIC}s/{interface.id}/{verb}", method="POST")
        assert (started.status, started.json[NIC]["state"]) == (200, before)
        task = (started.json["task"]["name"], started.json["task"]["status"], started.json["task"]["progress"])
        assert task == (f"{verb.title()} network interface", "pending", 0)
        assert (await send(f"/{NIC}s/{interface.id}")).json[NIC]["state"] == before
        clock.now += TASK_DURATION
        assert (await send(f"/{NIC}s/{interface.id}")).json[NIC]["state"] == after
        assert (await send(f"/tasks/{started.json['task']['id']}")).json["task"]["status"] == "completed"


@pytest.mark.parametrize(("verb", "state"), [("attach", "attached"), ("detach", "detached")])
async def test_attach_or_detach_that_would_change_nothing_is_refused(
    send: PlainClient, sandbox: Sandbox, verb: str, state: str
) -> None:
    response = await send(f"/{NIC}s/{interface_in_state(sandbox.store, state).id}/{verb}", method="POST")
    assert (response.status, response.code) == (422, f"{NIC}_already_{state}")


async def test_interface_changes_its_speed_profile_when_the_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    interface, profile = sandbox.store.interfaces[0], sandbox.store.all(NetworkSpeedProfile)[2]
    body = {NIC: {"id": interface.id}, "speed_profile": {"permalink": profile.permalink}}
    started = await send(f"{NICS}/update_speed_profile", method="PATCH", json=body)
    assert set(started.json) == {"task"}
    clock.now += TASK_DURATION
    shown = (await send(f"/{NIC}s/{interface.id}")).json[NIC]
    assert shown["speed_profile"] == {"id": profile.id, "name": profile.name, "permalink": profile.permalink}
    second = await send(f"{NICS}/update_speed_profile", method="PATCH", json=body)
    assert (second.status, second.code) == (422, "speed_profile_already_assigned")


async def test_interface_has_one_task_at_a_time(send: PlainClient, sandbox: Sandbox, clock: ManualClock) -> None:
    interface, profile = interface_in_state(sandbox.store, "detached"), sandbox.store.all(NetworkSpeedProfile)[1]
    body = {NIC: {"id": interface.id}, "speed_profile": {"id": profile.id}}
    await send(f"/{NIC}s/{interface.id}/attach", method="POST")
    refused = [
        await send(f"/{NIC}s/{interface.id}/attach", method="POST"),
        await send(f"{NICS}/update_speed_profile", method="PATCH", json=body),
    ]
    for response in refused:
        assert (response.status, response.code) == (406, "task_queueing_error")
        assert set(response.detail) == {"details"}
    assert (await send(f"/{NIC}s/{interface.id}", method="DELETE")).code == "deletion_restricted"
    clock.now += TASK_DURATION
    assert (await send(f"{NICS}/update_speed_profile", method="PATCH", json=body)).status == 200


async def test_speed_profiles_are_listed_with_limits_or_null(send: PlainClient, sandbox: Sandbox) -> None:
    params: dict[str, str | int] = {"organization[id]": sandbox.store.organizations[0].id, "per_page": 3}
    response = await send("/organizations/_/network_speed_profiles", params=params)
    assert response.json["pagination"]["total"] == len(sandbox.store.all(NetworkSpeedProfile))
    listed = response.json["network_speed_profiles"]
    assert [obj["id"] for obj in listed] == [obj.id for obj in sandbox.store.all(NetworkSpeedProfile)[:3]]
    speeds = {
        (obj.upload_speed_in_mbit is None, obj.download_speed_in_mbit is None)
        for obj in sandbox.store.all(NetworkSpeedProfile)
    }
    assert speeds == {(False, True), (False, False), (True, True)}
