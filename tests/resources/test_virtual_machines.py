"""Listing the machines of an organization."""

import pytest

from katapult_async import FQDN, KatapultClient, NotFoundError, PermissionDeniedError, SubDomain, UsageError
from tests.bodies import LISTED_MACHINE, pagination, refusal
from tests.exchanges import BASE_URL, Exchanges

PATH = "/organizations/organization/virtual_machines"


@pytest.mark.parametrize(
    ("organization", "query"),
    [("org_1", "organization%5Bid%5D=org_1"), (SubDomain("acme"), "organization%5Bsub_domain%5D=acme")],
)
async def test_list_names_the_organization_by_id_or_sub_domain(
    katapult: KatapultClient, exchanges: Exchanges, organization: str | SubDomain, query: str
) -> None:
    target = f"{PATH}?{query}&page=1&per_page=200"
    exchanges.answers(target, {"virtual_machines": [LISTED_MACHINE], "pagination": pagination(1, total=1)})
    [machine] = [machine async for machine in katapult.virtual_machines.list(organization=organization)]
    assert machine.id == LISTED_MACHINE["id"]
    assert [request.url for request in exchanges.sent] == [BASE_URL + target]


@pytest.mark.parametrize("organization", ["", "org 1", None, 5, FQDN("web-1.acme.example")])
async def test_list_refuses_another_organization_at_once(
    katapult: KatapultClient, exchanges: Exchanges, organization: str
) -> None:
    with pytest.raises(UsageError, match=r"^organization must be "):
        katapult.virtual_machines.list(organization=organization)
    assert exchanges.sent == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "organization_not_found", NotFoundError),
        (403, "organization_suspended", PermissionDeniedError),
        (403, "organization_not_activated", PermissionDeniedError),
        (403, "scope_not_granted", PermissionDeniedError),
    ],
)
async def test_list_tells_why_it_was_refused(
    katapult: KatapultClient,
    exchanges: Exchanges,
    status: int,
    code: str,
    kind: type[NotFoundError | PermissionDeniedError],
) -> None:
    target = f"{PATH}?organization%5Bid%5D=org_1&page=1&per_page=200"
    exchanges.answers(target, refusal(code), status=status)
    with pytest.raises(kind) as caught:
        _ = [machine async for machine in katapult.virtual_machines.list(organization="org_1")]
    assert (caught.value.code, caught.value.path) == (code, PATH)
