"""GET operations: lists, pages, lookups, and the order in which errors are checked."""

import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from katapult_async.sandbox import Sandbox, Store
from katapult_async.sandbox.models import DataCenter, Network

from .plain_client import PlainClient
from .samples import interfaces_of

NIC = "virtual_machine_network_interface"
NICS = "/virtual_machine_network_interfaces"


async def test_organizations_are_not_paginated(send: PlainClient, sandbox: Sandbox) -> None:
    response = await send("/organizations")
    assert set(response.json) == {"organizations"}
    assert [obj["id"] for obj in response.json["organizations"]] == [obj.id for obj in sandbox.store.organizations]


async def test_available_ips_are_those_of_the_store(send: PlainClient, sandbox: Sandbox) -> None:
    for interface in sandbox.store.interfaces:
        for version in ("ipv4", "ipv6"):
            response = await send(f"{NICS}/{interface.id}/available_ips/{version}")
            assert response.json == {"ip_addresses": sandbox.store.available_ips(interface.id, version)}


async def test_only_ipv4_addresses_have_a_subnet(send: PlainClient, sandbox: Sandbox) -> None:
    for version in ("ipv4", "ipv6"):
        interface = next(obj for obj in sandbox.store.interfaces if sandbox.store.available_ips(obj.id, version))
        response = await send(f"{NICS}/{interface.id}/available_ips/{version}")
        assert {"subnet" in address for address in response.json["ip_addresses"]} == {version == "ipv4"}


async def test_all_pages_of_all_lists_have_every_interface_once(send: PlainClient, sandbox: Sandbox) -> None:
    interface_ids: list[str] = []
    for organization in (await send("/organizations")).json["organizations"]:
        page, pages = 0, 1
        while page < pages:
            page += 1
            params = {"organization[id]": organization["id"], "page": page, "per_page": 7}
            listed = (await send("/organizations/_/virtual_machines", params=params)).json
            pages = listed["pagination"]["total_pages"]
            for machine in listed["virtual_machines"]:
                response = await send(
                    "/virtual_machines/_/network_interfaces", params={"virtual_machine[id]": machine["id"]}
                )
                interface_ids.extend(obj["id"] for obj in response.json[f"{NIC}s"])
    assert sorted(interface_ids) == sorted(obj.id for obj in sandbox.store.interfaces)


LOOKUPS: list[tuple[str, str, str, Callable[[Store], str]]] = [
    ("/organizations/organization", "organization", "id", lambda store: store.organizations[1].id),
    (
        "/organizations/organization",
        "organization",
        "sub_domain",
        lambda store: store.organizations[1].sub_domain,
    ),
    ("/virtual_machines/virtual_machine", "virtual_machine", "id", lambda store: store.machines[4].id),
    ("/virtual_machines/virtual_machine", "virtual_machine", "fqdn", lambda store: store.machines[4].fqdn),
    (f"{NICS}/{NIC}", NIC, "id", lambda store: store.interfaces[4].id),
    ("/data_centers/data_center", "data_center", "id", lambda store: store.all(DataCenter)[1].id),
    (
        "/data_centers/data_center",
        "data_center",
        "permalink",
        lambda store: store.all(DataCenter)[1].permalink,
    ),
    ("/networks/network", "network", "id", lambda store: store.all(Network)[5].id),
    ("/networks/network", "network", "permalink", lambda store: store.all(Network)[5].permalink),
]


@pytest.mark.parametrize("row", LOOKUPS)
async def test_every_form_of_lookup_finds_the_object(
    send: PlainClient, sandbox: Sandbox, row: tuple[str, str, str, Callable[[Store], str]]
) -> None:
    path, name, key, choose = row
    value, stem = choose(sandbox.store), path.rpartition("/")[0]
    forms: list[Any] = [
        await send(path, params={f"{name}[{key}]": value}),
        await send(f"{stem}/_", params={f"{name}[{key}]": value}),
        await send(f"{stem}/:{name}", params={f"{name}[{key}]": value}),
        await send(f"{stem}/_/", params={f"{name}[{key}]": value}),
        await send(f"{stem}/ignored_0123456789", params={f"{name}[{key}]": value}),
        await send(path, json={name: {key: value}}),
        await send(path, params={"_arguments": f'{{"{name}": {{"{key}": "{value}"}}}}'}),
    ]
    if key == "id":
        forms.append(await send(f"{stem}/{value}"))
    assert [(response.status, response.json[name][key]) for response in forms] == [(200, value)] * len(forms)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/organizations/organization", "organization_not_found"),
        ("/organizations/_/virtual_machines", "organization_not_found"),
        ("/organizations/org_0/available_networks", "organization_not_found"),
        ("/virtual_machines/virtual_machine", "virtual_machine_not_found"),
        ("/virtual_machines/_/network_interfaces", "virtual_machine_not_found"),
        (f"{NICS}/vmnet_0123456789abcdef", f"{NIC}_not_found"),
        (f"{NICS}/{NIC}/available_ips/ipv6", f"{NIC}_not_found"),
        ("/data_centers/data_center", "data_center_not_found"),
        ("/networks/network", "network_not_found"),
        ("/nowhere", "route_not_found"),
        ("/virtual_machines/a/b/c", "route_not_found"),
    ],
)
async def test_missing_object_gets_404_with_its_code(send: PlainClient, path: str, code: str) -> None:
    response = await send(path)
    assert (response.status, response.code, response.detail) == (404, code, {})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_unknown_method_gets_404(send: PlainClient, method: str) -> None:
    response = await send("/data_centers", method=method)
    assert (response.status, response.code) == (404, "route_not_found")


async def test_path_outside_of_the_api_gets_404(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with session.get(sandbox.base_url.removesuffix("/core/v1") + "/data_centers") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("path", "params", "issue"),
    [
        ("/virtual_machines/_", {"virtual_machine[name]": "x"}, "missing_lookup_value"),
        (
            "/virtual_machines/_",
            {"virtual_machine[id]": "x", "virtual_machine[fqdn]": "y"},
            "ambiguous_lookup_values",
        ),
        ("/virtual_machines/_", {"virtual_machine": "x"}, "object_expected"),
        (f"{NICS}/_/available_ips/_", {f"{NIC}[id]": "x"}, "invalid_enum_value"),
        (f"{NICS}/x/available_ips/ipv4", {"address_version": "ipv5"}, "invalid_enum_value"),
        ("/organizations/_/virtual_machines", {"per_page": "201"}, "validation_errors"),
        ("/virtual_machines/_/network_interfaces", {"page": "0"}, "validation_errors"),
        ("/virtual_machines/_/network_interfaces", {"page": "x"}, "parse_error"),
    ],
)
async def test_argument_errors_precede_lookups(
    send: PlainClient, path: str, params: dict[str, str], issue: str
) -> None:
    response = await send(path, params=params)
    assert (response.status, response.code) == (400, "invalid_argument")
    assert response.detail["issue"] == issue
    assert set(response.detail) == {"path", "index", "issue", "issue_description", "errors", "argument"}


async def test_null_for_a_required_argument_is_a_missing_argument(send: PlainClient) -> None:
    response = await send(f"{NICS}/x/available_ips/_", json={"address_version": None})
    assert (response.status, response.code) == (400, "missing_required_argument")


async def test_body_overrides_the_query_and_the_query_overrides_the_path(send: PlainClient, sandbox: Sandbox) -> None:
    one, two, three = (machine.id for machine in sandbox.store.machines[:3])
    params = {"virtual_machine[id]": two}
    both = await send(f"/virtual_machines/{one}", params=params, json={"virtual_machine": {"id": three}})
    query = await send(f"/virtual_machines/{one}", params=params)
    assert [response.json["virtual_machine"]["id"] for response in (both, query)] == [three, two]


async def test_body_is_read_only_with_the_content_type_of_json(send: PlainClient, sandbox: Sandbox) -> None:
    body = json.dumps({"virtual_machine": {"id": sandbox.store.machines[0].id}})
    typed = await send("/virtual_machines/_", data=body, headers={"Content-Type": "application/json"})
    untyped = await send("/virtual_machines/_", data=body, headers={"Content-Type": "text/plain"})
    broken = await send("/virtual_machines/_", data="{", headers={"Content-Type": "application/json"})
    assert [typed.status, untyped.status, broken.status] == [200, 404, 400]
    assert broken.code == "invalid_json_body"


async def test_query_parameter_with_json_arguments_is_ignored_unless_it_is_a_string(send: PlainClient) -> None:
    assert (await send("/virtual_machines/_", params={"_arguments[x]": "1"})).status == 404


@pytest.mark.parametrize(
    ("params", "rows", "pagination"),
    [
        ({}, 30, {"current_page": 1, "total_pages": 2, "per_page": 30}),
        ({"page": 2}, 20, {"current_page": 2, "total_pages": 2, "per_page": 30}),
        ({"page": 3}, 0, {"current_page": 3, "total_pages": 2, "per_page": 30}),
        ({"per_page": 200}, 50, {"current_page": 1, "total_pages": 1, "per_page": 200}),
        ({"per_page": 25, "page": 2}, 25, {"current_page": 2, "total_pages": 2, "per_page": 25}),
    ],
)
async def test_lists_are_paginated(
    session: aiohttp.ClientSession, params: dict[str, int], rows: int, pagination: dict[str, int]
) -> None:
    async with Sandbox(machines=1, interfaces=50) as sandbox:
        machine = sandbox.store.machines[0].id
        response = await PlainClient(sandbox, session)(f"/virtual_machines/{machine}/network_interfaces", params=params)
    assert len(response.json[f"{NIC}s"]) == rows
    assert response.json["pagination"] == {**pagination, "total": 50, "large_set": False}


async def test_large_set_has_no_totals(session: aiohttp.ClientSession) -> None:
    async with Sandbox(large_sets=True) as sandbox:
        organization = sandbox.store.organizations[0].id
        response = await PlainClient(sandbox, session)(f"/organizations/{organization}/virtual_machines")
    pagination = response.json["pagination"]
    assert (pagination["large_set"], pagination["total"], pagination["total_pages"]) == (True, None, None)


async def test_empty_list_has_no_pages(session: aiohttp.ClientSession) -> None:
    async with Sandbox(machines=1, interfaces=1) as sandbox:
        organization = sandbox.store.organizations[1].id
        response = await PlainClient(sandbox, session)(f"/organizations/{organization}/virtual_machines")
    assert response.json["virtual_machines"] == []
    assert (response.json["pagination"]["total"], response.json["pagination"]["total_pages"]) == (0, 0)


async def test_trashed_machine_gets_406_and_is_not_listed(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    interface = interfaces_of(sandbox.store, machine.id)[0]
    entry = sandbox.store.trash(machine)
    for path in (f"/virtual_machines/{machine.id}", f"/virtual_machines/{machine.id}/network_interfaces"):
        response = await send(path)
        assert (response.status, response.code) == (406, "object_in_trash")
        assert response.detail["trash_object"] == {
            "id": entry.id,
            "keep_until": entry.keep_until,
            "object_id": machine.id,
            "object_type": "VirtualMachine",
        }
    listed = await send(f"/organizations/{machine.organization_id}/virtual_machines", params={"per_page": 200})
    assert machine.id not in [obj["id"] for obj in listed.json["virtual_machines"]]
    assert (await send(f"{NICS}/{interface.id}/available_ips/ipv4")).status == 404


async def test_deleted_interface_gets_404_and_is_not_listed(send: PlainClient, sandbox: Sandbox) -> None:
    interface = sandbox.store.interfaces[0]
    path = f"{NICS}/{interface.id}/available_ips/ipv4"
    assert (await send(path)).status == 200
    sandbox.store.remove(sandbox.store.get(interface.id))
    assert (await send(path)).code == f"{NIC}_not_found"
    listed = await send(f"/virtual_machines/{interface.virtual_machine_id}/network_interfaces")
    assert interface.id not in [obj["id"] for obj in listed.json[f"{NIC}s"]]


async def test_suspended_organization_gets_403_and_is_listed(send: PlainClient, sandbox: Sandbox) -> None:
    organization = sandbox.store.organizations[0]
    sandbox.store.change(organization, suspended=True)
    for tail in ("", "/virtual_machines", "/available_networks"):
        response = await send(f"/organizations/{organization.id}{tail}")
        assert (response.status, response.code) == (403, "organization_suspended")
    assert [obj["suspended"] for obj in (await send("/organizations")).json["organizations"]] == [True, False]


async def test_available_networks_are_the_public_ones_and_those_of_the_organization(
    send: PlainClient, sandbox: Sandbox
) -> None:
    one, two = sandbox.store.organizations
    networks_of = {}
    for organization in (one, two):
        response = await send(f"/organizations/{organization.id}/available_networks")
        networks_of[organization.id] = {obj["id"] for obj in response.json["networks"]}
        assert len(response.json["virtual_networks"]) == 1
        assert "pagination" not in response.json
    shared = {obj.id for obj in sandbox.store.all(Network) if obj.default}
    assert networks_of[one.id] & networks_of[two.id] == shared
    assert networks_of[one.id] | networks_of[two.id] == {obj.id for obj in sandbox.store.all(Network)}


async def test_country_of_a_data_center_has_only_its_id_and_name(send: PlainClient, sandbox: Sandbox) -> None:
    listed = (await send("/data_centers")).json["data_centers"]
    assert [obj["id"] for obj in listed] == [obj.id for obj in sandbox.store.all(DataCenter)]
    assert {tuple(sorted(obj["country"])) for obj in listed} == {("id", "name")}


async def test_root_password_is_in_the_response_but_not_in_the_repr(send: PlainClient, sandbox: Sandbox) -> None:
    machine = sandbox.store.machines[0]
    response = await send(f"/virtual_machines/{machine.id}")
    assert response.json["virtual_machine"]["initial_root_password"] == machine.initial_root_password
    assert machine.initial_root_password not in repr(machine)
