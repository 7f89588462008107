"""IP addresses: requests and results."""

import ipaddress
from typing import Any

import pytest

from katapult_async import (
    AddressVersion,
    APIError,
    ConflictError,
    KatapultClient,
    NotFoundError,
    Permalink,
    SubDomain,
    UnprocessableError,
)
from tests.bodies import IP_ADDRESS, Json, error_body, pagination
from tests.exchanges import Exchanges
from tests.resources.calls import PAGED, Mistake, Row
from tests.resources.responses import ALLOCATED_ADDRESS, ALLOCATION, LISTED_ADDRESS

ONE = "/ip_addresses/ip_address"
OF_ORGANIZATION = "/organizations/organization/ip_addresses"
V4, V6 = ipaddress.ip_address("198.51.100.7"), ipaddress.ip_address("2001:db8:0:0:0:0:0:7")
LISTED = {"ip_addresses": [LISTED_ADDRESS], "pagination": pagination(1, total=1)}


def list_row(call: Any, *query: tuple[str, str]) -> Row:
    return Row(call=call, path=OF_ORGANIZATION, query=[*query, *PAGED], response=LISTED, result=[LISTED_ADDRESS])


def create_row(call: Any, body: Json) -> Row:
    response = {"ip_address": IP_ADDRESS}
    return Row(call=call, method="POST", path=OF_ORGANIZATION, body=body, response=response, result=IP_ADDRESS)


def update_row(body: Json, **changes: Any) -> Row:
    return Row(
        call=lambda katapult: katapult.ip_addresses.update("ip_1", **changes),
        method="PATCH",
        path=ONE,
        body={"ip_address": {"id": "ip_1"}, **body},
        response={"ip_address": IP_ADDRESS},
        result=IP_ADDRESS,
    )


CALLS = {
    "list": list_row(
        lambda katapult: katapult.ip_addresses.list(organization="org_1"),
        ("organization[id]", "org_1"),
    ),
    "list, of allocated addresses": list_row(
        lambda katapult: katapult.ip_addresses.list(organization=SubDomain("acme"), allocated=True),
        ("organization[sub_domain]", "acme"),
        ("allocated", "true"),
    ),
    "list, of unallocated addresses": list_row(
        lambda katapult: katapult.ip_addresses.list(organization="org_1", allocated=False),
        ("organization[id]", "org_1"),
        ("allocated", "false"),
    ),
    "create": create_row(
        lambda katapult: katapult.ip_addresses.create(organization="org_1", network="netw_1", version="ipv4"),
        {"organization": {"id": "org_1"}, "network": {"id": "netw_1"}, "version": "ipv4"},
    ),
    "create, of a virtual address": create_row(
        lambda katapult: katapult.ip_addresses.create(
            organization=SubDomain("acme"),
            network=Permalink("public"),
            version=AddressVersion.IPV6,
            vip=True,
            label="front",
        ),
        {
            "organization": {"sub_domain": "acme"},
            "network": {"permalink": "public"},
            "version": "ipv6",
            "vip": True,
            "label": "front",
        },
    ),
    "get, of an unallocated address": Row(
        call=lambda katapult: katapult.ip_addresses.get("ip_1"),
        path=ONE,
        query=[("ip_address[id]", "ip_1")],
        response={"ip_address": IP_ADDRESS, "allocation": None},
        result=IP_ADDRESS,
    ),
    "get, of an allocated address by the address itself": Row(
        call=lambda katapult: katapult.ip_addresses.get(V4),
        path=ONE,
        query=[("ip_address[address]", "198.51.100.7")],
        response={"ip_address": ALLOCATED_ADDRESS, "allocation": ALLOCATION},
        result=ALLOCATED_ADDRESS | {"allocation": ALLOCATION},
    ),
    "get, by an IPv6 address": Row(
        call=lambda katapult: katapult.ip_addresses.get(V6),
        path=ONE,
        query=[("ip_address[address]", "2001:db8::7")],
        response={"ip_address": IP_ADDRESS},
        result=IP_ADDRESS,
    ),
    "update, of all fields": update_row(
        {"vip": True, "label": "front", "reverse_dns": "a.example"}, vip=True, label="front", reverse_dns="a.example"
    ),
    "update, to null": update_row({"label": None, "reverse_dns": None}, label=None, reverse_dns=None),
    "update, to false and empty": update_row({"vip": False, "label": ""}, vip=False, label=""),
    "unallocate": Row(
        call=lambda katapult: katapult.ip_addresses.unallocate(V4),
        method="POST",
        path=f"{ONE}/unallocate",
        body={"ip_address": {"address": "198.51.100.7"}},
        response={},
    ),
    "delete": Row(
        call=lambda katapult: katapult.ip_addresses.delete("ip_1"),
        method="DELETE",
        path=ONE,
        query=[("ip_address[id]", "ip_1")],
        response={},
    ),
}
CREATE_ARGUMENTS: Json = {"organization": "org_1", "network": "netw_1", "version": "ipv4"}


def create_mistake(message: str, **changes: Any) -> Mistake:
    return Mistake(lambda katapult: katapult.ip_addresses.create(**CREATE_ARGUMENTS | changes), message)


def update_mistake(message: str, **changes: Any) -> Mistake:
    return Mistake(lambda katapult: katapult.ip_addresses.update("ip_1", **changes), message)


MISTAKES = [
    Mistake(lambda katapult: katapult.ip_addresses.list(organization=""), "organization must be an id"),
    Mistake(
        lambda katapult: katapult.ip_addresses.list(organization="org_1", allocated="yes"),  # type: ignore[arg-type] # the mistake
        "allocated must be True or False, not 'yes'",
    ),
    create_mistake("organization must be an id or SubDomain", organization=None),
    create_mistake("network must be an id or Permalink", network=V4),
    create_mistake("version must be 'ipv4' or 'ipv6', not 'both'", version="both"),
    create_mistake("vip must be True or False, not 1", vip=1),
    create_mistake("label must be a string, not 5", label=5),
    create_mistake("max_wait must be", max_wait=-1),
    Mistake(
        lambda katapult: katapult.ip_addresses.get("198.51.100.7"),
        "ip_address must be an id or IPv4Address(...) or IPv6Address(...)",
    ),
    Mistake(
        lambda katapult: katapult.ip_addresses.get(7),  # type: ignore[arg-type] # the mistake
        "ip_address must be an id or IPv4Address(...) or IPv6Address(...)",
    ),
    Mistake(lambda katapult: katapult.ip_addresses.update("a b", vip=True), "ip_address must be an id"),
    update_mistake("vip must be True or False, not None", vip=None),
    update_mistake("label must be a string, not 5", label=5),
    update_mistake("reverse_dns must be a string, not a list", reverse_dns=["a"]),
    update_mistake("timeout must be", label="x", timeout=-1),
    update_mistake("give vip, label or reverse_dns"),
    Mistake(lambda katapult: katapult.ip_addresses.unallocate(""), "ip_address must be an id"),
    Mistake(lambda katapult: katapult.ip_addresses.delete(""), "ip_address must be an id"),
]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "ip_address_not_found", NotFoundError),
        (409, "resource_does_not_support_unallocation", ConflictError),
        (422, "no_allocation", UnprocessableError),
    ],
)
async def test_error_names_the_arguments_of_the_body(
    katapult: KatapultClient, exchanges: Exchanges, status: int, code: str, kind: type[APIError]
) -> None:
    exchanges.respond(f"{ONE}/unallocate", error_body(code), status=status, method="POST")
    with pytest.raises(kind) as caught:
        await katapult.ip_addresses.unallocate("ip_1")
    assert caught.value.problem.arguments == (("ip_address[id]", "ip_1"),)
    assert f": POST {ONE}/unallocate?ip_address[id]=ip_1" in str(caught.value)


async def test_network_without_free_addresses_raises_conflict_error_for_status_503(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(OF_ORGANIZATION, error_body("no_available_addresses"), status=503, method="POST")
    with pytest.raises(ConflictError):
        await katapult.ip_addresses.create(organization="org_1", network="netw_1", version="ipv4")


@pytest.mark.parametrize("allocation", [{}, {"type": None, "value": None}, {"type": "Rack", "value": {}}])
async def test_address_can_be_allocated_to_an_object_of_an_undocumented_type(
    katapult: KatapultClient, exchanges: Exchanges, allocation: Json
) -> None:
    exchanges.respond(f"{ONE}?ip_address%5Bid%5D=ip_1", {"ip_address": IP_ADDRESS, "allocation": allocation})
    address = await katapult.ip_addresses.get("ip_1")
    assert address.allocation is not None
    assert address.allocation.type == allocation.get("type")
