"""Fixtures: sandboxes that listen in threads, and the command, run in this process or in a new one.

Coverage measures only the command that runs in this process.
"""

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TextIO

import attrs
import pytest

from katapult_async.cli import confirmation
from katapult_async.cli.main import run
from katapult_async.environment import ORGANIZATION_VARIABLE, TOKEN_VARIABLES, URL_VARIABLE
from katapult_async.sandbox import Faults, Sandbox
from katapult_async.sandbox.models import IPAddress

MACHINES = 5
INTERFACES = 8
QUERY_COUNT = 2 * INTERFACES
"""Queries of `available-ips --all`: one for each interface and address version."""

_IDLE_CHECKS = 5
"""Checks in a row, 0.02 s apart, after which a process whose threads all sleep counts as idle."""


@attrs.frozen
class Result:
    """How the command ended."""

    code: int
    out: str
    err: str

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Terminal(io.StringIO):
    """A stream in memory that reports that it is a terminal."""

    def isatty(self) -> bool:
        return True


class FailingStream(io.StringIO):
    """A stream whose writes fail with an error of the operating system, all of them or those after the first few."""

    def __init__(self, error_number: int, *, after: int = 0) -> None:
        super().__init__()
        self._error_number = error_number
        self._after = after

    def write(self, text: str) -> int:
        self._after -= 1
        if self._after >= 0:
            return super().write(text)
        raise OSError(self._error_number, os.strerror(self._error_number))


class SignalOnWrite(io.StringIO):
    """A stream that sends a signal to this process when a text has been written to it ``times`` times."""

    def __init__(self, text: str, *, times: int = 1, sends: signal.Signals = signal.SIGINT) -> None:
        super().__init__()
        self._text = text
        self._left = times
        self._sends = sends

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._text in text:
            self._left -= 1
            if not self._left:
                signal.raise_signal(self._sends)
        return written


@pytest.fixture(scope="session", autouse=True)
def _close_unused_loop() -> None:
    """Close the event loop that looptime's plugin has made: `asyncio.run` would drop it unclosed, with a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 and later warn if there is no loop
        policy = asyncio.get_event_loop_policy()
        with contextlib.suppress(RuntimeError):  # there is no loop
            policy.get_event_loop().close()
        policy.set_event_loop(None)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*TOKEN_VARIABLES, URL_VARIABLE, ORGANIZATION_VARIABLE, "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@contextlib.contextmanager
def listening(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Let a sandbox listen in a thread of its own."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(sandbox.open())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield sandbox
    asyncio.run_coroutine_threadsafe(sandbox.aclose(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def use_sandbox(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, *, token: str | None = None) -> None:
    """Set the environment variables to the URL of a sandbox, and to a token: its own, unless another one is given."""
    monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
    monkeypatch.setenv("KATAPULT_API_KEY", token or sandbox.token)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox for one test: a request of another test that arrives late must not get a response of this one.

    The environment variables name it.
    """
    with listening(Sandbox(machines=MACHINES, interfaces=INTERFACES, permitted=100_000)) as sandbox:
        use_sandbox(monkeypatch, sandbox)
        yield sandbox


@pytest.fixture
def token(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token with all scopes, for the options that give one. The token in the environment then has no scope."""
    token = os.environ["KATAPULT_API_KEY"]
    monkeypatch.setenv("KATAPULT_API_KEY", sandbox.issue_token(scopes=()))
    return token


@pytest.fixture
def ids(sandbox: Sandbox) -> list[str]:
    return [interface.id for interface in sandbox.store.interfaces]


@attrs.frozen
class Objects:
    """A sandbox with one organization, and the ids of some of its objects."""

    sandbox: Sandbox
    interface: str
    """Id of an attached interface."""

    available: str
    """Id of an address that is available to the interface."""

    version: str
    """Address version of the available address."""

    allocated: str
    """Id of an address that is allocated to a machine."""

    address: str
    """The allocated address itself."""

    def names(self) -> dict[str, str]:
        return attrs.asdict(self, filter=lambda field, _: field.name != "sandbox")

    def mutations(self) -> list[str]:
        """Return the HTTP methods of the requests that could change something: all but GET."""
        return [request.method for request in self.sandbox.request_log if request.method != "GET"]

    def held_by_interface(self) -> set[str]:
        """Return the ids of the addresses that are allocated to the interface."""
        return {address.id for address in self.sandbox.store.all(IPAddress) if address.interface_id == self.interface}

    def exists(self, address_id: str) -> bool:
        return self.sandbox.store.get(address_id) is not None


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    """A sandbox for one test, which may change it; the environment variables name it."""
    with listening(Sandbox(machines=5, interfaces=30, organizations=1, task_duration=0.1)) as sandbox:
        store = sandbox.store
        interface, version = next(
            (interface.id, version)
            for interface in store.interfaces
            for version in ("ipv4", "ipv6")
            if store.free_addresses(interface.id, version) and interface.state == "attached"
        )
        allocated = next(address for address in store.all(IPAddress) if address.interface_id)
        use_sandbox(monkeypatch, sandbox)
        yield Objects(
            sandbox=sandbox,
            interface=interface,
            available=store.free_addresses(interface, version)[0].id,
            version=version,
            allocated=allocated.id,
            address=allocated.address,
        )


@pytest.fixture(scope="session")
def large_sandbox() -> Iterator[Sandbox]:
    """A slow sandbox with many interfaces."""
    slow = Sandbox(machines=100, interfaces=1000, permitted=100_000, free_addresses=3, faults=Faults(latency=0.05))
    with listening(slow) as sandbox:
        yield sandbox


@pytest.fixture
def id_file(large_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of 1,000 ids; the environment variables name their sandbox."""
    use_sandbox(monkeypatch, large_sandbox)
    file = tmp_path / "ids"
    file.write_text("\n".join(interface.id for interface in large_sandbox.store.interfaces))
    return str(file)


Command = Callable[..., Result]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in this process, and check that it shows neither the token nor a traceback."""

    def call(*arguments: str, stdin: bytes = b"", stdout: TextIO | None = None, stderr: TextIO | None = None) -> Result:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            if stdout is not None:
                patch.setattr(sys, "stdout", stdout)
            if stderr is not None:
                patch.setattr(sys, "stderr", stderr)
            code = run(arguments)
        out, err = capsys.readouterr()
        out += stdout.getvalue() if isinstance(stdout, io.StringIO) else ""
        err += stderr.getvalue() if isinstance(stderr, io.StringIO) else ""
        token = os.environ.get("KATAPULT_API_KEY")
        assert token is None or token not in out + err
        assert "Traceback" not in err
        return Result(code, out, err)

    return call


def set_stdin(monkeypatch: pytest.MonkeyPatch, stdin: object) -> None:
    """Let a confirmation read from a stream."""
    monkeypatch.setattr(confirmation, "sys", types.SimpleNamespace(stdin=stdin))


@contextlib.contextmanager
def process(
    *arguments: str, stderr: int | IO[bytes] = subprocess.PIPE, **streams: int | IO[bytes]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the command as its own process, and kill it at the end."""
    started = subprocess.Popen(
        [sys.executable, "-m", "katapult_async", *arguments],
        bufsize=0,  # a buffer would keep bytes, and `communicate` would not return them
        stdin=streams.get("stdin", subprocess.DEVNULL),
        stdout=streams.get("stdout", subprocess.PIPE),
        stderr=stderr,
    )
    with started:
        try:
            yield started
        finally:
            started.kill()


@contextlib.contextmanager
def sandbox_process(*arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", Mapping[str, str]]]:
    """Start ``katapult-async sandbox`` as its own process; yield it and the variables that it exports."""
    with process("sandbox", *arguments) as server:
        assert server.stdout is not None
        exports = [server.stdout.readline().decode().split() for _ in range(3)]
        yield server, dict(words[1].split("=", 1) for words in exports)


def without_waits(messages: str) -> str:
    """Return messages without the lines about waits. On a busy machine, any call may wait for more than a second."""
    return "".join(line for line in messages.splitlines(keepends=True) if not line.startswith("rate limit: "))


def wait_until_idle(started: "subprocess.Popen[bytes]") -> None:
    """Return as soon as every thread of a process waits for something, and has done so for a while."""
    idle = 0
    while idle < _IDLE_CHECKS:
        states = [
            stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{started.pid}/task").glob("*/stat")
        ]
        idle = idle + 1 if set(states) == {"S"} else 0
        with pytest.raises(subprocess.TimeoutExpired):  # a process that has ended fails the test
            started.wait(timeout=0.02)
