"""Listing the organizations that a token can see."""

import pytest

from katapult_async import KatapultClient, Organization, PermissionDeniedError
from tests.bodies import ORGANIZATION, refusal
from tests.exchanges import Exchanges


async def test_list_gives_every_organization_of_one_unpaginated_answer(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    others = [ORGANIZATION | {"id": f"org_{number}"} for number in range(250)]
    exchanges.answers("/organizations", {"organizations": others})
    found = [organization async for organization in katapult.organizations.list()]
    assert [organization.id for organization in found] == [other["id"] for other in others]
    assert all(isinstance(organization, Organization) for organization in found)
    assert len(exchanges.sent) == 1


async def test_list_sends_nothing_before_the_iteration_begins(katapult: KatapultClient, exchanges: Exchanges) -> None:
    katapult.organizations.list()
    assert exchanges.sent == []


async def test_list_without_the_scope_names_the_scopes(katapult: KatapultClient, exchanges: Exchanges) -> None:
    detail = {"scopes": ["organizations:read"]}
    exchanges.answers("/organizations", refusal("scope_not_granted", detail=detail), status=403)
    with pytest.raises(PermissionDeniedError) as caught:
        _ = [organization async for organization in katapult.organizations.list()]
    assert caught.value.scopes == ("organizations:read",)
