"""``--token-command``, ``--debug`` and ``--quiet``, which every command that sends requests has."""

import logging
import os
import shlex
import sys

import click
import pytest

from katapult_async.cli import token_input
from katapult_async.sandbox import Sandbox
from tests.cli import help_pages
from tests.cli.conftest import Command, Terminal

COMMANDS = [("orgs", "list"), ("available-ips", "--all"), ("api", "GET", "/organizations")]


def python(code: str) -> str:
    """Return a command line that runs Python code."""
    return shlex.join([sys.executable, "-c", code])


@pytest.mark.parametrize("words", COMMANDS)
def test_token_is_taken_from_the_output_of_a_command(words: tuple[str, ...], token: str, command: Command) -> None:
    result = command(*words, "--token-command", python(f"print({token!r})"))
    assert result.code == 0
    assert token not in result.out + result.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no-such-program show", "no-such-program: the token cannot be read: No such file or directory"),
        (
            python("raise SystemExit(3)"),
            f"{sys.executable}: the token cannot be read: the command ended with exit code 3",
        ),
        (python("print('x' * 20_000)"), f"{sys.executable}: the token cannot be read: it has more than 10000 bytes"),
        ("yes", "yes: the token cannot be read: it has more than 10000 bytes"),
        (python("print()"), f"{sys.executable}: the token is empty"),
        ("  ", "--token-command is empty"),
        ("pass 'katapult", "--token-command: No closing quotation"),
    ],
)
def test_token_command_that_gives_no_token_is_one_error_line(
    line: str, message: str, sandbox: Sandbox, command: Command
) -> None:
    before = sandbox.requests
    result = command("orgs", "list", "--token-command", line)
    assert (result.code, result.out, sandbox.requests) == (2, "", before)
    assert result.err.startswith(f"error: {message} (see ")


@pytest.mark.parametrize("script", ["sleep 60", "exec >&-; sleep 60", "sleep 2 & exec sleep 60"])
def test_token_command_that_does_not_end_in_time_is_an_error(
    script: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_input, "_COMMAND_TIMEOUT", 0.2)
    result = command("orgs", "list", "--token-command", shlex.join(["sh", "-c", script]))
    assert result.code == 2
    assert result.err.startswith("error: sh: the token cannot be read: the command did not end within 0.2 s (see ")


def test_two_sources_of_the_token_are_an_error(token: str, command: Command) -> None:
    result = command("orgs", "list", "--token-file", "-", "--token-command", "echo x", stdin=token.encode())
    assert result.code == 2
    assert "give --token-file or --token-command, not both" in result.err


def test_debug_shows_requests_and_no_token(sandbox: Sandbox, command: Command) -> None:
    token = os.environ["KATAPULT_API_KEY"]
    result = command("orgs", "list", "--debug", "-o", "json")
    assert "debug: GET /organizations: 200\n" in result.err
    assert token not in result.err
    assert logging.getLogger("katapult_async").handlers == []
    assert sandbox.requests


def test_debug_messages_end_with_the_command(sandbox: Sandbox, command: Command) -> None:
    assert "debug: " in command("orgs", "list", "--debug").err
    assert command("orgs", "list").err == ""
    assert sandbox.requests


@pytest.mark.parametrize("words", [("orgs", "list", "--sandbox"), ("available-ips", "--all", "--sandbox")])
def test_option_quiet_shows_only_the_data(words: tuple[str, ...], command: Command) -> None:
    loud, quiet = command(*words), command(*words, "--quiet", stderr=Terminal())
    assert "sandbox: " in loud.err
    assert (quiet.code, quiet.err, quiet.out) == (0, "", loud.out)


def test_option_quiet_shows_errors(sandbox: Sandbox, command: Command) -> None:
    result = command("vms", "get", "web-9.nowhere.example", "-q")
    assert result.code == 4
    assert result.err.startswith("error: no such virtual machine: web-9.nowhere.example; did you mean ")
    assert sandbox.requests


def test_standard_input_cannot_be_the_token_and_the_input_of_another_option(command: Command) -> None:
    options = {
        option.opts[-1]
        for described in help_pages.COMMANDS.values()
        for option in described.params
        if isinstance(option.type, click.Path) and option.type.exists and option.name != "token_file"
    }
    lines = {"--body": ("api", "POST", "/x"), "--file": ("available-ips",)}
    assert options == lines.keys()
    for option, words in lines.items():
        result = command(*words, option, "-", "--token-file", "-", stdin=b"token")
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"error: {option} and --token-file read the same input")
