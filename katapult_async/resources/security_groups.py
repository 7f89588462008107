"""Security groups.

Core API v1: get:organization_security_groups, post:organization_security_groups, get:security_group,
patch:security_group, delete:security_group.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Unpack

import attrs

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.lookups import SubDomain
from katapult_async.models.security_groups import SecurityGroup
from katapult_async.models.unset import UNSET, Unset
from katapult_async.models.virtual_machines import Annotation
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import ORGANIZATION, SECURITY_GROUP
from katapult_async.resources.resource import Resource, calls


@attrs.frozen(kw_only=True)
class _SecurityGroupResponse:
    """The whole response of the operations on one security group."""

    security_group: SecurityGroup
    annotations: tuple[Annotation, ...] = ()


_OF: Final = "/organizations/organization/security_groups"
_ONE: Final = "/security_groups/security_group"
_REFS: Final = (SECURITY_GROUP,)
_WRITE: Final = ("security_groups",)
_READ: Final = (*_WRITE, "security_groups:read")

LIST: Final = Endpoint(
    path=_OF, answer="security_groups", type=list[SecurityGroup], paginated=True, refs=(ORGANIZATION,), scopes=_READ
)
CREATE: Final = Endpoint(
    method="POST", path=_OF, answer=None, type=_SecurityGroupResponse, refs=(ORGANIZATION,), scopes=_WRITE
)
GET: Final = Endpoint(path=_ONE, answer=None, type=_SecurityGroupResponse, refs=_REFS, scopes=_READ)
# Safe to repeat: it sets values, and a second request sets the same ones.
UPDATE: Final = Endpoint(
    method="PATCH", path=_ONE, answer=None, type=_SecurityGroupResponse, refs=_REFS, scopes=_WRITE, idempotent=True
)
DELETE: Final = Endpoint(
    method="DELETE",
    path=_ONE,
    answer="security_group",
    type=SecurityGroup,
    refs=_REFS,
    scopes=("security_group",),  # without the plural that all others have: Core API v1, v2.68.0
)


class SecurityGroups(Resource):
    """Security groups: firewall rules for virtual machines. Reached as ``katapult.security_groups``."""

    @calls(LIST)
    def list(
        self,
        *,
        organization: str | SubDomain,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> Pages[SecurityGroup]:
        """Return the security groups of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only security groups with these annotations, by key.
        """
        return self._list(LIST, organization=organization, annotations=annotations, **options)

    @calls(CREATE)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        allow_all_inbound: bool | None = None,
        allow_all_outbound: bool | None = None,
        associations: Iterable[str] | None = None,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> SecurityGroup:
        """Create a security group and return it. Its rules are created with ``security_group_rules.create``.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            allow_all_inbound: whether all incoming traffic is allowed.
            allow_all_outbound: whether all outgoing traffic is allowed.
            associations: ids of the virtual machines, virtual machine groups and tags that the rules apply to.
            annotations: annotations, by key.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        properties = {
            "name": name,
            "allow_all_inbound": allow_all_inbound,
            "allow_all_outbound": allow_all_outbound,
            "associations": associations,
        }
        response = await self._call(
            CREATE, organization=organization, properties=properties, annotations=annotations, **options
        )
        return attrs.evolve(response.security_group, annotations=response.annotations)

    @calls(GET)
    async def get(self, security_group: str, **options: Unpack[CallOptions]) -> SecurityGroup:
        """Return a security group with its annotations.

        Args:
            security_group: id of the security group, ``sg_...``.
        """
        response = await self._call(GET, security_group=security_group, **options)
        return attrs.evolve(response.security_group, annotations=response.annotations)

    @calls(UPDATE)
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
        """Change a security group and return it. An argument that is left out stays as it is.

        Args:
            security_group: id of the security group, ``sg_...``.
            name: display name.
            allow_all_inbound: whether all incoming traffic is allowed.
            allow_all_outbound: whether all outgoing traffic is allowed.
            associations: ids of all virtual machines, virtual machine groups and tags that the rules apply to; None or
                an empty list for none.
            annotations: annotations, by key.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        properties = {
            "name": name,
            "allow_all_inbound": allow_all_inbound,
            "allow_all_outbound": allow_all_outbound,
            "associations": associations,
        }
        response = await self._call(
            UPDATE, security_group=security_group, properties=properties, annotations=annotations, **options
        )
        return attrs.evolve(response.security_group, annotations=response.annotations)

    @calls(DELETE)
    async def delete(self, security_group: str, **options: Unpack[CallOptions]) -> SecurityGroup | None:
        """Delete a security group and return its id and name; None if an attempt whose response was lost deleted it.

        Args:
            security_group: id of the security group, ``sg_...``.

        Raises:
            ConflictError: the security group must not be deleted; ``detail`` lists the reasons.
            UnprocessableError: the security group cannot be deleted; ``detail`` lists the problems.
        """
        return await self._delete(DELETE, security_group=security_group, **options)
