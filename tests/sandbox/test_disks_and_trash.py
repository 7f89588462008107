"""Disks, virtual machines and the trash: the states before, during and after their tasks, and the errors."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import (
    DataCenter,
    Disk,
    DiskIOProfile,
    GPUType,
    Tag,
    TrashObject,
    VirtualMachine,
    VirtualMachineGroup,
)
from katapult_async.sandbox.operations import OPERATIONS

from .plain_client import TASK_DURATION, ManualClock, PlainClient
from .samples import WRITES, interfaces_of, machines_for, new_unassigned_disk


async def new_disk(send: PlainClient, sandbox: Sandbox, *, owner_id: str | None = None, **properties: object) -> Any:
    """Send a request that creates a disk, by default of the first organization, and return the response."""
    body = {"organization": {"id": owner_id or sandbox.store.organizations[0].id}, "properties": properties}
    return await send("/organizations/organization/disks", method="POST", json=body)


async def test_disk_is_assigned_attached_detached_and_unassigned(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    disk = new_unassigned_disk(sandbox.store)
    machine, path = machines_for(sandbox.store, disk)[0], f"/disks/{disk.id}"
    assigned = await send(f"{path}/assign", method="POST", json={"virtual_machine": {"id": machine.id}})
    assert assigned.json["disk"]["virtual_machine_disk"] == {
        "virtual_machine": {"id": machine.id, "fqdn": machine.fqdn},
        "attach_on_boot": True,
        "boot": False,
        "state": "detached",
    }
    second = await send(f"{path}/assign", method="POST", json={"virtual_machine": {"id": machine.id}})
    assert (second.status, second.code) == (422, "unable_to_assign")
    for action, state in (("attach", "attached"), ("detach", "detached")):
        response = await send(f"{path}/{action}", method="POST")
        assert response.json["task"]["status"] == "pending"
        assert (await send(f"{path}/{action}", method="POST")).code == "task_queueing_error"
        clock.now += TASK_DURATION
        shown = (await send(path)).json["disk"]
        assert shown["virtual_machine_disk"]["state"] == state
        if state == "attached":
            refused = [await send(f"{path}/unassign", method="POST"), await send(path, method="DELETE")]
            assert [response.code for response in refused] == ["unable_to_unassign", "validation_error"]
    unassigned = await send(f"{path}/unassign", method="POST")
    assert unassigned.json["disk"]["virtual_machine_disk"] is None
    refused = [await send(f"{path}/{action}", method="POST") for action in ("attach", "detach", "unassign")]
    assert [response.code for response in refused] == ["unassigned_disk", "unassigned_disk", "unable_to_unassign"]


async def test_disk_is_assigned_only_to_a_machine_of_its_organization_and_data_center(
    send: PlainClient, sandbox: Sandbox
) -> None:
    disk = new_unassigned_disk(sandbox.store)
    foreign = next(obj for obj in sandbox.store.machines if obj.organization_id != disk.organization_id)
    own = [obj for obj in sandbox.store.machines if obj.organization_id == disk.organization_id]
    distant = next(obj for obj in own if sandbox.store.get(obj.zone_id).data_center_id != disk.data_center_id)
    for machine, code in ((foreign, "virtual_machine_not_found"), (distant, "unable_to_assign")):
        body = {"virtual_machine": {"id": machine.id}}
        assert (await send(f"/disks/{disk.id}/assign", method="POST", json=body)).code == code


async def test_disk_gets_its_new_size_and_io_profile_when_the_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    disk, profile = new_unassigned_disk(sandbox.store), sandbox.store.all(DiskIOProfile)[1]
    resized = await send(f"/disks/{disk.id}/resize", method="PUT", json={"size_in_gb": 40})
    assert resized.json["disk"]["size_in_gb"] == disk.size_in_gb
    clock.now += TASK_DURATION
    await send(f"/disks/{disk.id}/io_profile", method="PUT", json={"io_profile": {"id": profile.id}})
    clock.now += TASK_DURATION
    shown = (await send(f"/disks/{disk.id}")).json["disk"]
    assert (shown["size_in_gb"], shown["io_profile"]["id"]) == (40, profile.id)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_required_argument"),
        ({"size_in_gb": "x"}, "invalid_argument"),
        ({"size_in_gb": 1, "resize_method": "fast"}, "invalid_argument"),
        ({"size_in_gb": 0}, "validation_error"),
    ],
)
async def test_resize_checks_its_arguments(
    send: PlainClient, sandbox: Sandbox, body: dict[str, object], code: str
) -> None:
    response = await send(f"/disks/{new_unassigned_disk(sandbox.store).id}/resize", method="PUT", json=body)
    assert response.code == code


async def test_disk_can_shrink_unless_it_is_attached(send: PlainClient, sandbox: Sandbox, clock: ManualClock) -> None:
    spare = new_unassigned_disk(sandbox.store)
    attached = next(disk for disk in sandbox.store.all(Disk) if disk.attached)
    shrink = {"size_in_gb": 9}  # both have 10
    assert (await send(f"/disks/{attached.id}/resize", method="PUT", json=shrink)).code == "validation_error"
    assert (await send(f"/disks/{spare.id}/resize", method="PUT", json=shrink)).status == 200
    clock.now += TASK_DURATION
    assert (await send(f"/disks/{spare.id}")).json["disk"]["size_in_gb"] == 9


async def test_default_io_profiles_of_system_disks_and_of_other_disks_are_the_recorded_ones(
    send: PlainClient, sandbox: Sandbox
) -> None:
    system = next(disk for disk in sandbox.store.all(Disk) if disk.installation)
    center = {"permalink": "gb-london-1"}
    created = (await new_disk(send, sandbox, name="data", size_in_gb=20, data_center=center)).json["disk"]
    shown = (await send(f"/disks/{system.id}")).json["disk"]
    assert [disk["io_profile"]["permalink"] for disk in (created, shown)] == ["unrestricted", "100k"]


async def test_disks_of_a_machine_are_listed_with_their_assignments(send: PlainClient, sandbox: Sandbox) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.virtual_machine_disk)
    assert disk.virtual_machine_disk is not None
    [row] = (await send(f"/virtual_machines/{disk.virtual_machine_id}/disks")).json["disks"]
    assert row["disk"]["id"] == disk.id
    assert {key: row[key] for key in ("attach_on_boot", "boot", "state")} == {
        "attach_on_boot": True,
        "boot": True,
        "state": disk.virtual_machine_disk.state,
    }


async def test_password_of_an_installation_is_not_in_the_repr(send: PlainClient, sandbox: Sandbox) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.installation)
    [attribute] = (await send(f"/disks/{disk.id}")).json["disk"]["installation"]["attributes"]
    assert attribute["protect"] is True
    assert attribute["value"] not in repr(disk)


@pytest.mark.parametrize(
    ("action", "state"), [("start", "started"), ("stop", "stopped"), ("shutdown", "stopped"), ("reset", "started")]
)
async def test_machine_changes_its_power_state_when_the_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, action: str, state: str
) -> None:
    machine = sandbox.store.machines[0]
    response = await send(f"/virtual_machines/{machine.id}/{action}", method="POST")
    assert set(response.json["task"]) == {"id", "name", "status"}
    clock.now += TASK_DURATION
    assert (await send(f"/virtual_machines/{machine.id}")).json["virtual_machine"]["state"] == state


async def test_deleted_machine_is_restored_from_the_trash(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    path, interface = f"/virtual_machines/{machine.id}", interfaces_of(sandbox.store, machine.id)[0]
    deleted = await send(path, method="DELETE")
    entry = deleted.json["trash_object"]
    assert (entry["object_id"], entry["object_type"]) == (machine.id, "VirtualMachine")
    assert (await send(path, method="DELETE")).code == "object_in_trash"
    listed = await send(f"/organizations/{machine.organization_id}/trash_objects")
    assert listed.json["trash_objects"] == [entry]
    by_object = await send("/trash_objects/_", params={"trash_object[object_id]": machine.id})
    assert by_object.json["trash_object"] == entry
    restored = await send(f"/trash_objects/{entry['id']}/restore", method="POST")
    assert restored.json["trash_object"] == entry
    for readable in (path, f"/virtual_machine_network_interfaces/{interface.id}"):
        assert (await send(readable)).status == 200


async def test_machine_that_was_deleted_while_it_ran_is_stopped_after_its_restoration(
    send: PlainClient, sandbox: Sandbox
) -> None:
    machine = next(obj for obj in sandbox.store.machines if obj.state == "started")
    deleted = await send(f"/virtual_machines/{machine.id}", method="DELETE")
    await send(f"/trash_objects/{deleted.json['trash_object']['id']}/restore", method="POST")
    restored = await send(f"/virtual_machines/{machine.id}")
    assert [response.json["virtual_machine"]["state"] for response in (deleted, restored)] == ["started", "stopped"]


async def test_machine_in_the_trash_is_not_started_by_a_task_that_was_running(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    path = f"/virtual_machines/{sandbox.store.machines[0].id}"
    task = (await send(f"{path}/start", method="POST")).json["task"]
    deleted = await send(path, method="DELETE")
    clock.now += TASK_DURATION
    await send(f"/trash_objects/{deleted.json['trash_object']['id']}/restore", method="POST")
    assert (await send(path)).json["virtual_machine"]["state"] == "stopped"
    assert (await send(f"/tasks/{task['id']}")).json["task"]["status"] == "failed"


async def test_object_is_kept_in_the_trash_for_two_days(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    deleted = await send(f"/virtual_machines/{sandbox.store.machines[0].id}", method="DELETE")
    assert deleted.json["trash_object"]["keep_until"] == int(clock.now) + 2 * 24 * 3600


async def test_purged_objects_are_removed_when_the_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    first, second, *_ = sandbox.store.machines
    entry = sandbox.store.trash(first)
    purged = await send(f"/trash_objects/{entry.id}", method="DELETE")
    assert purged.json["task"]["status"] == "pending"
    assert (await send(f"/virtual_machines/{first.id}")).code == "object_in_trash"
    clock.now += TASK_DURATION
    assert (await send(f"/virtual_machines/{first.id}")).code == "virtual_machine_not_found"
    sandbox.store.trash(second)
    await send(f"/organizations/{second.organization_id}/trash_objects/purge_all", method="POST")
    clock.now += TASK_DURATION
    assert (await send(f"/virtual_machines/{second.id}")).code == "virtual_machine_not_found"
    assert sandbox.store.all(TrashObject) == ()


@pytest.mark.parametrize("path", ["/trash_objects/{entry}", "/organizations/{owner}/trash_objects/purge_all"])
async def test_object_that_is_restored_before_the_purge_completes_stays(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, path: str
) -> None:
    machine = sandbox.store.machines[0]
    entry = sandbox.store.trash(machine)
    path = path.format(entry=entry.id, owner=machine.organization_id)
    await send(path, method="POST" if path.endswith("purge_all") else "DELETE")
    assert (await send(f"/trash_objects/{entry.id}/restore", method="POST")).status == 200
    clock.now += TASK_DURATION
    assert (await send(f"/virtual_machines/{machine.id}")).status == 200


async def test_deleted_disk_is_in_the_trash(send: PlainClient, sandbox: Sandbox) -> None:
    disk = new_unassigned_disk(sandbox.store)
    deleted = await send(f"/disks/{disk.id}", method="DELETE")
    assert deleted.json["trash_object"]["object_type"] == "Disk"
    assert (await send(f"/disks/{disk.id}")).code == "object_in_trash"


@pytest.mark.parametrize(("attach", "state"), [(True, "attached"), (False, "detached")])
async def test_new_disk_is_built_when_the_task_completes_and_then_attached_if_the_request_says_so(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, *, attach: bool, state: str
) -> None:
    machine = next(obj for obj in sandbox.store.all(VirtualMachine, sandbox.store.organizations[0]) if obj.runs)
    center = {"id": sandbox.store.get(machine.zone_id).data_center_id}
    assignment = {"virtual_machine": {"id": machine.id}, "attach": attach, "boot": False}
    created = await new_disk(
        send, sandbox, name="data", size_in_gb=20, data_center=center, virtual_machine_disk=assignment
    )
    disk = created.json["disk"]
    assert (created.status, disk["state"], disk["virtual_machine_disk"]["state"]) == (201, "not_built", "detached")
    clock.now += TASK_DURATION / 2
    assert (await send(f"/disks/{disk['id']}")).json["disk"]["state"] == "building"
    clock.now += TASK_DURATION / 2
    built = (await send(f"/disks/{disk['id']}")).json["disk"]
    assert (built["state"], built["virtual_machine_disk"]["state"]) == ("built", state)


async def test_start_of_a_machine_does_not_attach_a_disk_whose_build_failed(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    machine = next(obj for obj in sandbox.store.machines if obj.state == "stopped")
    assignment = {"virtual_machine": {"id": machine.id}, "attach": True}
    center = {"id": machine.data_center_id(sandbox.store)}
    new = {"name": "data", "size_in_gb": 20, "data_center": center, "virtual_machine_disk": assignment}
    sandbox.fail_next_task()
    await new_disk(send, sandbox, owner_id=machine.organization_id, **new)
    clock.now += TASK_DURATION
    await send(f"/virtual_machines/{machine.id}/start", method="POST")
    clock.now += TASK_DURATION
    rows = (await send(f"/virtual_machines/{machine.id}/disks")).json["disks"]
    assert [row["state"] for row in rows] == ["attached", "detached"]


async def test_properties_of_a_new_disk_are_validated(send: PlainClient, sandbox: Sandbox) -> None:
    refused = await new_disk(send, sandbox, name=" ")
    assert refused.detail["errors"] == [
        "Name can't be blank",
        "Size in gb can't be blank",
        "Data center can't be blank",
    ]
    center = {"permalink": "gb-london-1"}
    refused = await new_disk(
        send, sandbox, name="data", size_in_gb=0, data_center=center, virtual_machine_disk={"boot": True}
    )
    assert refused.detail["errors"] == ["Size in gb must be greater than 0", "Virtual machine can't be blank"]


async def test_name_and_assignment_of_a_disk_can_be_changed(send: PlainClient, sandbox: Sandbox) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.virtual_machine_disk)
    properties = {"name": "renamed", "virtual_machine_disk": {"attach_on_boot": False}}
    changed = (await send(f"/disks/{disk.id}", method="PATCH", json={"properties": properties})).json["disk"]
    assert (changed["name"], changed["virtual_machine_disk"]["attach_on_boot"]) == ("renamed", False)
    spare = new_unassigned_disk(sandbox.store)
    refused = await send(f"/disks/{spare.id}", method="PATCH", json={"properties": properties})
    assert refused.code == "unassigned_disk"


async def test_change_of_an_assignment_is_kept_when_the_attach_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.virtual_machine_disk)
    await send(f"/disks/{disk.id}/attach", method="POST")
    changes = {"properties": {"virtual_machine_disk": {"attach_on_boot": False}}}
    assert (await send(f"/disks/{disk.id}", method="PATCH", json=changes)).status == 200
    clock.now += TASK_DURATION
    shown = (await send(f"/disks/{disk.id}")).json["disk"]["virtual_machine_disk"]
    assert (shown["state"], shown["attach_on_boot"]) == ("attached", False)


async def test_disk_that_is_unassigned_while_its_attach_task_runs_stays_unassigned(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.virtual_machine_disk)
    assert disk.virtual_machine_disk is not None
    sandbox.store.change(disk, virtual_machine_disk=disk.virtual_machine_disk.changed(state="detached"))
    await send(f"/disks/{disk.id}/attach", method="POST")
    assert (await send(f"/disks/{disk.id}/unassign", method="POST")).status == 200
    clock.now += TASK_DURATION
    assert (await send(f"/disks/{disk.id}")).json["disk"]["virtual_machine_disk"] is None


async def test_disk_for_a_machine_in_another_data_center_is_not_created(send: PlainClient, sandbox: Sandbox) -> None:
    machine = next(obj for obj in sandbox.store.machines if obj.organization_id == sandbox.store.organizations[0].id)
    used = sandbox.store.get(machine.zone_id).data_center_id
    other = next(obj.id for obj in sandbox.store.all(DataCenter) if obj.id != used)
    disks, assignment = sandbox.store.all(Disk), {"virtual_machine": {"id": machine.id}}
    refused = await new_disk(
        send, sandbox, name="data", size_in_gb=20, data_center={"id": other}, virtual_machine_disk=assignment
    )
    assert refused.detail["errors"] == ["Virtual machine is in another data center"]
    assert sandbox.store.all(Disk) == disks


@pytest.mark.parametrize(
    ("action", "state"),
    [("start", "starting"), ("stop", "stopping"), ("shutdown", "shutting_down"), ("reset", "resetting")],
)
async def test_machine_has_a_transitional_state_while_its_task_runs(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, action: str, state: str
) -> None:
    machine = sandbox.store.machines[0]
    await send(f"/virtual_machines/{machine.id}/{action}", method="POST")
    clock.now += TASK_DURATION / 2
    assert (await send(f"/virtual_machines/{machine.id}")).json["virtual_machine"]["state"] == state


@pytest.mark.parametrize(("action", "state"), [("start", "stopped"), ("stop", "started"), ("reset", "started")])
async def test_machine_has_its_previous_state_after_a_failed_task(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, action: str, state: str
) -> None:
    machine = next(obj for obj in sandbox.store.machines if obj.state == state)
    sandbox.fail_next_task()
    await send(f"/virtual_machines/{machine.id}/{action}", method="POST")
    states = []
    for _ in range(2):
        clock.now += TASK_DURATION / 2
        states.append((await send(f"/virtual_machines/{machine.id}")).json["virtual_machine"]["state"])
    during, after = states
    assert during != state
    assert after == state


async def test_size_of_a_disk_is_changed_only_by_a_resize(send: PlainClient, sandbox: Sandbox) -> None:
    disk = new_unassigned_disk(sandbox.store)
    properties = {"name": "renamed", "size_in_gb": disk.size_in_gb + 1}
    changed = (await send(f"/disks/{disk.id}", method="PATCH", json={"properties": properties})).json["disk"]
    assert (changed["name"], changed["size_in_gb"]) == ("renamed", disk.size_in_gb)


async def test_start_attaches_the_disks_that_attach_on_boot(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    machine = next(obj for obj in sandbox.store.machines if obj.state == "stopped")
    [system] = sandbox.store.all(Disk, virtual_machine_id=machine.id)
    center = {"id": system.data_center_id}
    for name, attach_on_boot in (("data", True), ("cold", False)):
        assignment = {"virtual_machine": {"id": machine.id}, "attach": True, "attach_on_boot": attach_on_boot}
        new: dict[str, Any] = {"name": name, "data_center": center, "virtual_machine_disk": assignment}
        await new_disk(send, sandbox, owner_id=machine.organization_id, size_in_gb=20, **new)
    clock.now += TASK_DURATION

    async def states() -> list[tuple[str, str]]:
        rows = (await send(f"/virtual_machines/{machine.id}/disks")).json["disks"]
        return [(row["disk"]["name"], row["state"]) for row in rows]

    assert await states() == [("System Disk", "detached"), ("data", "detached"), ("cold", "detached")]
    await send(f"/virtual_machines/{machine.id}/start", method="POST")
    clock.now += TASK_DURATION
    assert await states() == [("System Disk", "attached"), ("data", "attached"), ("cold", "detached")]


@pytest.mark.parametrize("action", ["stop", "shutdown", "delete"])
async def test_interfaces_are_detached_while_their_machine_is_stopped(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, action: str
) -> None:
    interface = next(obj for obj in sandbox.store.interfaces if obj.state == "attached")
    path = f"/virtual_machine_network_interfaces/{interface.id}"
    machine = f"/virtual_machines/{interface.virtual_machine_id}"
    await _stop(send, machine, action)
    clock.now += TASK_DURATION
    states = [(await send(path)).json["virtual_machine_network_interface"]["state"]]
    await send(f"{machine}/start", method="POST")
    clock.now += TASK_DURATION
    states.append((await send(path)).json["virtual_machine_network_interface"]["state"])
    assert states == ["detached", "attached"]


async def _stop(send: PlainClient, machine: str, action: str) -> None:
    """Stop a virtual machine with an action; ``delete`` deletes and restores it."""
    if action == "delete":
        entry = (await send(machine, method="DELETE")).json["trash_object"]
        await send(f"/trash_objects/{entry['id']}/restore", method="POST")
    else:
        await send(f"{machine}/{action}", method="POST")


@pytest.mark.parametrize("action", ["stop", "shutdown", "delete"])
async def test_disk_of_a_machine_that_was_stopped_can_be_made_smaller(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, action: str
) -> None:
    # As in the acceptance tests of Katapult's Terraform provider: a disk shrinks when its virtual machine is stopped.
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.attached)
    path, smaller = f"/disks/{disk.id}/resize", {"size_in_gb": disk.size_in_gb - 1}
    machine = f"/virtual_machines/{disk.virtual_machine_id}"
    assert (await send(path, method="PUT", json=smaller)).code == "validation_error"
    await _stop(send, machine, action)
    clock.now += TASK_DURATION
    assert (await send(path, method="PUT", json=smaller)).status == 200
    await send(f"{machine}/start", method="POST")
    clock.now += TASK_DURATION
    shown = (await send(f"/disks/{disk.id}")).json["disk"]
    assert (shown["size_in_gb"], shown["virtual_machine_disk"]["state"]) == (disk.size_in_gb - 1, "attached")


async def test_assigned_disk_stays_in_the_data_center_of_its_machine(send: PlainClient, sandbox: Sandbox) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.virtual_machine_disk)
    other = next(obj for obj in sandbox.store.all(DataCenter) if obj.id != disk.data_center_id)
    properties = {"data_center": {"id": other.id}}
    refused = await send(f"/disks/{disk.id}", method="PATCH", json={"properties": properties})
    assert refused.detail["errors"] == ["Virtual machine is in another data center"]
    moved = await send(
        f"/disks/{new_unassigned_disk(sandbox.store).id}", method="PATCH", json={"properties": properties}
    )
    assert moved.json["disk"]["data_center"]["id"] == other.id


async def test_machine_is_renamed_grouped_and_tagged(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    tag = sandbox.store.all(Tag, organization_id=machine.organization_id)[0]
    group = sandbox.store.all(VirtualMachineGroup, organization_id=machine.organization_id)[0]
    properties = {
        "name": "Renamed",
        "hostname": "Renamed",
        "description": None,
        "tag_names": [tag.name, "new", tag.name],
        "group": {"id": group.id},
    }
    path = f"/virtual_machines/{machine.id}"
    changed = (await send(path, method="PATCH", json={"properties": properties})).json["virtual_machine"]
    assert [changed[name] for name in ("name", "hostname", "description", "tag_names")] == [
        "Renamed",
        "renamed",
        None,
        [tag.name, "new"],
    ]
    assert (changed["fqdn"].partition(".")[0], changed["group"]["id"]) == ("renamed", group.id)
    cleared = await send(path, method="PATCH", json={"properties": {"tag_names": [], "group": None}})
    assert [cleared.json["virtual_machine"][name] for name in ("tag_names", "group", "name")] == [[], None, "Renamed"]


async def test_disk_keeps_its_io_profile_when_an_update_has_none(send: PlainClient, sandbox: Sandbox) -> None:
    path = f"/disks/{sandbox.store.all(Disk)[0].id}"
    before = (await send(path)).json["disk"]["io_profile"]
    response = await send(path, method="PATCH", json={"properties": {"io_profile": None}})
    assert before is not None
    assert response.json["disk"]["io_profile"] == before


async def test_blank_tag_name_makes_no_tag(send: PlainClient, sandbox: Sandbox) -> None:
    path = f"/virtual_machines/{sandbox.store.machines[0].id}"
    response = await send(path, method="PATCH", json={"properties": {"tag_names": ["new", " ", "", "new"]}})
    assert response.json["virtual_machine"]["tag_names"] == ["new"]
    assert all(tag.name.strip() for tag in sandbox.store.all(Tag))


async def test_machine_gets_and_loses_its_type_of_graphics_processor(send: PlainClient, sandbox: Sandbox) -> None:
    path = f"/virtual_machines/{sandbox.store.machines[0].id}"
    gpu_type = sandbox.store.all(GPUType)[0]
    shown = []
    for value in ({"permalink": gpu_type.permalink}, None):
        response = await send(path, method="PATCH", json={"properties": {"gpu_type": value}})
        shown.append(response.json["virtual_machine"]["gpu_type"])
    assert (shown[0]["name"], shown[1]) == (gpu_type.name, None)


async def test_machine_needs_a_name_and_a_unique_hostname(send: PlainClient, sandbox: Sandbox) -> None:
    machine, other = [
        obj for obj in sandbox.store.machines if obj.organization_id == sandbox.store.organizations[0].id
    ][:2]
    path = f"/virtual_machines/{machine.id}"
    for properties, problem in (
        ({"name": None, "hostname": " "}, ["Name can't be blank", "Hostname can't be blank"]),
        ({"hostname": other.hostname.upper()}, ["Hostname has already been taken"]),
        ({"hostname": "two words"}, ["Hostname is invalid"]),
    ):
        refused = await send(path, method="PATCH", json={"properties": properties})
        assert refused.detail["errors"] == problem
    kept = await send(
        f"/virtual_machines/{machine.id}", method="PATCH", json={"properties": {"hostname": machine.hostname}}
    )
    assert kept.json["virtual_machine"]["fqdn"] == machine.fqdn


async def test_machine_gets_its_package_and_resources_when_the_task_completes(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock
) -> None:
    path = f"/virtual_machines/{sandbox.store.machines[0].id}"
    await send(f"{path}/flexible_resources", method="PUT", json={"resources": {"cpu_cores": 3, "memory_in_gb": 5}})
    clock.now += TASK_DURATION
    shown = (await send(path)).json["virtual_machine"]
    assert (shown["cpu_cores"], shown["memory_in_gb"]) == (3, 5)
    await send(f"{path}/package", method="PUT", json={"virtual_machine_package": {"permalink": "large"}})
    clock.now += TASK_DURATION
    shown = (await send(path)).json["virtual_machine"]
    assert (shown["package"]["permalink"], shown["cpu_cores"]) == ("large", 4)


async def test_every_operation_on_a_trashed_machine_gets_406(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    entry = sandbox.store.trash(machine)
    bodies = {method_and_path: body(sandbox.store) for method_and_path, body in WRITES.items()}
    checked = 0
    for operation in OPERATIONS:
        path = operation.path.replace("/:", "/")
        if path.startswith("/virtual_machines/virtual_machine"):
            body = {**bodies.get((operation.method, path), {}), "virtual_machine": {"id": machine.id}}
            query = {"virtual_machine[id]": machine.id, "network[permalink]": "gb-london-1/public-0"}
            arguments: dict[str, Any] = {"params": query} if operation.method == "GET" else {"json": body}
            refused = await send(path, method=operation.method, **arguments)
            assert (refused.status, refused.code) == (406, "object_in_trash"), path
            assert refused.detail["trash_object"]["id"] == entry.id
            checked += 1
    assert checked > 12  # otherwise the prefix of the paths is wrong


async def test_attached_disk_is_neither_assigned_to_another_machine_nor_unassigned(
    send: PlainClient, sandbox: Sandbox
) -> None:
    disk = next(obj for obj in sandbox.store.all(Disk) if obj.attached)
    before, machine = disk.virtual_machine_disk, machines_for(sandbox.store, disk)[0]
    changes = {"properties": {"virtual_machine_disk": {"virtual_machine": {"id": machine.id}}}}
    for properties in (changes, {"properties": {"virtual_machine_disk": None}}):
        refused = await send(f"/disks/{disk.id}", method="PATCH", json=properties)
        assert refused.detail == {"errors": ["Disk is attached to a virtual machine"]}
    assert sandbox.store.get(disk.id).virtual_machine_disk == before
    assert before is not None
    sandbox.store.change(disk, virtual_machine_disk=before.changed(state="detached"))
    moved = (await send(f"/disks/{disk.id}", method="PATCH", json=changes)).json["disk"]["virtual_machine_disk"]
    assert (moved["virtual_machine"]["id"], moved["state"]) == (machine.id, "detached")
