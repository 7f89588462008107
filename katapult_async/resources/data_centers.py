"""Data centers. Core API v1: get:data_centers, get:data_center, get:data_center_default_network."""

from typing import Final

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import lookup
from katapult_async.models.data_centers import DataCenter
from katapult_async.models.lookups import Permalink
from katapult_async.models.networks import Network
from katapult_async.resources.pages import Pages

LIST: Final = Endpoint(path="/data_centers", answer="data_centers", type=list[DataCenter])
GET: Final = Endpoint(path="/data_centers/data_center", answer="data_center", type=DataCenter)
DEFAULT_NETWORK: Final = Endpoint(path="/data_centers/data_center/default_network", answer="network", type=Network)


class DataCenters:
    """Where machines stand. Reached as ``katapult.data_centers``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self) -> Pages[DataCenter]:
        """Return all data centers: ``async for data_center in ...``.

        One request, sent when the iteration begins. Any token will do.

        Raises:
            AuthenticationError: the token is not accepted.
        """
        return Pages(self._caller, Request(endpoint=LIST))

    async def get(
        self,
        data_center: str | Permalink,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> DataCenter:
        """Return one data center. Any token will do.

        Args:
            data_center: its id, or ``Permalink("uk-lon-01")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: there is no such data center.
        """
        request = Request(endpoint=GET, arguments=(lookup("data_center", data_center, by=(Permalink,)),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def default_network(
        self,
        data_center: str | Permalink,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> Network:
        """Return the network that new machines of a data center join. Any token will do.

        Args:
            data_center: its id, or ``Permalink("uk-lon-01")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: there is no such data center.
        """
        request = Request(endpoint=DEFAULT_NETWORK, arguments=(lookup("data_center", data_center, by=(Permalink,)),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
