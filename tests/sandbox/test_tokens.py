"""Tokens: which of them are accepted, with which scopes, and for which organizations."""

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import APIToken, Network, VirtualMachine, VirtualMachineNetworkInterface

from .plain_client import PlainClient
from .samples import new_managed_organization

PATH = "/data_centers"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}])
async def test_request_without_a_bearer_token_gets_400(send: PlainClient, headers: dict[str, str]) -> None:
    response = await send(PATH, token="", headers=headers)
    assert (response.status, response.code, response.detail) == (400, "missing_api_token", {})


async def test_unknown_token_gets_403(send: PlainClient) -> None:
    response = await send(PATH, token="made-up")
    assert (response.status, response.code, response.detail) == (403, "invalid_api_token", {"details": None})


async def test_bearer_scheme_is_case_insensitive(send: PlainClient, sandbox: Sandbox) -> None:
    headers = {"Authorization": f"bearer {sandbox.token}"}
    assert (await send(PATH, token="", headers=headers)).status == 200


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("invalid_api_token", {"details": None}),
        ("unauthorized_network_for_api_token", {"ip_address": "127.0.0.1"}),
        ("invalid_capabilities_token", {}),
    ],
)
async def test_revoked_token_gets_the_error_of_its_revocation(
    send: PlainClient, sandbox: Sandbox, code: str, detail: dict[str, str | None]
) -> None:
    token = sandbox.issue_token()
    sandbox.revoke_token(token, code=code)
    response = await send(PATH, token=token)
    assert (response.status, response.code, response.detail) == (403, code, detail)


async def test_revoke_rejects_unknown_tokens_and_codes(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no such token"):
        sandbox.revoke_token("made-up")
    with pytest.raises(ValueError, match="one of invalid_api_token"):
        sandbox.revoke_token(sandbox.token, code="scope_not_granted")


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("/organizations", ["organizations:read"]),
        ("/organizations/_", ["organizations:read"]),
        ("/organizations/_/virtual_machines", ["virtual_machines", "virtual_machines:read"]),
        ("/virtual_machines/_", ["virtual_machines", "virtual_machines:read"]),
        ("/virtual_machines/_/network_interfaces", ["virtual_machines", "virtual_machines:read"]),
        ("/virtual_machine_network_interfaces/_", ["virtual_machines", "virtual_machines:read"]),
        (
            "/virtual_machine_network_interfaces/_/available_ips/ipv4",
            ["ip_addresses", "ip_addresses:read"],
        ),
    ],
)
async def test_operation_needs_one_of_its_scopes(
    send: PlainClient, sandbox: Sandbox, path: str, scopes: list[str]
) -> None:
    refused = await send(path, token=sandbox.issue_token(scopes=["dns"]))
    assert (refused.status, refused.code, refused.detail) == (403, "scope_not_granted", {"scopes": scopes})
    for scope in scopes:
        assert (await send(path, token=sandbox.issue_token(scopes=[scope]))).status in (200, 404)


@pytest.mark.parametrize(
    "path", ["/data_centers", "/data_centers/_", "/networks/_", "/organizations/_/available_networks"]
)
async def test_operations_without_scopes_accept_any_token(send: PlainClient, sandbox: Sandbox, path: str) -> None:
    assert (await send(path, token=sandbox.issue_token(scopes=()))).status in (200, 404)


async def test_token_of_a_deleted_organization_is_rejected(send: PlainClient, sandbox: Sandbox) -> None:
    managed = new_managed_organization(sandbox.store)
    token = sandbox.store.add(APIToken, managed, name="Deployment")
    assert (await send(PATH, token=token.value)).status == 200
    assert (await send(f"/managed_organizations/{managed.id}", method="DELETE")).status == 200
    assert (await send(PATH, token=token.value)).code == "invalid_api_token"


async def test_rate_limit_of_an_api_token_is_the_permitted_number(session: aiohttp.ClientSession) -> None:
    async with Sandbox(permitted=50) as sandbox:
        owner = sandbox.store.organizations[0].id
        response = await PlainClient(sandbox, session)(f"/organizations/{owner}/api_tokens")
    assert [token["rate_limit"] for token in response.json["api_tokens"]] == [50]


async def test_api_token_has_access_to_its_organization_and_those_that_it_manages(
    send: PlainClient, sandbox: Sandbox
) -> None:
    store, managed = sandbox.store, new_managed_organization(sandbox.store)
    first, second, *_ = store.organizations
    scopes = ("organizations:read", "virtual_machines", "managed_organizations:delete", "tasks:read")
    token = store.add(APIToken, first, name="Deployment", scopes=scopes).value
    listed = (await send("/organizations", token=token)).json["organizations"]
    assert {organization["id"] for organization in listed} == {first.id, managed.id}
    for owner, statuses in ((first, {200}), (second, {404})):
        machine = store.all(VirtualMachine, owner)[0]
        interface = store.all(VirtualMachineNetworkInterface, machine)[0]
        paths = (
            f"/organizations/{owner.id}",
            f"/organizations/{owner.id}/virtual_machines",
            f"/virtual_machines/{machine.id}",
            f"/virtual_machine_network_interfaces/{interface.id}",
            f"/tasks/{store.begin_task(interface, 'Attach network interface').id}",
        )
        assert {(await send(path, token=token)).status for path in paths} == statuses
    assert (await send(f"/networks/{store.all(Network)[0].id}", token=token)).status == 200
    store.change(second, suspended=True)
    assert (await send(f"/organizations/{second.id}", token=token)).code == "organization_not_found"
    assert (await send(f"/managed_organizations/{managed.id}", method="DELETE", token=token)).status == 200


def test_issue_token_rejects_unknown_scopes() -> None:
    with pytest.raises(ValueError, match="no such scopes: machines, volumes"):
        Sandbox().issue_token(scopes=["volumes", "machines", "dns:read"])


def test_scopes_must_be_a_list() -> None:
    with pytest.raises(ValueError, match="scopes must be a list, not 'dns:read'"):
        Sandbox().issue_token(scopes="dns:read")


def test_equal_seeds_give_equal_tokens() -> None:
    assert Sandbox(seed=3).token == Sandbox(seed=3).token != Sandbox(seed=4).token
