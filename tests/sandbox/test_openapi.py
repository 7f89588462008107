"""Responses and errors of the sandbox, compared with the OpenAPI document of the Core API."""

from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.operations import OPERATIONS, Operation
from tests.openapi.document import DOCUMENT

from . import openapi
from .plain_client import PlainClient
from .samples import ACCOUNT, BUCKET, NIC, NICS, WRITES, add_rare_objects, read_queries, with_unknown_lookups

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="the OpenAPI document is not part of the repository")

SUBNET = "extra {}.subnet"

INSTALLATION = {
    f"absent $.disk.installation.disk_template_version.{name}"
    for name in (
        "id",
        "size_in_gb",
        "disk_template.description",
        "disk_template.universal",
        "disk_template.latest_version",
        "disk_template.size_in_gb",
        "disk_template.operating_system.badge",
    )
}
POLICY = "/disk_backup_policies/disk_backup_policy"
MACHINE = {
    "absent $.virtual_machine.hypervisor",
    "extra $.virtual_machine.suspended",
    "extra $.virtual_machine.suspended_at",
    "extra $.virtual_machine.organization.uuid",
}

VOLUME = {
    f"extra $.file_storage_volume.{name}"
    for name in (
        "technology_generation",
        "atime_update",
        "nfs_root_squash",
        "nfs_all_squash",
        "nfs_anon_uid",
        "nfs_anon_gid",
    )
}
CUSTOM_DOMAINS = {
    "absent $.object_storage_bucket.custom_domain",
    "extra $.object_storage_bucket.custom_domains",
    "extra $.object_storage_bucket.cors_origins",
}
TARGETS = {
    "extra {}.resources[].type",
    "extra {}.resources[].value",
    "absent {}.resources[].resources",
}


def _target(policy: str) -> set[str]:
    """Return the differences of the target of a backup policy.

    No response with a target is recorded. The sandbox shows it with ``type`` and ``value``, as recorded responses show
    other references to objects of several classes.
    """
    path = f"$.{policy}.target"
    return {f"extra {path}.type", f"extra {path}.value", f"absent {path}.target"}


# How the responses of the sandbox differ from the document, because recorded responses (2023-03 to 2026-08) differ in
# the same way. For the exceptions, a comment or the function `_target` gives the reason.
KNOWN: dict[tuple[str, str], set[str]] = {
    ("GET", "/organizations/organization/virtual_machines"): {
        "absent $.virtual_machines[].hypervisor",
        "absent $.virtual_machines[].zone.data_center.country",
    },
    ("GET", "/virtual_machines/virtual_machine"): {*MACHINE, SUBNET.format("$.virtual_machine.ip_addresses[]")},
    ("PATCH", "/virtual_machines/virtual_machine"): {*MACHINE, SUBNET.format("$.virtual_machine.ip_addresses[]")},
    ("DELETE", "/virtual_machines/virtual_machine"): {*MACHINE, SUBNET.format("$.virtual_machine.ip_addresses[]")},
    ("GET", "/certificates/certificate"): {"type $.certificate"},  # recorded in September 2026
    ("GET", "/organizations/organization/disk_backup_policies"): _target("disk_backup_policies[]"),
    **{
        (method, path): _target("disk_backup_policy")
        for method, path in (
            ("GET", POLICY),
            ("PATCH", POLICY),
            ("DELETE", f"{POLICY}/schedule"),
            ("POST", "/disks/disk/disk_backup_policies"),
            ("POST", "/virtual_machines/virtual_machine/disk_backup_policies"),
        )
    },
    ("GET", "/disks/disk/disk_backup_policies"): _target("disk_backup_policies[]"),
    ("GET", "/virtual_machines/virtual_machine/disk_backup_policies"): _target("disk_backup_policies[]"),
    ("GET", "/load_balancers/load_balancer"): {target.format("$.load_balancer") for target in TARGETS},
    ("GET", "/organizations/organization/load_balancers"): {target.format("$.load_balancers[]") for target in TARGETS},
    ("GET", "/disks/disk"): INSTALLATION,
    **{("POST", f"/disks/disk/{action}"): INSTALLATION for action in ("attach", "detach", "unassign")},
    **{("PUT", f"/disks/disk/{action}"): INSTALLATION for action in ("resize", "io_profile")},
    ("GET", "/virtual_machines/virtual_machine/network_interfaces"): {
        f"extra $.{NIC}s[].ip_addresses[].reverse_dns",
        f"extra $.{NIC}s[].ip_addresses[].address_with_mask",
    },
    ("GET", f"{NICS}/available_ips/address_version"): {SUBNET.format("$.ip_addresses[]")},
    ("POST", f"{NICS}/allocate_new_ip"): {SUBNET.format("$.ip_address")},
    ("POST", "/virtual_machines/virtual_machine/allocate_ip"): {SUBNET.format("$.ip_address")},
    ("POST", "/organizations/organization/ip_addresses"): {SUBNET.format("$.ip_address")},
    ("PATCH", "/ip_addresses/ip_address"): {SUBNET.format("$.ip_address")},
    **{(method, "/file_storage_volumes/file_storage_volume"): VOLUME for method in ("GET", "PATCH", "DELETE")},
    ("POST", "/organizations/organization/file_storage_volumes"): VOLUME,
    **{(method, BUCKET): CUSTOM_DOMAINS for method in ("GET", "PATCH")},
    ("POST", f"{ACCOUNT}/buckets"): CUSTOM_DOMAINS,
    ("GET", "/ip_addresses/ip_address"): {
        SUBNET.format("$.ip_address"),
        "extra $.allocation.type",
        "extra $.allocation.value",
        "absent $.allocation.id",
        "absent $.allocation.name",
    },
}


def path_of(operation: Operation) -> str:
    return operation.path.replace("/:", "/")


JSON_OPERATIONS = [operation for operation in OPERATIONS if operation.path != "/virtual_machine/authorized_keys"]
"""All operations but the one whose response is text, which ``resources/test_story_virtual_machines.py`` tests."""

every_operation = pytest.mark.parametrize(
    "operation", JSON_OPERATIONS, ids=[f"{operation.method} {path_of(operation)}" for operation in JSON_OPERATIONS]
)


@pytest.mark.slow
@every_operation
async def test_responses_differ_from_the_document_only_in_known_places(
    send: PlainClient, sandbox: Sandbox, operation: Operation
) -> None:
    method, path = operation.method, path_of(operation)
    schema = openapi.response_schema(method, path, operation.documented.status)
    differences: set[str] = set()
    add_rare_objects(sandbox.store)
    body = None if method == "GET" else WRITES[method, path](sandbox.store)
    for query in read_queries(sandbox.store, path) if method == "GET" else [{}]:
        response = await send(path, method=method, params=query, json=body)
        assert (response.status, response.json.get("error")) == (operation.documented.status, None)
        assert not set(schema.get("required", ())) - set(response.json)
        differences.update(openapi.differences(response.json, schema))
    assert differences == KNOWN.get((method, path), set())


@pytest.mark.slow
@every_operation
async def test_errors_of_tokens_lookups_and_the_rate_limit_are_documented(
    send: PlainClient, sandbox: Sandbox, operation: Operation
) -> None:
    method, path = operation.method, path_of(operation)
    errors = [await send(path, method=method, token=token) for token in ("", "made-up")]
    if "404" in openapi.operation(method, path)["responses"] and ":" in operation.path:
        body = None if method == "GET" else with_unknown_lookups(WRITES[method, path](sandbox.store))
        errors.append(await send(path, method=method, params={"address_version": "ipv4", "path": "x"}, json=body))
        assert errors[-1].status == 404
    sandbox.fail_next(code="rate_limit_reached")
    errors.append(await send(path, method=method))
    for response in errors:
        check_error(method, path, response.status, response.json["error"])


def check_error(method: str, path: str, status: int, error: Any) -> None:
    """Check that an error is one that the document has for the operation and status."""
    resolved = openapi.document().resolved
    documented = resolved(openapi.response_schema(method, path, status))
    schemas = [resolved(schema) for schema in documented.get("oneOf", [documented])]
    matching = [schema for schema in schemas if error["code"] in resolved(schema["properties"]["code"])["enum"]]
    assert len(matching) == 1
    assert [
        difference for difference in openapi.differences(error, matching[0]) if not difference.startswith("extra")
    ] == []


def test_scopes_match_the_document() -> None:
    for operation in OPERATIONS:
        security = openapi.operation(operation.method, path_of(operation)).get("security", [])
        listed = {scope for requirement in security for scopes in requirement.values() for scope in scopes}
        assert {scope.rpartition("/")[2] for scope in listed} == set(operation.documented.scopes), operation.path


def test_differences_finds_every_kind_of_difference() -> None:
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


def test_every_documented_operation_is_served() -> None:
    served = {f"{operation.method} {path_of(operation)}" for operation in OPERATIONS}
    assert served == {*openapi.document().names}
