"""Network speed profiles. Core API v1: get:organization_network_speed_profiles."""

from typing import Final

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import lookup
from katapult_async.models.lookups import SubDomain
from katapult_async.models.networks import NetworkSpeedProfile
from katapult_async.resources.pages import Pages

LIST: Final = Endpoint(
    path="/organizations/organization/network_speed_profiles",
    answer="network_speed_profiles",
    type=list[NetworkSpeedProfile],
    paginated=True,
)


class NetworkSpeedProfiles:
    """How fast interfaces may be. Reached as ``katapult.network_speed_profiles``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self,
        *,
        organization: str | SubDomain,
    ) -> Pages[NetworkSpeedProfile]:
        """Return the speed profiles that an organization can use: ``async for profile in ...``.

        In no promised order; one request for every 200. Any token will do.

        Args:
            organization: its id, or ``SubDomain("acme")``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the organization is suspended or not activated.
        """
        arguments = (lookup("organization", organization, by=(SubDomain,)),)
        return Pages(self._caller, Request(endpoint=LIST, arguments=arguments))
