"""Messages on standard error: how they are written, and that they never change the result of a command."""

import contextlib
import errno
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from katapult_async.cli import file_descriptor, messages
from katapult_async.cli.messages import printable
from tests.cli.conftest import Command, FailingStream, process

CONTROL_CHARACTERS = "\x1b[31m[bold]x\x9b\r\n\u202e\u2028\u200b\ufeff\x85"


@pytest.mark.parametrize(
    "text",
    ["plain", "café ✓ 日本", "", "山田\u3000太郎", "Prix\xa0: 5\u202f€", "\U0001f469\u200d\U0001f4bb", "می\u200cشود"],
)
def test_printable_text_stays_as_it_is(text: str) -> None:
    """postmanlabs/postman-app-support#3584: the joiner inside of an emoji was shown as an escape sequence."""
    assert printable(text) == text


def test_control_characters_are_escaped() -> None:
    assert printable(CONTROL_CHARACTERS) == r"\x1b[31m[bold]x\x9b\r\n\u202e\u2028\u200b\ufeff\x85"


def closed_stream() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [None, FailingStream(errno.ENOSPC), closed_stream()])
def test_message_that_cannot_be_written_is_dropped(stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    messages.show_error("lost")
    assert not messages.understands_escapes(stream)


def test_reader_that_does_not_read_delays_only_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """If each of the thousands of messages of a job waited, the requests in flight would time out."""
    timeouts = []

    def can_be_written(_descriptor: int, _event: str, *, timeout: float) -> bool:
        timeouts.append(timeout)
        return len(timeouts) in {5, 7}  # for the messages 4 and 6: the first write is the progress bar

    monkeypatch.setattr(file_descriptor, "_wait_for", can_be_written)
    reader, sender = os.pipe()
    with open(reader, "rb") as taken, open(sender, "w") as stream:  # noqa: PTH123 # descriptors
        monkeypatch.setattr(sys, "stderr", stream)
        messages.Terminal().write("bar")
        for number in range(1, 7):
            messages.show(str(number))
        messages.show_error("last")
        stream.close()
        assert taken.read() == b"4\n6\n"
    # The bar never waits. A message waits unless the one before it was dropped.
    assert timeouts == [0, 1.0, 0, 0, 0, 1.0, 0, 1.0]


def test_progress_bar_that_cannot_be_written_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", FailingStream(errno.ENOSPC))
    assert messages.Terminal().write("lost") == 4


@contextlib.contextmanager
def full_disk() -> Iterator[IO[bytes]]:
    """A device that refuses every write, as a full disk does."""
    with Path("/dev/full").open("wb") as stream:
        yield stream


@contextlib.contextmanager
def closed_pipe() -> Iterator[IO[bytes]]:
    """A pipe whose end for reading is closed."""
    reader, sender = os.pipe()
    os.close(reader)
    with open(sender, "wb") as stream:  # noqa: PTH123 # a descriptor
        yield stream


@contextlib.contextmanager
def unread_pipe() -> Iterator[IO[bytes]]:
    """A pipe that is full and that nobody reads."""
    reader, sender = os.pipe()
    os.set_blocking(sender, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(sender, bytes(4096))
    os.set_blocking(sender, True)
    with open(sender, "wb") as stream:  # noqa: PTH123 # a descriptor
        yield stream
    os.close(reader)


STREAMS = [full_disk, closed_pipe, unread_pipe]
# Two interfaces of the sandbox that --sandbox starts.
JOB = ("available-ips", "--sandbox", "vmnet_65CCuySoyMIFuqtS", "vmnet_j2fgbcax0z6Tn0IS")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stream", "arguments", "code"),
    [
        *((stream, ("orgs", "get", "nobody", "--sandbox"), 4) for stream in STREAMS),
        *((stream, (*JOB, "vmnet_nowhere"), 6) for stream in STREAMS),
        (full_disk, ("orgs", "list", "--sandbox", "-o", "json"), 0),
        (full_disk, ("orgs", "get", "two words"), 2),
        (full_disk, (), 2),
        (full_disk, JOB, 0),
        (full_disk, ("ips", "delete", "10.0.0.57", "--sandbox", "--dry-run"), 0),
    ],
)
def test_unwritable_standard_error_does_not_change_the_exit_code(
    arguments: tuple[str, ...], code: int, stream: Callable[[], contextlib.AbstractContextManager[IO[bytes]]]
) -> None:
    with stream() as stderr, process(*arguments, stderr=stderr) as started:
        out, _ = started.communicate(timeout=30)
    assert started.returncode == code
    assert bool(out) is (code in {0, 6})


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("orgs", "list", "--sandbox"), JOB])
def test_closed_standard_error_does_not_change_the_exit_code(arguments: tuple[str, ...]) -> None:
    line = [sys.executable, "-m", "katapult_async", *arguments]
    completed = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", *line], capture_output=True, check=False, timeout=30)
    assert completed.returncode == 0
    assert completed.stdout


@pytest.mark.slow
@pytest.mark.parametrize("stream", STREAMS)
def test_job_resumes_even_if_standard_error_cannot_be_written(
    stream: Callable[[], contextlib.AbstractContextManager[IO[bytes]]], tmp_path: Path, command: Command
) -> None:
    file = tmp_path / "job.jsonl"
    assert command(*JOB, "vmnet_nowhere", "--output", str(file)).code == 6
    with (
        stream() as stderr,
        process(*JOB, "vmnet_fY9t4vTaf5oEne7T", "--output", str(file), "--resume", stderr=stderr) as started,
    ):
        started.communicate(timeout=30)
    assert started.returncode == 0
    # 3 interfaces, 2 address versions
    assert file.read_bytes().count(b'"error": null}\n') == len(file.read_bytes().splitlines()) == 6


@pytest.mark.slow
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_has_its_exit_code_even_if_standard_error_cannot_be_written(
    number: signal.Signals, code: int, stream: Callable[[], contextlib.AbstractContextManager[IO[bytes]]]
) -> None:
    with stream() as stderr, process("sandbox", stderr=stderr) as started:
        assert started.stdout is not None
        started.stdout.readline()
        started.send_signal(number)
        assert started.wait(timeout=30) == code


def test_messages_for_a_slow_reader_are_complete(command: Command) -> None:
    """A reader that takes a message within a second gets all of it."""
    reader, sender = os.pipe()
    received = bytearray()

    def receive() -> None:
        while chunk := os.read(reader, 100):
            received.extend(chunk)

    thread = threading.Thread(target=receive)
    thread.start()
    with open(sender, "w") as stream:  # noqa: PTH123 # a descriptor
        assert command(stderr=stream).code == 2
    thread.join()
    os.close(reader)
    assert received.decode().endswith("been written\n")
