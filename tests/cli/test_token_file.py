"""The token from a file: read, checked, and shown to nobody."""

import codecs
import os
from pathlib import Path

import pytest

from katapult_async.cli import token_file
from katapult_async.sandbox import Sandbox
from tests.cli.conftest import Command


@pytest.fixture
def token(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that is in no environment; `command` looks for that of the environment in all output."""
    token = os.environ["KATAPULT_API_KEY"]
    monkeypatch.setenv("KATAPULT_API_KEY", sandbox.issue_token(scopes=()))
    return token


@pytest.fixture
def file(token: str, tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{token}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


ASKING = [["orgs", "list"], ["available-ips", "--all"]]


@pytest.mark.parametrize("words", ASKING)
def test_the_token_of_a_file_takes_the_place_of_the_environments(
    words: list[str], file: Path, token: str, command: Command
) -> None:
    result = command(*words, "--token-file", str(file), "-o", "json")
    assert result.code == 0
    assert "warning" not in result.err
    assert token not in result.out + result.err


@pytest.mark.parametrize("words", ASKING)
def test_the_token_of_standard_input_too(words: list[str], token: str, command: Command) -> None:
    assert command(*words, "--token-file", "-", stdin=f"{token}\n".encode()).code == 0


def test_a_byte_order_mark_is_no_part_of_the_token(file: Path, command: Command) -> None:
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert command("orgs", "list", "--token-file", str(file)).code == 0


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_warned_of(mode: int, file: Path, command: Command) -> None:
    file.chmod(mode)
    result = command("orgs", "list", "--token-file", str(file))
    assert (result.code, result.err) == (0, f"warning: others can read the token in {file}: chmod 600 it\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" \n", "{file}: the token is empty"),
        (b"two words", "{file}: the token must be printable ASCII without spaces inside"),
        (b"s3cret\nof two lines\n", "{file}: the token must be printable ASCII without spaces inside"),
        (b"s3cret\xff", "{file}: the token cannot be read: it is no text"),
    ],
)
def test_what_is_no_token_is_told_and_not_quoted(content: bytes, said: str, file: Path, command: Command) -> None:
    file.write_bytes(content)
    result = command("orgs", "list", "--token-file", str(file))
    assert (result.code, result.out) == (2, "")
    assert said.format(file=file) in result.err
    assert "words" not in result.err
    assert "s3cret" not in result.err


@pytest.mark.parametrize(
    ("variables", "option", "named"),
    [
        (["KATAPULT_API_KEY", "KATAPULT_API_TOKEN"], False, "KATAPULT_API_KEY"),
        (["KATAPULT_API_TOKEN"], False, "KATAPULT_API_TOKEN"),
        (["KATAPULT_API_KEY"], True, "--token-file"),
        ([], True, "--token-file"),
    ],
)
@pytest.mark.parametrize("line", ["orgs list", "available-ips --all", "available-ips vmnet_1 --address-version ipv4"])
def test_an_error_says_where_a_token_comes_from_that_is_not_accepted(
    line: str,
    variables: list[str],
    *,
    option: bool,
    named: str,
    file: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file.write_text("wr0ng")
    monkeypatch.delenv("KATAPULT_API_KEY", raising=False)
    for name in variables:
        monkeypatch.setenv(name, "wr0ng")
    result = command(*line.split(), *(["--token-file", str(file)] if option else []))
    [told] = result.err.splitlines()
    assert result.code == 3
    assert told.endswith(f"(the token is that of {named})")
    assert "wr0ng" not in result.out + result.err


def test_a_file_that_is_not_there_is_told(tmp_path: Path, command: Command) -> None:
    result = command("orgs", "list", "--token-file", str(tmp_path / "nowhere"))
    assert result.code == 2
    assert "does not exist" in result.err


def test_a_closed_standard_input_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_file, "sys", type("", (), {"stdin": None}))
    result = command("orgs", "list", "--token-file", "-")
    assert result.code == 2
    assert result.err.startswith("error: standard input: the token cannot be read: it is closed")


def test_a_file_that_cannot_be_read_is_told(command: Command) -> None:
    result = command("orgs", "list", "--token-file", "/proc/self/mem")
    assert result.code == 2
    assert "/proc/self/mem: the token cannot be read: Input/output error" in result.err
