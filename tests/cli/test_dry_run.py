"""The dry run: the request that would change something is shown and not sent."""

import errno
import json

import pytest

from tests.cli.conftest import Command, FailingStream, Objects


@pytest.mark.parametrize(
    ("line", "method", "path"),
    [
        ("nics allocate {interface} --address-version {version}", "POST", "allocate_ip"),
        ("nics allocate {interface} --address-version {version} --new", "POST", "allocate_new_ip"),
        ("nics allocate {interface} --address {available}", "POST", "allocate_ip"),
        ("nics attach {interface} --wait", "POST", "attach"),
        ("nics detach {interface} --wait", "POST", "detach"),
        ("nics unallocate {allocated}", "POST", "unallocate"),
        ("ips create --network gb-london-1 --address-version ipv6", "POST", "/ip_addresses"),
        ("ips update {address} --no-label", "PATCH", "ip_address"),
        ("ips unallocate {address}", "POST", "unallocate"),
        ("ips delete {allocated}", "DELETE", "{allocated}"),
    ],
)
def test_dry_run_shows_the_request_and_changes_nothing(
    line: str, method: str, path: str, objects: Objects, command: Command
) -> None:
    names = objects.names()
    result = command(*line.format(**names).split(), "--dry-run", "-o", "json")
    assert (result.code, result.err) == (0, "dry run: this was not sent\n")
    request = json.loads(result.out)
    assert list(request) == ["method", "path", "body"]
    assert request["method"] == method
    assert request["path"].endswith(path.format(**names))
    assert (request["body"] is None) is (method == "DELETE")
    assert objects.mutations() == []


def test_dry_run_as_a_table_has_a_line_for_method_path_and_body(objects: Objects, command: Command) -> None:
    result = command("ips", "update", objects.allocated, "--no-label", "--fields", "address", "--dry-run")
    assert result.out.splitlines() == [
        "method   PATCH",
        "path     /ip_addresses/ip_address",
        f'body     {{"ip_address": {{"id": "{objects.allocated}"}}, "label": null}}',
    ]


def test_dry_run_on_a_full_disk_is_one_error_line(objects: Objects, command: Command) -> None:
    result = command("ips", "delete", objects.allocated, "--dry-run", stdout=FailingStream(errno.ENOSPC))
    assert (result.code, result.err) == (1, "error: the output cannot be written: No space left on device\n")
