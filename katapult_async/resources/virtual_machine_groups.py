"""Virtual machine groups.

Core API v1: get:organization_virtual_machine_groups, post:organization_virtual_machine_groups,
get:virtual_machine_group, patch:virtual_machine_group, delete:virtual_machine_group.
"""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.models.virtual_machine_groups import VirtualMachineGroup
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import VIRTUAL_MACHINE_GROUP
from katapult_async.resources.resource import Resource

_GROUPS: Final = Operations(VIRTUAL_MACHINE_GROUP, VirtualMachineGroup, write=("virtual_machine_groups",))


class VirtualMachineGroups(Resource):
    """Groups of virtual machines, for keeping them on different hypervisors.

    Reached as ``katapult.virtual_machine_groups``.
    """

    @_GROUPS.list("/organizations/organization/virtual_machine_groups", paginated=False)
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[VirtualMachineGroup]:
        """Return the groups of an organization. One request, not paginated.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_GROUPS.create("/organizations/organization/virtual_machine_groups")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        segregate: bool | None = None,
        auto_segregate: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> VirtualMachineGroup:
        """Create a group and return it.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            segregate: whether the virtual machines of the group run on different hypervisors.
            auto_segregate: whether Katapult moves virtual machines to keep them on different hypervisors.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_GROUPS.get()
    async def get(self, virtual_machine_group: str, **options: Unpack[CallOptions]) -> VirtualMachineGroup:
        """Return a group.

        Args:
            virtual_machine_group: id of the group, ``vmgrp_...``.
        """

    @_GROUPS.update()
    async def update(
        self,
        virtual_machine_group: str,
        *,
        name: str | Unset = UNSET,
        segregate: bool | Unset = UNSET,
        auto_segregate: bool | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> VirtualMachineGroup:
        """Change a group and return it. A field whose argument is omitted stays as it is.

        Args:
            virtual_machine_group: id of the group, ``vmgrp_...``.
            name: display name.
            segregate: whether the virtual machines of the group run on different hypervisors.
            auto_segregate: whether Katapult moves virtual machines to keep them on different hypervisors.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_GROUPS.delete()
    async def delete(self, virtual_machine_group: str, **options: Unpack[CallOptions]) -> VirtualMachineGroup | None:
        """Delete a group and return it as it was; None if the response was lost and a retry did not find it.

        Args:
            virtual_machine_group: id of the group, ``vmgrp_...``.

        Raises:
            ConflictError: the group must not be deleted (``deletion_restricted``); ``detail`` lists the reasons.
        """
