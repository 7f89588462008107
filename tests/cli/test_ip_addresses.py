"""The commands that change IP addresses. Allocation, confirmation and dry runs have files of their own."""

import io
import ipaddress
import json

import pytest

from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import Network
from tests.cli.conftest import Command, Objects


@pytest.mark.parametrize("group", ["nics", "ips"])
def test_unallocate_takes_an_address_from_its_machine(group: str, objects: Objects, command: Command) -> None:
    [record] = command(group, "unallocate", objects.address, "-o", "jsonl").records()
    assert record == {"ip_address": str(ipaddress.ip_address(objects.address)), "status": "unallocated"}
    address = objects.sandbox.store.get(objects.allocated)
    assert address is not None
    assert address.free


def test_create_gives_the_only_organization_a_new_address(objects: Objects, command: Command) -> None:
    network = objects.sandbox.store.all(Network)[0].permalink
    line = ("ips", "create", "--network", network, "--address-version", "ipv4", "--vip", "--label", "web")
    [record] = command(*line, "-o", "jsonl").records()
    assert (record["vip"], record["label"]) == (True, "web")
    assert "allocation_id" not in record
    assert objects.exists(record["id"])


@pytest.mark.parametrize(
    ("options", "properties"),
    [
        (("--vip", "--label", "web"), {"vip": True, "label": "web"}),
        (("--label", "web"), {"label": "web"}),
        (("--no-vip",), {"vip": False}),
        (("--no-label",), {"label": None}),
        (("--reverse-dns", "mail.example.com"), {"reverse_dns": "mail.example.com"}),
        (("--no-reverse-dns",), {"reverse_dns": None}),
    ],
)
def test_update_sends_only_the_properties_that_options_name(
    options: tuple[str, ...], properties: dict[str, object], objects: Objects, command: Command
) -> None:
    request = json.loads(command("ips", "update", objects.allocated, *options, "--dry-run", "-o", "json").out)
    assert request["body"] == {"ip_address": {"id": objects.allocated}, **properties}


def test_rejected_value_is_an_error_with_katapults_reason(objects: Objects, command: Command) -> None:
    result = command("ips", "update", objects.allocated, "--vip")
    assert result.code == 2
    assert result.err.startswith("error: Label can't be blank: ")


class EndFaultsAtRetry(io.StringIO):
    """A standard error that ends the faults of a sandbox when the message about a retry is written."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def write(self, text: str) -> int:
        if text.startswith("trying again"):
            self._sandbox.faults = Faults()
        return super().write(text)


def test_delete_succeeds_when_the_response_was_lost(objects: Objects, command: Command) -> None:
    objects.sandbox.faults = Faults(lost_response=1.0)
    result = command(
        "ips", "delete", objects.allocated, "--yes", "-o", "jsonl", stderr=EndFaultsAtRetry(objects.sandbox)
    )
    assert [request.status for request in objects.sandbox.request_log] == [0, 404]
    assert (result.code, result.records()) == (0, [{"ip_address": objects.allocated, "status": "deleted"}])


def test_delete_fails_when_the_address_never_existed(objects: Objects, command: Command) -> None:
    # The code of a failure that is retried: the 404 of the second attempt must not count as success.
    objects.sandbox.fail_next(code="object_storage_provisioning_error", status=422)
    result = command("ips", "delete", "ip_nowhere", "--yes")
    assert [request.status for request in objects.sandbox.request_log] == [422, 404]
    assert (result.code, result.out) == (4, "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ips update ip_1", "there is nothing to change"),
        ("ips update ip_1 --label a --no-label", "give --label or --no-label, not both"),
        ("ips update ip_1 --reverse-dns a --no-reverse-dns", "give --reverse-dns or --no-reverse-dns, not both"),
        ("ips create --address-version ipv4", "Missing option '--network'"),
    ],
)
def test_options_that_change_nothing_or_contradict_each_other_are_an_error(
    line: str, message: str, objects: Objects, command: Command
) -> None:
    result = command(*line.split())
    assert (result.code, result.out, list(objects.sandbox.request_log)) == (2, "", [])
    assert message in result.err
