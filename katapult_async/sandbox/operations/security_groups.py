"""Rules of security groups."""

from collections.abc import Iterable

from katapult_async.sandbox.models import SecurityGroupRule
from katapult_async.sandbox.store import Store

from .crud import Crud, Problems


def _problems_of_rule(store: Store, rule: SecurityGroupRule, _: Iterable[str]) -> Problems:
    """Return the possible problems of a security group rule. Both sentences are recorded."""
    allowed = getattr(store.get(rule.security_group_id), f"allow_all_{rule.direction}")
    return {
        f"Security group cannot have {rule.direction} rules while all {rule.direction} traffic is allowed": allowed,
        "Ports cannot be set with ICMP": rule.protocol == "ICMP" and rule.ports is not None,
    }


SECURITY_GROUP_RULES = Crud(
    model=SecurityGroupRule, path="/security_groups/rules/:security_group_rule", check=_problems_of_rule
)
