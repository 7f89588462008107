"""Managed organizations: organizations that another one manages."""

import uuid

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Page
from katapult_async.sandbox.errors import APIError, validation_error
from katapult_async.sandbox.models import Organization
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .operation import PAGE, operation, paginated, string
from .organization_policies import LIMIT, deletion_steps

_LIST = "/organizations/:organization/managed"
_SCOPE = "managed_organizations"


@operation("GET", _LIST, Organization, PAGE, scopes=_SCOPE)
def list_managed(store: Store, organization: Organization, page: Page) -> JSON:
    """Core API v1: get:organization_managed."""
    managed = store.all(Organization, manager_id=organization.id)
    shape = "id name sub_domain infrastructure_domain created_at managed"
    return paginated(store, page, "organizations", managed, shape)


@operation("POST", _LIST, Organization, string("name"), string("sub_domain"), scopes=_SCOPE, status=201)
def create(store: Store, manager: Organization, name: str, sub_domain: str) -> JSON:
    """Core API v1: post:organization_managed."""
    if len(store.all(Organization, manager_id=manager.id)) >= LIMIT:
        raise APIError("organization_limit_reached")
    problems = [] if name.strip() else ["Name can't be blank"]
    if not sub_domain.replace("-", "a").isalnum():
        problems.append("Sub domain is invalid")
    elif store.find(Organization, sub_domain, by="sub_domain") is not None:
        problems.append("Sub domain has already been taken")
    if problems:
        raise validation_error(*problems)
    organization = Organization(
        id=store.new_id(Organization),
        uuid=str(uuid.UUID(int=store.rng.getrandbits(128), version=4)),
        name=name,
        sub_domain=sub_domain,
        country_id=manager.country_id,
        currency_id=manager.currency_id,
        created_at=int(store.now),
        manager_id=manager.id,
    )
    store.put(organization)
    return {"organization": serialize(store, organization, serializers.ORGANIZATION_FULL), "annotations": []}


@operation("DELETE", "/managed_organizations/:organization", Organization, scopes="managed_organizations:delete")
def delete(store: Store, organization: Organization) -> JSON:
    """Core API v1: delete:organization."""
    if not organization.managed:
        raise APIError("managed_organization_required")
    steps = deletion_steps(store, organization)
    if not all(step["satisfied"] for step in steps.values()):
        raise APIError("deletion_steps_not_satisfied", detail={"steps": steps})
    store.remove(organization)
    return {"success": True}
