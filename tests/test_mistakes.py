"""The exact messages of typical mistakes: in a web application, in a batch job and in a notebook."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from katapult_async import FQDN, KatapultClient, Permalink, SubDomain, Tag
from katapult_async.sandbox import Sandbox

Mistake = Callable[[KatapultClient, Sandbox], Any]

ADVICE = "check the name, and that the token can see the object"
ID = "an id is a string of 1 to 64 letters, digits, '_' or '-'"


async def wrong_token(_: KatapultClient, sandbox: Sandbox) -> object:
    async with KatapultClient("nonsense", base_url=sandbox.base_url) as katapult:
        return await katapult.organizations.list()


async def forgotten_async_with(_: KatapultClient, sandbox: Sandbox) -> object:
    return await KatapultClient("token", base_url=sandbox.base_url).virtual_machines.get("vm_1")


async def used_after_the_end(_: KatapultClient, sandbox: Sandbox) -> object:
    async with KatapultClient("token", base_url=sandbox.base_url) as katapult:
        pass
    return await katapult.virtual_machines.get("vm_1")


async def other_loop(katapult: KatapultClient, _: Sandbox) -> object:
    """Use the client in a thread with `asyncio.run`, as a synchronous web framework does."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(katapult.virtual_machines.get("vm_1"))
        except BaseException as error:  # noqa: BLE001 # raised again below
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    await asyncio.to_thread(thread.join)
    raise errors[0]


def plain_for(katapult: KatapultClient, _: Sandbox) -> object:
    pages: Any = katapult.organizations.list()
    return [organization.name for organization in pages]


def for_over_a_batch(katapult: KatapultClient, _: Sandbox) -> object:
    batch: Any = katapult.many(katapult.virtual_machines.get, ["vm_1"])
    return [*batch]


async def batch_without_async_with(katapult: KatapultClient, _: Sandbox) -> object:
    return [outcome async for outcome in katapult.many(katapult.virtual_machines.get, ["vm_1"])]


def nics(katapult: KatapultClient) -> Any:
    """Return the interfaces as `Any`, as a user without a type checker sees them."""
    return katapult.virtual_machine_network_interfaces


MACHINE = "GET /virtual_machines/virtual_machine?virtual_machine"
MISTAKES: dict[str, tuple[Mistake, str]] = {
    "no token in the environment": (
        lambda *_: KatapultClient.from_env(environ={}),
        "UsageError: no token: set KATAPULT_API_KEY or KATAPULT_API_TOKEN in the environment",
    ),
    "an empty token": (lambda *_: KatapultClient(""), "UsageError: the token is empty"),
    "a wrong token": (
        wrong_token,
        (
            "AuthenticationError: Invalid API token (403 invalid_api_token, request ID, 1 attempt): "
            "GET /organizations; check the token, and the networks that it may be used from"
        ),
    ),
    "http for a server that is not this machine": (
        lambda *_: KatapultClient("token", base_url="http://api.katapult.example"),
        (
            "UsageError: base_url must be https://host[:port]/path (http:// only for localhost, 127.0.0.1 and ::1), "
            "not http://api.katapult.example"
        ),
    ),
    "a bare name for a machine": (
        lambda katapult, _: katapult.virtual_machines.get("web-1"),
        (
            f"NotFoundError: no such virtual machine: web-1 (404 virtual_machine_not_found, request ID, 1 attempt): "
            f"{MACHINE}[id]=web-1; name it by its id (vm_...) or FQDN(...)"
        ),
    ),
    "a domain name as a string": (
        lambda katapult, _: katapult.virtual_machines.get("web-1.acme.example"),
        f"UsageError: virtual_machine must be an id or FQDN(...), not 'web-1.acme.example'; {ID}",
    ),
    "a machine that does not exist": (
        lambda katapult, _: katapult.virtual_machines.get(FQDN("web-9.acme.example")),
        (
            f"NotFoundError: no such virtual machine: web-9.acme.example (404 virtual_machine_not_found, request ID, "
            f"1 attempt): {MACHINE}[fqdn]=web-9.acme.example; {ADVICE}"
        ),
    ),
    "a sub domain as a string": (
        lambda katapult, _: katapult.organizations.get("acme"),
        (
            "NotFoundError: no such organization: acme (404 organization_not_found, request ID, 1 attempt): "
            "GET /organizations/organization?organization[id]=acme; name it by its id (org_...) or SubDomain(...)"
        ),
    ),
    "a lookup of another kind": (
        lambda katapult, _: katapult.virtual_machines.get(SubDomain("acme")),  # type: ignore[arg-type] # the mistake
        "UsageError: virtual_machine must be an id or FQDN(...), not a SubDomain",
    ),
    "a name for an interface, which has none": (
        lambda katapult, _: nics(katapult).get(Permalink("eth0")),
        "UsageError: interface_id must be an id, not a Permalink",
    ),
    "a number for an id": (
        lambda katapult, _: nics(katapult).get(17),
        "UsageError: interface_id must be an id, not 17",
    ),
    "an object for its id": (
        lambda katapult, _: nics(katapult).list(virtual_machine=Tag(id="tag_1")),
        "UsageError: virtual_machine must be an id or FQDN(...), not a Tag; give its id",
    ),
    "None for an id": (
        lambda katapult, _: nics(katapult).get(None),
        "UsageError: interface_id must be an id, not None",
    ),
    "the id of another kind of object": (
        lambda katapult, _: nics(katapult).get("vm_lw643pcxF25uaZhU"),
        (
            "NotFoundError: no such virtual machine network interface: vm_lw643pcxF25uaZhU "
            "(404 virtual_machine_network_interface_not_found, request ID, 1 attempt): GET "
            "/virtual_machine_network_interfaces/virtual_machine_network_interface?virtual_machine_network_interface[id]="
            "vm_lw643pcxF25uaZhU; name it by its id (vmnet_...)"
        ),
    ),
    "4 for the address family": (
        lambda katapult, _: nics(katapult).available_ips("vmnet_1", address_version=4),
        "UsageError: address_version must be 'ipv4' or 'ipv6', not 4",
    ),
    "IPv4 for the address family": (
        lambda katapult, _: nics(katapult).available_ips("vmnet_1", address_version="IPv4"),
        "UsageError: address_version must be 'ipv4' or 'ipv6', not 'IPv4'",
    ),
    "an option that does not exist": (
        lambda katapult, _: nics(katapult).get("vmnet_1", retries=5),
        (
            "TypeError: VirtualMachineNetworkInterfaces.get() got an unexpected keyword argument 'retries'; "
            "the options of a call are max_wait and timeout"
        ),
    ),
    "an option that is misspelt": (
        lambda katapult, _: nics(katapult).get("vmnet_1", timeuot=5),
        (
            "TypeError: VirtualMachineNetworkInterfaces.get() got an unexpected keyword argument 'timeuot'; "
            "did you mean timeout?"
        ),
    ),
    "a parameter that has another name": (
        lambda katapult, _: katapult.virtual_machines.update("vm_1", tags=["web"]),  # type: ignore[call-arg] # the mistake
        "TypeError: VirtualMachines.update() got an unexpected keyword argument 'tags'; did you mean tag_names?",
    ),
    "a parameter of a build that has another name": (
        lambda katapult, _: katapult.virtual_machines.build(
            organization="org_1",
            package="vmpkg_1",
            tags=["web"],  # type: ignore[call-arg] # the mistake
        ),
        "TypeError: VirtualMachines.build() got an unexpected keyword argument 'tags'; did you mean tag_names?",
    ),
    "the options of a build in a mapping": (
        lambda katapult, _: katapult.virtual_machines.build(
            organization="org_1",
            package="vmpkg_1",
            options={"timeout": 5},  # type: ignore[call-arg] # the mistake
        ),
        (
            "TypeError: VirtualMachines.build() got an unexpected keyword argument 'options'; "
            "did you mean disk_template_options?"
        ),
    ),
    "an option that does not exist, of a method that makes several calls": (
        lambda katapult, _: nics(katapult).allocate_first_available("vmnet_1", address_version="ipv4", retries=5),
        (
            "TypeError: the call got an unexpected keyword argument 'retries'; "
            "the options of a call are max_wait and timeout"
        ),
    ),
    "a resource without the beginning of its name": (
        lambda katapult, _: katapult.network_interfaces,  # type: ignore[attr-defined] # the mistake
        (
            "AttributeError: 'KatapultClient' object has no attribute 'network_interfaces'; "
            "did you mean virtual_machine_network_interfaces?"
        ),
    ),
    "the end of the name of a resource": (
        lambda katapult, _: katapult.machines,  # type: ignore[attr-defined] # the mistake
        "AttributeError: 'KatapultClient' object has no attribute 'machines'; did you mean virtual_machines?",
    ),
    "the short name of the command for a resource": (
        lambda katapult, _: katapult.vms,  # type: ignore[attr-defined] # the mistake
        "AttributeError: 'KatapultClient' object has no attribute 'vms'; did you mean virtual_machines?",
    ),
    "the method of another library": (
        lambda katapult, _: katapult.virtual_machines.create(),  # type: ignore[attr-defined] # the mistake
        "AttributeError: 'VirtualMachines' object has no attribute 'create'; did you mean build?",
    ),
    "the method of an HTTP client": (
        lambda katapult, _: katapult.request("GET", "/zones"),  # type: ignore[attr-defined] # the mistake
        "AttributeError: 'KatapultClient' object has no attribute 'request'; did you mean call?",
    ),
    "a resource that does not exist": (
        lambda katapult, _: katapult.invoices,  # type: ignore[attr-defined] # the mistake
        "AttributeError: 'KatapultClient' object has no attribute 'invoices'",
    ),
    "a timeout as a string": (
        lambda katapult, _: nics(katapult).get("vmnet_1", timeout="5"),
        "UsageError: timeout must be 0 seconds or more, or math.inf, not '5'",
    ),
    "an update without a change": (
        lambda katapult, _: katapult.ip_addresses.update("ip_1"),
        "UsageError: give vip, label or reverse_dns: there is nothing to change",
    ),
    "a forgotten await": (
        lambda katapult, _: katapult.organizations.list()[0],  # type: ignore[index] # the mistake
        "UsageError: a list of Katapult objects has to be awaited first: zones = await katapult.zones.list()",
    ),
    "the length of a list that was not awaited": (
        lambda katapult, _: len(katapult.organizations.list()),  # type: ignore[arg-type] # the mistake
        "UsageError: a list of Katapult objects has to be awaited first: zones = await katapult.zones.list()",
    ),
    "a plain for": (
        plain_for,
        "UsageError: a list of Katapult objects is iterated with `async for`, or awaited: await katapult.zones.list()",
    ),
    "a plain for over a batch": (
        for_over_a_batch,
        "UsageError: a batch is entered and iterated: async with ... as outcomes, then async for outcome in outcomes",
    ),
    "a batch that is awaited": (
        lambda katapult, _: asyncio.wait_for(
            katapult.many(katapult.virtual_machines.get, ["vm_1"]),  # type: ignore[arg-type] # the mistake
            1,
        ),
        "UsageError: a batch is entered and iterated: async with ... as outcomes, then async for outcome in outcomes",
    ),
    "a batch without async with": (
        batch_without_async_with,
        "UsageError: enter the batch before you iterate over it: async with ... as outcomes",
    ),
    "a plain for over the fleet": (
        lambda katapult, _: [*katapult.fleet()],  # type: ignore[misc] # the mistake
        (
            "UsageError: a fleet is entered and iterated: async with ... as interfaces, then "
            "async for interface in interfaces"
        ),
    ),
    "a string for the items of a batch": (
        lambda katapult, _: katapult.many(katapult.virtual_machines.get, "vm_1"),
        "UsageError: a batch needs an iterable of items, not str",
    ),
    "a client without async with": (
        forgotten_async_with,
        "ClientClosedError: the client is not open; use it inside `async with`, or `await client.open()`",
    ),
    "a client after its end": (used_after_the_end, "ClientClosedError: the client is closed; make a new one"),
    "a client of another event loop": (
        other_loop,
        "ClientClosedError: the client belongs to another event loop; make one in each loop that needs one",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_mistake_has_the_message_of_its_row(mistake: str) -> None:
    run, message = MISTAKES[mistake]
    async with Sandbox(seed=1) as sandbox, KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult:
        with pytest.raises(Exception, match=r".") as raised:
            await run_mistake(run, katapult, sandbox)
    text = re.sub(r"request [0-9a-f-]{36}", "request ID", f"{type(raised.value).__name__}: {raised.value}")
    assert text == message


async def run_mistake(mistake: Mistake, katapult: KatapultClient, sandbox: Sandbox) -> None:
    result = mistake(katapult, sandbox)
    if isinstance(result, Awaitable):
        await result
