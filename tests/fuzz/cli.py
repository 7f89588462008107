"""The command with random arguments, files and terminals. Its requests go over sockets to a sandbox in this process.

Checked: no traceback, no hang, only documented exit codes, no token in the output, only whole records, and exactly one
record for each query.
"""

import contextlib
import functools
import io
import itertools
import json
import math
import os
import pty
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import attrs
import click
from hypothesis import strategies as st

import katapult_async
from katapult_async.cli import main
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import IPAddress
from tests.cli.conftest import listening

from .properties import Property

_SECONDS: Final = 20.0  # for one command, on a busy machine
_MISSING: Final = "vmnet_missing000000000"


@attrs.frozen(kw_only=True)
class Surroundings:
    """The standard streams and the environment of one command."""

    stdin: bytes | None = b""
    """What standard input holds; None if it is closed."""

    stdout: str = "pipe"
    """What standard output is: one of `_OUTPUTS`."""

    stderr: str = "pipe"
    """What standard error is."""

    encoding: str = "utf-8"
    """Encoding of the streams."""

    environ: Mapping[str, str] = attrs.field(factory=dict)
    """Variables besides those of the server and the token."""


@attrs.frozen(kw_only=True)
class Result:
    """How a command ended."""

    code: int
    out: str | None
    """What it wrote to standard output; None if that cannot be read."""

    err: str | None
    """What it wrote to standard error; None if that cannot be read."""


# What runs the command.


class _Server:
    """The sandbox of the commands. After a number of commands it is replaced, because they delete what it has."""

    def __init__(self, *, most_commands: float = math.inf) -> None:
        self._most_commands = most_commands
        self._commands = 0
        self._stack = contextlib.ExitStack()
        self._sandbox: Sandbox | None = None

    @property
    def sandbox(self) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = self._stack.enter_context(
                listening(Sandbox(machines=3, interfaces=5, permitted=1_000_000, task_duration=0.05))
            )
        return self._sandbox

    def count_command(self) -> None:
        self._commands += 1
        if self._commands > self._most_commands:
            self._stack.close()
            self._commands, self._sandbox = 0, None


_CHANGED: Final = _Server(most_commands=300)
"""The sandbox of random commands, which change it."""

_UNCHANGED: Final = _Server()
"""The sandbox of commands that change nothing."""


def _drain(descriptor: int, collected: bytearray, most: int | None) -> None:
    """Read a pipe or terminal to its end, or some bytes of it, and close it."""
    with contextlib.suppress(OSError):  # Linux raises EIO at the end of a terminal
        while most is None or len(collected) < most:
            chunk = os.read(descriptor, 4096)
            if not chunk:
                break
            collected += chunk
    os.close(descriptor)


class _Output:
    """A standard stream that a command writes to."""

    def __init__(self, kind: str, encoding: str) -> None:
        self.stream: TextIO | None = None
        self._collected = bytearray()
        self._thread: threading.Thread | None = None
        self.is_whole = kind in {"pipe", "terminal", "non-blocking"}
        match kind:
            case "none":
                return
            case "full":
                reader, writer = os.open(os.devnull, os.O_RDONLY), os.open("/dev/full", os.O_WRONLY)
            case "terminal":
                reader, writer = pty.openpty()
            case _:
                reader, writer = os.pipe()
        os.set_blocking(writer, kind != "non-blocking")
        self.stream = io.TextIOWrapper(io.BufferedWriter(io.FileIO(writer, "w")), encoding=encoding)
        most = {"broken": 0, "breaks": 500}.get(kind)
        self._thread = threading.Thread(target=_drain, args=(reader, self._collected, most))
        self._thread.start()

    def text(self, encoding: str) -> str | None:
        """Close the stream, and return what was written if all of it was read."""
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream.close()
        if self._thread is not None:
            self._thread.join()
        return self._collected.decode(encoding).replace("\r\n", "\n") if self.is_whole else None


@contextlib.contextmanager
def _standard_input(content: bytes | None) -> Iterator[TextIO | None]:
    if content is None:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        with io.TextIOWrapper(io.BufferedReader(io.FileIO(os.dup(file.fileno()))), errors="surrogateescape") as stream:
            yield stream


@contextlib.contextmanager
def _environment(environ: Mapping[str, str], sandbox: Sandbox) -> Iterator[None]:
    before = dict(os.environ)
    inherited = {name: value for name, value in before.items() if name in {"PATH", "HOME", "LANG"}}
    os.environ.clear()
    os.environ.update(
        inherited | {"KATAPULT_API_URL": sandbox.base_url, "KATAPULT_API_KEY": sandbox.token} | dict(environ)
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _directory(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Change to a new directory with some files."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for file, content in files.items():
            (directory / file).write_bytes(content)
        (directory / "directory").mkdir()
        (directory / "loop").symlink_to("loop")
        os.chdir(directory)
        try:
            yield directory
        finally:
            os.chdir(before)


def run(arguments: Sequence[str], surroundings: Surroundings, sandbox: Sandbox) -> Result:
    """Run a command in this process, with streams that are real files, and check what holds for all commands."""
    encoding = surroundings.encoding
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = _Output(surroundings.stdout, encoding), _Output(surroundings.stderr, encoding)
    began_at = time.monotonic()
    try:
        with _environment(surroundings.environ, sandbox), _standard_input(surroundings.stdin) as stdin:
            sys.stdin, sys.stdout, sys.stderr = stdin, out.stream, err.stream  # None: it is closed
            code = main.run(arguments)
    except SystemExit as end:  # click raises it if the reader of a help text has exited
        code = int(end.code or 0)
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        out_text, err_text = out.text(encoding), err.text(encoding)
    assert time.monotonic() - began_at < _SECONDS
    assert code in list(ExitCode)
    for text in (out_text, err_text):
        assert text is None or (sandbox.token not in text and "Traceback" not in text)
    if code not in {ExitCode.OK, ExitCode.PARTIAL} and err_text is not None and out.is_whole:
        assert err_text, "an exit code without a message"
    return Result(code=code, out=out_text, err=err_text)


# Random arguments.

_TEXTS: Final = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), max_size=12)
_HOSTILE: Final = (
    *("", "-", "--", "@", "=", "a=b", "a=b=c", "[]", "{}", "null", '{"a": [1]}', "[[[", "0", "-1", "1e400", "nan"),
    *(
        "9" * 30,
        "\udcff\udc80",
        "\x1b[31mred",
        "a\nb",
        "a\rb",
        "\u202e",
        "é" * 300,
        "x" * 5000,
        "--help",
        "-o",
        "..",
        ".",
    ),
    *("name=", "id=x", "0.0.0.0/0", "::1", "2024-02-30", "2024-02-28T10:00:00Z", "true", "no", "@missing", "@ids"),
)
_LINES: Final = _TEXTS.map("{}\n".format)
_FILES: Final = ("ids", "token", "answers.jsonl", "new.jsonl", "directory", "loop", "missing/file", "-", "/dev/null")
_TOKEN_COMMANDS: Final = ("echo token", "false", "missing-program", "'", "", "cat token", "printf ''", "directory")


@functools.cache
def _commands() -> Mapping[tuple[str, ...], tuple[click.Parameter, ...]]:
    """Return the parameters of every command that ends by itself."""

    def walk(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...]]]:
        yield path, tuple(command.params)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                _, inner, _ = command.resolve_command(context, [name])
                assert inner is not None
                assert inner.params or isinstance(inner, click.Group)
                yield from walk((*path, name), inner)

    names = [name for name in main.COMMANDS if name != "sandbox"]
    return dict(itertools.chain.from_iterable(walk((name,), main.katapult_async.load(name)) for name in names))


def _known_values() -> list[str]:
    """Return ids and names that exist."""
    store = _CHANGED.sandbox.store
    return [
        *(interface.id for interface in store.interfaces[:3]),
        *(address.id for address in store.all(IPAddress)[:3]),
        *(machine.name for machine in store.machines[:3]),
    ]


def _values(parameter: click.Parameter) -> st.SearchStrategy[str]:
    """Return values for a parameter: valid ones of its type, and any others."""
    any_value = st.sampled_from(_HOSTILE) | _TEXTS
    if parameter.name == "token_command":
        return st.sampled_from(_TOKEN_COMMANDS)  # the value is run as a command
    match parameter.type:
        case click.Choice(choices=choices):
            return st.sampled_from([str(choice) for choice in choices]) | any_value
        case click.Path():
            return st.sampled_from(_FILES) | _TEXTS
        case click.types.IntParamType() | click.types.FloatParamType():
            return st.sampled_from(["1", "5", "100"]) | any_value
    if type(parameter.type).__name__ == "Seconds":
        return st.sampled_from(["0.2", "1", "0.001", "1e10"]) | any_value
    known = {
        "output_format": ["table", "csv", "json", "jsonl", "yaml", "ids", "x.csv"],
        "fields": ["id", "name", "id,name", "id,id", "network.name", "x.y", ","],
        "sort": ["id", "-id", "name", "-", "x"],
        "path": ["/organizations", "organizations", "http://127.0.0.1:1/x", "//x", "/../x", "?x"],
    }.get(str(parameter.name))
    return any_value | (st.sampled_from(known) if known else st.deferred(lambda: st.sampled_from(_known_values())))


@st.composite
def _command_lines(draw: st.DrawFn) -> list[str]:
    """Return the arguments of a command: some of its options, and sometimes one more word."""
    path = draw(st.sampled_from(list(_commands())))
    line = list(path)
    for parameter in draw(st.lists(st.sampled_from(_commands()[path] or [click.Option(["--help"])]), max_size=5)):
        is_flag = isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count)
        if isinstance(parameter, click.Option):
            line.append(draw(st.sampled_from([*parameter.opts, *parameter.secondary_opts])))
        if not is_flag:
            line.append(draw(_values(parameter)))
    arguments = [parameter for parameter in _commands()[path] if isinstance(parameter, click.Argument)]
    line += [draw(_values(argument)) for argument in arguments if draw(st.integers(0, 9))]
    return line if draw(st.integers(0, 9)) else [*line, draw(st.sampled_from(_HOSTILE) | _TEXTS)]


_OUTPUTS: Final = ("pipe", "pipe", "pipe", "terminal", "terminal", "non-blocking", "broken", "breaks", "full", "none")
"""Kinds of streams, the usual ones more often. ``broken``: a pipe whose reader has closed it; ``breaks``: its reader
closes it after 500 bytes; ``full``: a full disk; ``none``: a closed stream."""

_VARIABLES: Final = st.fixed_dictionaries(
    {},
    optional={
        "COLUMNS": st.sampled_from(["1", "5", "40", "1000", "x", "-3", ""]),
        "TERM": st.sampled_from(["dumb", "xterm-256color", "", "unknown"]),
        "NO_COLOR": st.just("1"),
        "FORCE_COLOR": st.just("1"),
        "KATAPULT_ORGANIZATION": st.sampled_from(["", "x", "org_missing0000000", "\x1b"]),
        "KATAPULT_API_KEY": st.sampled_from(["", "two words", "other-token", "é"]),
        # Only invalid URLs: an empty one means Katapult itself, and a job takes minutes if no server listens.
        "KATAPULT_API_URL": st.sampled_from(["x", "http://", "ftp://x", "http://[::1"]),
    },
)
_SURROUNDINGS: Final = st.builds(
    Surroundings,
    stdin=st.none()
    | st.sampled_from([b"", b"y\n", b"n\n", b"\xff\0", b"vmnet_x\n" * 3, b"{}"])
    | st.binary(max_size=20),
    stdout=st.sampled_from(_OUTPUTS),
    stderr=st.sampled_from(_OUTPUTS),
    encoding=st.sampled_from(["utf-8", "utf-8", "ascii", "cp1252", "latin-1"]),
    environ=st.just({}) | _VARIABLES,
)


def _check_line(case: tuple[list[str], Surroundings]) -> None:
    """Any command line, on any streams, ends with a documented exit code and a message; JSON is complete."""
    arguments, surroundings = case
    with _directory({"ids": _MISSING.encode(), "token": _CHANGED.sandbox.token.encode(), "answers.jsonl": b"{}\n"}):
        result = run(arguments, surroundings, _CHANGED.sandbox)
    _CHANGED.count_command()
    if result.code != ExitCode.OK or not result.out or {"-h", "--help", "--dry-run"} & set(arguments):
        return
    match _format(arguments):
        case "json":
            json.loads(result.out)
        case "jsonl":
            for line in result.out.splitlines():
                json.loads(line)


def _format(arguments: Sequence[str]) -> str | None:
    """Return the output format of a command line that names exactly one."""
    formats = [value for option, value in itertools.pairwise(arguments) if option in {"-o", "--output-format"}]
    return formats[0] if len(formats) == 1 else None


# Random files.

_JOB: Final = ("available-ips", "--address-version", "ipv4")
_PIECES: Final = ("\n", "\r\n", "# comment\n", "  \n", "\ufeff", "x\n", "\x1b[0m\n", "é\n", "vmnet_" + "0" * 300 + "\n")


@functools.cache
def _complete_job() -> tuple[tuple[str, ...], bytes]:
    """Return the ids of the sandbox's interfaces, and the output file of a complete job."""
    ids = tuple(interface.id for interface in _UNCHANGED.sandbox.store.interfaces)
    with _directory({}) as directory:
        result = run([*_JOB, *ids, "--output", "answers.jsonl"], Surroundings(), _UNCHANGED.sandbox)
        assert result.code == ExitCode.OK, result
        return ids, (directory / "answers.jsonl").read_bytes()


def _check_resumed(case: tuple[int, bytes]) -> None:
    """A file that was cut anywhere, and has any bytes after the cut, is completed, or refused and not changed."""
    cut, tail = case
    ids, whole = _complete_job()
    content = whole[: cut % (len(whole) + 1)] + tail
    with _directory({"answers.jsonl": content}) as directory:
        result = run([*_JOB, *ids, "--output", "answers.jsonl", "--resume"], Surroundings(), _UNCHANGED.sandbox)
        written = (directory / "answers.jsonl").read_bytes()
    if not tail.strip(b"\0"):
        assert result.code == ExitCode.OK, result
    if result.code == ExitCode.OK:
        assert sorted(written.splitlines()) == sorted(whole.splitlines())
    else:
        assert written == content


def _check_ids(case: tuple[list[tuple[str, int]], bytes, Surroundings]) -> None:
    """Each id of a file has exactly one record, whatever other lines the file has."""
    pieces, end, surroundings = case
    ids, _ = _complete_job()
    wanted = {ids[number % len(ids)] for piece, number in pieces if not piece}
    content = "".join(piece or f"{ids[number % len(ids)]}\n" for piece, number in pieces).encode() + end
    with _directory({"ids": content}):
        result = run(
            [*_JOB, "--file", "ids", "-o", "jsonl"],
            attrs.evolve(surroundings, environ={}, encoding="utf-8"),
            _UNCHANGED.sandbox,
        )
    if result.out is None or result.code not in {ExitCode.OK, ExitCode.PARTIAL}:
        return
    records = [json.loads(line) for line in result.out.splitlines()]
    answered = [record["interface_id"] for record in records if record["error"] is None]
    assert set(answered) == wanted
    assert len(records) == len({record["interface_id"] for record in records})


@functools.cache
def _own_words() -> str:
    """Return the source text of the package. Messages can contain its words, such as ``api_token``, without a leak."""
    return "".join(path.read_text(encoding="utf-8") for path in Path(katapult_async.__file__).parent.rglob("*.py"))


def _check_token(case: tuple[bytes, str]) -> None:
    """A file of any bytes is a token or an error, and is never quoted."""
    content, source = case
    option = ["--token-file", "token"] if source == "file" else ["--token-command", "cat token"]
    with _directory({"token": content}):
        result = run(["rate-limit", *option], Surroundings(), _UNCHANGED.sandbox)
    wrong_token = content.decode("utf-8", "replace").strip()
    if len(wrong_token) > 5 and wrong_token != _UNCHANGED.sandbox.token and wrong_token not in _own_words():
        assert wrong_token not in str(result.out) + str(result.err)
        assert result.code != ExitCode.OK


PROPERTIES: Final = (
    Property(
        "any command line on any streams ends with a documented code",
        st.tuples(_command_lines(), _SURROUNDINGS),
        _check_line,
    ),
    Property(
        "a file of answers is completed or refused",
        st.tuples(st.integers(0, 10**6), st.just(b"") | st.integers(1, 99).map(bytes) | st.binary(max_size=40)),
        _check_resumed,
    ),
    Property(
        "each id of a file is answered once",
        st.tuples(
            st.lists(
                st.tuples(st.just("") | st.sampled_from(_PIECES) | _LINES, st.integers(0, 99)),
                max_size=8,
            ),
            st.just(b"") | st.binary(max_size=20),
            _SURROUNDINGS,
        ),
        _check_ids,
    ),
    Property(
        "a token of any bytes is not shown",
        st.tuples(st.binary(max_size=30) | _TEXTS.map(str.encode), st.sampled_from(["file", "command"])),
        _check_token,
    ),
)
