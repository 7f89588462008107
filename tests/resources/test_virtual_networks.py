"""Virtual networks: requests and results."""

import pytest

from katapult_async import ConflictError, KatapultClient, Permalink, SubDomain
from tests.bodies import error_body, pagination
from tests.exchanges import Exchanges
from tests.resources.calls import PAGED, Mistake, Row
from tests.resources.responses import VIRTUAL_NETWORK

ONE = "/virtual_networks/virtual_network"
OF_ORGANIZATION = "/organizations/organization/virtual_networks"
RESPONSE = {"virtual_network": VIRTUAL_NETWORK}
CALLS = {
    "list": Row(
        call=lambda katapult: katapult.virtual_networks.list(organization="org_1"),
        path=OF_ORGANIZATION,
        query=[("organization[id]", "org_1"), *PAGED],
        response={"virtual_networks": [VIRTUAL_NETWORK], "pagination": pagination(1, total=1)},
        result=[VIRTUAL_NETWORK],
    ),
    "create": Row(
        call=lambda katapult: katapult.virtual_networks.create(
            organization="org_1", data_center="dc_1", name="Inside \u2013 \u00fc"
        ),
        method="POST",
        path=OF_ORGANIZATION,
        body={
            "organization": {"id": "org_1"},
            "data_center": {"id": "dc_1"},
            "properties": {"name": "Inside \u2013 \u00fc"},
        },
        response=RESPONSE,
        result=VIRTUAL_NETWORK,
    ),
    "create, by names": Row(
        call=lambda katapult: katapult.virtual_networks.create(
            organization=SubDomain("acme"), data_center=Permalink("is-rey-01"), name=""
        ),
        method="POST",
        path=OF_ORGANIZATION,
        body={
            "organization": {"sub_domain": "acme"},
            "data_center": {"permalink": "is-rey-01"},
            "properties": {"name": ""},
        },
        response=RESPONSE,
        result=VIRTUAL_NETWORK,
    ),
    "get": Row(
        call=lambda katapult: katapult.virtual_networks.get("vnet_1"),
        path=ONE,
        query=[("virtual_network[id]", "vnet_1")],
        response=RESPONSE,
        result=VIRTUAL_NETWORK,
    ),
    "update": Row(
        call=lambda katapult: katapult.virtual_networks.update("vnet_1", name="Deeper"),
        method="PATCH",
        path=ONE,
        body={"virtual_network": {"id": "vnet_1"}, "properties": {"name": "Deeper"}},
        response=RESPONSE,
        result=VIRTUAL_NETWORK,
    ),
    "delete": Row(
        call=lambda katapult: katapult.virtual_networks.delete("vnet_1"),
        method="DELETE",
        path=ONE,
        query=[("virtual_network[id]", "vnet_1")],
        response=RESPONSE,
        result=VIRTUAL_NETWORK,
    ),
}
MISTAKES = [
    Mistake(lambda katapult: katapult.virtual_networks.list(organization=""), "organization must be an id"),
    Mistake(
        lambda katapult: katapult.virtual_networks.create(organization="a b", data_center="dc_1", name="x"),
        "organization must be an id",
    ),
    Mistake(
        lambda katapult: katapult.virtual_networks.create(organization="org_1", data_center="", name="x"),
        "data_center must be an id",
    ),
    Mistake(
        lambda katapult: katapult.virtual_networks.create(organization="org_1", data_center="dc_1", name=None),  # type: ignore[arg-type] # the mistake
        "name must be a string, not None",
    ),
    Mistake(lambda katapult: katapult.virtual_networks.get("a b"), "virtual_network must be a string"),
    Mistake(lambda katapult: katapult.virtual_networks.get(Permalink("x")), "virtual_network must be an id, not"),  # type: ignore[arg-type] # the mistake
    Mistake(lambda katapult: katapult.virtual_networks.update("", name="x"), "virtual_network must be a string"),
    Mistake(lambda katapult: katapult.virtual_networks.update("vnet_1", name=5), "name must be a string, not 5"),  # type: ignore[arg-type] # the mistake
    Mistake(lambda katapult: katapult.virtual_networks.delete("../x"), "virtual_network must be a string"),
    Mistake(lambda katapult: katapult.virtual_networks.delete("vnet_1", timeout=-1), "timeout must be"),
]


async def test_deleting_a_network_that_has_interfaces_raises_conflict_error(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    body = error_body("deletion_restricted", detail={"errors": ["Cannot delete record"]})
    exchanges.respond(f"{ONE}?virtual_network%5Bid%5D=vnet_1", body, status=409, method="DELETE")
    with pytest.raises(ConflictError) as caught:
        await katapult.virtual_networks.delete("vnet_1")
    assert caught.value.detail == {"errors": ["Cannot delete record"]}
