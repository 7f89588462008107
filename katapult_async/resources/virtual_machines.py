"""Virtual machines.

Core API v1: get:organization_virtual_machines, get:virtual_machine, patch:virtual_machine, delete:virtual_machine,
post:virtual_machine_start, post:virtual_machine_stop, post:virtual_machine_shutdown, post:virtual_machine_reset,
put:virtual_machine_package, put:virtual_machine_flexible_resources, post:virtual_machine_allocate_ip,
post:virtual_machine_console_sessions, get:virtual_machine_authorized_keys.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final, Unpack

import attrs

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.lookups import FQDN, Permalink, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.unset import UNSET, Unset
from katapult_async.models.virtual_machine_builds import ConsoleSession
from katapult_async.models.virtual_machines import Annotation, TrashedVirtualMachine, VirtualMachine
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import GPU_TYPE, GROUP, IP_ADDRESS, ORGANIZATION, PACKAGE, VIRTUAL_MACHINE
from katapult_async.resources.resource import Resource, calls


@attrs.frozen(kw_only=True)
class _VirtualMachineResponse:
    """The whole response of `VirtualMachines.get` and `update`."""

    virtual_machine: VirtualMachine
    annotations: tuple[Annotation, ...] = ()


_ONE: Final = "/virtual_machines/virtual_machine"
_REFS: Final = (VIRTUAL_MACHINE,)
_WRITE: Final = ("virtual_machines",)
_READ: Final = (*_WRITE, "virtual_machines:read")
_POWER: Final = (*_WRITE, "virtual_machines:power_actions")

LIST: Final = Endpoint(
    path="/organizations/organization/virtual_machines",
    answer="virtual_machines",
    type=list[VirtualMachine],
    paginated=True,
    refs=(ORGANIZATION,),
    scopes=_READ,
)
GET: Final = Endpoint(path=_ONE, answer=None, type=_VirtualMachineResponse, refs=(VIRTUAL_MACHINE,), scopes=_READ)
UPDATE: Final = Endpoint(
    method="PATCH",
    path=_ONE,
    answer=None,
    type=_VirtualMachineResponse,
    refs=(VIRTUAL_MACHINE, GPU_TYPE, GROUP),
    scopes=_WRITE,
)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer=None, type=TrashedVirtualMachine, refs=_REFS, scopes=_WRITE)
# Safe to repeat: they lead to a state (started, stopped), and a second request leads to the same one. A reset is not.
START: Final = Endpoint(
    method="POST", path=f"{_ONE}/start", answer="task", type=Task, refs=_REFS, scopes=_POWER, idempotent=True
)
STOP: Final = Endpoint(
    method="POST", path=f"{_ONE}/stop", answer="task", type=Task, refs=_REFS, scopes=_POWER, idempotent=True
)
SHUTDOWN: Final = Endpoint(
    method="POST", path=f"{_ONE}/shutdown", answer="task", type=Task, refs=_REFS, scopes=_POWER, idempotent=True
)
RESET: Final = Endpoint(method="POST", path=f"{_ONE}/reset", answer="task", type=Task, refs=_REFS, scopes=_POWER)
CHANGE_RESOURCES: Final = Endpoint(
    method="PUT", path=f"{_ONE}/flexible_resources", answer="task", type=Task, refs=_REFS, scopes=_WRITE
)
AUTHORIZED_KEYS: Final = Endpoint(
    path="/virtual_machine/authorized_keys",
    answer=None,
    type=str,
    scopes=("virtual_machines:authorized_keys",),
)
# Safe to repeat: a second session changes nothing, and one that nobody opens expires.
CREATE_CONSOLE_SESSION: Final = Endpoint(
    method="POST",
    path=f"{_ONE}/console_sessions",
    answer="console_session",
    type=ConsoleSession,
    refs=_REFS,
    scopes=(*_WRITE, "virtual_machines:console"),
    idempotent=True,
)
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

    @calls(UPDATE)
    async def update(
        self,
        virtual_machine: str | FQDN,
        *,
        name: str | Unset = UNSET,
        hostname: str | Unset = UNSET,
        description: str | Unset | None = UNSET,
        tag_names: Iterable[str] | Unset = UNSET,
        group: str | Unset | None = UNSET,
        gpu_type: str | Permalink | Unset | None = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> VirtualMachine:
        """Change a virtual machine and return it. An argument that is left out stays as it is.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            name: display name.
            hostname: first part of the domain name.
            description: description; None for none.
            tag_names: names of all its tags; an empty list removes them.
            group: id of its virtual machine group; None for none.
            gpu_type: id of the model of its graphics processor, or its ``Permalink``; None for none.
            annotations: annotations, by key.

        Raises:
            NotAcceptableError: the virtual machine is in the trash.
        """
        response = await self._call(
            UPDATE,
            virtual_machine=virtual_machine,
            properties={
                "name": name,
                "hostname": hostname,
                "description": description,
                "tag_names": tag_names,
                "group": group,
                "gpu_type": gpu_type,
            },
            annotations=annotations,
            **options,
        )
        return attrs.evolve(response.virtual_machine, annotations=response.annotations)

    @calls(DELETE)
    async def delete(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> TrashedVirtualMachine | None:
        """Put a virtual machine into the trash, from which ``trash_objects`` restores or purges it.

        Returns the virtual machine and its trash object; None if an attempt whose response was lost did it already.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash already.
        """
        return await self._delete(DELETE, virtual_machine=virtual_machine, **options)

    @calls(START)
    async def start(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> Task:
        """Start a virtual machine; returns the task that starts it.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or the task could not be queued.
        """
        return await self._call(START, virtual_machine=virtual_machine, **options)

    @calls(STOP)
    async def stop(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> Task:
        """Switch off a virtual machine at once; returns the task that stops it. See `shutdown`.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or the task could not be queued.
        """
        return await self._call(STOP, virtual_machine=virtual_machine, **options)

    @calls(SHUTDOWN)
    async def shutdown(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> Task:
        """Ask the operating system of a virtual machine to shut down; returns the task that does so.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or the task could not be queued.
        """
        return await self._call(SHUTDOWN, virtual_machine=virtual_machine, **options)

    @calls(RESET)
    async def reset(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> Task:
        """Switch a virtual machine off and on at once; returns the task that resets it.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or the task could not be queued.
        """
        return await self._call(RESET, virtual_machine=virtual_machine, **options)

    @calls(CHANGE_RESOURCES)
    async def change_resources(
        self,
        virtual_machine: str | FQDN,
        *,
        cpu_cores: int,
        memory_in_gb: int,
        use_dedicated_cpus: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Task:
        """Change the flexible resources of a virtual machine; returns the task that changes them.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            cpu_cores: number of CPU cores.
            memory_in_gb: memory in GB.
            use_dedicated_cpus: whether the CPU cores are not shared with other virtual machines; None to keep it.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or the task could not be queued.
        """
        resources = {
            "cpu_cores": cpu_cores,
            "memory_in_gb": memory_in_gb,
            "use_dedicated_cpus": use_dedicated_cpus,
        }
        return await self._call(CHANGE_RESOURCES, virtual_machine=virtual_machine, resources=resources, **options)

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

    @calls(CREATE_CONSOLE_SESSION)
    async def create_console_session(
        self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]
    ) -> ConsoleSession:
        """Create a console session of a virtual machine and return it with its address, a secret that its repr omits.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, or it is not started
                (``virtual_machine_must_be_started``).
            UnprocessableError: the session cannot be created; ``detail`` lists the problems.
        """
        return await self._call(CREATE_CONSOLE_SESSION, virtual_machine=virtual_machine, **options)

    @calls(AUTHORIZED_KEYS)
    async def authorized_keys(self, **options: Unpack[CallOptions]) -> str:
        """Return the authorized SSH keys of the virtual machine that the token belongs to, one key a line.

        Raises:
            ConflictError: the virtual machine does not have continuous management.
        """
        return await self._call(AUTHORIZED_KEYS, **options)
