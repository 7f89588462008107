"""Reads and writes of file descriptors."""

import concurrent.futures
import io
import os
import sys
from pathlib import Path

import pytest

from katapult_async.cli import file_descriptor


def test_stream_in_memory_has_no_descriptor() -> None:
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    for stream in (io.StringIO(), io.TextIOWrapper(io.BytesIO()), closed):
        assert file_descriptor.descriptor_of(stream) is None


def test_console_of_windows_has_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows reads bytes that are written to the descriptor as characters of a code page, not as UTF-8."""
    main, terminal = os.openpty()
    with open(main, "rb"), open(terminal, "w") as stream:  # noqa: PTH123 # descriptors
        assert file_descriptor.descriptor_of(stream) == terminal
        monkeypatch.setattr(sys, "platform", "win32")
        assert file_descriptor.descriptor_of(stream) is None


def test_write_to_a_full_pipe_is_dropped_after_the_timeout() -> None:
    reader, sender = os.pipe()
    file_descriptor.write(sender, b"a" * 1_000_000, timeout=0)
    os.close(sender)
    with io.FileIO(reader) as stream:
        assert 4096 <= len(stream.readall()) < 1_000_000


def test_discarded_text_causes_no_error_when_the_stream_is_closed() -> None:
    with Path("/dev/full").open("w") as stream:
        stream.write("lost")
        file_descriptor.discard_unwritten(stream)
        stream.flush()  # to /dev/null
        stream.write("lost too")


def test_discarding_keeps_the_text_that_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("w") as stream:
        stream.write("kept")
        file_descriptor.discard_unwritten(stream)
    file_descriptor.discard_unwritten(None)
    closed = io.StringIO()
    closed.close()
    file_descriptor.discard_unwritten(closed)
    assert file.read_text() == "kept"


def test_read_of_a_closed_descriptor_raises_os_error() -> None:
    reader, sender = os.pipe()
    os.close(reader)
    os.close(sender)
    with pytest.raises(OSError, match="Bad file descriptor"):
        file_descriptor.read(reader, 10)


def test_non_blocking_pipe_is_read_to_its_end() -> None:
    reader, sender = os.pipe()
    os.set_blocking(reader, False)
    with pytest.raises(BlockingIOError):
        os.read(reader, 1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool, os.fdopen(reader, "rb", buffering=0):
        content = pool.submit(file_descriptor.read_all, reader, limit=100)
        with os.fdopen(sender, "wb", buffering=0) as stream:
            stream.write(b'{"label": ')
            stream.write(b"1}")
        assert content.result() == b'{"label": 1}'


def test_rest_of_a_file_over_the_limit_is_not_read() -> None:
    with Path("/dev/zero").open("rb", buffering=0) as endless:
        assert len(file_descriptor.read_all(endless.fileno(), limit=10)) > 10
