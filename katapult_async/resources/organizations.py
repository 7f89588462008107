"""Organizations. Core API v1: get:organizations, get:organization."""

from typing import Final

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.validation import lookup
from katapult_async.models.lookups import SubDomain
from katapult_async.models.organizations import Organization
from katapult_async.resources.pages import Pages

LIST: Final = Endpoint(path="/organizations", answer="organizations", type=list[Organization])
GET: Final = Endpoint(path="/organizations/organization", answer="organization", type=Organization)


class Organizations:
    """Who owns things. Reached as ``katapult.organizations``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self) -> Pages[Organization]:
        """Return the organizations that the token can see: ``async for organization in ...``.

        One request, sent when the iteration begins. Scope ``organizations:read``.

        Raises:
            PermissionDeniedError: the token has no such scope.
        """
        return Pages(self._caller, Request(endpoint=LIST))

    async def get(
        self,
        organization: str | SubDomain,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> Organization:
        """Return one organization, with its billing details. Scope ``organizations:read``.

        Args:
            organization: its id, or ``SubDomain("acme")``.
            max_wait: seconds to wait for the rate limit at most; None for ``RateLimitPolicy.max_wait``.
            timeout: seconds for the whole call; None for ``Timeouts.call``.

        Raises:
            UsageError: an argument is no such thing.
            NotFoundError: this token sees no such organization.
            PermissionDeniedError: the scope is missing, or the organization is suspended or not activated.
        """
        request = Request(endpoint=GET, arguments=(lookup("organization", organization, by=(SubDomain,)),))
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value
