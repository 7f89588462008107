"""Managed organizations: organizations that another organization manages."""

from katapult_async.sandbox.errors import require, require_none
from katapult_async.sandbox.identifiers import new_uuid
from katapult_async.sandbox.models import Organization
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import operation
from .organization_policies import LIMIT, deletion_steps
from .virtual_machines import is_hostname


@operation("POST", "/organizations/:organization/managed")
def create(store: Store, manager: Organization, *, name: str | None, sub_domain: str | None) -> Organization:
    """Core API v1: post:organization_managed."""
    require(len(store.all(Organization, manager_id=manager.id)) < LIMIT, "organization_limit_reached")
    problems = {
        "Name can't be blank": not name,
        "Sub domain is invalid": not is_hostname(sub_domain or ""),
        "Sub domain has already been taken": store.find(Organization, sub_domain or "", by="sub_domain"),
    }
    require_none(problems)
    new = {"uuid": new_uuid(rng=store.rng), "name": name, "sub_domain": sub_domain, "manager_id": manager.id}
    return store.add(Organization, country_id=manager.country_id, currency_id=manager.currency_id, **new)


@operation("DELETE", "/managed_organizations/:organization")
def delete(store: Store, organization: Organization) -> None:
    """Core API v1: delete:organization."""
    require(organization.manager_id is not None, "managed_organization_required")
    steps = deletion_steps.action(store, organization)
    require(all(step["satisfied"] for step in steps["steps"].values()), "deletion_steps_not_satisfied", **steps)
    store.remove(organization)


MANAGED = Crud(model=Organization, parent_fields=lambda _, manager: {"manager_id": manager.id})
