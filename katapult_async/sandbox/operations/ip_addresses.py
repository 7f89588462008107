"""What can be done with the IP addresses of an organization."""

from typing import Any

import attrs

from katapult_async.sandbox import mutations, serializers
from katapult_async.sandbox.arguments import ABSENT, Arguments
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import Address
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import ADDRESS_VERSIONS, Store

from . import lookups
from .listing import paginated

_NO_LABEL = "Label can't be blank"  # Katapult's own words, recorded for a VIP without a label


def list_all(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:organization_ip_addresses."""
    find, page, allocated = lookups.organization(store, arguments), arguments.page(), arguments.boolean("allocated")
    things = store.organization_addresses(find().id)
    if isinstance(allocated, bool):
        things = [it for it in things if it.free != allocated]
    return paginated(store, page, key="ip_addresses", things=things, render=serializers.ip_address_in_list)


def create(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:organization_ip_addresses."""
    find_organization, find_network = lookups.organization(store, arguments), lookups.network(store, arguments)
    version = arguments.required_choice("version", ADDRESS_VERSIONS)
    vip, label = arguments.boolean("vip") is True, _label(arguments)
    organization, network = find_organization(), find_network()
    if network.organization_id not in (None, organization.id):
        raise APIError("network_not_found")
    if vip and label is None:
        raise validation_error(_NO_LABEL)
    address = mutations.create_address(
        store, organization_id=organization.id, network=network, version=version, vip=vip, label=label
    )
    return {"ip_address": serializers.ip_address(lookups.found(address, "no_available_addresses"))}


def _label(arguments: Arguments) -> str | None:
    """Return the label, or None when there is none; an empty one came back as null."""
    label = arguments.string("label")
    return label if isinstance(label, str) and label.strip() else None


def get(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: get:ip_address."""
    address = lookups.address(store, arguments)()
    machine = None if address.machine_id is None else store.find_machine(by="id", value=address.machine_id)
    return {
        "ip_address": serializers.ip_address(address),
        "allocation": serializers.allocation(address, holder=machine),
    }


def update(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: patch:ip_address. What is absent stays; null takes a label away and nothing else."""
    find = lookups.address(store, arguments)
    vip, label, reverse_dns = arguments.boolean("vip"), arguments.string("label"), arguments.string("reverse_dns")
    address = find()
    wanted: dict[str, Any] = {}
    errors: list[str] = []
    if label is not ABSENT:
        wanted["label"] = _label(arguments)
    if vip is None:
        errors.append("Vip must be true or false")
    elif vip is not ABSENT:
        wanted["vip"] = vip
    if reverse_dns is None or reverse_dns == "":
        errors.append("Reverse dns can't be blank")
    elif reverse_dns is not ABSENT:
        wanted["reverse_dns"] = reverse_dns
    changed = attrs.evolve(address, **wanted)
    if changed.vip and changed.label is None and wanted.keys() & {"vip", "label"}:
        errors.append(_NO_LABEL)
    if errors:
        raise validation_error(*errors)
    store.put(changed)
    return {"ip_address": serializers.ip_address(changed)}


def unallocate(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: post:ip_address_unallocate."""
    address = lookups.address(store, arguments)()
    if address.free:
        raise APIError("no_allocation")
    _check_holder(address)
    mutations.unallocate(store, address=address)
    return {}


def delete(store: Store, arguments: Arguments) -> JSON:
    """Core API v1: delete:ip_address. One that an interface holds is taken away from it."""
    address = lookups.address(store, arguments)()
    _check_holder(address)
    store.remove(address)
    return {}


def _check_holder(address: Address) -> None:
    if address.load_balancer is not None:
        raise APIError("resource_does_not_support_unallocation")
