"""Many calls, some of which meet a fault that a seeded random generator chooses. The key of a call is the id of an
interface. A key may have a lasting fault: then all requests for it meet that fault.

The server's request log says which faults every call met. The expected outcomes of those faults say how the call must
have ended, and that is compared with the outcome that the client gave.
"""

import itertools
import random
import time
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import Final

import attrs

from katapult_async import (
    APIError,
    AuthenticationError,
    BadResponseError,
    Failed,
    KatapultError,
    RateLimitPolicy,
    RetryPolicy,
    Succeeded,
    Timeouts,
)

from .fault import LONG_TIMEOUTS, Fails, Fault, Succeeds
from .harness import is_correct, start_harness
from .responses import send_correct_response
from .server import LoggedRequest, ReceivedRequest, Responder
from .table import FAULTS, FAULTS_BY_NAME

KEYS: Final = 2000
FAULT_SHARE: Final = 0.3
MAX_ATTEMPTS: Final = 3
MAX_REFUSALS: Final = 5
CONCURRENCY: Final = 50

_READ_TIMEOUT: Final = 3.0  # seconds; on a busy machine, uvloop saw responses 0.4 s after they had arrived
_OUTAGE_TIMEOUT: Final = 4 * _READ_TIMEOUT
"""Seconds. At the end of a batch, an item whose requests hang looks like an outage, and the batch waits for its end."""

_TIMEOUTS = Timeouts(connect=5.0, read=_READ_TIMEOUT, attempt=2 * _READ_TIMEOUT, call=60.0)
_RETRY = RetryPolicy(
    attempts=MAX_ATTEMPTS, refusals=MAX_REFUSALS, wait_initial=0.001, wait_max=0.004, outage_timeout=_OUTAGE_TIMEOUT
)
_RATE_LIMIT = RateLimitPolicy(window=0.05)
_EXCLUDED = frozenset(
    {"permitted_zero", "remaining_above_permitted", "response_after_timeout", "slow_100_continue_without_end"}
)
"""The first two slow down other calls, since the client believes their headers. The others end differently with the
long timeouts of this run."""


LASTING_SHARE: Final = 0.02
"""Share of the keys that have a lasting fault, in a run with such keys."""

LASTING_RUN_KEYS: Final = 7600
"""Enough keys that each kind of failure is a lasting fault of one of them."""


def _usable_faults() -> list[Fault]:
    """Return the faults that may meet one call among many."""
    return [
        fault
        for fault in FAULTS
        if fault.listening
        and not fault.tls
        and fault.on_connect is None
        and fault.method == "GET"
        and fault.rate_limit.max_wait
        and fault.name not in _EXCLUDED
    ]


def _rejects_token(fault: Fault) -> bool:
    return isinstance(fault.expected, Fails) and fault.expected.error is AuthenticationError


def _random_faults() -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the faults that are drawn: the quick ones, and those that last until a timeout."""
    usable = [fault for fault in _usable_faults() if not _rejects_token(fault)]  # a rejected token ends the batch
    quick = tuple(fault for fault in usable if fault.timeouts is LONG_TIMEOUTS)
    return quick, tuple(fault for fault in usable if fault.timeouts is not LONG_TIMEOUTS)


def lasting_faults(keys: int) -> dict[int, Fault]:
    """Return the lasting faults by the numbers of the keys that have one: every kind of failure in turn.

    The first two are a token that is always rejected (403) and a rate limit that is always reached (429).
    """
    failures = [fault for fault in _usable_faults() if isinstance(fault.expected, Fails)]
    failures.sort(key=lambda fault: _is_refusal(fault) or _rejects_token(fault), reverse=True)
    step = round(1 / LASTING_SHARE)
    return dict(zip(range(step // 2, keys, step), itertools.cycle(failures), strict=False))


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

    seconds: float = 0.0
    """From the start to the end of the last key without a lasting fault."""

    extra_attempts: int = 0
    """Requests beyond the attempts that the policy allows, after failures that used up no attempt."""

    mismatches: list[str] = attrs.field(factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.keys} keys, {self.succeeded} succeeded, {self.failed} failed; "
            f"{self.requests} requests, {self.faulty} with one of {len(self.faults)} faults; "
            f"{len(self.mismatches)} mismatches"
        )


async def run_random_faults(
    *, seed: int, keys: int = KEYS, share: float = FAULT_SHARE, lasting: Mapping[int, Fault] | None = None
) -> Summary:
    """Make one run, and compare every outcome with the request log.

    Args:
        seed: seed of the drawn faults.
        keys: number of calls.
        share: share of the requests that meet a drawn fault.
        lasting: the fault that every request for a key meets, by the number of the key.
    """
    draw = random.Random(seed)
    quick, slow = _random_faults()
    requested = [f"vmnet_{seed}x{number}" for number in range(keys)]
    lasting_by_key = {requested[number]: fault for number, fault in (lasting or {}).items()}

    def choose(request: ReceivedRequest) -> tuple[str | None, Responder]:
        if request.key in lasting_by_key:
            fault = lasting_by_key[request.key]
            return fault.name, fault.responder
        if draw.random() >= share:
            return None, send_correct_response
        fault = draw.choice(slow if draw.random() < 0.02 else quick)
        return fault.name, fault.responder

    outcomes: dict[str, list[object]] = defaultdict(list)
    async with start_harness(timeouts=_TIMEOUTS, retry=_RETRY, rate_limit=_RATE_LIMIT) as harness:
        harness.server.choose = choose
        began_at = ended_at = time.perf_counter()
        batch = harness.client.virtual_machine_network_interfaces.available_ips_many(
            requested, address_versions=["ipv4"], concurrency=CONCURRENCY
        )
        async with batch:
            async for outcome in batch:
                if outcome.key.interface_id not in lasting_by_key:
                    ended_at = time.perf_counter()
                match outcome:
                    case Succeeded(key=query, value=value):
                        outcomes[query.interface_id].append(value)
                    case Failed(key=query, error=error):
                        outcomes[query.interface_id].append(error)
        request_log = tuple(harness.server.request_log)
    summary = Summary(seed, keys=len(outcomes), requests=len(request_log), seconds=ended_at - began_at)
    _compare(summary, requested, outcomes, request_log, lasting=lasting_by_key)
    return summary


def _compare(
    summary: Summary,
    requested: list[str],
    outcomes: Mapping[str, list[object]],
    request_log: Sequence[LoggedRequest],
    *,
    lasting: Container[str],
) -> None:
    """Compare every outcome with the request log, and complete the summary."""
    log: dict[str, list[Fault | None]] = defaultdict(list)
    successes: dict[str, list[int]] = defaultdict(list)  # by key: correct responses so far, at each of its requests
    correct = 0
    for entry in request_log:
        log[entry.request.key].append(FAULTS_BY_NAME[entry.fault] if entry.fault else None)
        successes[entry.request.key].append(correct)
        if entry.fault is None:
            correct += 1
    met = [entry.fault for entry in request_log if entry.fault is not None]
    summary.faulty, summary.faults = len(met), set(met)
    if sorted(outcomes) != sorted(requested) or not set(log) <= set(requested):
        summary.mismatches.append("keys are missing, or were not requested")
    for key in requested:
        faults = log[key]
        between = [later - earlier for earlier, later in itertools.pairwise(successes[key])]
        uncounted = len([count for count in between if count <= CONCURRENCY])
        mismatch = _mismatch(key, outcomes[key], faults, uncounted=uncounted)
        if mismatch:
            names = [fault.name if fault else "no fault" for fault in faults]
            summary.mismatches.append(f"{key}: {mismatch}; met {names}")
        if key not in lasting:
            summary.extra_attempts += max(0, len(faults) - _count_refusals(faults) - MAX_ATTEMPTS)
        if any(isinstance(outcome, list) for outcome in outcomes[key]):
            summary.succeeded += 1
        if any(isinstance(outcome, KatapultError) for outcome in outcomes[key]):
            summary.failed += 1
    if summary.extra_attempts > summary.keys // 100:
        summary.mismatches.append(f"{summary.extra_attempts} attempts more than the policy allows")


def _is_refusal(fault: Fault | None) -> bool:
    return fault is not None and isinstance(fault.expected, Fails) and fault.expected.status == 429


def _count_refusals(faults: list[Fault | None]) -> int:
    return len([fault for fault in faults if _is_refusal(fault)])


def _mismatch(  # noqa: PLR0911 # one return for each contradiction
    key: str, outcomes: list[object], faults: list[Fault | None], *, uncounted: int
) -> str:
    """Return how the outcome of a key contradicts the faults that its requests met; empty if it does not.

    In a batch, a failure uses up an attempt only if another request to the endpoint has succeeded since the item's last
    failure. ``uncounted`` is the number of failures for which that may be false: so few correct responses were sent in
    between that all of them may still have been in flight.
    """
    if len(outcomes) != 1:
        return f"{len(outcomes)} outcomes"
    [outcome] = outcomes
    expected = [fault.expected if fault else Succeeds() for fault in faults]
    refusals = _count_refusals(faults)
    if len(faults) - refusals > MAX_ATTEMPTS + uncounted or refusals > MAX_REFUSALS:
        return f"{len(faults)} requests, {refusals} of them refused by the rate limit"
    final = [ending for ending in expected[:-1] if ending.attempts == 1]
    # A 503 with a long Retry-After may be an outage: it is final only after another request to the endpoint succeeded.
    may_be_outages = [ending for ending in final if isinstance(ending, Fails) and ending.status == 503]
    if len(final) > 1 + uncounted or len(may_be_outages) < len(final):
        return "sent again after a final outcome"
    if not expected:
        return "never sent"
    if isinstance(expected[-1], Succeeds):
        return "" if is_correct(outcome, key) else f"a correct response became {outcome!r}"
    if not _matches(outcome, expected[-1]):
        return f"the last request's {expected[-1].error.__name__} became {outcome!r}"
    exhausted = refusals == MAX_REFUSALS or len(faults) - refusals >= MAX_ATTEMPTS
    return "" if exhausted or expected[-1].attempts == 1 else f"gave up too early: {outcome}"


def _matches(outcome: object, expected: Fails) -> bool:
    if type(outcome) is not expected.error:
        return False
    match outcome:
        case BadResponseError():
            return outcome.reason == expected.reason
        case APIError():
            return outcome.status == expected.status
    return True  # a timeout of another phase matches too: this run has other timeouts than the table


@attrs.frozen(kw_only=True)
class LastingResult:
    """The same run without lasting faults and with them."""

    without: Summary
    with_lasting: Summary
    kinds: int
    """Kinds of failure among the lasting faults."""

    @property
    def ratio(self) -> float:
        """Time until the last key without a lasting fault has its outcome: with lasting faults / without."""
        return self.with_lasting.seconds / self.without.seconds

    @property
    def mismatches(self) -> list[str]:
        """Outcomes that do not match the request log."""
        return [*self.without.mismatches, *self.with_lasting.mismatches]

    def __str__(self) -> str:
        return (
            f"{self.kinds} kinds of lasting faults: other keys done in {self.with_lasting.seconds:.1f} s instead of "
            f"{self.without.seconds:.1f} s ({self.ratio:.2f} x)\n  {self.with_lasting}"
        )


async def run_lasting_faults(*, seed: int, keys: int) -> LastingResult:
    """Make a run with lasting faults, and the same run without them."""
    lasting = lasting_faults(keys)
    without = await run_random_faults(seed=seed, keys=keys)
    return LastingResult(
        without=without,
        with_lasting=await run_random_faults(seed=seed, keys=keys, lasting=lasting),
        kinds=len({fault.name for fault in lasting.values()}),
    )
