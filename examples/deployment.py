"""A deployment: a virtual machine with an address, a disk and a firewall, behind a load balancer, with a name in DNS.

After a step has succeeded, the call that undoes it is registered. When the block ends, even with an error, these calls
are made in reverse order; rules are deleted with their security group or load balancer. A step that fails can leave its
own object, such as a machine whose build takes too long. The example uses the bundled sandbox.
"""

import asyncio
import contextlib

from katapult_async import DomainName, KatapultClient, LoadBalancer, Permalink, SubDomain
from katapult_async.sandbox import Sandbox

LARCH, LONDON = SubDomain("larch"), Permalink("gb-london-1")


async def deploy(katapult: KatapultClient, undo: contextlib.AsyncExitStack) -> LoadBalancer:
    machines, nics, disks = katapult.virtual_machines, katapult.virtual_machine_network_interfaces, katapult.disks
    machine = await machines.build(
        organization=LARCH,
        data_center=LONDON,
        package=Permalink("small"),
        disk_template=Permalink("templates/ubuntu-24-04"),
        networks=[Permalink("gb-london-1/public-0")],
        hostname="web-1",
        all_ssh_keys=True,
    )
    undo.push_async_callback(machines.purge, machine.id, wait=True)
    undo.push_async_callback(machines.stop, machine.id, wait=True)

    [interface] = await nics.list(virtual_machine=machine.id)
    address = await nics.allocate_first_available(interface.id, address_version="ipv6")
    undo.push_async_callback(katapult.ip_addresses.unallocate, address.id)

    data = await disks.create(
        organization=LARCH,
        data_center=LONDON,
        name="data",
        size_in_gb=20,
        initial_file_system="ext4",
        virtual_machine=machine.id,
        attach=True,
        wait=True,
    )
    undo.push_async_callback(disks.purge, data.disk.id, wait=True)
    undo.push_async_callback(disks.detach, data.disk.id, wait=True)

    firewall = await katapult.security_groups.create(
        organization=LARCH, name="web", allow_all_outbound=True, associations=[machine.id]
    )
    undo.push_async_callback(katapult.security_groups.delete, firewall.id)
    await katapult.security_group_rules.create(
        security_group=firewall.id, direction="inbound", protocol="TCP", ports="22,8080", targets=["all:ipv4"]
    )

    balancer = await katapult.load_balancers.create(
        organization=LARCH,
        data_center=LONDON,
        name="front",
        resource_type="virtual_machines",
        resource_ids=[machine.id],
    )
    undo.push_async_callback(katapult.load_balancers.delete, balancer.id)
    await katapult.load_balancer_rules.create(
        load_balancer=balancer.id, algorithm="round_robin", protocol="HTTP", listen_port=80, destination_port=8080
    )

    front = balancer.ip_address.address if balancer.ip_address else ""
    record = await katapult.dns_records.create(
        dns_zone=DomainName("larch.example"), name="www", type="A", content=front
    )
    undo.push_async_callback(katapult.dns_records.delete, record.id)
    print(f"{record.full_name} is {front}, which sends HTTP to {machine.fqdn} ({machine.state})")
    return balancer


async def main() -> None:
    async with (
        Sandbox(task_duration=0.1) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult,
    ):
        async with contextlib.AsyncExitStack() as undo:
            balancer = await deploy(katapult, undo)
            rules = await katapult.load_balancer_rules.list(load_balancer=balancer.id)
            print(f"{balancer.name} has {len(rules)} rule")
        print("all steps are undone")


if __name__ == "__main__":
    asyncio.run(main())
