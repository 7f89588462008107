"""Disk IO profiles. Core API v1: get:organization_disk_io_profiles."""

from typing import Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.disk_io_profiles import DiskIOProfile
from katapult_async.models.lookups import SubDomain
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import IO_PROFILE
from katapult_async.resources.resource import Resource


class DiskIOProfiles(Resource):
    """Disk IO profiles: speed limits for disks. Reached as ``katapult.disk_io_profiles``."""

    @Operations(IO_PROFILE, DiskIOProfile, answer="disk_io_profile").list(
        "/organizations/organization/disk_io_profiles"
    )
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[DiskIOProfile]:
        """Return the IO profiles that an organization can use.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
