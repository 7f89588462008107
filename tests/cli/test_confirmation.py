"""The confirmation before something is deleted or detached, and the commands that need none."""

import json
import os
import pty
import signal

import pytest

from katapult_async.cli.signals import SignalError
from katapult_async.sandbox.kinds import Object
from katapult_async.sandbox.models import Disk, FileStorageVolume, VirtualMachine
from tests.cli.conftest import Command, Objects, Terminal, process, set_stdin
from tests.cli.help_pages import help_page


def test_option_yes_deletes_without_a_confirmation(objects: Objects, command: Command) -> None:
    [record] = command("ips", "delete", objects.allocated, "--yes", "-o", "jsonl").records()
    assert record == {"ip_address": objects.allocated, "status": "deleted"}
    assert not objects.exists(objects.allocated)
    assert [request.method for request in objects.sandbox.request_log] == ["DELETE"]


def test_deletion_without_a_terminal_needs_the_option_yes(objects: Objects, command: Command) -> None:
    result = command("ips", "delete", objects.allocated, stdin=b"y\n")
    assert (result.code, result.out, list(objects.sandbox.request_log)) == (2, "", [])
    assert result.err.startswith("error: standard input is not a terminal, so no confirmation is possible: use --yes")


@pytest.mark.parametrize(
    ("typed", "code"), [("y\n", 0), (" YES \n", 0), ("n\n", 1), ("\n", 1), ("", 1), ("yellow\n", 1)]
)
def test_object_is_deleted_only_if_the_user_types_yes(
    typed: str, code: int, objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, Terminal(typed))
    result = command("ips", "delete", objects.address)
    assert result.code == code
    assert result.err.startswith(
        f"Delete IP address {objects.address} ({objects.allocated}), which is allocated to virtual machine "
    )
    was_deleted = code == 0
    assert objects.exists(objects.allocated) is not was_deleted
    assert ("nothing was done" in result.err) is not was_deleted
    assert ("[y/N] \n" in result.err) is (typed == "")  # the end of the input: the terminal shows no line end


def test_command_with_a_confirmation_announces_the_sandbox_once(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, Terminal("y\n"))
    result = command("ips", "delete", "10.0.0.57", "--sandbox")
    assert (result.code, result.err.count("sandbox: ")) == (0, 1)


@pytest.mark.parametrize(("options", "end"), [([], "interrupted\n"), (["--quiet"], "")])
def test_ctrl_c_at_the_confirmation_deletes_nothing(
    options: list[str], end: str, objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            raise SignalError(signal.SIGINT)

    set_stdin(monkeypatch, Interrupted())
    result = command("ips", "delete", objects.allocated, *options)
    assert (result.code, objects.mutations()) == (130, [])
    assert result.err.endswith(f"? [y/N] \n{end}")


def test_typed_bytes_that_are_not_ascii_are_not_a_confirmation(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal in Latin-1 sends this byte for an é, although the locale is UTF-8."""
    controller, terminal = pty.openpty()
    os.write(controller, b"\xe9\n")
    with open(terminal, encoding="utf-8") as stdin:  # noqa: PTH123 # a descriptor
        set_stdin(monkeypatch, stdin)
        result = command("ips", "delete", objects.allocated)
    os.close(controller)
    assert (result.code, objects.mutations()) == (1, [])
    assert result.err.endswith("? [y/N] nothing was done\n")


def test_deletion_of_a_missing_address_fails_before_the_confirmation(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, Terminal("y\n"))
    result = command("ips", "delete", "203.0.113.254")
    assert (result.code, result.out, objects.mutations()) == (4, "", [])
    assert "Delete" not in result.err


@pytest.mark.slow
@pytest.mark.parametrize("blocking", [True, False])
def test_confirmation_on_a_real_terminal_comes_before_the_deletion(objects: Objects, *, blocking: bool) -> None:
    controller, terminal = pty.openpty()
    os.set_blocking(terminal, blocking)
    try:
        with process("ips", "delete", objects.address, "-o", "jsonl", stdin=terminal) as started:
            assert started.stderr is not None
            question = (
                f"Delete IP address {objects.address} ({objects.allocated}), which is allocated to virtual machine "
            )
            assert started.stderr.read(len(question)).decode() == question
            assert objects.mutations() == []
            os.write(controller, b"y\n")
            out, _ = started.communicate(timeout=20)
    finally:
        os.close(controller)
        os.close(terminal)
    assert (started.returncode, json.loads(out)["status"]) == (0, "deleted")
    assert not objects.exists(objects.allocated)


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1)])
def test_detaching_on_a_terminal_needs_a_confirmation_which_names_the_machine(
    typed: str, code: int, objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, Terminal(typed))
    interface = objects.sandbox.store.interfaces[0]
    result = command("nics", "detach", interface.id)
    assert result.code == code
    machine = objects.sandbox.store.get(interface.virtual_machine_id)
    question, _, _ = result.err.partition("? [y/N] ")
    assert interface.id in question
    assert question.endswith(f" of virtual machine {machine.name} ({machine.id})")


def test_detaching_without_a_terminal_needs_no_confirmation(objects: Objects, command: Command) -> None:
    result = command("nics", "detach", objects.sandbox.store.interfaces[0].id)
    assert result.code == 0
    assert "[y/N]" not in result.err


@pytest.mark.parametrize("name", ["stop", "reset"])
def test_stop_and_reset_need_no_confirmation_and_their_help_warns(
    name: str, objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stdin(monkeypatch, Terminal("n\n"))
    result = command("vms", name, objects.sandbox.store.machines[0].id)
    assert (result.code, objects.mutations()) == (0, ["POST"])
    assert "[y/N]" not in result.err
    assert "data that is not yet on its disks is lost" in " ".join(help_page("virtual-machines", name).split())


@pytest.mark.parametrize(
    ("group", "model"), [("vms", VirtualMachine), ("disks", Disk), ("file-storage-volumes", FileStorageVolume)]
)
def test_object_in_the_trash_can_be_purged_on_a_terminal(
    group: str, model: type[Object], objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, identifier = [stored.id for stored in objects.sandbox.store.all(model)]
    assert command(group, "trash", identifier, "--yes").code == 0
    for name in ("trash", "purge"):
        set_stdin(monkeypatch, Terminal("y\n"))
        result = command(group, name, identifier)
        assert result.code == 0
        assert result.err.endswith(f": {name} {identifier}? [y/N] ")


def test_confirmation_of_purging_the_whole_trash_names_the_organization(
    objects: Objects, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("vms", "trash", objects.sandbox.store.machines[0].id, "--yes").code == 0
    set_stdin(monkeypatch, Terminal("y\n"))
    result = command("trash", "purge-all", "--organization", "larch")
    assert (result.code, result.err) == (0, "trash: purge all in organization larch? [y/N] ")


@pytest.mark.usefixtures("objects")
@pytest.mark.parametrize(
    "words", [("dns-zones", "delete", "larch.example"), ("managed-organizations", "delete", "sub")]
)
def test_confirmation_and_record_have_the_name_as_the_user_wrote_it(
    words: tuple[str, ...], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("managed-organizations", "create", "--name", "Sub", "--sub-domain", "sub")
    set_stdin(monkeypatch, Terminal("y\n"))
    result = command(*words, "-o", "jsonl")
    *_, name = words
    assert (result.code, list(result.records()[0].values())) == (0, [name, "deleted"])
    assert name in result.err
    assert "(name" not in result.err + result.out
