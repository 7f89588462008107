"""Organizations.

Core API v1: get:organizations, get:organization, get:organization_deletion_steps, get:organization_policy,
get:organization_policy_limits, get:organization_prices, get:organization_users_with_access.
"""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.organization_deletion import DeletionSteps
from katapult_async.models.organization_policies import OrganizationPolicy, PolicyLimits
from katapult_async.models.organization_prices import OrganizationPrices
from katapult_async.models.organizations import Organization
from katapult_async.models.users import UserAccess
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ORGANIZATION
from katapult_async.resources.resource import Resource

_ORGANIZATIONS: Final = Operations(ORGANIZATION, Organization, read=("organizations:read",))


class Organizations(Resource):
    """Organizations: the owners of all other resources. Reached as ``katapult.organizations``."""

    @_ORGANIZATIONS.list("/organizations", paginated=False)
    def list(self, **options: Unpack[CallOptions]) -> Pages[Organization]:
        """Return the organizations that the token can see, without their billing details.

        One request, not paginated.
        """

    @_ORGANIZATIONS.get()
    async def get(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Organization:
        """Return an organization with its billing details.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_ORGANIZATIONS.returning("steps", DeletionSteps).get(
        "/deletion_steps", scopes=("organizations:delete", "managed_organizations:delete")
    )
    async def deletion_steps(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> DeletionSteps:
        """Return what must be done before an organization can be deleted.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_ORGANIZATIONS.returning(None, OrganizationPolicy).get("/policy")
    async def policy(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> OrganizationPolicy:
        """Return the limits and features of an organization at present, and how much of each limit is used.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            BadRequestError: the organization is a managed one (``policy_not_available_for_managed_organizations``).
        """

    @_ORGANIZATIONS.returning("policy_limits", PolicyLimits).get("/policy_limits")
    async def policy_limits(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> PolicyLimits:
        """Return the limits of an organization's policy.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_ORGANIZATIONS.returning(None, OrganizationPrices).get("/prices")
    async def prices(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> OrganizationPrices:
        """Return the prices that an organization pays.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.

        Raises:
            BadRequestError: the organization is a managed one (``prices_not_available_for_managed_organizations``).
        """

    @_ORGANIZATIONS.returning("user", UserAccess).list("/organizations/organization/users_with_access")
    def users_with_access(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[UserAccess]:
        """Return the users with any access to an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """
