"""Network interfaces: requests and results."""

from ipaddress import ip_address
from typing import Any

import pytest

from katapult_async import (
    FQDN,
    AddressVersion,
    APIError,
    AuthenticationError,
    BadResponseError,
    BadResponseReason,
    IPAddress,
    KatapultClient,
    NotAcceptableError,
    NotFoundError,
    Permalink,
    PermissionDeniedError,
    RateLimitReachedError,
    ServiceUnavailableError,
    SubDomain,
    UsageError,
    VirtualMachineNetworkInterface,
)
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from tests.bodies import INTERFACE, IP_ADDRESS, LISTED_INTERFACE, Json, available_ips_body, error_body, pagination
from tests.exchanges import BASE_URL, Exchanges
from tests.resources.calls import Mistake, Row, available_ips_target
from tests.resources.responses import ALLOCATED_ADDRESS, BRIEF_TASK, INTERFACE_WITHOUT_SPEED_PROFILE

ONE = "/virtual_machine_network_interfaces/virtual_machine_network_interface"
NIC = "virtual_machine_network_interface"
OF_MACHINE = "/virtual_machines/virtual_machine/network_interfaces"
INTERFACE_AND_TASK = {NIC: INTERFACE, "task": BRIEF_TASK}


def operation_row(
    call: Any, operation: str, body: Json, response: Json, result: object, *, method: str = "POST"
) -> Row:
    """Return the row of an operation below one interface."""
    sent = {NIC: {"id": "vmnet_1"}, **body}
    return Row(call=call, method=method, path=f"{ONE}/{operation}", body=sent, response=response, result=result)


CALLS = {
    "find": Row(
        call=lambda katapult: nics_of(katapult).find(virtual_machine="vm_1", network="netw_1"),
        path="/virtual_machines/virtual_machine/networks/network/interface",
        query=[("virtual_machine[id]", "vm_1"), ("network[id]", "netw_1")],
        response={NIC: INTERFACE_WITHOUT_SPEED_PROFILE},
        result=INTERFACE_WITHOUT_SPEED_PROFILE,
    ),
    "find, by names": Row(
        call=lambda katapult: nics_of(katapult).find(virtual_machine=FQDN("a.b"), network=Permalink("public")),
        path="/virtual_machines/virtual_machine/networks/network/interface",
        query=[("virtual_machine[fqdn]", "a.b"), ("network[permalink]", "public")],
        response={NIC: INTERFACE_WITHOUT_SPEED_PROFILE},
        result=INTERFACE_WITHOUT_SPEED_PROFILE,
    ),
    "create, on a network": Row(
        call=lambda katapult: nics_of(katapult).create(virtual_machine="vm_1", network="netw_1", speed_profile="nsp_1"),
        method="POST",
        path=OF_MACHINE,
        body={"virtual_machine": {"id": "vm_1"}, "network": {"id": "netw_1"}, "speed_profile": {"id": "nsp_1"}},
        response={NIC: INTERFACE},
        result=INTERFACE,
    ),
    "create, on a virtual network and by names": Row(
        call=lambda katapult: nics_of(katapult).create(
            virtual_machine=FQDN("a.b"), virtual_network="vnet_1", speed_profile=Permalink("1gbps")
        ),
        method="POST",
        path=OF_MACHINE,
        body={
            "virtual_machine": {"fqdn": "a.b"},
            "virtual_network": {"id": "vnet_1"},
            "speed_profile": {"permalink": "1gbps"},
        },
        response={NIC: INTERFACE},
        result=INTERFACE,
    ),
    "delete": Row(
        call=lambda katapult: nics_of(katapult).delete("vmnet_1"),
        method="DELETE",
        path=ONE,
        query=[(f"{NIC}[id]", "vmnet_1")],
        response={NIC: INTERFACE},
        result=INTERFACE,
    ),
    "allocate_ip": operation_row(
        lambda katapult: nics_of(katapult).allocate_ip("vmnet_1", ip_address="ip_1"),
        "allocate_ip",
        {"ip_address": {"id": "ip_1"}},
        {NIC: INTERFACE_WITHOUT_SPEED_PROFILE},
        INTERFACE_WITHOUT_SPEED_PROFILE,
    ),
    "allocate_ip, by address": operation_row(
        lambda katapult: nics_of(katapult).allocate_ip("vmnet_1", ip_address=ip_address("2001:db8:0::7")),
        "allocate_ip",
        {"ip_address": {"address": "2001:db8::7"}},
        {NIC: INTERFACE_WITHOUT_SPEED_PROFILE},
        INTERFACE_WITHOUT_SPEED_PROFILE,
    ),
    "allocate_new_ip": operation_row(
        lambda katapult: nics_of(katapult).allocate_new_ip("vmnet_1", address_version=AddressVersion.IPV6),
        "allocate_new_ip",
        {"address_version": "ipv6"},
        {"ip_address": ALLOCATED_ADDRESS},
        ALLOCATED_ADDRESS,
    ),
    "attach": operation_row(
        lambda katapult: nics_of(katapult).attach("vmnet_1"), "attach", {}, INTERFACE_AND_TASK, INTERFACE_AND_TASK
    ),
    "detach": operation_row(
        lambda katapult: nics_of(katapult).detach("vmnet_1"), "detach", {}, INTERFACE_AND_TASK, INTERFACE_AND_TASK
    ),
    "update_speed_profile": operation_row(
        lambda katapult: nics_of(katapult).update_speed_profile("vmnet_1", speed_profile=Permalink("1gbps")),
        "update_speed_profile",
        {"speed_profile": {"permalink": "1gbps"}},
        {"task": BRIEF_TASK},
        BRIEF_TASK,
        method="PATCH",
    ),
}
CREATE_ARGUMENTS: Json = {"virtual_machine": "vm_1", "network": "netw_1", "speed_profile": "nsp_1"}


def create_mistake(message: str, **changes: Any) -> Mistake:
    return Mistake(lambda katapult: nics_of(katapult).create(**CREATE_ARGUMENTS | changes), message)


MISTAKES = [
    Mistake(lambda katapult: nics_of(katapult).find(virtual_machine="", network="n"), "virtual_machine must be"),
    Mistake(lambda katapult: nics_of(katapult).find(virtual_machine="vm_1", network=""), "network must be"),
    create_mistake("virtual_machine must be an id or FQDN", virtual_machine=None),
    create_mistake("network must be an id or Permalink", network=5),
    create_mistake("speed_profile must be an id or Permalink", speed_profile=None),
    create_mistake("virtual_network must be an id, not a Permalink", network=None, virtual_network=Permalink("x")),
    create_mistake("give either network or virtual_network", network=None),
    create_mistake("give either network or virtual_network", virtual_network="vnet_1"),
    Mistake(lambda katapult: nics_of(katapult).delete(""), "interface_id must be"),
    Mistake(lambda katapult: nics_of(katapult).delete("vmnet_1", timeout=-1), "timeout must be"),
    Mistake(lambda katapult: nics_of(katapult).allocate_ip("", ip_address="ip_1"), "interface_id must be"),
    Mistake(lambda katapult: nics_of(katapult).allocate_ip("vmnet_1", ip_address="1.2"), "ip_address must be"),
    Mistake(lambda katapult: nics_of(katapult).allocate_new_ip("", address_version="ipv4"), "interface_id must be"),
    Mistake(lambda katapult: nics_of(katapult).allocate_new_ip("v", address_version="4"), "address_version must be"),  # type: ignore[arg-type] # the mistake
    Mistake(lambda katapult: nics_of(katapult).attach("a b"), "interface_id must be"),
    Mistake(lambda katapult: nics_of(katapult).attach("vmnet_1", max_wait=-1), "max_wait must be"),
    Mistake(lambda katapult: nics_of(katapult).detach("a b"), "interface_id must be"),
    Mistake(lambda katapult: nics_of(katapult).update_speed_profile("", speed_profile="n"), "interface_id must be"),
    Mistake(lambda katapult: nics_of(katapult).update_speed_profile("v", speed_profile=""), "speed_profile must be"),
]


def nics_of(katapult: KatapultClient) -> VirtualMachineNetworkInterfaces:
    return katapult.virtual_machine_network_interfaces


@pytest.mark.parametrize("version", ["ipv4", "ipv6", AddressVersion.IPV6])
async def test_available_ips_sends_both_arguments_in_the_query_of_the_documented_path(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, version: Any
) -> None:
    exchanges.respond(available_ips_target(version=str(version)), {"ip_addresses": [IP_ADDRESS]})
    await nics.available_ips("vmnet_1", address_version=version)
    [request] = exchanges.sent
    assert request.method == "GET"
    assert request.url == (
        f"{BASE_URL}/virtual_machine_network_interfaces/virtual_machine_network_interface/available_ips/address_version"
        f"?virtual_machine_network_interface%5Bid%5D=vmnet_1&address_version={version}"
    )


async def test_available_ips_returns_addresses_in_the_order_of_the_response(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.respond(available_ips_target(), {"ip_addresses": [IP_ADDRESS, {"id": "ip_2", "address": "198.51.100.3"}]})
    addresses = await nics.available_ips("vmnet_1", address_version="ipv4")
    assert [type(address) for address in addresses] == [IPAddress, IPAddress]
    assert [str(address.ip) for address in addresses] == ["198.51.100.7", "198.51.100.3"]
    network = addresses[0].network
    assert network is not None
    assert network.data_center is not None
    assert network.data_center.country is not None
    assert network.data_center.country.iso_code2 == "IS"


@pytest.mark.parametrize("count", [0, 1, 254, 1000])
async def test_available_ips_returns_any_number_of_addresses(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, count: int
) -> None:
    exchanges.respond(available_ips_target(), available_ips_body(count))  # a thousand are 0.7 MB
    addresses = await nics.available_ips("vmnet_1", address_version="ipv4")
    assert [address.id for address in addresses] == [f"ip_{number:016d}" for number in range(count)]


DocumentedError = tuple[int, str, type[APIError], Json]
DOCUMENTED_ERRORS: list[DocumentedError] = [
    (400, "missing_api_token", AuthenticationError, {}),
    (403, "unauthorized_network_for_api_token", AuthenticationError, {"ip_address": "203.0.113.9"}),
    (403, "invalid_api_token", AuthenticationError, {"details": None}),
    (403, "invalid_capabilities_token", AuthenticationError, {}),
    (403, "scope_not_granted", PermissionDeniedError, {"scopes": ["ip_addresses", "ip_addresses:read"]}),
    (404, "virtual_machine_network_interface_not_found", NotFoundError, {}),
    (429, "rate_limit_reached", RateLimitReachedError, {"total_permitted": 1000}),
    (503, "service_unavailable", ServiceUnavailableError, {}),
]


@pytest.mark.parametrize("documented", DOCUMENTED_ERRORS, ids=lambda row: row[1])
@pytest.mark.parametrize("form", ["nested", "flat"])
async def test_available_ips_raises_every_documented_error_as_its_class(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, documented: DocumentedError, form: str
) -> None:
    status, code, kind, detail = documented
    body = error_body(code, detail=detail)
    headers = {"X-Api-Schema": "json-error", "X-Request-Id": "0f0e"}
    exchanges.respond(
        available_ips_target(), body if form == "nested" else body["error"], status=status, headers=headers
    )
    with pytest.raises(kind) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.detail, error.request_id) == (status, code, detail, "0f0e")
    assert (error.method, error.path, error.attempts) == ("GET", f"{ONE}/available_ips/address_version", 1)
    assert "virtual_machine_network_interface[id]=vmnet_1" in str(error)


async def test_rate_limit_error_has_the_permitted_number(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.respond(
        available_ips_target(), error_body("rate_limit_reached", detail={"total_permitted": 1000}), status=429
    )
    with pytest.raises(RateLimitReachedError) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    assert caught.value.total_permitted == 1000


async def test_missing_scope_error_has_the_sufficient_scopes(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    detail = {"scopes": ["ip_addresses", "ip_addresses:read"]}
    exchanges.respond(available_ips_target(), error_body("scope_not_granted", detail=detail), status=403)
    with pytest.raises(PermissionDeniedError) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    assert caught.value.scopes == ("ip_addresses", "ip_addresses:read")


@pytest.mark.parametrize(
    ("body", "reason", "message"),
    [
        (b"", BadResponseReason.UNREADABLE, "the body is not JSON"),
        (b"<html>", BadResponseReason.UNREADABLE, "the body is not JSON"),
        (
            b'{"ip_addresses": [{"id": "ip_1", "address": 5}]}',
            BadResponseReason.WRONG_SHAPE,
            "`$.ip_addresses[0].address`",
        ),
        (b'{"ip_addresses": null}', BadResponseReason.WRONG_SHAPE, "`$.ip_addresses`"),
        (b"{}", BadResponseReason.WRONG_SHAPE, "missing required field `ip_addresses`"),
    ],
)
async def test_successful_response_with_an_invalid_body_raises_bad_response_error(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, body: bytes, reason: BadResponseReason, message: str
) -> None:
    exchanges.respond(available_ips_target(), body=body, headers={"X-Request-Id": "0f0e"})
    with pytest.raises(BadResponseError) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    error = caught.value
    assert (error.reason, error.status, error.request_id) == (reason, 200, "0f0e")
    assert message in str(error)


@pytest.mark.parametrize("interface_id", ["", "vmnet 1", "../organizations", None, 5, "x" * 65])
async def test_malformed_id_raises_usage_error_before_anything_is_sent(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, interface_id: str
) -> None:
    with pytest.raises(UsageError, match=r"^interface_id must be "):
        await nics.available_ips(interface_id, address_version="ipv4")
    with pytest.raises(UsageError, match=r"^interface_id must be "):
        await nics.get(interface_id)
    assert exchanges.sent == []


@pytest.mark.parametrize("version", ["", "both", "IPv4", None, 4])
async def test_unknown_address_version_raises_usage_error_before_anything_is_sent(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, version: Any
) -> None:
    with pytest.raises(UsageError, match=r"^address_version must be "):
        await nics.available_ips("vmnet_1", address_version=version)
    assert exchanges.sent == []


async def test_get_returns_the_fields_that_lists_omit(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    target = f"{ONE}?virtual_machine_network_interface%5Bid%5D=vmnet_1"
    exchanges.respond(target, {"virtual_machine_network_interface": INTERFACE})
    interface = await nics.get("vmnet_1")
    assert isinstance(interface, VirtualMachineNetworkInterface)
    assert (interface.id, interface.state, interface.mac_address) == (INTERFACE["id"], "attached", "06:1c:5f:00:00:07")
    assert [request.url for request in exchanges.sent] == [BASE_URL + target]


async def test_get_of_a_deleted_interface_raises_not_found_error(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    target = f"{ONE}?virtual_machine_network_interface%5Bid%5D=vmnet_1"
    exchanges.respond(target, error_body("virtual_machine_network_interface_not_found"), status=404)
    with pytest.raises(NotFoundError):
        await nics.get("vmnet_1")


@pytest.mark.parametrize(
    ("machine", "query"),
    [("vm_1", "%5Bid%5D=vm_1"), (FQDN("web-1.acme.example"), "%5Bfqdn%5D=web-1.acme.example")],
)
async def test_machine_of_a_list_is_an_id_or_domain_name(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, machine: str | FQDN, query: str
) -> None:
    target = f"/virtual_machines/virtual_machine/network_interfaces?virtual_machine{query}&page=1&per_page=200"
    body = {"virtual_machine_network_interfaces": [LISTED_INTERFACE], "pagination": pagination(1, total=1)}
    exchanges.respond(target, body)
    [interface] = [interface async for interface in nics.list(virtual_machine=machine)]
    assert interface.id == LISTED_INTERFACE["id"]
    assert [request.url for request in exchanges.sent] == [BASE_URL + target]


async def test_list_of_a_machine_in_the_trash_raises_not_acceptable_error(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    target = "/virtual_machines/virtual_machine/network_interfaces?virtual_machine%5Bid%5D=vm_1&page=1&per_page=200"
    exchanges.respond(target, error_body("object_in_trash"), status=406)
    with pytest.raises(NotAcceptableError):
        await anext(aiter(nics.list(virtual_machine="vm_1")))


@pytest.mark.parametrize("machine", ["", None, SubDomain("acme")])
async def test_wrong_virtual_machine_of_a_list_raises_usage_error_at_once(
    nics: VirtualMachineNetworkInterfaces, machine: str
) -> None:
    with pytest.raises(UsageError, match=r"^virtual_machine must be "):
        nics.list(virtual_machine=machine)
