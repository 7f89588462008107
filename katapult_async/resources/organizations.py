"""Organizations.

Core API v1: get:organizations, get:organization, get:organization_deletion_steps, get:organization_policy,
get:organization_policy_limits, get:organization_prices, get:organization_users_with_access.
"""

from typing import Final, Unpack

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
from katapult_async.resources.operations import Operations
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import ORGANIZATION
from katapult_async.resources.resource import Resource, calls

_ORGANIZATIONS: Final = Operations(ORGANIZATION, Organization, read=("organizations:read",))

LIST: Final = _ORGANIZATIONS.list("/organizations", paginated=False)
GET: Final = _ORGANIZATIONS.get()
DELETION_STEPS: Final = _ORGANIZATIONS.returning("steps", DeletionSteps).get(
    "/deletion_steps", scopes=("organizations:delete", "managed_organizations:delete")
)
POLICY: Final = _ORGANIZATIONS.returning(None, OrganizationPolicy).get("/policy")
POLICY_LIMITS: Final = _ORGANIZATIONS.returning("policy_limits", PolicyLimits).get("/policy_limits")
PRICES: Final = _ORGANIZATIONS.returning(None, OrganizationPrices).get("/prices")
USERS_WITH_ACCESS: Final = _ORGANIZATIONS.returning("user", UserAccess).list(
    "/organizations/organization/users_with_access", ORGANIZATION
)


class Organizations(Resource):
    """Organizations: the owners of all other resources. Reached as ``katapult.organizations``."""

    @calls(LIST)
    def list(self, **options: Unpack[CallOptions]) -> Pages[Organization]:
        """Return the organizations that the token can see. One request, not paginated."""
        return self._list(LIST, locals())

    @calls(GET)
    async def get(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Organization:
        """Return an organization with its billing details.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(GET, locals())

    @calls(DELETION_STEPS)
    async def deletion_steps(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> DeletionSteps:
        """Return what must be done before an organization can be deleted.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(DELETION_STEPS, locals())

    @calls(POLICY)
    async def policy(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> OrganizationPolicy:
        """Return what an organization may have and do at present, and how much of it is used.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            BadRequestError: another organization manages it (``policy_not_available_for_managed_organizations``).
        """
        return await self._call(POLICY, locals())

    @calls(POLICY_LIMITS)
    async def policy_limits(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> PolicyLimits:
        """Return the limits of an organization's policy.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return await self._call(POLICY_LIMITS, locals())

    @calls(PRICES)
    async def prices(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> OrganizationPrices:
        """Return the prices that an organization pays.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            BadRequestError: another organization manages it (``prices_not_available_for_managed_organizations``).
        """
        return await self._call(PRICES, locals())

    @calls(USERS_WITH_ACCESS)
    def users_with_access(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[UserAccess]:
        """Return the users with any access to an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
        return self._list(USERS_WITH_ACCESS, locals())
