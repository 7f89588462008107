"""Stories of addresses, networks and tasks, against the sandbox over real sockets."""

import pytest

from katapult_async import (
    FQDN,
    ConflictError,
    KatapultClient,
    NotFoundError,
    Permalink,
    ServerError,
    SubDomain,
    Succeeded,
    TaskFailedError,
    TaskStatus,
    TaskTimeoutError,
)
from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import IPAddress

from .cloud import address_id_in

pytestmark = pytest.mark.usefixtures("short_wait_steps")


def allocated_ids(sandbox: Sandbox, interface_id: str) -> set[str]:
    """Return the ids of the addresses that an interface has in the sandbox."""
    return {address.id for address in sandbox.store.all(IPAddress) if address.interface_id == interface_id}


async def test_address_is_allocated_named_unallocated_and_deleted(sandbox: Sandbox, client: KatapultClient) -> None:
    nics, ips = client.virtual_machine_network_interfaces, client.ip_addresses
    # Find an interface.
    organization = await anext(aiter(client.organizations.list()))
    assert organization.sub_domain is not None
    full_organization = await client.organizations.get(SubDomain(organization.sub_domain))
    assert full_organization.id == organization.id
    machine = await anext(aiter(client.virtual_machines.list(organization=organization.id)))
    assert machine.fqdn is not None
    interface = await anext(aiter(nics.list(virtual_machine=FQDN(machine.fqdn))))
    available = await nics.available_ips(interface.id, address_version="ipv4")

    # Allocate its first available address.
    address = await nics.allocate_first_available(interface.id, address_version="ipv4")
    assert address == available[0]
    assert address.id in allocated_ids(sandbox, interface.id)
    assert address.id in {allocated.id for allocated in (await nics.get(interface.id)).ip_addresses}

    # Name the address.
    changed = await ips.update(address.ip, vip=True, label="front", reverse_dns="front.acme.example")
    assert (changed.vip, changed.label, changed.reverse_dns) == (True, "front", "front.acme.example")
    changed = await ips.update(address.id, vip=False, label=None)
    assert (changed.vip, changed.label, changed.reverse_dns) == (False, None, "front.acme.example")
    shown = await ips.get(address.ip)
    assert shown.allocation is not None
    assert shown.allocation.value is not None
    assert (shown.allocation.type, shown.allocation.value.name) == ("VirtualMachine", machine.name)
    assert address.id in [listed.id async for listed in ips.list(organization=organization.id, allocated=True)]

    # Change the speed profile of the interface, which is a task.
    current = (await nics.get(interface.id)).speed_profile
    profiles = [profile async for profile in client.network_speed_profiles.list(organization=organization.id)]
    other = next(profile for profile in profiles if current is None or profile.id != current.id)
    task = await nics.update_speed_profile(interface.id, speed_profile=Permalink(other.permalink or ""))
    assert task.status == TaskStatus.PENDING
    completed = await client.tasks.wait(task.id, timeout=10.0)
    assert (completed.status, completed.progress) == (TaskStatus.COMPLETED, 100)
    current = (await nics.get(interface.id)).speed_profile
    assert current is not None
    assert current.id == other.id

    # Unallocate and delete the address.
    await ips.unallocate(address.id)
    assert (await ips.get(address.id)).allocation is None
    assert address.id not in allocated_ids(sandbox, interface.id)
    await ips.delete(address.ip)
    with pytest.raises(NotFoundError):
        await ips.get(address.id)


async def test_virtual_network_is_created_used_and_deleted(client: KatapultClient) -> None:
    organization = await anext(aiter(client.organizations.list()))
    machine = await anext(aiter(client.virtual_machines.list(organization=organization.id)))
    assert machine.zone is not None
    assert machine.zone.data_center is not None
    center_id = machine.zone.data_center.id
    network = await client.virtual_networks.create(organization=organization.id, data_center=center_id, name="Backend")
    assert (await client.virtual_networks.update(network.id, name="Renamed")).name == "Renamed"
    available = await client.networks.available(organization=organization.id)
    assert "Renamed" in {virtual_network.name for virtual_network in available.virtual_networks}
    profile = await anext(aiter(client.network_speed_profiles.list(organization=organization.id)))
    nics = client.virtual_machine_network_interfaces
    interface = await nics.create(virtual_machine=machine.id, virtual_network=network.id, speed_profile=profile.id)
    assert interface.virtual_network is not None
    with pytest.raises(ConflictError):
        await client.virtual_networks.delete(network.id)
    await nics.delete(interface.id)
    deleted = await client.virtual_networks.delete(network.id)
    assert deleted is not None
    assert deleted.name == "Renamed"
    assert "Renamed" not in [
        virtual_network.name async for virtual_network in client.virtual_networks.list(organization=organization.id)
    ]


async def test_task_can_fail_or_outlast_the_timeout(sandbox: Sandbox, client: KatapultClient) -> None:
    nics = client.virtual_machine_network_interfaces
    detached = next(candidate for candidate in sandbox.store.interfaces if candidate.state == "detached")
    sandbox.fail_next_task()
    begun = await nics.attach(detached.id)
    with pytest.raises(TaskTimeoutError) as timeout:
        await client.tasks.wait(begun.task.id, timeout=0.0)
    assert timeout.value.task.id == begun.task.id
    with pytest.raises(TaskFailedError) as failed:
        await client.tasks.wait(begun.task.id)
    assert (failed.value.task.status, failed.value.task.name) == ("failed", begun.task.name)
    assert (await nics.get(detached.id)).state == "detached"


@pytest.mark.parametrize("lost", ["the response", "the request", "the response, and then a check"])
async def test_allocation_whose_request_or_response_is_lost_allocates_one_address(
    sandbox: Sandbox, client: KatapultClient, lost: str
) -> None:
    interface = next(
        candidate for candidate in sandbox.store.interfaces if sandbox.store.free_addresses(candidate.id, "ipv4")
    )
    before = allocated_ids(sandbox, interface.id)
    if lost == "the request":
        sandbox.drop_next(matching="/allocate_ip")
    else:
        sandbox.lose_next(matching="/allocate_ip")
    if lost.endswith("a check"):
        sandbox.drop_next(matching="virtual_machine_network_interface?")
    nics = client.virtual_machine_network_interfaces
    address = await nics.allocate_first_available(interface.id, address_version="ipv4")
    assert allocated_ids(sandbox, interface.id) - before == {address.id}


async def test_error_of_a_failed_allocation_that_cannot_be_checked_names_its_address(
    sandbox: Sandbox, client: KatapultClient
) -> None:
    interface = next(
        candidate for candidate in sandbox.store.interfaces if sandbox.store.free_addresses(candidate.id, "ipv4")
    )
    before = allocated_ids(sandbox, interface.id)
    sandbox.fail_next(code="x", status=502, matching="/allocate_ip")
    sandbox.fail_next(code="permission_denied", matching="virtual_machine_network_interface?")
    with pytest.raises(ServerError) as caught:
        await client.virtual_machine_network_interfaces.allocate_first_available(interface.id, address_version="ipv4")
    assert allocated_ids(sandbox, interface.id) == before
    assert address_id_in(caught.value) == sandbox.store.free_addresses(interface.id, "ipv4")[0].id


async def test_interfaces_that_share_free_addresses_receive_one_each_despite_lost_responses(
    sandbox: Sandbox, client: KatapultClient
) -> None:
    nics = client.virtual_machine_network_interfaces
    ids = [interface.id for interface in sandbox.store.interfaces if sandbox.store.free_addresses(interface.id, "ipv4")]
    before = {interface_id: allocated_ids(sandbox, interface_id) for interface_id in ids}
    sandbox.faults = Faults(lost_response=0.3, truncate=0.1)

    async def allocate(interface_id: str) -> str:
        return (await nics.allocate_first_available(interface_id, address_version="ipv4")).id

    async with client.many(allocate, ids, concurrency=5, timeout=30.0) as outcomes:
        results = [outcome async for outcome in outcomes]
    sandbox.faults = Faults()
    assert {outcome.key for outcome in results} == set(ids)
    for outcome in results:
        expected = {outcome.value} if isinstance(outcome, Succeeded) else set()
        assert allocated_ids(sandbox, outcome.key) - before[outcome.key] == expected, outcome
    assert any(isinstance(outcome, Succeeded) for outcome in results)
