"""Virtual machines.

Core API v1: get:organization_virtual_machines, get:virtual_machine, post:virtual_machine_allocate_ip,
put:virtual_machine_package.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final, Unpack

import attrs

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.lookups import FQDN, Permalink, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machines import Annotation, VirtualMachine
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import IP_ADDRESS, ORGANIZATION, PACKAGE, VIRTUAL_MACHINE
from katapult_async.resources.resource import Resource, calls


@attrs.frozen(kw_only=True)
class _VirtualMachineResponse:
    """The whole response of `VirtualMachines.get`."""

    virtual_machine: VirtualMachine
    annotations: tuple[Annotation, ...] = ()


_ONE: Final = "/virtual_machines/virtual_machine"
_WRITE: Final = ("virtual_machines",)
_READ: Final = (*_WRITE, "virtual_machines:read")

LIST: Final = Endpoint(
    path="/organizations/organization/virtual_machines",
    answer="virtual_machines",
    type=list[VirtualMachine],
    paginated=True,
    refs=(ORGANIZATION,),
    scopes=_READ,
)
GET: Final = Endpoint(path=_ONE, answer=None, type=_VirtualMachineResponse, refs=(VIRTUAL_MACHINE,), scopes=_READ)
ALLOCATE_IP: Final = Endpoint(
    method="POST",
    path=f"{_ONE}/allocate_ip",
    answer="ip_address",
    type=IPAddress,
    refs=(VIRTUAL_MACHINE, IP_ADDRESS),
    scopes=("ip_addresses",),
)
CHANGE_PACKAGE: Final = Endpoint(
    method="PUT", path=f"{_ONE}/package", answer="task", type=Task, refs=(VIRTUAL_MACHINE, PACKAGE), scopes=_WRITE
)


class VirtualMachines(Resource):
    """Virtual machines. Reached as ``katapult.virtual_machines``."""

    @calls(LIST)
    def list(
        self,
        *,
        organization: str | SubDomain,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> Pages[VirtualMachine]:
        """Return the virtual machines of an organization, without the many fields that only `get` returns.

        The order is not documented.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only virtual machines with these annotations, by key.
        """
        return self._list(LIST, organization=organization, annotations=annotations, **options)

    @calls(GET)
    async def get(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> VirtualMachine:
        """Return a virtual machine with its annotations and its initial root password, a secret that its repr omits.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash.
        """
        response = await self._call(GET, virtual_machine=virtual_machine, **options)
        return attrs.evolve(response.virtual_machine, annotations=response.annotations)

    @calls(CHANGE_PACKAGE)
    async def change_package(
        self, virtual_machine: str | FQDN, *, package: str | Permalink, **options: Unpack[CallOptions]
    ) -> Task:
        """Change the package of a virtual machine; returns the task that changes it.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            package: id of the package, or ``Permalink("rock-3")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or the task could not be queued.
        """
        return await self._call(CHANGE_PACKAGE, virtual_machine=virtual_machine, package=package, **options)

    @calls(ALLOCATE_IP)
    async def allocate_ip(
        self,
        virtual_machine: str | FQDN,
        *,
        ip_address: str | IPv4Address | IPv6Address,
        **options: Unpack[CallOptions],
    ) -> IPAddress:
        """Allocate an IP address to a virtual machine, on a network interface that Katapult chooses, and return it.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            ip_address: id of the address, or ``ipaddress.ip_address("203.0.113.7")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash.
            UnprocessableError: the address is allocated already (``ip_already_allocated``), or no interface of the
                virtual machine is on its network (``no_interface_available``).
        """
        return await self._call(ALLOCATE_IP, virtual_machine=virtual_machine, ip_address=ip_address, **options)
