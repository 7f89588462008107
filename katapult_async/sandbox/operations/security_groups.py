"""Security groups and their rules."""

import re

from katapult_async.sandbox.errors import Problems
from katapult_async.sandbox.models import (
    AddressList,
    SecurityGroup,
    SecurityGroupRule,
    Tag,
    VirtualMachine,
    VirtualMachineGroup,
)
from katapult_async.sandbox.store import Store
from katapult_async.sandbox.tokens import network

from .crud import Crud, any_is_foreign
from .load_balancers import PORTS

_ALL_ADDRESSES = {"all:ipv4", "all:ipv6"}
_TARGETS = (AddressList, VirtualMachine, VirtualMachineGroup, Tag)


def _problems_of_group(store: Store, group: SecurityGroup) -> Problems:
    foreign = any_is_foreign(store, group, group.associations, VirtualMachine, VirtualMachineGroup, Tag)
    return {"Associations must be virtual machines, virtual machine groups or tags of the organization": foreign}


def _problems_of_rule(store: Store, rule: SecurityGroupRule) -> Problems:
    """Return the possible problems of a security group rule. The first two sentences are from recorded responses."""
    allowed = getattr(store.get(rule.security_group_id), f"allow_all_{rule.direction}")
    ids = [target for target in rule.targets if target not in _ALL_ADDRESSES and network(target) is None]
    return {
        f"Security group cannot have {rule.direction} rules while all {rule.direction} traffic is allowed": allowed,
        "Ports cannot be set with ICMP": rule.protocol == "ICMP" and rule.ports is not None,
        "Ports is invalid": rule.ports and not all(map(_is_range_of_ports, re.split(", ?", rule.ports))),
        "Targets is invalid": any_is_foreign(store, rule, ids, *_TARGETS),
    }


def _is_range_of_ports(text: str) -> bool:
    """Return whether a text is a port, or the first and the last port of a range with a hyphen between them."""
    ends = text.split("-")
    ports = [int(end) for end in ends if re.fullmatch("[0-9]{1,5}", end) and int(end) in PORTS]
    return len(ports) == len(ends) <= 2 and ports == sorted(ports)  # noqa: PLR2004 - the first and the last


SECURITY_GROUPS = Crud(model=SecurityGroup, check=_problems_of_group)

SECURITY_GROUP_RULES = Crud(model=SecurityGroupRule, check=_problems_of_rule)
