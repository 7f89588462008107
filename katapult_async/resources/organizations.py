"""Organizations.

Core API v1: get:organizations, get:organization, get:organization_deletion_steps, get:organization_policy,
get:organization_policy_limits, get:organization_prices, get:organization_users_with_access.
"""

from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.lookups import SubDomain
from katapult_async.models.organization_policies import (
    DeletionSteps,
    OrganizationPolicy,
    OrganizationPrices,
    PolicyLimits,
)
from katapult_async.models.organizations import Organization
from katapult_async.models.users import UserAccess
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import ORGANIZATION
from katapult_async.resources.resource import Resource, calls

_ONE: Final = "/organizations/organization"
_REFS: Final = (ORGANIZATION,)
_READ: Final = ("organizations:read",)

LIST: Final = Endpoint(path="/organizations", answer="organizations", type=list[Organization], scopes=_READ)
GET: Final = Endpoint(path=_ONE, answer="organization", type=Organization, refs=_REFS, scopes=_READ)
DELETION_STEPS: Final = Endpoint(
    path=f"{_ONE}/deletion_steps",
    answer="steps",
    type=DeletionSteps,
    refs=_REFS,
    scopes=("organizations:delete", "managed_organizations:delete"),
)
POLICY: Final = Endpoint(path=f"{_ONE}/policy", answer=None, type=OrganizationPolicy, refs=_REFS, scopes=_READ)
POLICY_LIMITS: Final = Endpoint(
    path=f"{_ONE}/policy_limits", answer="policy_limits", type=PolicyLimits, refs=_REFS, scopes=_READ
)
PRICES: Final = Endpoint(path=f"{_ONE}/prices", answer=None, type=OrganizationPrices, refs=_REFS, scopes=_READ)
USERS_WITH_ACCESS: Final = Endpoint(
    path=f"{_ONE}/users_with_access", answer="users", type=list[UserAccess], paginated=True, refs=_REFS, scopes=_READ
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

    @calls(DELETION_STEPS)
    async def deletion_steps(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> DeletionSteps:
        """Return what must be done before an organization can be deleted.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(DELETION_STEPS, organization=organization, **options)

    @calls(POLICY)
    async def policy(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> OrganizationPolicy:
        """Return what an organization may have and do at present, and how much of it is used.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            BadRequestError: another organization manages it (``policy_not_available_for_managed_organizations``).
        """
        return await self._call(POLICY, organization=organization, **options)

    @calls(POLICY_LIMITS)
    async def policy_limits(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> PolicyLimits:
        """Return the limits of an organization's policy.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(POLICY_LIMITS, organization=organization, **options)

    @calls(PRICES)
    async def prices(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> OrganizationPrices:
        """Return the prices that an organization pays.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            BadRequestError: another organization manages it (``prices_not_available_for_managed_organizations``).
        """
        return await self._call(PRICES, organization=organization, **options)

    @calls(USERS_WITH_ACCESS)
    def users_with_access(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[UserAccess]:
        """Return the users with any access to an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return self._list(USERS_WITH_ACCESS, organization=organization, **options)
