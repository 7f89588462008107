"""Virtual machine packages. Core API v1: get:virtual_machine_packages, get:virtual_machine_package."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.virtual_machine_packages import Package
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import PACKAGE
from katapult_async.resources.resource import Resource

_PACKAGES: Final = Operations(PACKAGE, Package, read=("virtual_machine_packages:read",))


class VirtualMachinePackages(Resource):
    """Sizes of virtual machines that can be bought. Reached as ``katapult.virtual_machine_packages``."""

    @_PACKAGES.list("/virtual_machine_packages")
    def list(self, *, organization: str | SubDomain | None = None, **options: Unpack[CallOptions]) -> Pages[Package]:
        """Return the packages that can be bought: all public packages, or those that an organization can use.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``; None for all public packages.
        """

    @_PACKAGES.get()
    async def get(self, package: str | Permalink, **options: Unpack[CallOptions]) -> Package:
        """Return a package.

        Args:
            package: id of the package, or ``Permalink("rock-3")``.
        """
