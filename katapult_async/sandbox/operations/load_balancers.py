"""Load balancers and their rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from katapult_async.sandbox import mutations
from katapult_async.sandbox.errors import validation_error
from katapult_async.sandbox.kinds import plural
from katapult_async.sandbox.models import (
    LoadBalancer,
    LoadBalancerRule,
    Network,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
)
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud

_TARGETS: Mapping[str, type[Any]] = {plural(model): model for model in (VirtualMachine, VirtualMachineGroup, Tag)}


def _problems_of_targets(store: Store, balancer: LoadBalancer, changed: Iterable[str]) -> Iterable[str]:
    """Return the problem of a load balancer with resources that its organization does not have."""
    targets = store.all(_TARGETS[balancer.resource_type], organization_id=balancer.organization_id)
    if {"resource_ids", "resource_type"} & {*changed} and not {obj.id for obj in targets} >= {*balancer.resource_ids}:
        yield "Resource ids are not all of the resource type"


def _allocate_address(store: Store, balancer: LoadBalancer) -> JSON:
    """Give a new load balancer an address of the public network."""
    network, *_ = store.all(Network, data_center_id=balancer.data_center_id, default=True)
    address = mutations.create_address(store, balancer.organization_id, network_id=network.id, version="ipv4")
    if address is None:
        store.remove(balancer)
        raise validation_error("IP address can't be blank")
    store.change(address, load_balancer_id=balancer.id)
    return {}


def _problems_of_rule(store: Store, rule: LoadBalancerRule, _: Iterable[str]) -> Iterable[str]:
    """Return the problem of a rule whose port another rule already has."""
    others = store.all(LoadBalancerRule, load_balancer_id=rule.load_balancer_id, listen_port=rule.listen_port)
    if any(other.id != rule.id for other in others):
        yield "Listen port has already been taken"


LOAD_BALANCERS = Crud(model=LoadBalancer, check=_problems_of_targets, on_create=_allocate_address)


LOAD_BALANCER_RULES = Crud(
    model=LoadBalancerRule, path="/load_balancers/rules/:load_balancer_rule", check=_problems_of_rule
)
