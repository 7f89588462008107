"""Users. The sandbox's own tokens belong to its first user; tokens that were created through the API belong to none."""

from katapult_async.sandbox.arguments import Arguments, Page
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.models import Organization, User
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .operation import PAGE, listed, operation, response, value


@value
def _api_token_id(arguments: Arguments) -> str | None:
    return arguments.api_token_id


@operation("GET", "/users/current", _api_token_id)
def get_current(store: Store, api_token_id: str | None) -> JSON:
    """Core API v1: get:users_current."""
    if api_token_id is not None:
        raise APIError("no_user_associated_with_identity")
    organizations = [serialize(store, obj, "id name sub_domain") for obj in store.organizations]
    return response(store, store.all(User)[0], {"organizations": organizations, "api_token_id": None})


@operation("POST", "/invalidate_linked_web_session", _api_token_id)
def invalidate_linked_web_session(store: Store, api_token_id: str | None) -> JSON:
    """Core API v1: post:invalidate_linked_web_session."""
    user, *_ = store.all(User)
    if api_token_id is not None or not user.web_session:
        raise APIError("identity_not_linked_to_web_session")
    store.change(user, web_session=False)
    return {"status": True}


@operation("GET", "/organizations/:organization/users_with_access", Organization, PAGE, scopes="organizations:read")
def list_with_access(store: Store, _: Organization, page: Page) -> JSON:
    """Core API v1: get:organization_users_with_access. All users have access to all organizations."""
    content = listed(store, User, store.all(User), page=page)
    return {**content, "users": [{"user": user} for user in content["users"]]}
