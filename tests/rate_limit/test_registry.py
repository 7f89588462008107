"""Which clients share a gate, and that gates do not pile up."""

import asyncio
import gc
import weakref

from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.registry import Gates
from katapult_async.rate_limit.status import Pause, Priority
from katapult_async.secret import Secret


def gates(origin: str = "https://a.example", *, window: float = 60.0) -> Gates:
    def ignore(_: Pause) -> None: ...

    return Gates(origin=origin, policy=RateLimitPolicy(window=window), on_shut=ignore, on_wait=ignore)


async def test_clients_of_one_token_share_a_gate_and_others_do_not() -> None:
    loop = asyncio.get_running_loop()
    gate = gates().of(Secret("t"), loop)
    assert gates().of(Secret("t"), loop) is gate
    assert gates().of(Secret("u"), loop) is not gate
    assert gates("https://b.example").of(Secret("t"), loop) is not gate
    assert gates(window=5.0).of(Secret("t"), loop) is not gate


async def test_gates_at_rest_are_forgotten_when_there_are_many_and_those_in_use_are_not() -> None:
    loop = asyncio.get_running_loop()
    client = gates()
    used = client.of(Secret("used"), loop)
    ticket = used.acquire_nowait(priority=Priority.FOREGROUND)
    assert ticket is not None
    rested = [weakref.ref(client.of(Secret(f"t{number}"), loop)) for number in range(500)]
    gc.collect()
    assert sum(each() is not None for each in rested) < 200
    assert client.of(Secret("used"), loop) is used
    used.unsent(ticket)
