"""Virtual networks: how they are created, renamed and deleted, and the errors."""

import re
from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import DataCenter, VirtualNetwork

from .plain_client import PlainClient
from .samples import new_virtual_interface

LIST = "/organizations/_/virtual_networks"


async def test_virtual_network_is_created_renamed_and_deleted(send: PlainClient, sandbox: Sandbox) -> None:
    organization, center = sandbox.store.organizations[0], sandbox.store.all(DataCenter)[1]
    params = {"organization[id]": organization.id}
    body = {"data_center": {"permalink": center.permalink}, "properties": {"name": "Inside"}}
    created = (await send(LIST, method="POST", params=params, json=body)).json["virtual_network"]
    assert re.fullmatch(r"vnet_[A-Za-z0-9]{16}", created["id"])
    assert (created["name"], created["data_center"]["id"]) == ("Inside", center.id)
    path = f"/virtual_networks/{created['id']}"
    assert (await send(path)).json == {"virtual_network": created}
    renamed = await send(path, method="PATCH", json={"properties": {"name": "Renamed"}})
    assert renamed.json == {"virtual_network": {**created, "name": "Renamed"}}
    listed = (await send(LIST, params=params)).json
    assert listed["virtual_networks"][-1] == {**created, "name": "Renamed"}
    assert listed["pagination"]["total"] == len(listed["virtual_networks"]) == 2
    available = (await send("/organizations/_/available_networks", params=params)).json["virtual_networks"]
    assert [network["id"] for network in available] == [network["id"] for network in listed["virtual_networks"]]
    deleted = await send(path, method="DELETE")
    assert (deleted.status, deleted.json) == (200, renamed.json)
    assert (await send(path)).code == "virtual_network_not_found"


async def test_virtual_network_with_interfaces_cannot_be_deleted(send: PlainClient, sandbox: Sandbox) -> None:
    interface = new_virtual_interface(sandbox.store)
    response = await send(f"/virtual_networks/{interface.virtual_network_id}", method="DELETE")
    assert (response.status, response.code) == (409, "deletion_restricted")
    assert [type(error) for error in response.detail["errors"]] == [str]
    assert (await send(f"/virtual_machine_network_interfaces/{interface.id}", method="DELETE")).status == 200
    assert (await send(f"/virtual_networks/{interface.virtual_network_id}", method="DELETE")).status == 200


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"properties": {"name": ""}}, "validation_error", None),
        ({"properties": {"name": " "}}, "validation_error", None),
        ({"properties": {"name": None}}, "missing_required_argument", ["properties", "name"]),
        ({"properties": {}}, "missing_required_argument", ["properties", "name"]),
        ({"properties": {"name": 5}}, "invalid_argument", ["properties", "name"]),
        ({"properties": None}, "missing_required_argument", ["properties"]),
        ({"properties": "x"}, "invalid_argument", ["properties"]),
        ({}, "missing_required_argument", ["properties"]),
    ],
)
async def test_name_of_a_virtual_network_must_be_a_string_that_is_not_blank(
    send: PlainClient, sandbox: Sandbox, change: dict[str, Any], code: str, path: list[str] | None
) -> None:
    network, center = sandbox.store.all(VirtualNetwork)[0], sandbox.store.all(DataCenter)[0]
    arguments = {"organization": {"sub_domain": "larch"}, "data_center": {"id": center.id}}
    updated = await send(f"/virtual_networks/{network.id}", method="PATCH", json=change)
    created = await send(LIST, method="POST", json={**arguments, **change})
    for response in (updated, created):
        assert (response.code, response.detail.get("path")) == (code, path)
        if code == "validation_error":
            assert response.detail == {"errors": ["Name can't be blank"]}


async def test_virtual_network_needs_an_existing_data_center(send: PlainClient) -> None:
    arguments = {"organization": {"sub_domain": "larch"}, "properties": {"name": "x"}}
    unknown = await send(LIST, method="POST", json={**arguments, "data_center": {"permalink": "none"}})
    missing = await send(LIST, method="POST", json=arguments)
    assert (unknown.code, missing.code) == ("data_center_not_found", "missing_required_argument")


async def test_every_data_center_has_a_default_network(send: PlainClient, sandbox: Sandbox) -> None:
    for center in sandbox.store.all(DataCenter):
        response = await send(f"/data_centers/{center.id}/default_network")
        network = response.json["network"]
        assert (network["default"], network["data_center"]["id"]) == (True, center.id)
        assert "country" not in network["data_center"]
