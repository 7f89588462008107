"""Each fault alone: the outcome that its row names, as many requests as its row says, and nothing left behind."""

import asyncio
import gc

import pytest

from katapult_async import APIError, BadResponseError, Endpoint, KatapultError, RequestTimeoutError

from .documented_error_codes import DOCUMENTED
from .fault import PATIENT, Fails, Fault, Misuse, Right
from .harness import LOOPS, TOKEN, Arena, arena, is_right, run
from .responses import refuses
from .table import DOCUMENT, FAULTS, MISUSES, ROWS, markdown

on_every_loop = pytest.mark.parametrize("loop", LOOPS)
QUICK = [fault for fault in FAULTS if fault.timeouts is PATIENT]
LASTING = [fault for fault in FAULTS if fault.timeouts is not PATIENT]


@on_every_loop
@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: f"{fault.family}-{fault.name}")
def test_each_fault_has_its_outcome_and_the_client_works_on(fault: Fault, loop: str) -> None:
    run(loop, suffer(fault))
    gc.collect(0)


@on_every_loop
def test_each_fault_that_lasts_until_a_time_limit_has_its_outcome_too(loop: str) -> None:
    assert len(LASTING) > 10
    run(loop, _suffer_all(LASTING))


async def _suffer_all(faults: list[Fault]) -> None:
    """Suffer them a few at a time, each with a server and a client of its own: they do little but wait."""
    room = asyncio.Semaphore(4)

    async def one(fault: Fault) -> None:
        async with room:
            try:
                await suffer(fault)
            except AssertionError as error:
                error.add_note(f"in {fault.name}")
                raise

    async with asyncio.TaskGroup() as tasks:
        for fault in faults:
            tasks.create_task(one(fault))


async def suffer(fault: Fault) -> None:
    async with arena(
        timeouts=fault.timeouts, rate_limit=fault.rate_limit, scheme="https" if fault.tls else "http"
    ) as stage:
        server = stage.server
        server.greet = fault.greet
        stage.breaks(fault.act, fault.name)
        if not fault.listening:
            await server.refuse()
        outcome = await _ask(stage, fault)
        check(outcome, fault.outcome)
        assert len(server.ledger) == fault.sends
        if fault.tls or not fault.rate_limit.max_wait:
            return  # nothing could be answered well now
        server.greet = None
        stage.heals()
        if not fault.listening:
            await server.listen()
        assert is_right(await stage.outcome("vmnet_2"), "vmnet_2")
        assert all("cookie" not in entry.request.headers for entry in server.ledger)
        if fault.passes and fault.sends and fault.method == "GET" and fault.timeouts is PATIENT:
            await _recover(stage, fault)


async def _ask(stage: Arena, fault: Fault) -> object:
    if fault.method == "GET":
        return await stage.outcome()
    endpoint = Endpoint(path="/ip", answer="ip_addresses", type=list[dict], method=fault.method)  # type: ignore[type-arg] # any JSON
    try:
        await stage.client.call(endpoint)
    except KatapultError as error:
        return error
    return []


def check(outcome: object, expected: Right | Fails) -> None:
    """Compare an outcome with a row of the table."""
    if isinstance(expected, Right):
        assert not isinstance(outcome, Exception), outcome
        assert outcome == [] or is_right(outcome), outcome
        return
    assert type(outcome) is expected.kind, repr(outcome)
    said = str(outcome)
    assert expected.says in said
    assert said.isprintable()
    assert TOKEN not in said
    assert len(said) < 1000
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


async def _recover(stage: Arena, fault: Fault) -> None:
    """The fault once more, which is over by the next attempt: nothing of it may be noticed."""
    begun = len(stage.server.ledger)
    good = stage.server.choose
    stage.server.choose = lambda request: good(request) if len(stage.server.ledger) > begun else (fault.name, fault.act)
    assert is_right(await stage.outcome("vmnet_3"), "vmnet_3")
    assert [entry.fault for entry in stage.server.ledger[begun:]] == [fault.name, None]


@on_every_loop
@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: str(misuse.name))
def test_each_misuse_is_told_before_anything_is_sent(misuse: Misuse, loop: str) -> None:
    run(loop, _misuse(misuse))


async def _misuse(misuse: Misuse) -> None:
    async with arena() as stage:
        with pytest.raises(misuse.kind) as caught:
            await misuse.commit(stage.client)
        assert misuse.says in str(caught.value)
        assert not stage.server.ledger


@on_every_loop
def test_every_documented_code_is_an_error_of_its_own_class(loop: str) -> None:
    run(loop, _documented())


async def _documented() -> None:
    seen: set[type[KatapultError]] = set()
    for status, codes in DOCUMENTED.items():
        if status == 429:
            continue  # in the table: it shuts the window
        async with arena() as stage:
            for code in codes:
                stage.breaks(refuses(f"{status} Status", code))
                error = await stage.outcome()
                assert isinstance(error, APIError)
                assert (error.status, error.code) == (status, code)
                assert type(error) is not APIError
                seen.add(type(error))
    assert len(seen) == 9


def test_names_are_unique_and_the_table_is_printed_whole() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) >= 60
    assert sum(line.startswith("| ") for line in markdown().splitlines()) == len(names) + 6


def test_the_documentation_has_the_table_as_it_is() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown()
