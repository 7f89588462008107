"""Builds of virtual machines.

Core API v1: post:organization_virtual_machines_build, post:organization_virtual_machines_build_from_spec,
get:virtual_machines_builds_virtual_machine_build.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Unpack

from katapult_async.core import polling
from katapult_async.errors import TaskState
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.virtual_machine_builds import VirtualMachineBuild, VirtualMachineBuildState
from katapult_async.options import CallOptions
from katapult_async.resources.new_virtual_machine_parts import NewDisk
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import BUILD, BUILD_PACKAGE, IO_PROFILE
from katapult_async.resources.resource import EMPTY, Resource

_BUILDS: Final = Operations(
    BUILD,
    VirtualMachineBuild,
    path="/virtual_machines/builds/virtual_machine_build",
    write=("virtual_machines",),
    beside=("hostname", "task", "annotations"),
)


class VirtualMachineBuilds(Resource):
    """Builds of virtual machines. Reached as ``katapult.virtual_machine_builds``.

    ``virtual_machines.build`` begins a build, waits for it and returns the virtual machine. Its steps are
    ``create_from_spec`` and ``wait``.
    """

    @_BUILDS.create("/organizations/organization/virtual_machines/build", inside=None, refs=(BUILD_PACKAGE, IO_PROFILE))
    async def create(
        self,
        *,
        organization: str | SubDomain,
        package: str | Permalink,
        data_center: str | Permalink | None = None,
        zone: str | Permalink | None = None,
        disk_template: str | Permalink | None = None,
        disk_template_options: Mapping[str, str] = EMPTY,
        disks: Iterable[NewDisk] | None = None,
        network: str | Permalink | None = None,
        hostname: str | None = None,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> VirtualMachineBuild:
        """Begin to build a virtual machine and return the build.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            package: id of the package, or ``Permalink("rock-3")``.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            zone: id of the zone, or its ``Permalink``, in place of a data center.
            disk_template: id of the disk template, or ``Permalink("templates/ubuntu-24-04")``.
            disk_template_options: values of the options of the template, by name; see ``disk_templates.spec``.
            disks: disks, exactly one of them with ``system=True``; None for a system disk of the package's size.
            network: id of the network, or its ``Permalink``.
            hostname: first part of the domain name; None for a random one.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: neither ``data_center`` nor ``zone`` is given (``location_required``), not exactly one
                disk is the system disk (``one_system_disk_required``), or a value is not valid; ``detail`` lists the
                problems.
        """

    @_BUILDS.create("/organizations/organization/virtual_machines/build_from_spec", inside=None)
    async def create_from_spec(
        self,
        *,
        organization: str | SubDomain,
        xml: str,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> VirtualMachineBuild:
        """Begin to build a virtual machine from a specification and return the build.

        ::

            spec = VirtualMachineSpec(package=Permalink("rock-3"), data_center=Permalink("uk-lon-01"))
            await katapult.virtual_machine_builds.create_from_spec(organization="org_1", xml=spec.xml)

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            xml: the specification as XML, such as the ``spec_xml`` of another build.
            annotations: keys and values to store with the object, for programs.

        Raises:
            BadRequestError: the specification is not valid (``invalid_spec_xml``); ``detail`` says why.
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_BUILDS.get()
    async def get(self, build: str, **options: Unpack[CallOptions]) -> VirtualMachineBuild:
        """Return a build as it is now.

        Args:
            build: id of the build, ``vmbuild_...``.
        """

    async def wait(self, build: str, **options: Unpack[CallOptions]) -> VirtualMachineBuild:
        """Return a build when it is complete, with its virtual machine. It waits as ``tasks.wait`` does.

        Args:
            build: id of the build, ``vmbuild_...``.

        Raises:
            TaskFailedError: the build has failed; Katapult does not say why.
            TaskTimeoutError: the build was not complete in time. It continues at Katapult.
        """
        subject = TaskState(kind="build", id=build)
        return await polling.wait(self._caller, self.get, subject, status=_status, done="complete", options=options)


def _status(build: VirtualMachineBuild) -> str | None:
    if build.state == VirtualMachineBuildState.COMPLETE and build.virtual_machine is None:
        return VirtualMachineBuildState.BUILDING  # Katapult's Terraform provider has received such builds
    return build.state
