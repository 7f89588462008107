"""Many calls, a part of which meets a fault that a seeded random generator chooses.

The server's request log says which faults every call met. The expected outcomes of those faults say how the call must
have ended, and that is compared with the outcome that the client gave.
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

from .fault import LONG_TIMEOUTS, Fails, Fault, Succeeds
from .harness import is_correct, start_harness
from .responses import send_correct_response
from .server import LoggedRequest, ReceivedRequest, Responder
from .table import FAULTS

KEYS: Final = 2000
FAULT_SHARE: Final = 0.3
MAX_ATTEMPTS: Final = 3
MAX_REFUSALS: Final = 5
CONCURRENCY: Final = 50

_READ_TIMEOUT: Final = 3.0  # seconds; on a busy machine, uvloop saw responses 0.4 s after they had arrived
_TIMEOUTS = Timeouts(connect=5.0, read=_READ_TIMEOUT, attempt=2 * _READ_TIMEOUT, call=60.0)
_RETRY = RetryPolicy(attempts=MAX_ATTEMPTS, refusals=MAX_REFUSALS, wait_initial=0.001, wait_max=0.004)
_RATE_LIMIT = RateLimitPolicy(window=0.05)
_EXCLUDED = frozenset(
    {"permitted_zero", "remaining_above_permitted", "response_after_timeout", "slow_100_continue_without_end"}
)
"""The first two slow down other calls, since the client believes their headers. The others end differently with the
long timeouts of this run."""


def _usable_faults() -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the faults that this run chooses from: the quick ones, and those that last until a timeout."""
    usable = [
        fault
        for fault in FAULTS
        if fault.listening
        and not fault.tls
        and fault.on_connect is None
        and fault.method == "GET"
        and fault.rate_limit.max_wait
        and fault.name not in _EXCLUDED
        and not (isinstance(fault.expected, Fails) and fault.expected.error is AuthenticationError)  # ends a batch
    ]
    quick = tuple(fault for fault in usable if fault.timeouts is LONG_TIMEOUTS)
    return quick, tuple(fault for fault in usable if fault.timeouts is not LONG_TIMEOUTS)


@attrs.define
class Summary:
    """The counts of a run, and every outcome that does not match the request log."""

    seed: int
    keys: int = 0
    succeeded: int = 0
    failed: int = 0
    requests: int = 0
    faulty: int = 0
    """Requests that met a fault."""

    faults: set[str] = attrs.field(factory=set)
    """Names of the faults that were met."""

    mismatches: list[str] = attrs.field(factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.keys} keys, {self.succeeded} succeeded, {self.failed} failed; "
            f"{self.requests} requests, {self.faulty} with one of {len(self.faults)} faults; "
            f"{len(self.mismatches)} mismatches"
        )


async def run_random_faults(*, seed: int, keys: int = KEYS, share: float = FAULT_SHARE) -> Summary:
    """Make one run, and compare every outcome with the request log."""
    draw = random.Random(seed)
    quick, slow = _usable_faults()
    by_name = {fault.name: fault for fault in (*quick, *slow)}

    def choose(_: ReceivedRequest) -> tuple[str | None, Responder]:
        if draw.random() >= share:
            return None, send_correct_response
        fault = draw.choice(slow if draw.random() < 0.02 else quick)
        return fault.name, fault.responder

    requested = [f"vmnet_{seed}x{number}" for number in range(keys)]
    outcomes: dict[str, list[object]] = defaultdict(list)
    async with start_harness(timeouts=_TIMEOUTS, retry=_RETRY, rate_limit=_RATE_LIMIT) as harness:
        harness.server.choose = choose
        batch = harness.client.virtual_machine_network_interfaces.available_ips_many(
            requested, address_versions=["ipv4"], concurrency=CONCURRENCY
        )
        async with batch:
            async for outcome in batch:
                match outcome:
                    case Succeeded(key=query, value=value):
                        outcomes[query.interface_id].append(value)
                    case Failed(key=query, error=error):
                        outcomes[query.interface_id].append(error)
        log: dict[str, list[LoggedRequest]] = defaultdict(list)
        for entry in harness.server.request_log:
            log[entry.request.key].append(entry)
    met = [entry.fault for entries in log.values() for entry in entries if entry.fault is not None]
    summary = Summary(seed, keys=len(outcomes), requests=sum(map(len, log.values())), faulty=len(met), faults=set(met))
    if sorted(outcomes) != sorted(requested) or not set(log) <= set(requested):
        summary.mismatches.append("keys are missing, or were not requested")
    for key in requested:
        faults = [by_name[entry.fault] if entry.fault else None for entry in log[key]]
        mismatch = _mismatch(key, outcomes[key], faults)
        if mismatch:
            summary.mismatches.append(f"{key}: {mismatch}; met {[fault and fault.name for fault in faults]}")
        summary.succeeded += any(isinstance(outcome, list) for outcome in outcomes[key])
        summary.failed += any(isinstance(outcome, KatapultError) for outcome in outcomes[key])
    return summary


def _mismatch(key: str, outcomes: list[object], faults: list[Fault | None]) -> str:  # noqa: PLR0911 # one return for each
    """Return how the outcome of a key contradicts the faults that its requests met; empty if it does not."""
    if len(outcomes) != 1:
        return f"{len(outcomes)} outcomes"
    [outcome] = outcomes
    expected = [fault.expected if fault else Succeeds() for fault in faults]
    refusals = sum(isinstance(each, Fails) and each.status == 429 for each in expected)
    if len(faults) - refusals > MAX_ATTEMPTS or refusals > MAX_REFUSALS:
        return f"{len(faults)} requests, {refusals} of them refused by the rate limit"
    if any(each.attempts == 1 for each in expected[:-1]):
        return "sent again after a final outcome"
    if not expected:
        return "never sent"
    if isinstance(expected[-1], Succeeds):
        return "" if is_correct(outcome, key) else f"a correct response became {outcome!r}"
    if not _matches(outcome, expected[-1]):
        return f"the last request's {expected[-1].error.__name__} became {outcome!r}"
    exhausted = refusals == MAX_REFUSALS or len(faults) - refusals == MAX_ATTEMPTS
    return "" if exhausted or expected[-1].attempts == 1 else f"gave up too early: {outcome}"


def _matches(outcome: object, expected: Fails) -> bool:
    match outcome:
        case BadResponseError():
            return type(outcome) is expected.error and outcome.reason == expected.reason
        case RequestTimeoutError():
            # The phase may differ: this run has other timeouts than the table, so another one may end first.
            return type(outcome) is expected.error
        case APIError():
            return type(outcome) is expected.error and outcome.status == expected.status
    return type(outcome) is expected.error
