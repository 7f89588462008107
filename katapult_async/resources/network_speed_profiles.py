"""Network speed profiles. Core API v1: get:organization_network_speed_profiles."""

from typing import Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.network_speed_profiles import NetworkSpeedProfile
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import SPEED_PROFILE
from katapult_async.resources.resource import Resource


class NetworkSpeedProfiles(Resource):
    """Bandwidth limits for network interfaces. Reached as ``katapult.network_speed_profiles``."""

    @Operations(SPEED_PROFILE, NetworkSpeedProfile, answer="network_speed_profile").list(
        "/organizations/organization/network_speed_profiles"
    )
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[NetworkSpeedProfile]:
        """Return the speed profiles that an organization can use.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
