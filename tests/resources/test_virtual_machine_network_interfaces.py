"""The first operation, and the two that lead to it: exactly what is sent, and every documented answer as its type."""

from collections.abc import AsyncIterator

import pytest

from katapult_async import (
    FQDN,
    AddressQuery,
    AddressVersion,
    APIError,
    AuthenticationError,
    BadResponseError,
    BadResponseReason,
    Failed,
    IPAddress,
    KatapultClient,
    NotAcceptableError,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitReachedError,
    ServiceUnavailableError,
    SubDomain,
    Succeeded,
    UsageError,
    VirtualMachineNetworkInterface,
)
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from tests.bodies import INTERFACE, IP_ADDRESS, LISTED_INTERFACE, Json, free, pagination, refusal
from tests.exchanges import BASE_URL, Exchanges

ONE = "/virtual_machine_network_interfaces/virtual_machine_network_interface"


def ips(interface_id: str = "vmnet_1", version: str = "ipv4") -> str:
    query = f"virtual_machine_network_interface%5Bid%5D={interface_id}&address_version={version}"
    return f"{ONE}/available_ips/address_version?{query}"


@pytest.fixture
def nics(katapult: KatapultClient) -> VirtualMachineNetworkInterfaces:
    return katapult.virtual_machine_network_interfaces


@pytest.mark.parametrize("version", ["ipv4", "ipv6", AddressVersion.IPV6])
async def test_available_ips_asks_the_documented_path_with_both_arguments_in_the_query(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, version: str
) -> None:
    exchanges.answers(ips(version=str(version)), {"ip_addresses": [IP_ADDRESS]})
    await nics.available_ips("vmnet_1", address_version=version)
    [request] = exchanges.sent
    assert request.method == "GET"
    assert request.url == (
        f"{BASE_URL}/virtual_machine_network_interfaces/virtual_machine_network_interface/available_ips/address_version"
        f"?virtual_machine_network_interface%5Bid%5D=vmnet_1&address_version={version}"
    )


async def test_available_ips_gives_typed_addresses_in_katapults_order(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.answers(ips(), {"ip_addresses": [IP_ADDRESS, {"id": "ip_2", "address": "198.51.100.3"}]})
    addresses = await nics.available_ips("vmnet_1", address_version="ipv4")
    assert [type(address) for address in addresses] == [IPAddress, IPAddress]
    assert [str(address.ip) for address in addresses] == ["198.51.100.7", "198.51.100.3"]
    network = addresses[0].network
    assert network is not None
    assert network.data_center is not None
    assert network.data_center.country is not None
    assert network.data_center.country.iso_code2 == "IS"


@pytest.mark.parametrize("count", [0, 1, 254, 1000])
async def test_available_ips_gives_as_many_as_there_are(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, count: int
) -> None:
    exchanges.answers(ips(), free(count))  # a thousand are half a megabyte
    addresses = await nics.available_ips("vmnet_1", address_version="ipv4")
    assert [address.id for address in addresses] == [f"ip_{number:016d}" for number in range(count)]


Refusal = tuple[int, str, type[APIError], Json]
REFUSALS: list[Refusal] = [
    (400, "missing_api_token", AuthenticationError, {}),
    (403, "unauthorized_network_for_api_token", AuthenticationError, {"ip_address": "203.0.113.9"}),
    (403, "invalid_api_token", AuthenticationError, {"details": None}),
    (403, "invalid_capabilities_token", AuthenticationError, {}),
    (403, "scope_not_granted", PermissionDeniedError, {"scopes": ["ip_addresses", "ip_addresses:read"]}),
    (404, "virtual_machine_network_interface_not_found", NotFoundError, {}),
    (429, "rate_limit_reached", RateLimitReachedError, {"total_permitted": 1000}),
    (503, "service_unavailable", ServiceUnavailableError, {}),
]


@pytest.mark.parametrize("documented", REFUSALS, ids=lambda row: row[1])
@pytest.mark.parametrize("form", ["nested", "flat"])
async def test_available_ips_gives_every_documented_refusal_as_its_type(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, documented: Refusal, form: str
) -> None:
    status, code, kind, detail = documented
    body = refusal(code, detail=detail)
    headers = {"X-Api-Schema": "json-error", "X-Request-Id": "0f0e"}
    exchanges.answers(ips(), body if form == "nested" else body["error"], status=status, headers=headers)
    with pytest.raises(kind) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.detail, error.request_id) == (status, code, detail, "0f0e")
    assert (error.method, error.path, error.attempts) == ("GET", f"{ONE}/available_ips/address_version", 1)
    assert "virtual_machine_network_interface[id]=vmnet_1" in str(error)


async def test_a_refusal_by_the_rate_limit_tells_what_is_permitted(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.answers(ips(), refusal("rate_limit_reached", detail={"total_permitted": 1000}), status=429)
    with pytest.raises(RateLimitReachedError) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    assert caught.value.total_permitted == 1000


async def test_a_missing_scope_tells_which_would_do(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    detail = {"scopes": ["ip_addresses", "ip_addresses:read"]}
    exchanges.answers(ips(), refusal("scope_not_granted", detail=detail), status=403)
    with pytest.raises(PermissionDeniedError) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    assert caught.value.scopes == ("ip_addresses", "ip_addresses:read")


@pytest.mark.parametrize(
    ("body", "reason", "said"),
    [
        (b"", BadResponseReason.UNREADABLE, "a body that is not JSON"),
        (b"<html>", BadResponseReason.UNREADABLE, "a body that is not JSON"),
        (
            b'{"ip_addresses": [{"id": "ip_1", "address": 5}]}',
            BadResponseReason.WRONG_SHAPE,
            "`$.ip_addresses[0].address`",
        ),
        (b'{"ip_addresses": null}', BadResponseReason.WRONG_SHAPE, "`$.ip_addresses`"),
        (b"{}", BadResponseReason.WRONG_SHAPE, "missing required field `ip_addresses`"),
    ],
)
async def test_a_success_of_another_shape_is_no_answer(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, body: bytes, reason: BadResponseReason, said: str
) -> None:
    exchanges.answers(ips(), body=body, headers={"X-Request-Id": "0f0e"})
    with pytest.raises(BadResponseError) as caught:
        await nics.available_ips("vmnet_1", address_version="ipv4")
    error = caught.value
    assert (error.reason, error.status, error.request_id) == (reason, 200, "0f0e")
    assert said in str(error)


@pytest.mark.parametrize("interface_id", ["", "vmnet 1", "../organizations", None, 5, "x" * 65])
async def test_a_bad_id_is_refused_before_anything_is_sent(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, interface_id: str
) -> None:
    with pytest.raises(UsageError, match=r"^interface_id must be "):
        await nics.available_ips(interface_id, address_version="ipv4")
    with pytest.raises(UsageError, match=r"^interface_id must be "):
        await nics.get(interface_id)
    assert exchanges.sent == []


@pytest.mark.parametrize("version", ["", "both", "IPv4", None, 4])
async def test_a_bad_family_is_refused_before_anything_is_sent(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, version: str
) -> None:
    with pytest.raises(UsageError, match=r"^address_version must be "):
        await nics.available_ips("vmnet_1", address_version=version)
    assert exchanges.sent == []


async def test_get_gives_one_interface_with_what_lists_leave_out(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    target = f"{ONE}?virtual_machine_network_interface%5Bid%5D=vmnet_1"
    exchanges.answers(target, {"virtual_machine_network_interface": INTERFACE})
    interface = await nics.get("vmnet_1")
    assert isinstance(interface, VirtualMachineNetworkInterface)
    assert (interface.id, interface.state, interface.mac_address) == (INTERFACE["id"], "attached", "06:1c:5f:00:00:07")
    assert [request.url for request in exchanges.sent] == [BASE_URL + target]


async def test_get_of_an_interface_that_is_gone_is_not_found(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    target = f"{ONE}?virtual_machine_network_interface%5Bid%5D=vmnet_1"
    exchanges.answers(target, refusal("virtual_machine_network_interface_not_found"), status=404)
    with pytest.raises(NotFoundError):
        await nics.get("vmnet_1")


@pytest.mark.parametrize(
    ("machine", "query"),
    [("vm_1", "%5Bid%5D=vm_1"), (FQDN("web-1.acme.example"), "%5Bfqdn%5D=web-1.acme.example")],
)
async def test_list_names_the_machine_by_id_or_domain_name(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, machine: str | FQDN, query: str
) -> None:
    target = f"/virtual_machines/virtual_machine/network_interfaces?virtual_machine{query}&page=1&per_page=200"
    body = {"virtual_machine_network_interfaces": [LISTED_INTERFACE], "pagination": pagination(1, total=1)}
    exchanges.answers(target, body)
    [interface] = [interface async for interface in nics.list(virtual_machine=machine)]
    assert interface.id == LISTED_INTERFACE["id"]
    assert [request.url for request in exchanges.sent] == [BASE_URL + target]


async def test_list_of_a_machine_in_the_trash_is_not_acceptable(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    target = "/virtual_machines/virtual_machine/network_interfaces?virtual_machine%5Bid%5D=vm_1&page=1&per_page=200"
    exchanges.answers(target, refusal("object_in_trash"), status=406)
    with pytest.raises(NotAcceptableError):
        await anext(aiter(nics.list(virtual_machine="vm_1")))


@pytest.mark.parametrize("machine", ["", None, SubDomain("acme")])
async def test_list_refuses_another_machine_at_once(nics: VirtualMachineNetworkInterfaces, machine: str) -> None:
    with pytest.raises(UsageError, match=r"^virtual_machine must be "):
        nics.list(virtual_machine=machine)


async def come(ids: list[str]) -> AsyncIterator[str]:
    for each in ids:
        yield each


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_available_ips_many_asks_each_interface_once_for_each_family(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, *, asynchronous: bool
) -> None:
    ids = ["vmnet_1", "vmnet_2", "vmnet_3"]
    for number, each in enumerate(ids):
        exchanges.answers(ips(each, "ipv4"), free(number))
        exchanges.answers(ips(each, "ipv6"), free(number + 10))
    found: dict[AddressQuery, int] = {}
    versions = ("ipv4", AddressVersion.IPV6, "ipv4")
    async with nics.available_ips_many(come(ids) if asynchronous else ids, address_versions=versions) as outcomes:
        async for outcome in outcomes:
            assert isinstance(outcome, Succeeded)
            assert outcome.key not in found
            found[outcome.key] = len(outcome.value)
    assert found == {
        AddressQuery(each, version): number + more
        for number, each in enumerate(ids)
        for version, more in ((AddressVersion.IPV4, 0), (AddressVersion.IPV6, 10))
    }
    assert len(exchanges.sent) == 6


async def test_a_bad_id_among_many_is_a_failure_of_its_own(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.answers(ips("vmnet_1"), free(1))
    async with nics.available_ips_many(["vmnet_1", "vmnet 2", ""], address_versions=["ipv4"]) as outcomes:
        kinds = {outcome.key.interface_id: outcome async for outcome in outcomes}
    assert isinstance(kinds["vmnet_1"], Succeeded)
    for bad in ("vmnet 2", ""):
        failed = kinds[bad]
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, UsageError)
    assert len(exchanges.sent) == 1


async def test_a_refused_token_ends_many_with_one_request(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.answers(ips("vmnet_0"), refusal("invalid_api_token"), status=403)
    ids = [f"vmnet_{number}" for number in range(20)]
    async with nics.available_ips_many(ids, address_versions=["ipv4"], concurrency=1) as outcomes:
        found = [outcome async for outcome in outcomes]
    errors = [type(outcome.error) for outcome in found if isinstance(outcome, Failed)]
    assert errors == [AuthenticationError] + [NotAttemptedError] * 19
    assert [outcome.key.interface_id for outcome in found] == ids
    assert len(exchanges.sent) == 1


@pytest.mark.parametrize(
    ("ids", "versions", "concurrency", "said"),
    [
        ("vmnet_1", ["ipv4"], 5, "interface_ids must be an iterable of ids, not str"),
        (None, ["ipv4"], 5, "interface_ids must be an iterable of ids, not NoneType"),
        (["vmnet_1"], "ipv4", 5, "address_versions must be a list"),
        (["vmnet_1"], [], 5, "address_versions must name at least one"),
        (["vmnet_1"], ["both"], 5, "address_version must be"),
        (["vmnet_1"], ["ipv4"], 0, "concurrency must be a whole number from 1 to 1000"),
    ],
)
async def test_arguments_of_many_that_are_no_such_thing_are_refused_at_once(
    nics: VirtualMachineNetworkInterfaces, ids: list[str], versions: list[str], concurrency: int, said: str
) -> None:
    with pytest.raises(UsageError, match=f"^{said}"):
        nics.available_ips_many(ids, address_versions=versions, concurrency=concurrency)
