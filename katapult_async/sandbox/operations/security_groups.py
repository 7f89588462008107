"""Security groups and their rules."""

from collections.abc import Iterable

from katapult_async.sandbox.models import SecurityGroup, SecurityGroupRule
from katapult_async.sandbox.store import Store

from .crud import Crud


def _problems_of_rule(store: Store, rule: SecurityGroupRule, _: Iterable[str]) -> Iterable[str]:
    """Return the problems of a security group rule. Both sentences are recorded."""
    group = store.get(rule.security_group_id)
    if getattr(group, f"allow_all_{rule.direction}"):
        yield f"Security group cannot have {rule.direction} rules while all {rule.direction} traffic is allowed"
    if rule.protocol == "ICMP" and rule.ports is not None:
        yield "Ports cannot be set with ICMP"


SECURITY_GROUPS = Crud(model=SecurityGroup)


SECURITY_GROUP_RULES = Crud(
    model=SecurityGroupRule, path="/security_groups/rules/:security_group_rule", check=_problems_of_rule
)
