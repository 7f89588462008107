"""The token from a file or from a command: read, checked, and never shown."""

import codecs
import sys
from pathlib import Path

import pytest

from katapult_async.cli import file_descriptor
from katapult_async.cli.token_input import given_token
from tests.cli.conftest import Command


@pytest.fixture
def file(token: str, tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{token}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


LINES = [["orgs", "list"], ["available-ips", "--all"]]


@pytest.mark.parametrize("words", LINES)
def test_token_of_a_file_replaces_the_token_of_the_environment(
    words: list[str], file: Path, token: str, command: Command
) -> None:
    result = command(*words, "--token-file", str(file), "-o", "json")
    assert result.code == 0
    assert "warning" not in result.err
    assert token not in result.out + result.err


@pytest.mark.parametrize("words", LINES)
def test_token_is_read_from_standard_input(words: list[str], token: str, command: Command) -> None:
    assert command(*words, "--token-file", "-", stdin=f"{token}\n".encode()).code == 0


def test_byte_order_mark_is_not_part_of_the_token(file: Path, command: Command) -> None:
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert command("orgs", "list", "--token-file", str(file)).code == 0


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_file_that_others_can_read_causes_a_warning(mode: int, file: Path, command: Command) -> None:
    file.chmod(mode)
    result = command("orgs", "list", "--token-file", str(file))
    assert (result.code, result.err) == (0, f"warning: others can read the token in {file}: use chmod 600\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" \n", "{file}: the token is empty"),
        (b"two words", "{file}: the token must be printable ASCII without spaces inside"),
        (b"s3cret\nof two lines\n", "{file}: the token must be printable ASCII without spaces inside"),
        (b"s3cret\xff", "{file}: the token cannot be read: it is not UTF-8"),
    ],
)
def test_content_that_is_not_a_token_is_refused_and_not_quoted(
    content: bytes, message: str, file: Path, command: Command
) -> None:
    file.write_bytes(content)
    result = command("orgs", "list", "--token-file", str(file))
    assert (result.code, result.out) == (2, "")
    assert message.format(file=file) in result.err
    assert "words" not in result.err
    assert "s3cret" not in result.err


@pytest.mark.parametrize(
    ("variables", "option", "source"),
    [
        (["KATAPULT_API_KEY", "KATAPULT_API_TOKEN"], False, "KATAPULT_API_KEY"),
        (["KATAPULT_API_TOKEN"], False, "KATAPULT_API_TOKEN"),
        (["KATAPULT_API_KEY"], True, "--token-file or --token-command"),
        ([], True, "--token-file or --token-command"),
    ],
)
@pytest.mark.parametrize("line", ["orgs list", "available-ips --all", "available-ips vmnet_1 --address-version ipv4"])
def test_error_names_the_source_of_a_token_that_is_not_accepted(
    line: str,
    variables: list[str],
    *,
    option: bool,
    source: str,
    file: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file.write_text("wr0ng")
    monkeypatch.delenv("KATAPULT_API_KEY", raising=False)
    for name in variables:
        monkeypatch.setenv(name, "wr0ng")
    result = command(*line.split(), *(["--token-file", str(file)] if option else []))
    [message] = result.err.splitlines()
    assert result.code == 3
    assert message.endswith(f"; the token comes from {source}")
    assert "wr0ng" not in result.out + result.err


@pytest.mark.parametrize(
    ("platform", "program", "line"),
    [
        ("linux", "pass it", "'{}' tok-1 | grep"),
        # Windows itself divides the line; a backslash belongs to a path
        ("win32", "tools\\pass.exe tok-1 | grep", "{}"),
    ],
)
def test_token_command_has_the_syntax_of_the_operating_system(
    platform: str, program: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / program
    path.write_text("#!/bin/sh\necho ${1:-tok-1}\n", encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "platform", platform)
    assert given_token(file=None, command=line.format(path)) == "tok-1"


def test_missing_file_is_an_error(tmp_path: Path, command: Command) -> None:
    result = command("orgs", "list", "--token-file", str(tmp_path / "nowhere"))
    assert result.code == 2
    assert "does not exist" in result.err


def test_closed_standard_input_is_an_error(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_descriptor, "sys", type("", (), {"stdin": None, "platform": sys.platform}))
    result = command("orgs", "list", "--token-file", "-")
    assert result.code == 2
    assert result.err.startswith("error: standard input: the token cannot be read: it is closed")


def test_unreadable_file_is_an_error(command: Command) -> None:
    result = command("orgs", "list", "--token-file", "/proc/self/mem")
    assert result.code == 2
    assert "/proc/self/mem: the token cannot be read: Input/output error" in result.err


@pytest.mark.parametrize("source", ["file", "standard input"])
@pytest.mark.parametrize("size", [10_001, 100_000])
def test_file_over_10_kb_is_refused(source: str, size: int, file: Path, token: str, command: Command) -> None:
    """If only the first 10,000 bytes were read, a part of the token would be sent to the server."""
    content = f"{token}\n{' ' * size}".encode()[:size]
    file.write_bytes(content)
    result = command("orgs", "list", "--token-file", str(file) if source == "file" else "-", stdin=content)
    assert (result.code, result.out) == (2, "")
    name = file if source == "file" else "standard input"
    assert result.err.startswith(f"error: {name}: the token cannot be read: it has more than 10000 bytes (see ")


def test_file_of_10_kb_is_read(file: Path, token: str, command: Command) -> None:
    file.write_bytes(token.ljust(10_000).encode())
    assert command("orgs", "list", "--token-file", str(file)).code == 0
