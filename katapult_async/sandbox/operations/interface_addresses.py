"""What can be done with the IP addresses of one network interface."""

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import Network
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import ADDRESS_VERSIONS, Store

from . import lookups
from .network_interfaces import holder


def list_available(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:virtual_machine_network_interface_available_ips_address_version."""
    find, version = lookups.interface(store, arguments), arguments.required_choice("address_version", ADDRESS_VERSIONS)
    return {"ip_addresses": store.available_ips(find().id, version)}


def allocate(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_allocate_ip."""
    find_interface, find_address = lookups.interface(store, arguments), lookups.address(store, arguments)
    interface, address = find_interface(), find_address()
    if not address.free:
        raise APIError("ip_already_allocated")
    machine = holder(store, interface)
    if address.network.id != interface.network.id or address.organization_id != machine.organization_id:
        raise APIError("invalid_ip")
    mutations.allocate(store, address=address, interface=interface)
    addresses = store.addresses_of(interface.id)
    return {
        "virtual_machine_network_interface": serializers.interface_without_speed(
            interface, holder=machine, addresses=addresses
        )
    }


def allocate_new(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:virtual_machine_network_interface_allocate_new_ip."""
    find, version = lookups.interface(store, arguments), arguments.required_choice("address_version", ADDRESS_VERSIONS)
    interface = find()
    address = None
    if isinstance(interface.network, Network):
        address = mutations.create_address(
            store,
            organization_id=holder(store, interface).organization_id,
            network=interface.network,
            version=version,
        )
    address = lookups.found(address, "no_available_addresses")
    held = mutations.allocate(store, address=address, interface=interface)
    return {"ip_address": serializers.ip_address(held)}
