"""Security groups and their rules."""

import re

from katapult_async.sandbox.models import SecurityGroup, SecurityGroupRule, Tag, VirtualMachine, VirtualMachineGroup
from katapult_async.sandbox.store import Store

from .crud import Crud, Problems, any_is_foreign

_PORTS = "[0-9]{1,5}(-[0-9]{1,5})?"  # one port, or a range


def _problems_of_group(store: Store, group: SecurityGroup) -> Problems:
    foreign = any_is_foreign(store, group, group.associations, VirtualMachine, VirtualMachineGroup, Tag)
    return {"Associations must be virtual machines, virtual machine groups or tags of the organization": foreign}


def _problems_of_rule(store: Store, rule: SecurityGroupRule) -> Problems:
    """Return the possible problems of a security group rule. The first two sentences are from recorded responses."""
    allowed = getattr(store.get(rule.security_group_id), f"allow_all_{rule.direction}")
    return {
        f"Security group cannot have {rule.direction} rules while all {rule.direction} traffic is allowed": allowed,
        "Ports cannot be set with ICMP": rule.protocol == "ICMP" and rule.ports is not None,
        "Ports is invalid": rule.ports and not re.fullmatch(rf"{_PORTS}(, ?{_PORTS})*", rule.ports),
    }


SECURITY_GROUPS = Crud(model=SecurityGroup, check=_problems_of_group)

SECURITY_GROUP_RULES = Crud(
    model=SecurityGroupRule, path="/security_groups/rules/:security_group_rule", check=_problems_of_rule
)
