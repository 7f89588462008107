"""Take each protection away: a fault gets through. What cannot be shown to matter here has no place in the client.

The check of connections is taken away in test_books, the conversion of a closed session in test_endings, the
wrapper of the secret in test_secrets.
"""

from typing import Any

import attrs
import pytest

from katapult_async import KatapultError
from katapult_async.http import aiohttp_transport, connector
from katapult_async.http.transport import Progress

from .arena import run
from .outcomes import HASTY, Fault
from .stalls import LARGEST, cost, heaviest
from .table import FAULTS
from .test_table import suffer

BY_NAME = {fault.name: fault for fault in FAULTS}


def _gets_through(name: str) -> bool:
    fault: Fault = BY_NAME[name]
    try:
        run("asyncio", suffer(fault))
    except (AssertionError, KatapultError):
        return True
    return False


def test_nothing_gets_through_with_all_of_them() -> None:
    names = ("gzip_bomb", "closed_before_answer", "reset_before_answer", "flood_of_100_continue", "redirect_to_itself")
    assert not any(_gets_through(name) for name in names)


def test_without_the_cap_a_bomb_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    made = aiohttp_transport.AiohttpTransport.__init__

    def uncapped(self: aiohttp_transport.AiohttpTransport, *session: Any, **settings: Any) -> None:
        made(self, *session, **{**settings, "max_body": 1 << 40})

    monkeypatch.setattr(aiohttp_transport.AiohttpTransport, "__init__", uncapped)
    assert _gets_through("gzip_bomb")
    endpoint, parts, endless = heaviest()["gzip bomb"]
    assert cost("asyncio", *parts, endpoint=endpoint, endless=endless, traced=True).memory > 3 * LARGEST


def test_without_the_control_of_second_sends_requests_are_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "sent", property(lambda _: None, lambda _, __: None))
    assert _gets_through("closed_before_answer")
    assert _gets_through("reset_before_answer")


def test_without_the_bound_on_interim_answers_a_flood_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "_MAX_INTERIM", 1 << 40)
    flood = attrs.evolve(BY_NAME["flood_of_100_continue"], timeouts=HASTY)
    monkeypatch.setitem(BY_NAME, flood.name, flood)
    assert _gets_through("flood_of_100_continue")


@pytest.mark.costs
def test_without_the_bound_on_values_they_hold_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp_transport, "_MAX_VALUES", 1 << 40)
    endpoint, parts, endless = heaviest()["too many strings"]
    assert cost("asyncio", *parts, endpoint=endpoint, endless=endless).longest_turn > 0.05


@pytest.mark.costs
def test_without_small_reads_chunks_of_a_byte_hold_the_loop_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint, parts, endless = heaviest()["chunks of a byte"]
    small = cost("asyncio", *parts, endpoint=endpoint, endless=endless).longest_turn
    monkeypatch.setattr(connector, "_RECEIVE_BUFFER", 4 << 20)
    large = max(cost("asyncio", *parts, endpoint=endpoint, endless=endless).longest_turn for _ in range(2))
    assert large > small
