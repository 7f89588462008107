"""How a short command ends when its output, or its time, is taken away."""

import errno
import io
import os
import signal
import sys
from typing import Final

import pytest

from katapult_async.cli.main import run
from tests.cli.conftest import Command, Tripwire

ASKING: Final = [
    ["orgs", "list"],
    ["orgs", "list", "-o", "jsonl"],
    ["orgs", "get", "larch"],
    ["available-ips", "--all"],
]


class Broken(io.StringIO):
    """A stream on which every write fails."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, _text: str) -> int:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("words", ASKING)
def test_an_output_that_cannot_be_written_is_one_line(words: list[str], command: Command) -> None:
    result = command(*words, stdout=Broken(errno.ENOSPC))
    assert result.code == 1
    assert result.err.splitlines()[-1] == "error: the output cannot be written: No space left on device"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("words", ASKING)
def test_a_reader_that_has_gone_away_is_no_reason_to_complain(words: list[str], command: Command) -> None:
    result = command(*words, stdout=Broken(errno.EPIPE))
    assert result.code == 1
    assert "error" not in result.err


@pytest.mark.usefixtures("sandbox")
def test_a_closed_standard_output_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert run(["orgs", "list"]) == 1
    assert capsys.readouterr().err == "error: the output cannot be written: standard output is closed\n"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("sends", "code", "said"), [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "terminated\n")]
)
def test_a_signal_ends_a_list_between_two_whole_records(
    sends: signal.Signals, code: int, said: str, command: Command
) -> None:
    asked = ("ips", "list", "--organization", "larch", "-o", "csv", "--fields", "id")
    result = command(*asked, stdout=Tripwire("ip_", times=3, sends=sends))
    assert (result.code, result.err) == (code, said)
    assert result.out.startswith("id\nip_")
    assert result.out.endswith("\n")
