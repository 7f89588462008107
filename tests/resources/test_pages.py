"""A list in pages, as one iteration."""

import pytest

from katapult_async import BadResponseError, KatapultClient, NotFoundError, VirtualMachine
from katapult_async.resources.pages import Pages
from tests.bodies import error_body, pagination
from tests.exchanges import Exchanges


def machines(katapult: KatapultClient) -> Pages[VirtualMachine]:
    return katapult.virtual_machines.list(organization="org_1")


def target(page: int) -> str:
    return f"/organizations/organization/virtual_machines?organization%5Bid%5D=org_1&page={page}&per_page=200"


def prepare(exchanges: Exchanges, total: int, *, counted: bool = True, repeat: bool = False) -> None:
    """Answer with pages of 200, and with an empty one after a last page that is full and was not counted."""
    for page in range(1, total // 200 + 2):
        things = [{"id": f"vm_{number}"} for number in range((page - 1) * 200, min(page * 200, total))]
        beside = pagination(page, total=total if counted else None)
        exchanges.respond(target(page), {"virtual_machines": things, "pagination": beside}, repeat=repeat)


@pytest.mark.parametrize(
    ("total", "counted", "requests"),
    [
        (0, True, 1),
        (1, True, 1),
        (199, True, 1),
        (200, True, 1),
        (201, True, 2),
        (600, True, 3),
        (0, False, 1),
        (199, False, 1),
        (200, False, 2),
        (1001, False, 6),
    ],
)
async def test_every_object_comes_once_in_order_with_no_request_too_many(
    katapult: KatapultClient, exchanges: Exchanges, total: int, requests: int, *, counted: bool
) -> None:
    prepare(exchanges, total, counted=counted)
    found = [machine.id async for machine in machines(katapult)]
    assert found == [f"vm_{number}" for number in range(total)]
    assert len(exchanges.sent) == requests


async def test_a_page_is_asked_for_when_the_iteration_comes_to_it(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    prepare(exchanges, 600)
    seen = 0
    async for _ in machines(katapult):
        seen += 1
        assert len(exchanges.sent) == -(-seen // 200)
        if seen == 201:
            break
    assert len(exchanges.sent) == 2


async def test_iterating_again_asks_again(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 3, repeat=True)
    pages = machines(katapult)
    assert [machine async for machine in pages] == [machine async for machine in pages]
    assert len(exchanges.sent) == 2


async def test_two_iterations_at_once_do_not_share_their_place(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 3, repeat=True)
    pages = machines(katapult)
    first, second = aiter(pages), aiter(pages)
    assert (await anext(first)).id == (await anext(second)).id == "vm_0"
    assert [machine.id async for machine in first] == ["vm_1", "vm_2"]
    assert (await anext(second)).id == "vm_1"


async def test_an_exhausted_iteration_stays_exhausted(katapult: KatapultClient, exchanges: Exchanges) -> None:
    prepare(exchanges, 1)
    walk = aiter(machines(katapult))
    assert [machine.id async for machine in walk] == ["vm_0"]
    assert [machine.id async for machine in walk] == []


async def test_a_failed_page_can_be_asked_for_again(katapult: KatapultClient, exchanges: Exchanges) -> None:
    exchanges.respond(target(1), error_body("organization_not_found"), status=404)
    walk = aiter(machines(katapult))
    with pytest.raises(NotFoundError):
        await anext(walk)
    prepare(exchanges, 1)
    assert (await anext(walk)).id == "vm_0"


async def test_a_list_without_its_pagination_cannot_be_trusted_to_be_whole(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(target(1), {"virtual_machines": []})
    with pytest.raises(BadResponseError, match="missing required field `pagination`"):
        await anext(aiter(machines(katapult)))
