"""Lookups: how the arguments of an operation point at its objects.

Each function reads its argument at once and looks the object up only when what it returns is called: the live API
refuses wrong arguments before it looks anything up.
"""

from collections.abc import Callable
from typing import TypeVar

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import (
    Address,
    DataCenter,
    Interface,
    Machine,
    Network,
    Organization,
    SpeedProfile,
    Task,
    VirtualNetwork,
)
from katapult_async.sandbox.store import Store

T = TypeVar("T")
Find = Callable[[], T]


def found(thing: T | None, code: str) -> T:
    """Return a thing that must be there.

    Raises:
        APIError: it is None; the error has this code.
    """
    if thing is None:
        raise APIError(code)
    return thing


def organization(store: Store, arguments: Arguments) -> Find[Organization]:
    """Read the argument ``organization``; one that is suspended is refused."""
    wanted = arguments.lookup("organization", ("id", "sub_domain"))

    def find() -> Organization:
        it = found(store.find_organization(by=wanted.by, value=wanted.value), "organization_not_found")
        if it.suspended:
            raise APIError("organization_suspended")
        return it

    return find


def machine(store: Store, arguments: Arguments) -> Find[Machine]:
    """Read the argument ``virtual_machine``; one in the trash is refused."""
    wanted = arguments.lookup("virtual_machine", ("id", "fqdn"))

    def find() -> Machine:
        it = found(store.find_machine(by=wanted.by, value=wanted.value), "virtual_machine_not_found")
        if (mark := store.find_trash(it.id)) is not None:
            raise APIError("object_in_trash", detail={"trash_object": serializers.trash_object(mark)})
        return it

    return find


def interface(store: Store, arguments: Arguments) -> Find[Interface]:
    """Read the argument ``virtual_machine_network_interface``."""
    wanted = arguments.lookup("virtual_machine_network_interface", ("id",))
    code = "virtual_machine_network_interface_not_found"
    return lambda: found(store.find_interface(by=wanted.by, value=wanted.value), code)


def address(store: Store, arguments: Arguments) -> Find[Address]:
    """Read the argument ``ip_address``."""
    wanted = arguments.lookup("ip_address", ("id", "address"))
    return lambda: found(store.find_address(by=wanted.by, value=wanted.value), "ip_address_not_found")


def data_center(store: Store, arguments: Arguments) -> Find[DataCenter]:
    """Read the argument ``data_center``."""
    wanted = arguments.lookup("data_center", ("id", "permalink"))
    return lambda: found(store.find_data_center(by=wanted.by, value=wanted.value), "data_center_not_found")


def network(store: Store, arguments: Arguments) -> Find[Network]:
    """Read the argument ``network``."""
    wanted = arguments.lookup("network", ("id", "permalink"))
    return lambda: found(store.find_network(by=wanted.by, value=wanted.value), "network_not_found")


def virtual_network(store: Store, arguments: Arguments) -> Find[VirtualNetwork]:
    """Read the argument ``virtual_network``."""
    wanted = arguments.lookup("virtual_network", ("id",))
    return lambda: found(store.find_virtual_network(by=wanted.by, value=wanted.value), "virtual_network_not_found")


def speed_profile(store: Store, arguments: Arguments) -> Find[SpeedProfile]:
    """Read the argument ``speed_profile``."""
    wanted = arguments.lookup("speed_profile", ("id", "permalink"))
    return lambda: found(store.find_speed_profile(by=wanted.by, value=wanted.value), "network_speed_profile_not_found")


def task(store: Store, arguments: Arguments) -> Find[Task]:
    """Read the argument ``task``."""
    wanted = arguments.lookup("task", ("id",))
    return lambda: found(store.find_task(by=wanted.by, value=wanted.value), "task_not_found")
