"""Users. The sandbox's own tokens belong to its first user; tokens that were created through the API belong to none."""

from collections.abc import Sequence

from katapult_async.sandbox.errors import require
from katapult_async.sandbox.models import APIToken, Organization, User
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import operation


@operation("GET", "/users/current", reads_token=True)
def get_current(store: Store, *, token: APIToken) -> JSON:
    """Core API v1: get:users_current."""
    require(token.organization_id is None, "no_user_associated_with_identity")
    return {"user": store.all(User)[0], "organizations": store.organizations, "api_token_id": None}


@operation("POST", "/invalidate_linked_web_session", reads_token=True)
def invalidate_linked_web_session(store: Store, *, token: APIToken) -> None:
    """Core API v1: post:invalidate_linked_web_session."""
    user, *_ = store.all(User)
    require(token.organization_id is None and user.web_session, "identity_not_linked_to_web_session")
    store.change(user, web_session=False)


@operation("GET", "/organizations", reads_token=True)
def list_organizations(store: Store, *, token: APIToken) -> Sequence[Organization]:
    """Core API v1: get:organizations."""
    return [organization for organization in store.organizations if token.has_access(organization)]


@operation("GET", "/organizations/:organization/users_with_access")
def list_with_access(store: Store, _: Organization) -> Sequence[JSON]:
    """Core API v1: get:organization_users_with_access. All users have access to all organizations."""
    return [{"user": user} for user in store.all(User)]
