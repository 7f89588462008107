"""Organizations: requests and results."""

import pytest

from katapult_async import FQDN, KatapultClient, Organization, PermissionDeniedError, SubDomain
from tests.bodies import ORGANIZATION, error_body
from tests.exchanges import Exchanges
from tests.resources.calls import Checker, Mistake, Row
from tests.resources.responses import WHOLE_ORGANIZATION

MISTAKES = [
    Mistake(lambda katapult: katapult.organizations.get("acme.example"), "organization must be an id"),
    Mistake(lambda katapult: katapult.organizations.get(FQDN("a")), "organization must be an id or SubDomain"),  # type: ignore[arg-type] # the mistake
    Mistake(lambda katapult: katapult.organizations.get("org_1", max_wait=-1), "max_wait must be"),
]


async def test_list_returns_the_organizations_of_one_unpaginated_response(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    sent = [ORGANIZATION | {"id": f"org_{number}"} for number in range(250)]  # more than a page of 200
    exchanges.respond("/organizations", {"organizations": sent})
    organizations = [organization async for organization in katapult.organizations.list()]
    assert [organization.id for organization in organizations] == [organization["id"] for organization in sent]
    assert all(isinstance(organization, Organization) for organization in organizations)
    assert len(exchanges.sent) == 1


async def test_list_sends_nothing_before_the_iteration_begins(katapult: KatapultClient, exchanges: Exchanges) -> None:
    katapult.organizations.list()
    assert exchanges.sent == []


async def test_error_for_a_missing_scope_names_the_sufficient_scopes(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    detail = {"scopes": ["organizations:read"]}
    exchanges.respond("/organizations", error_body("scope_not_granted", detail=detail), status=403)
    with pytest.raises(PermissionDeniedError) as caught:
        _ = [organization async for organization in katapult.organizations.list()]
    assert caught.value.scopes == ("organizations:read",)


@pytest.mark.parametrize(
    ("organization", "sent"),
    [("org_1", ("organization[id]", "org_1")), (SubDomain("acme"), ("organization[sub_domain]", "acme"))],
)
async def test_get_is_one_request_and_has_the_billing_details(
    check: Checker, organization: str | SubDomain, sent: tuple[str, str]
) -> None:
    row = Row(
        call=lambda katapult: katapult.organizations.get(organization),
        path="/organizations/organization",
        query=[sent],
        response={"organization": WHOLE_ORGANIZATION},
        result=WHOLE_ORGANIZATION,
    )
    await check.call(row)
