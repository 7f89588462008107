"""A sandbox in a thread, and the command against it: in this process, where coverage sees it, or in one of its own."""

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, TextIO

import attrs
import pytest

from katapult_async.cli.main import run
from katapult_async.sandbox import Faults, Sandbox

MACHINES = 5
INTERFACES = 8


@attrs.frozen
class Result:
    """How the command ended."""

    code: int
    out: str
    err: str

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


class Tripwire(io.StringIO):
    """A stream that presses Ctrl-C, or sends another signal, when a text was written to it so many times."""

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
def _no_loop_is_left_over() -> None:
    """Close the loop that looptime's plugin makes before a test that is no coroutine, and that nobody else closes.

    asyncio.run, of which these tests are full, would let go of it, and its end would be a warning.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 and later: there was no such loop
        policy = asyncio.get_event_loop_policy()
        with contextlib.suppress(RuntimeError):  # there was one, and it was taken away again
            policy.get_event_loop().close()
        policy.set_event_loop(None)


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """Undo what a shell does to background jobs, whose children ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KATAPULT_API_KEY", "KATAPULT_API_TOKEN", "KATAPULT_API_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """A sandbox that listens in a thread of its own."""
    with listening(Sandbox(machines=MACHINES, interfaces=INTERFACES, permitted=100_000)) as sandbox:
        yield sandbox


@contextlib.contextmanager
def listening(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Let a sandbox listen in a thread of its own."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(sandbox.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield sandbox
    asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def sandbox(served: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The sandbox without faults, and the environment that leads to it."""
    monkeypatch.setenv("KATAPULT_API_URL", served.base_url)
    monkeypatch.setenv("KATAPULT_API_KEY", served.issue_token())
    yield served
    served.faults = Faults()


@pytest.fixture
def ids(sandbox: Sandbox) -> list[str]:
    return [interface.id for interface in sandbox.store.interfaces]


Command = Callable[..., Result]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in this process. Whatever it does, it never shows the token."""

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
        assert os.environ.get("KATAPULT_API_KEY", "nothing to hide") not in out + err
        assert "Traceback" not in err
        return Result(code, out, err)

    return call


@contextlib.contextmanager
def process(
    *arguments: str, stderr: int | None = None, **streams: int | IO[bytes]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the command as its own process, and see that it is gone at the end."""
    started = subprocess.Popen(
        [sys.executable, "-m", "katapult_async", *arguments],
        bufsize=0,  # a buffer would keep what `communicate` then misses
        stdin=streams.get("stdin", subprocess.DEVNULL),
        stdout=streams.get("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE if stderr is None else stderr,
    )
    with started:
        try:
            yield started
        finally:
            started.kill()


@contextlib.contextmanager
def served_apart(*arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", Mapping[str, str]]]:
    """Start ``katapult-async sandbox`` as its own process; give it and the variables that it says to export."""
    with process("sandbox", *arguments) as server:
        assert server.stdout is not None
        exports = [server.stdout.readline().decode().split() for _ in range(2)]
        yield server, dict(words[1].split("=", 1) for words in exports)
