"""A short run of unsolicited responses; ``python -m tests.faults --unsolicited`` makes the long one."""

import pytest

from katapult_async.http import connection_pool

from .harness import on_every_loop, run
from .unsolicited_responses import run_unsolicited_responses


@on_every_loop
def test_unsolicited_response_on_an_idle_connection_is_the_result_of_no_call(loop: str) -> None:
    counts = run(loop, run_unsolicited_responses(seed=1, calls=400, clients=8))
    assert counts.correct == counts.calls == 400
    assert counts.unsolicited > 80
    assert counts.requests == counts.calls


def test_without_the_idle_connection_check_calls_get_responses_of_other_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(connection_pool.CheckingConnector, "connect")
    counts = run("asyncio", run_unsolicited_responses(seed=1, calls=100, clients=2))
    assert counts.correct < counts.calls
