"""Each protection of the client is needed: without it, a fault does not end as its row says, or blocks the event loop.

Other protections are disabled in test_unsolicited_responses (the check of idle connections),
test_cancellation_and_closing (the error of a closed session) and test_token_redaction (the class of the token).
"""

from typing import Any

import attrs
import pytest

from katapult_async.core import stepwise_decoding
from katapult_async.http import aiohttp_transport, connection_pool
from katapult_async.http.transport import Progress

from .fault import SHORT_TIMEOUTS
from .harness import run
from .stalls import LARGEST, HeavyResponse, cost, heaviest
from .table import FAULTS_BY_NAME
from .test_table import check_fault

pytestmark = pytest.mark.slow


def _ends_wrong(name: str) -> bool:
    """Return whether a fault ends otherwise than its row says."""
    try:
        run("asyncio", check_fault(FAULTS_BY_NAME[name]))
    except AssertionError:
        return True
    return False


def _shortest_stall(response: HeavyResponse) -> float:
    """Return the longest iteration of the event loop, measured when other load on this machine is least."""
    return min(cost("asyncio", response).longest_iteration for _ in range(3))


def test_with_every_protection_faults_end_as_their_rows_say() -> None:
    names = (
        "gzip_bomb",
        "closed_before_response",
        "reset_before_response",
        "fast_100_continue_without_end",
    )
    assert not any(_ends_wrong(name) for name in names)


def test_without_the_size_limit_a_gzip_bomb_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    init = aiohttp_transport.AiohttpTransport.__init__

    def init_without_limit(self: aiohttp_transport.AiohttpTransport, *session: Any, **settings: Any) -> None:
        init(self, *session, **{**settings, "max_body": 1 << 30})

    monkeypatch.setattr(aiohttp_transport.AiohttpTransport, "__init__", init_without_limit)
    assert _ends_wrong("gzip_bomb")
    assert cost("asyncio", heaviest()["gzip bomb"], traced=True).memory > 3 * LARGEST


def test_without_the_record_of_what_was_sent_requests_are_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "sent", property(lambda _: None, lambda _, __: None))
    assert _ends_wrong("closed_before_response")
    assert _ends_wrong("reset_before_response")


def test_without_the_limit_on_interim_responses_100_continue_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_pool, "_MAX_INTERIM", 1 << 40)
    fault = attrs.evolve(FAULTS_BY_NAME["fast_100_continue_without_end"], timeouts=SHORT_TIMEOUTS)
    monkeypatch.setitem(FAULTS_BY_NAME, fault.name, fault)
    assert _ends_wrong("fast_100_continue_without_end")


@pytest.mark.costs
def test_without_the_limit_on_values_many_strings_block_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    response = heaviest()["too many strings"]
    limited = _shortest_stall(response)
    monkeypatch.setattr(stepwise_decoding, "_MOST_VALUES", 1 << 40)
    assert _shortest_stall(response) > 3 * limited  # measured once: 47 and 10 ms


@pytest.mark.costs
def test_without_steps_a_large_response_blocks_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepwise_decoding, "STEP", 1 << 40)
    assert cost("asyncio", heaviest()["virtual machines"]).longest_iteration > 0.05


@pytest.mark.costs
def test_without_small_reads_one_byte_chunks_block_the_loop_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    response = heaviest()["chunks of a byte"]
    small_reads = _shortest_stall(response)
    monkeypatch.setattr(connection_pool, "_RECEIVE_BUFFER", 4 << 20)
    assert _shortest_stall(response) > 1.3 * small_reads  # measured once: 25 and 14 ms
