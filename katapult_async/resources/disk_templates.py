"""Disk templates and their versions.

Core API v1: get:organization_disk_templates, get:disk_template, get:disk_template_versions, get:disk_template_version,
get:disk_template_version_spec.
"""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.disk_templates import DiskTemplate, DiskTemplateSpec, DiskTemplateVersion
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import DISK_TEMPLATE, DISK_TEMPLATE_VERSION
from katapult_async.resources.resource import Resource

# No operation changes templates. ``write`` is given because the scopes for reading are derived from it.
_TEMPLATES: Final = Operations(DISK_TEMPLATE, DiskTemplate, write=("disk_templates",))
_VERSIONS: Final = Operations(DISK_TEMPLATE_VERSION, DiskTemplateVersion, write=("disk_templates",))


class DiskTemplates(Resource):
    """Disk templates: images that disks are built from. Reached as ``katapult.disk_templates``."""

    @_TEMPLATES.list("/organizations/organization/disk_templates")
    def list(
        self,
        *,
        organization: str | SubDomain,
        include_universal: bool | None = None,
        operating_system: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Pages[DiskTemplate]:
        """Return the disk templates of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            include_universal: whether the templates that all organizations can use are included.
            operating_system: id of the only operating system to include; None for all.
        """

    @_TEMPLATES.get()
    async def get(self, disk_template: str | Permalink, **options: Unpack[CallOptions]) -> DiskTemplate:
        """Return a disk template.

        Args:
            disk_template: id of the template, or ``Permalink("templates/ubuntu-24-04")``.
        """

    @_VERSIONS.list("/disk_templates/disk_template/versions")
    def versions(self, disk_template: str | Permalink, **options: Unpack[CallOptions]) -> Pages[DiskTemplateVersion]:
        """Return the versions of a disk template, without the template itself.

        Args:
            disk_template: id of the template, or ``Permalink("templates/ubuntu-24-04")``.
        """

    @_VERSIONS.get()
    async def get_version(self, disk_template_version: str, **options: Unpack[CallOptions]) -> DiskTemplateVersion:
        """Return a version of a disk template, with the template.

        Args:
            disk_template_version: id of the version, ``dtv_...``.
        """

    @_VERSIONS.returning("spec", DiskTemplateSpec).get("/spec")
    async def spec(self, disk_template_version: str, **options: Unpack[CallOptions]) -> DiskTemplateSpec:
        """Return the options of a version of a disk template, which a build can set.

        Args:
            disk_template_version: id of the version, ``dtv_...``.
        """
