"""Reading ids from a file or a pipe: comments, encodings, chunks of any size, errors and cancellation."""

import asyncio
import io
import os
import signal
import threading
from collections.abc import AsyncIterable, Iterator
from pathlib import Path

import pytest

from katapult_async.cli.id_input import InputError, open_input, read_ids
from tests.cli.conftest import process, wait_until_idle


class SlicedFile(io.BytesIO):
    """A file that is read a few bytes at a time, as a pipe may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return super().read(3)


async def collected(ids: AsyncIterable[str]) -> list[str]:
    return [interface_id async for interface_id in ids]


async def test_id_that_is_split_between_reads_is_one_id() -> None:
    ids = await collected(read_ids(SlicedFile(b"vmnet_1\n\n# no\r\nvmnet_2\r\nvmnet_3")))
    assert ids == ["vmnet_1", "vmnet_2", "vmnet_3"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_comment_ends_at_every_kind_of_line_end(end: str) -> None:
    text = end.join(["# the ids", "vmnet_1 # one", "", "vmnet_2 # two", "vmnet_3"])
    assert await collected(read_ids(SlicedFile(text.encode()))) == ["vmnet_1", "vmnet_2", "vmnet_3"]


async def test_byte_order_marks_of_joined_files_are_not_part_of_an_id() -> None:
    marked = "\ufeff\ufeffvmnet_1\n\ufeffvmnet_2".encode()
    assert await collected(read_ids(io.BytesIO(marked))) == ["vmnet_1", "vmnet_2"]


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16", ""), ("utf-16-be", "\ufeff")])  # utf-16 adds the mark itself
async def test_file_in_utf_16_is_read_as_windows_powershell_writes_it(encoding: str, mark: str) -> None:
    text = f"{mark}# é\r\nvmnet_1\r\nvmnet_2\r\n"
    assert await collected(read_ids(SlicedFile(text.encode(encoding)))) == ["vmnet_1", "vmnet_2"]


async def test_comment_at_the_end_is_not_an_id() -> None:
    assert await collected(read_ids(io.BytesIO(b"vmnet_1\n#"))) == ["vmnet_1"]


async def test_ids_are_yielded_before_the_pipe_ends_and_other_tasks_run() -> None:
    reader, sender = os.pipe()
    with io.FileIO(reader) as stream, io.FileIO(sender, "w") as pipe:
        ids = read_ids(stream)
        pipe.write(b"vmnet_1\n")
        assert await anext(ids) == "vmnet_1"
        waiting = asyncio.ensure_future(anext(ids))
        await asyncio.sleep(0)
        assert not waiting.done()
        pipe.write(b"vmnet_2\n")
        assert await waiting == "vmnet_2"


def test_file_without_line_ends_is_not_read_into_memory() -> None:
    with Path("/dev/zero").open("rb") as stream, pytest.raises(InputError, match="more than 4096 characters"):
        asyncio.run(collected(read_ids(stream)))


@pytest.mark.parametrize("before", [0, 60_000])  # bytes: the line is inside the first chunk, or in two chunks
def test_line_that_is_too_long_is_refused_at_any_position(before: int) -> None:
    file = io.BytesIO(b"#\n" * (before // 2) + b"vmnet_1 # " + b"x" * 8000 + b"\nvmnet_2\n")
    with pytest.raises(InputError, match="more than 4096 characters"):
        asyncio.run(collected(read_ids(file)))


class UnreadableFile(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(size, "simulated")


async def test_unreadable_file_raises_input_error() -> None:
    with pytest.raises(InputError, match="the ids cannot be read: simulated"):
        await collected(read_ids(UnreadableFile()))


async def test_missing_file_raises_input_error() -> None:
    with pytest.raises(InputError, match=r"^/no/such cannot be read: No such file or directory$"):
        async with open_input("/no/such"):
            pass


async def test_failure_to_start_the_reading_thread_raises_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(InputError, match=r"^the ids cannot be read: can't start new thread$"):
        await collected(read_ids(io.BytesIO(b"vmnet_1\n")))


class SlowFile(io.BytesIO):
    """A file whose read returns on demand."""

    def __init__(self) -> None:
        super().__init__()
        self.may_return = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        self.may_return.wait()
        return b""

    def finish(self) -> None:
        """Let the read return, and wait for the end of its thread."""
        [reader] = [thread for thread in threading.enumerate() if thread.name == "katapult-async input"]
        self.may_return.set()
        reader.join()


async def cancel_read(stream: SlowFile) -> None:
    """Begin a read and cancel it. An exception that its thread raises later fails the test."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(read_ids(stream), None), timeout=0.01)


async def test_read_that_returns_after_its_cancellation_causes_no_error() -> None:
    stream = SlowFile()
    await cancel_read(stream)
    stream.finish()
    await asyncio.sleep(0)


def test_read_that_returns_after_the_loop_is_closed_causes_no_error() -> None:
    stream = SlowFile()
    asyncio.run(cancel_read(stream))
    stream.finish()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("option", ["--file", "--token-file"])
def test_signal_ends_the_wait_for_the_writer_of_a_pipe(
    option: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    arguments = ("--sandbox", "--all") if option == "--token-file" else ("--sandbox",)
    with process("available-ips", *arguments, option, pipe) as started:
        wait_until_idle(started)
        started.send_signal(number)
        _, err = started.communicate(timeout=10)
    assert started.returncode == code
    assert err.splitlines()[-1].partition(b":")[0] in {b"interrupted", b"terminated"}


@pytest.fixture
def non_blocking_pipe() -> Iterator[tuple[int, int]]:
    """A pipe whose end for reading is non-blocking."""
    reader, sender = os.pipe()
    os.set_blocking(reader, False)
    yield reader, sender
    os.close(reader)


@pytest.mark.slow
def test_non_blocking_input_is_read_to_its_end(non_blocking_pipe: tuple[int, int]) -> None:
    """Another program on the same terminal can make the terminal non-blocking for this one too."""
    reader, sender = non_blocking_pipe
    with process("available-ips", "--sandbox", "--file", "-", "-o", "csv", stdin=reader) as started:
        wait_until_idle(started)
        os.write(sender, b"vmnet_65CCuySoyMIFuqtS\n")
        wait_until_idle(started)
        os.write(sender, b"vmnet_j2fgbcax0z6Tn0IS\n")
        os.close(sender)
        out, err = started.communicate(timeout=20)
    assert started.returncode == 0, err
    assert {b"vmnet_65CCuySoyMIFuqtS", b"vmnet_j2fgbcax0z6Tn0IS"} <= {row.split(b",")[0] for row in out.splitlines()}


@pytest.mark.slow
def test_token_is_read_from_a_non_blocking_input(non_blocking_pipe: tuple[int, int]) -> None:
    reader, sender = non_blocking_pipe
    with process("orgs", "list", "--sandbox", "--token-file", "-", stdin=reader) as started:
        wait_until_idle(started)
        os.write(sender, b"to")
        wait_until_idle(started)
        os.write(sender, b"ken\n")
        os.close(sender)
        _, err = started.communicate(timeout=20)
    assert started.returncode == 0, err
