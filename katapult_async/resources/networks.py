"""Networks that Katapult runs. Core API v1: get:network, get:organization_available_networks."""

from typing import Final

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import lookup
from katapult_async.models.lookups import Permalink, SubDomain
from katapult_async.models.networks import AvailableNetworks, Network

GET: Final = Endpoint(path="/networks/network", answer="network", type=Network)
AVAILABLE: Final = Endpoint(path="/organizations/organization/available_networks", answer=None, type=AvailableNetworks)


class Networks:
    """Networks that Katapult runs. Reached as ``katapult.networks``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(
        self,
        network: str | Permalink,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> Network:
        """Return one network. Any token will do.

        Args:
            network: its id, or its ``Permalink``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: there is no such network.
        """
        request = Request(endpoint=GET, arguments=(lookup("network", network, by=(Permalink,)),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def available(
        self,
        *,
        organization: str | SubDomain,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> AvailableNetworks:
        """Return the networks that an organization can put interfaces on, virtual ones too. Any token will do.

        Args:
            organization: its id, or ``SubDomain("acme")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the organization is suspended or not activated.
        """
        request = Request(endpoint=AVAILABLE, arguments=(lookup("organization", organization, by=(SubDomain,)),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
