"""Load balancers and their rules."""

from collections.abc import Mapping
from typing import Any

from katapult_async.sandbox import mutations
from katapult_async.sandbox.errors import APIError, Problems
from katapult_async.sandbox.kinds import plural
from katapult_async.sandbox.models import (
    Certificate,
    LoadBalancer,
    LoadBalancerRule as Rule,
    Network,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
)
from katapult_async.sandbox.store import Store

from .crud import Crud, any_is_foreign

_TARGETS: Mapping[str, type[Any]] = {plural(model): model for model in (VirtualMachine, VirtualMachineGroup, Tag)}

PORTS = range(1, 65_536)


def _problems_of_targets(store: Store, balancer: LoadBalancer) -> Problems:
    """Return the possible problems of a load balancer: targets or machines of another kind or organization."""
    machines = [*balancer.standby_vms, *(weight.virtual_machine_id for weight in balancer.weights)]
    wrong_target = any_is_foreign(store, balancer, balancer.resource_ids, _TARGETS[balancer.resource_type])
    wrong_machine = any_is_foreign(store, balancer, machines, VirtualMachine)
    return {
        "Resource ids are not all of the resource type": wrong_target,
        "Weights and standby vms must be virtual machines of the organization": wrong_machine,
    }


def _problems_of_rule(store: Store, rule: Rule) -> Problems:
    ids = [certificate.get("id", "") for certificate in rule.certificates]
    foreign = any_is_foreign(store, rule, ids, Certificate)
    return {
        "Ports must be 1 to 65535": any(port not in PORTS for port in (rule.listen_port, rule.destination_port)),
        "Certificates must be certificates of the organization": foreign,
    }


def _allocate_address(store: Store, balancer: LoadBalancer) -> LoadBalancer:
    """Give a new load balancer an address of the public network.

    Raises:
        APIError: no address can be created. The load balancer is removed.
    """
    network, *_ = store.all(Network, data_center_id=balancer.data_center_id, default=True)
    try:
        address = mutations.create_address(store, balancer.organization_id, network=network, version="ipv4")
    except APIError as error:
        store.remove(balancer)
        raise APIError("validation_error", detail={"errors": ["IP address can't be blank"]}) from error
    store.change(address, load_balancer_id=balancer.id)
    return balancer


LOAD_BALANCERS = Crud(model=LoadBalancer, check=_problems_of_targets, on_create=_allocate_address)

LOAD_BALANCER_RULES = Crud(model=Rule, check=_problems_of_rule)
