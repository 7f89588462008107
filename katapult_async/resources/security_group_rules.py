"""Rules of security groups.

Core API v1: get:security_group_rules, post:security_group_rules, get:security_groups_rules_security_group_rule,
patch:security_groups_rules_security_group_rule, delete:security_groups_rules_security_group_rule.
"""

from collections.abc import Iterable
from typing import Final, Literal, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.security_groups import SecurityGroupRule
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import SECURITY_GROUP_RULE
from katapult_async.resources.resource import Resource

_RULES: Final = Operations(
    SECURITY_GROUP_RULE,
    SecurityGroupRule,
    path="/security_groups/rules/security_group_rule",
    write=("security_groups",),
)


class SecurityGroupRules(Resource):
    """Rules of security groups. Reached as ``katapult.security_group_rules``."""

    @_RULES.list("/security_groups/security_group/rules")
    def list(self, *, security_group: str, **options: Unpack[CallOptions]) -> Pages[SecurityGroupRule]:
        """Return the rules of a security group, without ``security_group``, which `get` returns.

        Args:
            security_group: id of the security group, ``sg_...``.
        """

    @_RULES.create("/security_groups/security_group/rules")
    async def create(
        self,
        *,
        security_group: str,
        direction: Literal["inbound", "outbound"],
        protocol: Literal["TCP", "UDP", "ICMP"],
        targets: Iterable[str],
        action: Literal["allow", "deny"] | None = None,
        ports: str | None = None,
        notes: str | None = None,
        **options: Unpack[CallOptions],
    ) -> SecurityGroupRule:
        """Add a rule to a security group and return it.

        Args:
            security_group: id of the security group, ``sg_...``.
            direction: direction of the traffic, seen from the virtual machine.
            protocol: protocol of the traffic.
            targets: sources or destinations: addresses, networks such as ``192.0.2.0/24``, ``all:ipv4``, ``all:ipv6``,
                and ids of address lists, virtual machines, virtual machine groups and tags.
            action: what happens to the traffic; None for Katapult's default, ``allow``.
            ports: ports and ranges, such as ``22,8000-8010``; None for all.
            notes: free text about the rule.

        Raises:
            UnprocessableError: a value is not valid, for example ports with ICMP, or the group allows all traffic of
                this direction; ``detail`` lists the problems.
        """

    @_RULES.get()
    async def get(self, security_group_rule: str, **options: Unpack[CallOptions]) -> SecurityGroupRule:
        """Return a rule with its security group.

        Args:
            security_group_rule: id of the rule, ``sgr_...``.
        """

    @_RULES.update()
    async def update(
        self,
        security_group_rule: str,
        *,
        direction: Literal["inbound", "outbound"] | Unset = UNSET,
        protocol: Literal["TCP", "UDP", "ICMP"] | Unset = UNSET,
        action: Literal["allow", "deny"] | Unset = UNSET,
        ports: str | Unset = UNSET,
        targets: Iterable[str] | Unset = UNSET,
        notes: str | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> SecurityGroupRule:
        """Change a rule and return it. A field whose argument is omitted stays as it is.

        Args:
            security_group_rule: id of the rule, ``sgr_...``.
            direction: direction of the traffic, seen from the virtual machine.
            protocol: protocol of the traffic.
            action: what happens to the traffic.
            ports: ports and ranges, such as ``22,8000-8010``; ``""`` for all.
            targets: sources or destinations: addresses, networks such as ``192.0.2.0/24``, ``all:ipv4``, ``all:ipv6``,
                and ids of address lists, virtual machines, virtual machine groups and tags.
            notes: free text about the rule; ``""`` for none.

        Raises:
            UnprocessableError: a value is not valid, for example ports with ICMP, or the group allows all traffic of
                this direction; ``detail`` lists the problems.
        """

    @_RULES.delete()
    async def delete(self, security_group_rule: str, **options: Unpack[CallOptions]) -> SecurityGroupRule | None:
        """Delete a rule and return it with only its id; None if the response was lost and a retry did not find it.

        Args:
            security_group_rule: id of the rule, ``sgr_...``.

        Raises:
            UnprocessableError: the rule cannot be deleted; ``detail`` lists the problems.
        """
