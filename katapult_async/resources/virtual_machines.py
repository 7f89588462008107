"""Virtual machines.

Core API v1: get:organization_virtual_machines, get:virtual_machine, patch:virtual_machine, delete:virtual_machine,
post:virtual_machine_start, post:virtual_machine_stop, post:virtual_machine_shutdown, post:virtual_machine_reset,
put:virtual_machine_package, put:virtual_machine_flexible_resources, post:virtual_machine_allocate_ip,
post:virtual_machine_console_sessions, get:virtual_machine_authorized_keys.
"""

import typing
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal, Unpack

import attrs

from katapult_async.core import polling, validation
from katapult_async.core.pagination import Pages
from katapult_async.core.redaction import with_hidden_secrets
from katapult_async.errors import TaskState
from katapult_async.models.console_sessions import ConsoleSession
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.lookups import FQDN, Permalink, SubDomain
from katapult_async.models.tasks import Task
from katapult_async.models.trash_objects import TrashObject
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.models.virtual_machines import TrashedVirtualMachine, VirtualMachine
from katapult_async.options import CallOptions, check_options
from katapult_async.resources.new_virtual_machine_parts import NewDisk, NewNetworkInterface
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import VIRTUAL_MACHINE
from katapult_async.resources.resource import EMPTY, Resource
from katapult_async.resources.trash_objects import TrashObjects, purge_from_trash, put_into_trash
from katapult_async.resources.virtual_machine_builds import VirtualMachineBuilds

_MACHINES: Final = Operations(VIRTUAL_MACHINE, VirtualMachine, write=("virtual_machines",), beside=("annotations",))
_TASKS: Final = _MACHINES.returning("task", Task)
_AUTHORIZED_KEYS: Final = ("virtual_machines:authorized_keys",)
_POWER: Final = ("virtual_machines", "virtual_machines:power_actions")
_state_to_wait_for = validation.choice(("started", "stopped"))


class VirtualMachines(Resource):
    """Virtual machines. Reached as ``katapult.virtual_machines``."""

    @_MACHINES.list("/organizations/organization/virtual_machines")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[VirtualMachine]:
        """Return the virtual machines of an organization, without the many fields that only `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only virtual machines with these annotations, by key.
        """

    async def build(
        self,
        *,
        organization: str | SubDomain,
        package: str | Permalink,
        data_center: str | Permalink | None = None,
        zone: str | Permalink | None = None,
        disk_template: str | Permalink | None = None,
        disk_template_version: int | None = None,
        disk_template_options: Mapping[str, str] = EMPTY,
        user_data: str | None = None,
        disks: Iterable[NewDisk] = (),
        networks: Iterable[str | Permalink] = (),
        interfaces: Iterable[NewNetworkInterface] = (),
        hostname: str | None = None,
        name: str | None = None,
        description: str | None = None,
        group: str | None = None,
        ssh_keys: Iterable[str] = (),
        all_ssh_keys: bool = False,
        users: Iterable[str] = (),
        all_users: bool = False,
        tag_names: Iterable[str] = (),
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> VirtualMachine:
        """Build a virtual machine, and return it when it is started.

        ::

            machine = await katapult.virtual_machines.build(
                organization=SubDomain("acme"),
                package=Permalink("rock-3"),
                data_center=Permalink("uk-lon-01"),
                disk_template=Permalink("templates/ubuntu-24-04"),
                networks=[Permalink("uk-lon-01-public")],
                hostname="web-1",
                all_ssh_keys=True,
            )

        It waits as ``tasks.wait`` does: ``timeout`` covers the whole wait, by default 600 seconds. A build that takes
        longer continues at Katapult, and ``virtual_machine_builds.wait`` waits for it again, with the id in the error
        (``error.task.id``). Meanwhile the hostname is taken. Where the id is not known, because the response was lost
        or the program was killed, the virtual machine is found by its ``FQDN`` once Katapult has created it. Without a
        ``hostname``, its name is not known, and another `build` would build a second one.
        ``virtual_machine_builds.create_from_spec`` begins a build without waiting.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            package: id of the package, or ``Permalink("rock-3")``.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            zone: id of the zone, or its ``Permalink``, in place of a data center.
            disk_template: id of the disk template, or ``Permalink("templates/ubuntu-24-04")``.
            disk_template_version: number of the version of the template; None for the latest.
            disk_template_options: values of the options of the template, by name; see ``disk_templates.spec``.
            user_data: user data for cloud-init.
            disks: disks, exactly one of them with ``system=True``; without disks, a system disk of the package's size.
            networks: ids or permalinks of networks; on each, the machine gets an interface with a new IPv4 address.
            interfaces: further network interfaces, with the addresses in ``ip_addresses``, and a new address for each
                ``ipv4`` or ``ipv6`` in ``new_ip_addresses``.
            hostname: first part of the domain name; None for a random one.
            name: display name.
            description: free text about the virtual machine.
            group: id of the virtual machine group.
            ssh_keys: ids of the SSH keys that may log in.
            all_ssh_keys: whether all SSH keys of the organization may log in.
            users: ids of the users whose SSH keys may log in.
            all_users: whether the SSH keys of all users of the organization may log in.
            tag_names: names of tags; the name of a tag that does not exist is ignored.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UsageError: both or neither of ``data_center`` and ``zone`` are given, not exactly one disk has
                ``system=True``, or the version or the options of a template are given without ``disk_template``.
            BadRequestError: the specification is not valid (``invalid_spec_xml``); ``detail`` says why.
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
            TaskFailedError: the build or the virtual machine has failed; Katapult does not say why.
            TaskTimeoutError: the virtual machine was not started in time.
        """
        given = dict(locals())  # the arguments by name
        for secret in ("disk_template_options", "user_data"):  # error trackers show the local variables of this frame
            given[secret] = with_hidden_secrets(given[secret], "secret")
        del disk_template_options, user_data
        check_options(options, called="VirtualMachines.build()", names=given.keys() - {"self", "options"})
        # Loaded here, because it loads the XML package, which nothing else needs.
        from katapult_async.resources.virtual_machine_spec import VirtualMachineSpec  # noqa: PLC0415 # see above

        names = ("disks", "networks", "interfaces", "ssh_keys", "users", "tag_names")
        lists = {name: tuple(validation.items(name, given[name])) for name in names}
        added = [NewNetworkInterface(network=network, new_ip_addresses=("ipv4",)) for network in lists.pop("networks")]
        lists["interfaces"] = (*added, *lists["interfaces"])
        fields = {name: given[name] for name in attrs.fields_dict(VirtualMachineSpec).keys() & given.keys()}
        spec = VirtualMachineSpec(**fields | lists)
        builds = VirtualMachineBuilds(self._caller)
        with polling.wait_limits(self._caller, options):
            begun = await builds.create_from_spec(organization=organization, xml=spec.xml, annotations=annotations)
            complete = await builds.wait(begun.id)
            machine = typing.cast("VirtualMachine", complete.virtual_machine)  # `builds.wait` waits for it
            return await self.wait(machine.id, state="started")

    @_MACHINES.get()
    async def get(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> VirtualMachine:
        """Return a virtual machine with its annotations. Its ``initial_root_password`` is a secret.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
        """

    @_MACHINES.update()
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
        """Change a virtual machine and return it. A field whose argument is omitted stays as it is.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            name: display name.
            hostname: first part of the domain name.
            description: free text about the virtual machine; None removes it.
            tag_names: names of all tags of the virtual machine; an empty list for no tags.
            group: id of the virtual machine group; None for no group.
            gpu_type: id of the type of graphics processor, or its ``Permalink``; None for no graphics processor.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
        """

    @_MACHINES.returning(None, TrashedVirtualMachine).delete()
    async def delete(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> TrashedVirtualMachine | None:
        """Put a virtual machine into the trash, from which ``trash_objects`` restores or purges it.

        Returns the virtual machine and its trash object; None if the response was lost and a retry found it in the
        trash.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash already (``object_in_trash``).
        """

    async def trash(self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]) -> TrashObject | None:
        """Put a virtual machine into the trash if it is not there, and return its trash object.

        Returns None if there is no such virtual machine.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash, and the error does not name its trash object
                (``object_in_trash``). Only a domain name raises it: an id finds the trash object.
        """
        with self._caller.shared_limits(options):
            return await put_into_trash(self, virtual_machine, TrashObjects(self._caller))

    async def purge(
        self, virtual_machine: str | FQDN, *, wait: bool = False, **options: Unpack[CallOptions]
    ) -> Task | None:
        """Delete a virtual machine permanently, also if it is in the trash; returns the task that deletes it.

        Returns None if there is no such virtual machine, or it was deleted meanwhile.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the task could not be queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """
        with polling.wait_limits(self._caller, options, waits=wait):
            return await purge_from_trash(await self.trash(virtual_machine), TrashObjects(self._caller), wait=wait)

    async def wait(
        self, virtual_machine: str | FQDN, *, state: Literal["started", "stopped"], **options: Unpack[CallOptions]
    ) -> VirtualMachine:
        """Return a virtual machine when it is started or stopped. It waits as ``tasks.wait`` does.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            state: the state to wait for.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
            TaskFailedError: the virtual machine has failed.
            TaskTimeoutError: the virtual machine did not have the state in time.
        """
        subject = TaskState(kind="virtual machine", id=str(getattr(virtual_machine, "fqdn", virtual_machine)))
        done = _state_to_wait_for("state", state)
        return await polling.wait(
            self._caller, lambda _: self.get(virtual_machine), subject, done=done, options=options
        )

    # Safe to repeat, as stop and shutdown are: a second request leads to the same state. A reset is not safe to repeat.
    @_TASKS.action("POST", "/start", scopes=_POWER, idempotent=True, state_after="started")
    async def start(self, virtual_machine: str | FQDN, *, wait: bool = False, **options: Unpack[CallOptions]) -> Task:
        """Start a virtual machine; returns the task that starts it.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            wait: whether to return only when the task is completed and the virtual machine is started. ``timeout``
                covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or the task could not be
                queued (``task_queueing_error``).
            TaskFailedError: the task or the virtual machine has failed, and ``wait`` is true.
            TaskTimeoutError: the virtual machine was not started in time, and ``wait`` is true.
        """

    @_TASKS.action("POST", "/stop", scopes=_POWER, idempotent=True, state_after="stopped")
    async def stop(self, virtual_machine: str | FQDN, *, wait: bool = False, **options: Unpack[CallOptions]) -> Task:
        """Cut the power of a virtual machine; returns the task that stops it.

        Its operating system does not shut down, so data that is not yet on its disks is lost; `shutdown` avoids that.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            wait: whether to return only when the task is completed and the virtual machine is stopped. ``timeout``
                covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or the task could not be
                queued (``task_queueing_error``).
            TaskFailedError: the task or the virtual machine has failed, and ``wait`` is true.
            TaskTimeoutError: the virtual machine was not stopped in time, and ``wait`` is true.
        """

    @_TASKS.action("POST", "/shutdown", scopes=_POWER, idempotent=True, state_after="stopped")
    async def shutdown(
        self, virtual_machine: str | FQDN, *, wait: bool = False, **options: Unpack[CallOptions]
    ) -> Task:
        """Ask the operating system of a virtual machine to shut down; returns the task that does so.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            wait: whether to return only when the task is completed and the virtual machine is stopped. ``timeout``
                covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or the task could not be
                queued (``task_queueing_error``).
            TaskFailedError: the task or the virtual machine has failed, and ``wait`` is true.
            TaskTimeoutError: the virtual machine was not stopped in time, and ``wait`` is true.
        """

    @_TASKS.action("POST", "/reset", scopes=_POWER, state_after="started")
    async def reset(self, virtual_machine: str | FQDN, *, wait: bool = False, **options: Unpack[CallOptions]) -> Task:
        """Cut the power of a virtual machine and start it again; returns the task that resets it.

        Its operating system does not shut down, so data that is not yet on its disks is lost.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            wait: whether to return only when the task is completed and the virtual machine is started. ``timeout``
                covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or the task could not be
                queued (``task_queueing_error``).
            TaskFailedError: the task or the virtual machine has failed, and ``wait`` is true.
            TaskTimeoutError: the virtual machine was not started in time, and ``wait`` is true.
        """

    @_TASKS.action("PUT", "/flexible_resources", inside="resources")
    async def change_resources(
        self,
        virtual_machine: str | FQDN,
        *,
        cpu_cores: int,
        memory_in_gb: int,
        use_dedicated_cpus: bool | None = None,
        wait: bool = False,
        **options: Unpack[CallOptions],
    ) -> Task:
        """Change the flexible resources of a virtual machine: its CPU cores and memory.

        Returns the task that changes them.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            cpu_cores: number of CPU cores.
            memory_in_gb: memory in GB.
            use_dedicated_cpus: whether the CPU cores are not shared with other virtual machines; None for no change.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            PermissionDeniedError: the organization cannot have flexible resources
                (``flexible_resources_unavailable_to_organization``).
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or the task could not be
                queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_TASKS.action("PUT", "/package")
    async def change_package(
        self,
        virtual_machine: str | FQDN,
        *,
        package: str | Permalink,
        wait: bool = False,
        **options: Unpack[CallOptions],
    ) -> Task:
        """Change the package of a virtual machine; returns the task that changes it.

        To a package with fewer CPU cores or less memory, it can only be changed while the virtual machine is stopped.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.
            package: id of the package, or ``Permalink("rock-3")``.
            wait: whether to return only when the task is completed. ``timeout`` covers the wait, as in ``tasks.wait``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or the task could not be
                queued (``task_queueing_error``).
            TaskFailedError: the task has failed, and ``wait`` is true.
            TaskTimeoutError: the task was not completed in time, and ``wait`` is true.
        """

    @_MACHINES.returning("ip_address", IPAddress).action("POST", "/allocate_ip", scopes=("ip_addresses",))
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
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``).
            UnprocessableError: the address is allocated already (``ip_already_allocated``), or no interface of the
                virtual machine can have it (``no_interface_available``).
        """

    # Safe to repeat: a second session changes nothing, and a session that nobody opens expires.
    @_MACHINES.returning("console_session", ConsoleSession).action(
        "POST", "/console_sessions", scopes=("virtual_machines", "virtual_machines:console"), idempotent=True
    )
    async def create_console_session(
        self, virtual_machine: str | FQDN, **options: Unpack[CallOptions]
    ) -> ConsoleSession:
        """Create a console session of a virtual machine and return it with its URL, a secret.

        Args:
            virtual_machine: id of the virtual machine, or ``FQDN("web-1.acme.example")``.

        Raises:
            NotAcceptableError: the virtual machine is in the trash (``object_in_trash``), or it is not started
                (``virtual_machine_must_be_started``).
            UnprocessableError: the session cannot be created; ``detail`` lists the problems.
        """

    @_MACHINES.returning(None, str).at("/virtual_machine").get("/authorized_keys", scopes=_AUTHORIZED_KEYS)
    async def authorized_keys(self, **options: Unpack[CallOptions]) -> str:
        """Return the authorized SSH keys of the virtual machine that the token belongs to, one key on each line.

        Raises:
            NotFoundError: the token does not belong to a virtual machine (``no_virtual_machine_for_api_token``).
            ConflictError: the virtual machine has no continuous management (``continuous_management_disabled``).
        """
