"""The commands that change things, each against a cloud of its own: what is sent, what is asked before, what is not."""

import io
import ipaddress
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator

import attrs
import pytest

from katapult_async.cli import confirmation
from katapult_async.sandbox import Faults, Sandbox
from tests.cli.conftest import Command, Terminal, listening


@attrs.frozen
class Cloud:
    """A sandbox, and one thing of each kind in it."""

    sandbox: Sandbox
    interface: str
    free: str
    """Id of an address that the interface could be given."""

    version: str
    """Its family."""

    held: str
    """Id of an address that a machine holds."""

    address: str
    """That address itself."""

    def changes(self) -> list[str]:
        """Return what was sent that is no GET."""
        return [each.method for each in self.sandbox.request_log if each.method != "GET"]

    def exists(self, address_id: str) -> bool:
        return self.sandbox.store.get(address_id) is not None


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with listening(Sandbox(machines=5, interfaces=8, organizations=1, task_duration=0.1)) as sandbox:
        world = sandbox.store
        interface, version = next(
            (each.id, version)
            for each in world.interfaces
            for version in ("ipv4", "ipv6")
            if world.free_addresses(each.id, version) and each.state == "attached"
        )
        held = next(each for each in world.addresses if each.interface_id)
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        yield Cloud(sandbox, interface, world.free_addresses(interface, version)[0].id, version, held.id, held.address)


def test_an_interface_is_given_the_first_available_address(cloud: Cloud, command: Command) -> None:
    result = command("nics", "allocate", cloud.interface, "--address-version", cloud.version, "-o", "jsonl")
    [record] = result.records()
    assert (result.code, result.err) == (0, "")
    assert record["id"] in [each.id for each in cloud.sandbox.store.addresses if each.interface_id == cloud.interface]


def test_an_interface_is_given_a_new_address(cloud: Cloud, command: Command) -> None:
    before = {each.id for each in cloud.sandbox.store.addresses}
    asked = ("nics", "allocate", cloud.interface, "--new", "--address-version", cloud.version, "-o", "jsonl")
    [record] = command(*asked).records()
    assert record["id"] not in before
    assert cloud.exists(record["id"])


@pytest.mark.parametrize("by", ["id", "address"])
def test_an_interface_is_given_the_address_that_is_named(by: str, cloud: Cloud, command: Command) -> None:
    wanted = cloud.sandbox.store.get(cloud.free)
    assert wanted is not None
    [record] = command("nics", "allocate", cloud.interface, "--address", getattr(wanted, by), "-o", "jsonl").records()
    assert record["id"] == cloud.free
    assert [record] == command("ips", "get", cloud.free, "-o", "jsonl").records()  # an interface has less of it
    assert None not in (record["address_with_mask"], record["reverse_dns"], record["network"])


@pytest.mark.parametrize("group", ["nics", "ips"])
def test_an_address_is_taken_away_from_what_holds_it(group: str, cloud: Cloud, command: Command) -> None:
    [record] = command(group, "unallocate", cloud.address, "-o", "jsonl").records()
    assert record == {"ip_address": str(ipaddress.ip_address(cloud.address)), "status": "unallocated"}
    found = cloud.sandbox.store.get(cloud.held)
    assert found is not None
    assert found.free


def test_a_new_address_is_made_for_the_only_organization(cloud: Cloud, command: Command) -> None:
    network = cloud.sandbox.store.networks[0].permalink
    asked = ("ips", "create", "--network", network, "--address-version", "ipv4", "--vip", "--label", "web")
    [record] = command(*asked, "-o", "jsonl").records()
    assert (record["vip"], record["label"], record["allocation_id"]) == (True, "web", None)
    assert cloud.exists(record["id"])


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (("--vip", "--label", "web"), {"vip": True, "label": "web"}),
        (("--label", "web"), {"label": "web"}),
        (("--no-vip",), {"vip": False}),
        (("--no-label",), {"label": None}),
        (("--reverse-dns", "mail.example.com"), {"reverse_dns": "mail.example.com"}),
        (("--no-reverse-dns",), {"reverse_dns": None}),
    ],
)
def test_only_what_is_named_is_changed(
    options: tuple[str, ...], changed: dict[str, object], cloud: Cloud, command: Command
) -> None:
    shown = json.loads(command("ips", "update", cloud.held, *options, "--dry-run", "-o", "json").out)
    assert shown["body"] == {"ip_address": {"id": cloud.held}, **changed}
    assert command("ips", "update", cloud.held, *options).code in {0, 1}  # a label may need a virtual IP


def test_what_katapult_has_against_a_value_is_told(cloud: Cloud, command: Command) -> None:
    result = command("ips", "update", cloud.held, "--vip")
    assert result.code == 1
    assert result.err.endswith(": Label can't be blank\n")


def test_yes_deletes_without_a_question(cloud: Cloud, command: Command) -> None:
    [record] = command("ips", "delete", cloud.held, "--yes", "-o", "jsonl").records()
    assert record == {"ip_address": cloud.held, "status": "deleted"}
    assert not cloud.exists(cloud.held)
    assert [each.method for each in cloud.sandbox.request_log] == ["DELETE"]


class Healing(io.StringIO):
    """A standard error that ends the faults of a sandbox as soon as a second try is told."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def write(self, text: str) -> int:
        if text.startswith("trying again"):
            self._sandbox.faults = Faults()
        return super().write(text)


def test_an_address_whose_deletion_lost_its_answer_is_deleted(cloud: Cloud, command: Command) -> None:
    cloud.sandbox.faults = Faults(lost_response=1.0)
    result = command("ips", "delete", cloud.held, "--yes", "-o", "jsonl", stderr=Healing(cloud.sandbox))
    assert [each.status for each in cloud.sandbox.request_log] == [0, 404]
    assert (result.code, result.records()) == (0, [{"ip_address": cloud.held, "status": "deleted"}])


def test_an_address_that_was_not_there_before_a_second_try_either_is_not_found(cloud: Cloud, command: Command) -> None:
    cloud.sandbox.fail_next(code="object_storage_provisioning_error", status=422)
    result = command("ips", "delete", "ip_nowhere", "--yes")
    assert [each.status for each in cloud.sandbox.request_log] == [422, 404]
    assert (result.code, result.out) == (4, "")


def test_without_a_terminal_nothing_is_deleted_unless_yes(cloud: Cloud, command: Command) -> None:
    result = command("ips", "delete", cloud.held, stdin=b"y\n")
    assert (result.code, result.out, list(cloud.sandbox.request_log)) == (2, "", [])
    assert result.err.startswith("error: there is no terminal to ask whether to do it: add --yes")


@pytest.mark.parametrize(
    ("typed", "code"), [("y\n", 0), (" YES \n", 0), ("n\n", 1), ("\n", 1), ("", 1), ("yellow\n", 1)]
)
def test_only_yes_means_yes(
    typed: str, code: int, cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "sys", type("", (), {"stdin": Terminal(typed)}))
    result = command("ips", "delete", cloud.address)
    assert result.code == code
    assert result.err.startswith(f"Delete IP address {cloud.address} ({cloud.held})? [y/N] ")
    assert cloud.exists(cloud.held) is bool(code)
    assert ("nothing was done" in result.err) is bool(code)


def test_ctrl_c_is_an_answer_too(cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(confirmation, "sys", type("", (), {"stdin": Interrupted()}))
    assert command("ips", "delete", cloud.held).code == 130
    assert cloud.changes() == []


def test_an_address_that_is_not_there_is_not_asked_about(
    cloud: Cloud, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "sys", type("", (), {"stdin": Terminal("y\n")}))
    result = command("ips", "delete", "203.0.113.254")
    assert (result.code, result.out, cloud.changes()) == (4, "", [])
    assert "Delete" not in result.err


def test_on_a_real_terminal_the_question_comes_before_the_deletion(cloud: Cloud) -> None:
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "katapult_async", "ips", "delete", cloud.address, "-o", "jsonl"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as started:
            assert started.stderr is not None
            asked = started.stderr.read(len(f"Delete IP address {cloud.address}"))
            assert (asked.decode(), cloud.changes()) == (f"Delete IP address {cloud.address}", [])
            os.write(ours, b"y\n")
            out, _ = started.communicate()
    finally:
        os.close(ours)
        os.close(theirs)
    assert (started.returncode, json.loads(out)["status"]) == (0, "deleted")
    assert not cloud.exists(cloud.held)


@pytest.mark.parametrize(
    ("line", "method", "path"),
    [
        ("nics allocate {interface} --address-version {version}", "POST", "allocate_ip"),
        ("nics allocate {interface} --address-version {version} --new", "POST", "allocate_new_ip"),
        ("nics allocate {interface} --address {free}", "POST", "allocate_ip"),
        ("nics unallocate {held}", "POST", "unallocate"),
        ("ips create --network gb-london-1 --address-version ipv6", "POST", "/ip_addresses"),
        ("ips update {address} --no-label", "PATCH", "ip_address"),
        ("ips unallocate {address}", "POST", "unallocate"),
        ("ips delete {held}", "DELETE", "{held}"),
    ],
)
def test_a_dry_run_shows_what_would_change_something_and_sends_none_of_it(
    line: str, method: str, path: str, cloud: Cloud, command: Command
) -> None:
    names = {
        name: str(value) for name, value in attrs.asdict(cloud, filter=lambda field, _: field.name != "sandbox").items()
    }
    result = command(*line.format(**names).split(), "--dry-run", "-o", "json")
    assert (result.code, result.err) == (0, "dry run: this was not sent\n")
    shown = json.loads(result.out)
    assert list(shown) == ["method", "path", "body"]
    assert shown["method"] == method
    assert shown["path"].endswith(path.format(**names))
    assert (shown["body"] is None) is (method == "DELETE")
    assert cloud.changes() == []


def test_a_dry_run_is_shown_to_people_as_a_sheet_whatever_fields_are_named(cloud: Cloud, command: Command) -> None:
    result = command("ips", "update", cloud.held, "--no-label", "--fields", "address", "--dry-run")
    assert result.out.splitlines() == [
        "method   PATCH",
        "path     /ip_addresses/ip_address",
        f'body     {{"ip_address": {{"id": "{cloud.held}"}}, "label": null}}',
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ips update ip_1", "there is nothing to change"),
        ("ips update ip_1 --label a --no-label", "give --label or --no-label, not both"),
        ("ips update ip_1 --reverse-dns a --no-reverse-dns", "give --reverse-dns or --no-reverse-dns, not both"),
        ("nics allocate vmnet_1", "give --address-version, or --address"),
        ("nics allocate vmnet_1 --address ip_1 --address-version ipv4", "give --address-version, or --address"),
        ("nics allocate vmnet_1 --address ip_1 --new", "give --address or --new, not both"),
        ("nics allocate vmnet_1 --address-version ipv5", "'ipv5' is not one of 'ipv4', 'ipv6'"),
        ("ips create --address-version ipv4", "Missing option '--network'"),
    ],
)
def test_a_contradiction_is_told_and_nothing_is_sent(line: str, said: str, cloud: Cloud, command: Command) -> None:
    result = command(*line.split())
    assert (result.code, result.out, list(cloud.sandbox.request_log)) == (2, "", [])
    assert said in result.err
