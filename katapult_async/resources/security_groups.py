"""Security groups.

Core API v1: get:organization_security_groups, post:organization_security_groups, get:security_group,
patch:security_group, delete:security_group.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.security_groups import SecurityGroup
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import SECURITY_GROUP
from katapult_async.resources.resource import EMPTY, Resource

_GROUPS: Final = Operations(SECURITY_GROUP, SecurityGroup, write=("security_groups",), beside=("annotations",))


class SecurityGroups(Resource):
    """Security groups: firewall rules for virtual machines. Reached as ``katapult.security_groups``."""

    @_GROUPS.list("/organizations/organization/security_groups")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[SecurityGroup]:
        """Return the security groups of an organization, without their annotations.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only security groups with these annotations, by key.
        """

    @_GROUPS.create("/organizations/organization/security_groups")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        allow_all_inbound: bool | None = None,
        allow_all_outbound: bool | None = None,
        associations: Iterable[str] | None = None,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> SecurityGroup:
        """Create a security group and return it. Its rules are created with ``security_group_rules.create``.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            allow_all_inbound: whether all incoming traffic is allowed.
            allow_all_outbound: whether all outgoing traffic is allowed.
            associations: ids of the virtual machines, virtual machine groups and tags that the rules apply to.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_GROUPS.get()
    async def get(self, security_group: str, **options: Unpack[CallOptions]) -> SecurityGroup:
        """Return a security group with its annotations.

        Args:
            security_group: id of the security group, ``sg_...``.
        """

    @_GROUPS.update()
    async def update(
        self,
        security_group: str,
        *,
        name: str | Unset = UNSET,
        allow_all_inbound: bool | Unset = UNSET,
        allow_all_outbound: bool | Unset = UNSET,
        associations: Iterable[str] | Unset | None = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> SecurityGroup:
        """Change a security group and return it. A field whose argument is omitted stays as it is.

        Args:
            security_group: id of the security group, ``sg_...``.
            name: display name.
            allow_all_inbound: whether all incoming traffic is allowed.
            allow_all_outbound: whether all outgoing traffic is allowed.
            associations: ids of all virtual machines, virtual machine groups and tags that the rules apply to; None or
                an empty list for none.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    # This scope is singular, unlike all others: Core API v1, v2.68.0
    @_GROUPS.delete(scopes=("security_group",))
    async def delete(self, security_group: str, **options: Unpack[CallOptions]) -> SecurityGroup | None:
        """Delete a security group and return it with only its id and name.

        Returns None if the response was lost and a retry did not find it.

        Args:
            security_group: id of the security group, ``sg_...``.

        Raises:
            ConflictError: the security group must not be deleted (``deletion_restricted``); ``detail`` lists the
                reasons.
            UnprocessableError: the security group cannot be deleted; ``detail`` lists the problems.
        """
