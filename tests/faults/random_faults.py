"""The balanced run: many keys, a part of whose answers is faulted by a seeded draw, and books that have to agree.

The server's ledger says what every request was answered. From it follows how each key must have ended; what the
client gave is compared with that.
"""

import random
from collections import defaultdict
from typing import Final

import attrs

from katapult_async import (
    APIError,
    AuthenticationError,
    BadResponseError,
    Failed,
    KatapultError,
    RateLimitPolicy,
    RequestTimeoutError,
    RetryPolicy,
    Succeeded,
    Timeouts,
)

from .fault import PATIENT, Fails, Fault, Right
from .harness import arena, is_right
from .responses import good
from .server import Act, Entry, Received
from .table import FAULTS

KEYS: Final = 2000
SHARE: Final = 0.3
ATTEMPTS: Final = 3
REFUSALS: Final = 5
CONCURRENCY: Final = 50

_SILENCE: Final = 3.0  # seconds; on a busy machine, uvloop took answers that had come 0.4 s before for silence
_TIMEOUTS = Timeouts(connect=5.0, read=_SILENCE, attempt=2 * _SILENCE, call=60.0)
_RETRY = RetryPolicy(attempts=ATTEMPTS, refusals=REFUSALS, wait_initial=0.001, wait_max=0.004)
_RATE_LIMIT = RateLimitPolicy(window=0.05)
_ALONE = frozenset({"permitted_zero", "remaining_above_permitted", "late_answer", "drip_of_100_continue"})
"""What they say of the window is believed and slows the others down; or they end otherwise for a patient client."""


def _draws() -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the faults that a request can draw: quick ones, and those that last until a time limit."""
    fit = [
        fault
        for fault in FAULTS
        if fault.listening
        and not fault.tls
        and fault.greet is None
        and fault.method == "GET"
        and fault.rate_limit.max_wait
        and fault.name not in _ALONE
        and not (isinstance(fault.outcome, Fails) and fault.outcome.kind is AuthenticationError)  # ends a batch
    ]
    quick = tuple(fault for fault in fit if fault.timeouts is PATIENT)
    return quick, tuple(fault for fault in fit if fault.timeouts is not PATIENT)


@attrs.define
class Books:
    """What a run came to."""

    seed: int
    keys: int = 0
    right: int = 0
    failed: int = 0
    sends: int = 0
    faulted: int = 0
    kinds: set[str] = attrs.field(factory=set)
    disagreements: list[str] = attrs.field(factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.keys} keys, {self.right} right, {self.failed} failed; {self.sends} requests, "
            f"{self.faulted} faulted in {len(self.kinds)} ways; {len(self.disagreements)} disagreements"
        )


async def run_balanced(*, seed: int, keys: int = KEYS, share: float = SHARE) -> Books:
    """Make one run and compare the books. Nothing may be left open afterwards: the arena sees to it."""
    draw = random.Random(seed)
    quick, slow = _draws()
    by_name = {fault.name: fault for fault in (*quick, *slow)}

    def choose(_: Received) -> tuple[str | None, Act]:
        if draw.random() >= share:
            return None, good
        fault = draw.choice(slow if draw.random() < 0.02 else quick)
        return fault.name, fault.act

    books = Books(seed)
    wanted = [f"vmnet_{seed}x{number}" for number in range(keys)]
    outcomes: dict[str, list[object]] = defaultdict(list)
    async with arena(timeouts=_TIMEOUTS, retry=_RETRY, rate_limit=_RATE_LIMIT) as stage:
        stage.server.choose = choose
        batch = stage.client.virtual_machine_network_interfaces.available_ips_many(
            wanted, address_versions=["ipv4"], concurrency=CONCURRENCY
        )
        async with batch:
            async for outcome in batch:
                match outcome:
                    case Succeeded(key=query, value=value):
                        outcomes[query.interface_id].append(value)
                    case Failed(key=query, error=error):
                        outcomes[query.interface_id].append(error)
        ledger: dict[str, list[Entry]] = defaultdict(list)
        for entry in stage.server.ledger:
            ledger[entry.request.key].append(entry)
    books.keys, books.sends = len(outcomes), sum(map(len, ledger.values()))
    names = [entry.fault for entries in ledger.values() for entry in entries if entry.fault is not None]
    books.faulted, books.kinds = len(names), set(names)
    if sorted(outcomes) != sorted(wanted) or not set(ledger) <= set(wanted):
        books.disagreements.append("keys are missing or were invented")
    for key in wanted:
        met = [by_name[entry.fault] if entry.fault else None for entry in ledger[key]]
        said = _disagreement(key, outcomes[key], met)
        books.disagreements += [f"{key}: {said}; met {[fault and fault.name for fault in met]}"] if said else []
        books.right += any(isinstance(outcome, list) for outcome in outcomes[key])
        books.failed += any(isinstance(outcome, KatapultError) for outcome in outcomes[key])
    return books


def _disagreement(key: str, outcomes: list[object], met: list[Fault | None]) -> str:  # noqa: PLR0911 # one return for each
    """Return what does not fit between how a key ended and what its requests met; nothing if all does."""
    if len(outcomes) != 1:
        return f"{len(outcomes)} outcomes"
    [outcome] = outcomes
    expected = [fault.outcome if fault else Right() for fault in met]
    refused = sum(isinstance(each, Fails) and each.status == 429 for each in expected)
    if len(met) - refused > ATTEMPTS or refused > REFUSALS:
        return f"{len(met)} requests, {refused} of them refused by the rate limit"
    if any(each.attempts == 1 for each in expected[:-1]):
        return "asked again after something final"
    if not expected:
        return "never asked"
    if isinstance(expected[-1], Right):
        return "" if is_right(outcome, key) else f"a good answer became {outcome!r}"
    if not _fits(outcome, expected[-1]):
        return f"the last request's {expected[-1].kind.__name__} became {outcome!r}"
    spent = refused == REFUSALS or len(met) - refused == ATTEMPTS
    return "" if spent or expected[-1].attempts == 1 else f"given up too early: {outcome}"


def _fits(outcome: object, expected: Fails) -> bool:
    match outcome:
        case BadResponseError():
            return type(outcome) is expected.kind and outcome.reason == expected.reason
        case RequestTimeoutError():
            # With other time limits than the table's, either may come first.
            return type(outcome) is expected.kind
        case APIError():
            return type(outcome) is expected.kind and outcome.status == expected.status
    return type(outcome) is expected.kind
