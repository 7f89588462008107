"""Network speed profiles: requests and results."""

import pytest

from katapult_async import SubDomain
from tests.bodies import pagination
from tests.resources.calls import PAGED, Checker, Mistake, Row
from tests.resources.responses import SPEED_PROFILE

MISTAKES = [
    Mistake(lambda katapult: katapult.network_speed_profiles.list(organization=""), "organization must be an id"),
    Mistake(
        lambda katapult: katapult.network_speed_profiles.list(organization=5),  # type: ignore[arg-type] # the mistake
        "organization must be an id or SubDomain",
    ),
]


@pytest.mark.parametrize(
    ("organization", "sent"),
    [("org_1", ("organization[id]", "org_1")), (SubDomain("acme"), ("organization[sub_domain]", "acme"))],
)
async def test_list_is_one_request_and_a_missing_limit_is_none(
    check: Checker, organization: str | SubDomain, sent: tuple[str, str]
) -> None:
    row = Row(
        call=lambda katapult: katapult.network_speed_profiles.list(organization=organization),
        path="/organizations/organization/network_speed_profiles",
        query=[sent, *PAGED],
        response={"network_speed_profiles": [SPEED_PROFILE], "pagination": pagination(1, total=1)},
        result=[SPEED_PROFILE],
    )
    await check.call(row)
