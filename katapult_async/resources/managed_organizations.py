"""Managed organizations. Core API v1: get:organization_managed, post:organization_managed, delete:organization."""

from collections.abc import Mapping
from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.organizations import Organization
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ORGANIZATION
from katapult_async.resources.resource import EMPTY, Resource

_MANAGED_ORGANIZATIONS: Final = Operations(
    ORGANIZATION,
    Organization,
    path="/managed_organizations/organization",
    write=("managed_organizations",),
    read=("managed_organizations",),
)


class ManagedOrganizations(Resource):
    """Organizations that another organization manages. Reached as ``katapult.managed_organizations``."""

    @_MANAGED_ORGANIZATIONS.list("/organizations/organization/managed")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[Organization]:
        """Return the organizations that an organization manages, without their billing details.

        Args:
            organization: id of the managing organization, or ``SubDomain("acme")``.
            annotations: only organizations with these annotations, by key.
        """

    @_MANAGED_ORGANIZATIONS.create("/organizations/organization/managed", inside=None)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        sub_domain: str,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> Organization:
        """Create an organization that another organization manages, and return it.

        Args:
            organization: id of the managing organization, or ``SubDomain("acme")``.
            name: display name.
            sub_domain: sub domain, unique among all organizations.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: a value is not valid (``detail`` lists the problems), or the organization may not manage
                any more organizations (``organization_limit_reached``).
        """

    @_MANAGED_ORGANIZATIONS.returning("success", bool).delete(scopes=("managed_organizations:delete",))
    async def delete(self, organization: str | SubDomain, **options: Unpack[CallOptions]) -> None:
        """Delete a managed organization. Everything in it must be deleted before: see `Organizations.deletion_steps`.

        Args:
            organization: id of the managed organization, or ``SubDomain("acme")``.

        Raises:
            ConflictError: not all steps are satisfied (``deletion_steps_not_satisfied``; ``detail`` lists the steps),
                or no other organization manages the organization (``managed_organization_required``).
            ServerError: the deletion failed (``deletion_failed``).
        """
