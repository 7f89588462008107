"""Operations: what the API can do. A new one is one function and one row of the table."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs

from . import rendering
from .arguments import Arguments, Page
from .objects import DataCenter, Interface, Machine, Network, Organization
from .refusals import RefusalError
from .rendering import JSON
from .world import ADDRESS_VERSIONS, World

T = TypeVar("T")


@attrs.frozen
class Operation:
    """One thing that the API can do."""

    method: str
    path: str
    """Path below the API's root, its arguments written as ``:name``."""
    scopes: tuple[str, ...]
    """Any one of these must be granted; empty when every token will do."""
    perform: Callable[[World, Arguments], JSON]
    status: int = 200
    """HTTP status when it goes well."""


def _found(thing: T | None, code: str) -> T:
    if thing is None:
        raise RefusalError(code)
    return thing


def _organization(world: World, arguments: Arguments) -> Callable[[], Organization]:
    wanted = arguments.lookup("organization", ("id", "sub_domain"))

    def find() -> Organization:
        found = _found(world.find_organization(by=wanted.by, value=wanted.value), "organization_not_found")
        if found.suspended:
            raise RefusalError("organization_suspended")
        return found

    return find


def _machine(world: World, arguments: Arguments) -> Callable[[], Machine]:
    wanted = arguments.lookup("virtual_machine", ("id", "fqdn"))

    def find() -> Machine:
        found = _found(world.find_machine(by=wanted.by, value=wanted.value), "virtual_machine_not_found")
        if (mark := world.find_trash(found.id)) is not None:
            raise RefusalError("object_in_trash", detail={"trash_object": rendering.trash_object(mark)})
        return found

    return find


def _interface(world: World, arguments: Arguments) -> Callable[[], Interface]:
    wanted = arguments.lookup("virtual_machine_network_interface", ("id",))
    return lambda: _found(
        world.find_interface(by=wanted.by, value=wanted.value), "virtual_machine_network_interface_not_found"
    )


def _data_center(world: World, arguments: Arguments) -> DataCenter:
    wanted = arguments.lookup("data_center", ("id", "permalink"))
    return _found(world.find_data_center(by=wanted.by, value=wanted.value), "data_center_not_found")


def _network(world: World, arguments: Arguments) -> Network:
    wanted = arguments.lookup("network", ("id", "permalink"))
    return _found(world.find_network(by=wanted.by, value=wanted.value), "network_not_found")


def _paginated(world: World, page: Page, *, key: str, things: Sequence[T], render: Callable[[T], Any]) -> JSON:
    first = (page.number - 1) * page.size
    return {
        "pagination": rendering.pagination(page, total=len(things), large_set=world.large_sets),
        key: [render(thing) for thing in things[first : first + page.size]],
    }


def list_organizations(world: World, _: Arguments) -> JSON:
    """Core API v1: get:organizations."""
    return {"organizations": [rendering.organization_in_list(it) for it in world.organizations]}


def get_organization(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:organization."""
    return {"organization": rendering.organization(_organization(world, arguments)())}


def list_machines(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_virtual_machines."""
    find, page = _organization(world, arguments), arguments.page()
    return _paginated(
        world,
        page,
        key="virtual_machines",
        things=world.machines_of(find().id),
        render=lambda it: rendering.machine_in_list(it, addresses=world.machine_addresses(it.id)),
    )


def list_available_networks(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_available_networks."""
    organization = _organization(world, arguments)()
    return {
        "networks": [rendering.network_in_list(it) for it in world.networks_of(organization.id)],
        "virtual_networks": [
            rendering.virtual_network_in_list(it) for it in world.virtual_networks_of(organization.id)
        ],
    }


def get_machine(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine."""
    machine = _machine(world, arguments)()
    owner = _found(world.find_organization(by="id", value=machine.organization_id), "organization_not_found")
    addresses = world.machine_addresses(machine.id)
    return {
        "virtual_machine": rendering.machine(machine, owner=owner, addresses=addresses),
        "annotations": [],
    }


def list_interfaces(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interfaces."""
    find, page = _machine(world, arguments), arguments.page()
    return _paginated(
        world,
        page,
        key="virtual_machine_network_interfaces",
        things=world.interfaces_of(find().id),
        render=lambda it: rendering.interface_in_list(it, addresses=world.addresses_of(it.id)),
    )


def get_interface(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:v_m_n_i__v_m_n_i."""
    interface = _interface(world, arguments)()
    holder = _found(world.find_machine(by="id", value=interface.machine_id), "virtual_machine_not_found")
    addresses = world.addresses_of(interface.id)
    return {"virtual_machine_network_interface": rendering.interface(interface, holder=holder, addresses=addresses)}


def list_available_ips(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interface_available_ips_address_version."""
    find, version = _interface(world, arguments), arguments.choice("address_version", ADDRESS_VERSIONS)
    return {"ip_addresses": world.available_ips(find().id, version)}


def list_data_centers(world: World, _: Arguments) -> JSON:
    """Core API v1: get:data_centers."""
    return {"data_centers": [rendering.data_center(it) for it in world.data_centers]}


def get_data_center(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:data_center."""
    return {"data_center": rendering.data_center(_data_center(world, arguments))}


def get_network(world: World, arguments: Arguments) -> JSON:
    """Core API v1: get:network."""
    return {"network": rendering.network(_network(world, arguments))}


_MACHINES = ("virtual_machines", "virtual_machines:read")
_ADDRESSES = ("ip_addresses", "ip_addresses:read")
_INTERFACE = "/virtual_machine_network_interfaces/:virtual_machine_network_interface"

OPERATIONS = (
    Operation("GET", "/organizations", ("organizations:read",), list_organizations),
    Operation("GET", "/organizations/:organization", ("organizations:read",), get_organization),
    Operation("GET", "/organizations/:organization/virtual_machines", _MACHINES, list_machines),
    Operation("GET", "/organizations/:organization/available_networks", (), list_available_networks),
    Operation("GET", "/virtual_machines/:virtual_machine", _MACHINES, get_machine),
    Operation("GET", "/virtual_machines/:virtual_machine/network_interfaces", _MACHINES, list_interfaces),
    Operation("GET", _INTERFACE, _MACHINES, get_interface),
    Operation("GET", f"{_INTERFACE}/available_ips/:address_version", _ADDRESSES, list_available_ips),
    Operation("GET", "/data_centers", (), list_data_centers),
    Operation("GET", "/data_centers/:data_center", (), get_data_center),
    Operation("GET", "/networks/:network", (), get_network),
)
"""Every operation the sandbox knows, with method, path, scopes (operations of Core API v1) and what it does."""
