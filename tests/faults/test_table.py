"""Every row of the fault table: the expected outcome, the expected number of requests, and no leak."""

import asyncio
import gc

import pytest

from katapult_async import APIError, BadResponseError, Endpoint, IPAddress, KatapultError, RequestTimeoutError

from .documented_error_codes import DOCUMENTED_ERROR_CODES
from .fault import DEFAULT_RATE_LIMIT, LONG_TIMEOUTS, Fails, Family, Fault, Misuse, Succeeds
from .harness import TOKEN, Harness, is_correct, on_every_loop, run, start_harness
from .responses import send_error
from .server import ReceivedRequest, Responder
from .table import FAULTS, MISUSES, README, ROWS, markdown

WAITING_FAULTS = [
    fault for fault in FAULTS if fault.timeouts is not LONG_TIMEOUTS or fault.rate_limit is not DEFAULT_RATE_LIMIT
]
QUICK_FAULTS = [fault for fault in FAULTS if fault not in WAITING_FAULTS]


@on_every_loop
@pytest.mark.parametrize("fault", QUICK_FAULTS, ids=lambda fault: f"{fault.family}-{fault.name}")
def test_fault_ends_as_its_row_says_and_the_next_call_succeeds(fault: Fault, loop: str) -> None:
    run(loop, check_fault(fault))
    gc.collect(0)  # a warning about an unclosed connection is raised in this test, not in the next


@on_every_loop
def test_fault_that_makes_the_client_wait_ends_as_its_row_says(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("katapult_async.rate_limit.proxy_limit.SLOWEST_PACE", 20.0)  # a request in 50 ms, not in 2 s
    assert len(WAITING_FAULTS) > 10
    run(loop, _check_concurrently(WAITING_FAULTS))


async def _check_concurrently(faults: list[Fault]) -> None:
    """Check all faults at the same time, since each mostly waits; every one has a server and a client of its own."""

    async def check(fault: Fault) -> None:
        try:
            await check_fault(fault)
        except AssertionError as error:
            error.add_note(f"in {fault.name}")
            raise

    async with asyncio.TaskGroup() as tasks:
        for fault in faults:
            tasks.create_task(check(fault))


async def check_fault(fault: Fault) -> None:
    """Make a call while the fault lasts, another one after it, and one during which it ends."""
    async with start_harness(
        timeouts=fault.timeouts, rate_limit=fault.rate_limit, scheme="https" if fault.tls else "http"
    ) as harness:
        server = harness.server
        server.on_connect = fault.on_connect
        harness.respond_with(fault.responder, fault.name)
        if not fault.listening:
            await server.stop_listening()
        outcome = await _outcome(harness, fault)
        check_outcome(outcome, fault.expected)
        assert len(server.request_log) == fault.requests
        if fault.tls or not fault.rate_limit.max_wait:
            return  # no call can succeed here: the server has no TLS, or the client may not wait for the next window
        server.on_connect = None
        harness.respond_correctly()
        if not fault.listening:
            await server.listen()
        assert is_correct(await harness.outcome("vmnet_2"), "vmnet_2")
        assert all("cookie" not in entry.request.headers for entry in server.request_log)
        if fault.is_retried and fault.requests and fault.method == "GET" and fault.timeouts is LONG_TIMEOUTS:
            await _check_recovery(harness, fault)


async def _outcome(harness: Harness, fault: Fault) -> object:
    if fault.method == "GET":
        return await harness.outcome()
    endpoint = Endpoint(path="/ip", answer="ip_addresses", type=list[IPAddress], method=fault.method)
    try:
        return await harness.client.call(endpoint, arguments={"interface[id]": "vmnet_1"})
    except KatapultError as error:
        return error


def check_outcome(outcome: object, expected: Succeeds | Fails) -> None:
    """Compare the outcome of a call with a row of the table."""
    if isinstance(expected, Succeeds):
        assert is_correct(outcome), outcome
        return
    assert type(outcome) is expected.error, repr(outcome)
    text = str(outcome)
    assert expected.text in text
    assert text.isprintable()
    assert TOKEN not in text
    assert len(text) < 1000
    if isinstance(outcome, RequestTimeoutError):
        assert outcome.phase == expected.phase
    if isinstance(outcome, BadResponseError):
        assert outcome.reason == expected.reason
    if isinstance(outcome, (APIError, BadResponseError)) and expected.status is not None:
        assert outcome.status == expected.status
    if isinstance(outcome, APIError) and expected.code is not None:
        assert outcome.code == expected.code
    problem = getattr(outcome, "problem", None)
    if problem is not None:
        assert problem.attempts == expected.attempts
        assert len(problem.earlier) == expected.attempts - 1


async def _check_recovery(harness: Harness, fault: Fault) -> None:
    """Check that a call succeeds if only its first attempt meets the fault."""
    logged = len(harness.server.request_log)
    choose_correct = harness.server.choose

    def choose(request: ReceivedRequest) -> tuple[str | None, Responder]:
        if len(harness.server.request_log) > logged:
            return choose_correct(request)
        return fault.name, fault.responder

    harness.server.choose = choose
    assert is_correct(await harness.outcome("vmnet_3"), "vmnet_3")
    assert [entry.fault for entry in harness.server.request_log[logged:]] == [fault.name, None]


@on_every_loop
@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: str(misuse.name))
def test_misuse_raises_before_any_request_is_sent(misuse: Misuse, loop: str) -> None:
    run(loop, _check_misuse(misuse))


async def _check_misuse(misuse: Misuse) -> None:
    async with start_harness() as harness:
        with pytest.raises(misuse.error) as raised:
            await misuse.make(harness.client)
        assert misuse.text in str(raised.value)
        assert not harness.server.request_log


@on_every_loop
def test_every_documented_error_code_raises_a_subclass_of_api_error(loop: str) -> None:
    run(loop, _check_documented_error_codes())


async def _check_documented_error_codes() -> None:
    classes: set[type[KatapultError]] = set()
    for status, codes in DOCUMENTED_ERROR_CODES.items():
        if status == 429:
            continue  # a row of the table: it stops every other call until the next window
        async with start_harness() as harness:
            for code in codes:
                harness.respond_with(send_error(f"{status} Status", code))
                error = await harness.outcome()
                assert isinstance(error, APIError)
                assert (error.status, error.code) == (status, code)
                assert type(error) is not APIError
                classes.add(type(error))
    assert len(classes) == 9


def test_row_names_are_unique_and_every_row_is_printed() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert len(names) >= 60
    heads = len(Family)  # each family has a table with a head
    assert len([line for line in markdown().splitlines() if line.startswith("| ")]) == len(names) + heads


def test_readme_is_the_printed_table() -> None:
    assert README.read_text(encoding="utf-8") == markdown()
