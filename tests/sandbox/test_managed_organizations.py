"""Managed organizations: the errors of their operations. Organizations: their policy and their deletion steps."""

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import Certificate, VirtualMachine
from katapult_async.sandbox.operations import managed_organizations

from .plain_client import PlainClient
from .samples import new_managed_organization

PATH = "/organizations/organization/managed"


@pytest.mark.parametrize(
    ("name", "sub_domain", "problems"),
    [
        (" ", "shop", ["Name can't be blank"]),
        ("Shop", "sh op", ["Sub domain is invalid"]),
        *(("Shop", name, ["Sub domain is invalid"]) for name in ("-", "-shop", "shop-", "Shop", "shöp", "a" * 64)),
        ("", "larch", ["Name can't be blank", "Sub domain has already been taken"]),
    ],
)
async def test_organization_with_invalid_values_is_refused(
    send: PlainClient, sandbox: Sandbox, name: str, sub_domain: str, problems: list[str]
) -> None:
    body = {"organization": {"id": sandbox.store.organizations[0].id}, "name": name, "sub_domain": sub_domain}
    response = await send(PATH, method="POST", json=body)
    assert (response.code, response.detail) == ("validation_error", {"errors": problems})


async def test_number_of_managed_organizations_is_limited(
    send: PlainClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managed_organizations, "LIMIT", 1)
    body = {"organization": {"id": sandbox.store.organizations[0].id}, "name": "Shop", "sub_domain": "shop"}
    assert (await send(PATH, method="POST", json=body)).status == 201
    full = await send(PATH, method="POST", json={**body, "sub_domain": "shop-2"})
    assert (full.status, full.code) == (422, "organization_limit_reached")


async def test_organization_is_activated_at_its_creation(send: PlainClient, sandbox: Sandbox) -> None:
    body = {"organization": {"id": sandbox.store.organizations[0].id}, "name": "Shop", "sub_domain": "shop"}
    created = (await send(PATH, method="POST", json=body)).json["organization"]
    assert (created["created_at"], created["activated_at"]) == (int(sandbox.store.now), int(sandbox.store.now))


async def test_managed_organization_has_neither_policy_nor_prices(send: PlainClient, sandbox: Sandbox) -> None:
    managed = new_managed_organization(sandbox.store)
    for name in ("policy", "prices"):
        response = await send(f"/organizations/{managed.id}/{name}")
        assert (response.status, response.code) == (400, f"{name}_not_available_for_managed_organizations")
    assert (await send(f"/organizations/{managed.id}/policy_limits")).status == 200


async def test_policy_and_deletion_steps_depend_on_the_objects_of_the_organization(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store = sandbox.store
    organization_id = store.organizations[0].id
    path, owned = f"/organizations/{organization_id}", {"organization_id": organization_id}
    machine = store.all(VirtualMachine, **owned)[0]
    store.put(machine.changed(memory_in_gb=100_000))
    limits = (await send(f"{path}/policy")).json["limits"]
    certificates = store.all(Certificate, **owned)
    assert certificates
    assert limits["certificates"]["current"] == len(certificates)
    assert limits["virtual_machine_memory"]["current"] > 100_000
    steps = (await send(f"{path}/deletion_steps")).json["steps"]
    assert {name for name, step in steps.items() if step["satisfied"]} == {
        "managed_organizations",
        "isos",
        "load_balancers",
        "empty_trash",
        "ensure_zero_balance",
        "ensure_no_outstanding_invoices",
    }
