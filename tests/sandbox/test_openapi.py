import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.operations import OPERATIONS

from . import openapi
from .asking import Asker

pytestmark = pytest.mark.skipif(
    not openapi.DOCUMENT.exists(), reason="the OpenAPI document is not part of the repository"
)

NICS = "/virtual_machine_network_interfaces/virtual_machine_network_interface"
LOOKUP = {
    "organization": "organization[id]",
    "virtual_machine": "virtual_machine[id]",
    "virtual_machine_network_interface": "virtual_machine_network_interface[id]",
    "data_center": "data_center[id]",
    "network": "network[id]",
}
SUBNET = "extra {}.ip_addresses[].subnet"

# What the recorded answers of the live API do otherwise than the document: facts of 2023-03 to 2026-08.
KNOWN: dict[str, set[str]] = {
    "/organizations/organization/virtual_machines": {
        "absent $.virtual_machines[].hypervisor",
        "absent $.virtual_machines[].zone.data_center.country",
    },
    "/virtual_machines/virtual_machine": {
        "absent $.virtual_machine.hypervisor",
        "extra $.virtual_machine.suspended",
        "extra $.virtual_machine.suspended_at",
        "extra $.virtual_machine.organization.uuid",
        SUBNET.format("$.virtual_machine"),
    },
    "/virtual_machines/virtual_machine/network_interfaces": {
        "extra $.virtual_machine_network_interfaces[].ip_addresses[].reverse_dns",
        "extra $.virtual_machine_network_interfaces[].ip_addresses[].address_with_mask",
    },
    f"{NICS}/available_ips/address_version": {SUBNET.format("$")},
}
PATHS = [operation.path.replace("/:", "/") for operation in OPERATIONS]


def arguments(sandbox: Sandbox, path: str) -> list[dict[str, str]]:
    """Return the query of a request for everything that the operation can be asked about."""
    world, names = sandbox.world, path.split("/")[1:]
    choices: dict[str, list[str]] = {
        "organization": [it.id for it in world.organizations],
        "virtual_machine": [it.id for it in world.machines],
        "virtual_machine_network_interface": [it.id for it in world.interfaces],
        "data_center": [it.id for it in world.data_centers],
        "network": [it.id for it in world.networks],
    }
    name = next((each for each in names if each in choices), None)
    queries = [{}] if name is None else [{LOOKUP[name]: value} for value in choices[name]]
    if "address_version" not in names:
        return queries
    return [{**query, "address_version": version} for query in queries for version in ("ipv4", "ipv6")]


@pytest.mark.parametrize("path", PATHS)
async def test_answers_differ_from_the_document_only_where_the_live_api_does(
    ask: Asker, sandbox: Sandbox, path: str
) -> None:
    schema = openapi.answer_schema(path, 200)
    seen: set[str] = set()
    for query in arguments(sandbox, path):
        answer = await ask(path, params=query)
        assert answer.status == 200
        assert not set(schema["required"]) - set(answer.json)
        seen.update(openapi.differences(answer.json, schema))
    assert seen == KNOWN.get(path, set())


@pytest.mark.parametrize("path", PATHS)
async def test_refusals_are_the_documented_ones_below_an_error_key(ask: Asker, sandbox: Sandbox, path: str) -> None:
    refused = [await ask(path, token=""), await ask(path, token="made-up")]
    if "404" in openapi.document()["paths"][path]["get"]["responses"]:
        refused.append(await ask(path, params={"address_version": "ipv4"}))
    sandbox.fail_next(code="rate_limit_reached")
    refused.append(await ask(path))
    for answer in refused:
        documented = openapi.resolve(openapi.answer_schema(path, answer.status))
        schemas = [openapi.resolve(each) for each in documented.get("oneOf", [documented])]
        fitting = [schema for schema in schemas if answer.code in openapi.resolve(schema["properties"]["code"])["enum"]]
        assert len(fitting) == 1
        error = answer.json["error"]
        assert [each for each in openapi.differences(error, fitting[0]) if not each.startswith("extra")] == []


@pytest.mark.parametrize("path", PATHS)
def test_the_scopes_are_those_of_the_document(path: str) -> None:
    operation = next(it for it in OPERATIONS if it.path.replace("/:", "/") == path)
    security = openapi.document()["paths"][path]["get"].get("security", [])
    listed = {scope for each in security for scopes in each.values() for scope in scopes}
    assert {scope.rpartition("/")[2] for scope in listed} == set(operation.scopes)


def test_the_comparison_notices_every_kind_of_difference() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "state": {"type": "string", "enum": ["on"]},
            "parts": {"type": "array", "items": {"type": "string"}},
            "gone": {"type": "string"},
        },
    }
    value = {"name": None, "size": True, "state": "off", "parts": ["a", 1], "more": 1}
    assert set(openapi.differences(value, schema)) == {
        "null $.name",
        "type $.size",
        "enum $.state",
        "type $.parts[]",
        "absent $.gone",
        "extra $.more",
    }
