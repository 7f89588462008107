"""The pieces that need no server: records, writers, the tally, sources, the text beside the bar."""

import asyncio
import csv
import io
import json
import os
import threading
from collections.abc import AsyncIterable
from pathlib import Path

import attrs
import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    APIError,
    AuthenticationError,
    ClientClosedError,
    ConnectError,
    DataCenter,
    Failed,
    IPAddress,
    KatapultError,
    Network,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RateLimitWait,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    Succeeded,
    TransportError,
    UsageError,
)
from katapult_async.cli.asking import FORMATS
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.output import Output
from katapult_async.cli.records import ErrorRecord, Record
from katapult_async.cli.report import report
from katapult_async.cli.sources import InputError, ids_in
from katapult_async.cli.tally import Tally, exit_code_of
from katapult_async.cli.terminal import printable

PROBLEM = Problem(
    method="GET", path="/x", description="no.", status=404, code="x_not_found", request_id="r", attempts=2
)
QUERY = AddressQuery("vmnet_1", AddressVersion.IPV4)
EVIL = "\x1b[31m[bold]x\x9b\r\n\u202e"
ADDRESS = IPAddress(
    id="ip_1",
    address="192.0.2.1",
    network=Network(id="netw_1", name=EVIL, data_center=DataCenter(id="dc_1", name=EVIL)),
)


def failed(error: KatapultError) -> Failed[AddressQuery]:
    return Failed(QUERY, error)


def told(*outcomes: Succeeded[AddressQuery, list[IPAddress]] | Failed[AddressQuery]) -> Tally:
    tally = Tally()
    for outcome in outcomes:
        tally.note(outcome)
    return tally


ANSWERED: Succeeded[AddressQuery, list[IPAddress]] = Succeeded(QUERY, [ADDRESS])


def test_an_error_of_a_request_keeps_what_support_will_ask_for() -> None:
    assert attrs.asdict(ErrorRecord.of(NotFoundError(PROBLEM))) == {
        "type": "NotFoundError",
        "code": "x_not_found",
        "status": 404,
        "description": "no.",
        "request_id": "r",
        "attempts": 2,
        "detail": None,
    }


def test_an_error_without_a_request_is_described_by_its_text() -> None:
    record = ErrorRecord.of(UsageError("no such id"))
    assert (record.type, record.description, record.code, record.attempts) == ("UsageError", "no such id", None, 0)
    assert record.sentence == "UsageError: no such id"


def test_an_error_of_katapult_shows_its_code() -> None:
    assert ErrorRecord.of(NotFoundError(PROBLEM)).sentence == "NotFoundError: no (x_not_found)"


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_format_lets_a_name_of_the_server_steer_the_terminal(output_format: str) -> None:
    stream = io.StringIO()
    records = report(output_format, Output(stream))
    records.write(Record.of(ANSWERED))
    records.close()
    written = stream.getvalue()
    assert not set(EVIL.replace("\n", "")) & set(written) - set("[bold]x31m")
    assert "[bold]x" in written
    if output_format == "jsonl":
        assert json.loads(written)["ip_addresses"][0]["network"]["name"] == EVIL
    if output_format == "csv":
        assert len(list(csv.reader(io.StringIO(written)))) == 2


def test_a_row_of_a_csv_has_empty_cells_where_katapult_sent_nothing() -> None:
    stream = io.StringIO()
    bare = IPAddress(id="ip_1", address="192.0.2.1")
    records = report("csv", Output(stream))
    records.write(Record.of(Succeeded(QUERY, [bare, attrs.evolve(bare, network=Network(id="netw_1"))])))
    assert stream.getvalue().splitlines()[1:] == [
        "vmnet_1,ipv4,ip_1,192.0.2.1,,,,,,,,",
        "vmnet_1,ipv4,ip_1,192.0.2.1,,,netw_1,,,,,",
    ]


@pytest.mark.parametrize(("columns", "whole"), [("", True), ("200", True), ("40", False)])
def test_a_table_is_folded_only_where_the_width_is_known_to_be_small(
    columns: str, *, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    stream = io.StringIO()
    records = report("table", Output(stream))
    records.write(Record.of(Succeeded(AddressQuery("vmnet_" + "1" * 16, AddressVersion.IPV6), [ADDRESS] * 5)))
    records.close()
    assert ("vmnet_" + "1" * 16 in stream.getvalue()) is whole
    assert "".join(stream.getvalue().split()).count("1" * 3)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthenticationError(PROBLEM), ExitCode.DENIED),
        (PermissionDeniedError(PROBLEM), ExitCode.DENIED),
        (NotFoundError(PROBLEM), ExitCode.NOT_FOUND),
        (RateLimitReachedError(PROBLEM), ExitCode.TOO_LATE),
        (
            RateLimitWaitError(RateLimitWait(permitted=1, remaining=0, resets_at=None, retry_after=9, max_wait=1)),
            ExitCode.TOO_LATE,
        ),
        (RequestTimeoutError(attrs.evolve(PROBLEM, phase="call")), ExitCode.TOO_LATE),
        (RequestTimeoutError(attrs.evolve(PROBLEM, phase="read")), ExitCode.FAILURE),
        (UsageError("x"), ExitCode.USAGE),
        (ClientClosedError("x"), ExitCode.FAILURE),
        (ConnectError(PROBLEM), ExitCode.FAILURE),
        (TransportError(PROBLEM), ExitCode.FAILURE),
        (ServiceUnavailableError(PROBLEM), ExitCode.FAILURE),
        (APIError(PROBLEM), ExitCode.FAILURE),
    ],
)
def test_each_error_has_its_exit_code(error: KatapultError, code: ExitCode) -> None:
    assert exit_code_of(error) is code
    assert told(failed(error)).exit_code(alone=True) is code


def test_the_exit_codes_are_the_documented_numbers() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 130, 143]


@pytest.mark.parametrize(
    ("tally", "alone", "code"),
    [
        (told(ANSWERED), False, ExitCode.OK),
        (told(), False, ExitCode.OK),
        (told(ANSWERED, failed(NotFoundError(PROBLEM))), False, ExitCode.PARTIAL),
        (told(ANSWERED, failed(NotFoundError(PROBLEM))), True, ExitCode.PARTIAL),
        (told(failed(NotFoundError(PROBLEM)), failed(NotFoundError(PROBLEM))), False, ExitCode.PARTIAL),
        (told(failed(NotFoundError(PROBLEM)), failed(NotFoundError(PROBLEM))), True, ExitCode.NOT_FOUND),
        (told(failed(NotFoundError(PROBLEM)), failed(ConnectError(PROBLEM))), True, ExitCode.PARTIAL),
        (told(ANSWERED, failed(AuthenticationError(PROBLEM))), False, ExitCode.DENIED),
        (told(failed(AuthenticationError(PROBLEM)), failed(NotAttemptedError("x"))), False, ExitCode.DENIED),
        (told(failed(PermissionDeniedError(PROBLEM))), False, ExitCode.DENIED),
        (told(ANSWERED, failed(PermissionDeniedError(PROBLEM))), False, ExitCode.PARTIAL),
        (told(failed(PermissionDeniedError(PROBLEM)), failed(ConnectError(PROBLEM))), False, ExitCode.PARTIAL),
    ],
)
def test_a_run_ends_with_one_code_for_all_its_outcomes(tally: Tally, *, alone: bool, code: ExitCode) -> None:
    assert tally.exit_code(alone=alone) is code


def test_a_machine_that_could_not_be_listed_is_a_failure_of_the_run() -> None:
    tally = told(ANSWERED)
    tally.unlisted.append(Failed("vm_1", ConnectError(PROBLEM)))
    assert tally.exit_code(alone=False) is ExitCode.PARTIAL
    assert [line.partition(":")[0] for line in tally.troubles()] == ["the interfaces of vm_1 could not be listed"]


def test_the_summary_counts_used_up_networks_apart() -> None:
    tally = told(ANSWERED, Succeeded(QUERY, []), failed(NotFoundError(PROBLEM)))
    assert tally.summary() == "2 of 3 queries answered (1 without any address), 1 address; 1 failed"


def test_troubles_are_one_line_for_each_class_of_error() -> None:
    errors = [ConnectError(PROBLEM), ConnectError(PROBLEM), NotFoundError(PROBLEM)]
    first, second = told(*map(failed, errors)).troubles()
    assert first.startswith("2 x ConnectError, the first: no")
    assert second.startswith("1 x NotFoundError, the first: no")


def test_a_run_that_was_stopped_counts_what_is_left_as_far_as_that_is_known() -> None:
    tally = told(ANSWERED, failed(ConnectError(PROBLEM)))
    tally.asked = 5
    assert tally.unfinished() == "1 answered, 1 failed, 3 not answered, and the rest of the input not asked"
    tally.total = 9
    assert tally.unfinished() == "1 answered, 1 failed, 7 of 9 queries not answered"
    tally.resumed = 4
    assert tally.unfinished() == "1 answered, 1 failed, 4 already answered before, 3 of 9 queries not answered"


def test_the_summary_counts_what_an_earlier_run_answered_apart() -> None:
    tally = told(ANSWERED)
    tally.resumed = 4
    assert tally.summary() == "1 of 1 query answered, 1 address; 4 already answered before"


def test_a_run_that_found_everything_answered_says_so_and_nothing_of_zero() -> None:
    tally = Tally(resumed=1500)
    assert tally.summary() == "nothing is left to ask: 1500 queries already answered before"
    tally.vanished = 1
    assert tally.summary().endswith("; vanished meanwhile and skipped: 0 queries, 1 machine or organization")
    tally.gone = 2
    assert tally.summary().startswith("0 of 0 queries answered, ")


@pytest.mark.parametrize("text", ["plain", "café ✓ 日本", ""])
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_text_with_control_characters_is_escaped() -> None:
    assert printable(EVIL) == r"\x1b[31m[bold]x\x9b\r\n\u202e"


class Slices(io.BytesIO):
    """A file that is read a few bytes at a time, as a pipe may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return super().read(3)


async def collected(ids: AsyncIterable[str]) -> list[str]:
    return [each async for each in ids]


async def test_ids_are_put_together_however_a_pipe_slices_them() -> None:
    assert await collected(ids_in(Slices(b"vmnet_1\n\n# no\r\nvmnet_2\r\nvmnet_3"))) == [
        "vmnet_1",
        "vmnet_2",
        "vmnet_3",
    ]


async def test_a_file_that_ends_with_a_comment_has_no_more_ids() -> None:
    assert await collected(ids_in(io.BytesIO(b"vmnet_1\n#"))) == ["vmnet_1"]


async def test_ids_come_before_the_pipe_is_closed_and_other_tasks_go_on_meanwhile() -> None:
    reader, sender = os.pipe()
    with open(reader, "rb") as stream, open(sender, "wb", buffering=0) as pipe:  # noqa: PTH123, ASYNC230 # descriptors
        ids = ids_in(stream)
        pipe.write(b"vmnet_1\n")
        assert await anext(ids) == "vmnet_1"
        waiting = asyncio.ensure_future(anext(ids))
        await asyncio.sleep(0)
        assert not waiting.done()
        pipe.write(b"vmnet_2\n")
        assert await waiting == "vmnet_2"


def test_a_file_that_is_no_text_is_not_read_into_memory() -> None:
    with Path("/dev/zero").open("rb") as stream, pytest.raises(InputError, match="more than 4096 characters"):
        asyncio.run(collected(ids_in(stream)))


class Unreadable(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(size, "made up")


async def test_a_file_that_cannot_be_read_is_one_error() -> None:
    with pytest.raises(InputError, match="the ids cannot be read: made up"):
        await collected(ids_in(Unreadable()))


class Slow(io.BytesIO):
    """A file whose read returns when it is told to."""

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


async def give_up(stream: Slow) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(ids_in(stream), None), timeout=0.01)


async def test_a_read_that_nobody_waits_for_any_more_does_no_harm() -> None:
    stream = Slow()
    await give_up(stream)
    stream.finish()
    await asyncio.sleep(0)


def test_a_read_that_outlives_the_loop_does_no_harm() -> None:
    stream = Slow()
    asyncio.run(give_up(stream))
    stream.finish()
