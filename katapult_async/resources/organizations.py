"""Organizations. Core API v1: get:organizations, get:organization."""

from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.lookups import SubDomain
from katapult_async.models.organizations import Organization
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import ORGANIZATION
from katapult_async.resources.resource import Resource, calls

_READ: Final = ("organizations:read",)

LIST: Final = Endpoint(path="/organizations", answer="organizations", type=list[Organization], scopes=_READ)
GET: Final = Endpoint(
    path="/organizations/organization", answer="organization", type=Organization, refs=(ORGANIZATION,), scopes=_READ
)


class Organizations(Resource):
    """Organizations: the owners of all other resources. Reached as ``katapult.organizations``."""

    @calls(LIST)
    def list(self, **options: Unpack[CallOptions]) -> Pages[Organization]:
        """Return the organizations that the token can see. One request, not paginated."""
        return self._list(LIST, **options)

    @calls(GET)
    async def get(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Organization:
        """Return an organization with its billing details.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(GET, organization=organization, **options)
