"""Virtual machines. Core API v1: get:organization_virtual_machines."""

from typing import Final

from katapult_async._caller import Caller
from katapult_async.models.lookups import SubDomain
from katapult_async.models.virtual_machines import VirtualMachine
from katapult_async.resources.pages import Pages
from katapult_async.sansio.arguments import lookup
from katapult_async.sansio.endpoints import Endpoint, Request

LIST: Final = Endpoint(
    path="/organizations/organization/virtual_machines",
    answer="virtual_machines",
    type=list[VirtualMachine],
    paginated=True,
)


class VirtualMachines:
    """Machines. Reached as ``katapult.virtual_machines``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self, *, organization: str | SubDomain) -> Pages[VirtualMachine]:
        """Return the machines of one organization: ``async for machine in ...``.

        In Katapult's order, which it does not promise; one request for every 200 machines, sent as the iteration
        comes to them. Lists leave out much of a machine. Scope ``virtual_machines:read``.

        Args:
            organization: its id, or ``SubDomain("acme")``.

        Raises:
            UsageError: the organization is neither.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
        """
        arguments = (lookup("organization", organization, by=(SubDomain,)),)
        return Pages(self._caller, Request(endpoint=LIST, arguments=arguments))
