"""Situations in which one part of the service fails, is limited or is slow, each with goals for all other parts.

Every run uses the whole client over a simulated transport, in virtual time.
"""

import asyncio
import contextlib
import functools
import itertools
import random
import statistics
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any

import attrs

from katapult_async import (
    EmptyResponse,
    Endpoint,
    KatapultClient,
    KatapultError,
    RateLimitPolicy,
    RequestError,
    RetryPolicy,
)
from katapult_async.config import OUTAGE_TIMEOUT
from tests.simulation.programs import BATCH, WEB, Simulation, WebCall, failed, finished_at
from tests.simulation.rules import (
    FixedWindowProxy,
    Inventory,
    LimitedEndpoint,
    LimitedInFlight,
    NginxProxy,
    breaks_key,
    delays,
    delays_at_random,
    fails,
    for_keys,
    forbids_key,
    hangs_key,
    refuses_at_random,
    refuses_everything,
    refuses_key,
)
from tests.simulation.server import ServerSettings
from tests.simulation.transport import ROUND_TRIP, Rule, now
from tests.simulation.virtual_time import START, run

__all__ = ["PHASES", "SITUATIONS", "Check", "Figures", "Situation", "measure_situation"]

PHASES = (0.02, 0.31, 0.5, 0.77, 0.97)
"""Parts of a window that have passed at the start."""

WAITS_OF_FIVE_ATTEMPTS = 0.5 + 1.0 + 2.0 + 4.0
BATCH_POST = Endpoint(path="/items", answer=None, type=EmptyResponse, method="POST")
LIMITED = Endpoint(path="/orders", answer=None, type=EmptyResponse, method="POST")
SLOW = Endpoint(path="/reports", answer=None, type=EmptyResponse)

Figures = Mapping[str, float]
"""What one run measured, by name:

- ``web errors``, ``web errors %``: single calls of the web application that failed.
- ``web p90 s``, ``web max s``, ``web over 1 s %``: how long its single calls took.
- ``not as promised``: single calls that neither succeeded in time nor failed after five attempts and their waits.
- ``failed``: items of a batch that failed, without a broken item; for the fleet, 1 if it could not be listed.
- ``others failed``: items of a batch that failed, without the one that always fails.
- ``missing``: interfaces that the fleet did not list.
- ``broken items succeeded``: 1 if the broken item succeeded.
- ``attempts at an item``: most attempts that an item had which failed.
- ``batch s``: seconds of the batch.
- ``batch late s``, ``others late s``: how many seconds longer the batch takes than without the fault. If the fault is a
  limit of requests in flight: how many seconds longer than with one worker for each permitted request.
- ``after the others s``: seconds from the last success to the end of the batch, where the last items always fail.
- ``batch ratio``: the seconds of the batch, as a multiple of those without the fault, or of the shortest possible.
- ``POSTs late s``: seconds from the reset that permits the last POSTs to the last success.
- ``after the outage s``, ``after the reset s``: seconds from the end of the outage, or from a reset, to the success.
- ``requests``: requests that got a 503 during the outage.
- ``refused %``: requests that were refused.
"""

Measure = Callable[[int, float], Figures]
"""Runs a situation with a seed and from a phase of the window."""


def _in_virtual_time(measure: Callable[[int, float], Coroutine[Any, Any, Figures]]) -> Measure:
    """Return the function that runs a situation on an event loop in virtual time."""
    return lambda seed, phase: run(measure(seed, phase))


@attrs.frozen(kw_only=True)
class Check:
    """A figure and its goal."""

    figure: str
    limit: float


@attrs.frozen(kw_only=True)
class Situation:
    """A fault, and the goals that have to be met in spite of it."""

    name: str
    measure: Measure
    checks: tuple[Check, ...]


@attrs.frozen(kw_only=True)
class Measured:
    """One goal over all runs."""

    situation: str
    figure: str
    worst: float
    mean: float
    limit: float
    missed: int
    runs: int

    @property
    def met(self) -> bool:
        return not self.missed


def measure_situation(situation: Situation, *, starts: Iterable[tuple[int, float]]) -> list[Measured]:
    """Run a situation with each seed from its phase of the window."""
    runs = [situation.measure(seed, phase) for seed, phase in starts]
    measured = []
    for check in situation.checks:
        figures = [figures[check.figure] for figures in runs if check.figure in figures]
        measured.append(
            Measured(
                situation=situation.name,
                figure=check.figure,
                worst=max(figures),
                mean=sum(figures) / len(figures),
                limit=check.limit,
                missed=len([figure for figure in figures if figure > check.limit]),
                runs=len(figures),
            )
        )
    return measured


@functools.cache
def _healthy(seed: int, phase: float, requests: int = 2500) -> float:
    """Return the seconds of the same batch beside the same web application without a fault."""

    async def main() -> float:
        simulation = Simulation(seed, phase)
        async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
            return finished_at(await simulation.batch(katapult, requests))

    return run(main())


def _failing_endpoint(kind: str, *, post: bool = False, seconds: float = 150.0) -> Measure:
    """Make single calls beside a batch whose endpoint fails every request, for some seconds."""
    endpoint = BATCH_POST if post else BATCH

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, fails(endpoint.path, kind))

        async def failing_batch(katapult: KatapultClient) -> None:
            await simulation.batch(katapult, 2500, endpoint=endpoint)

        async with (
            simulation.client() as katapult,
            simulation.in_background(simulation.web(katapult), failing_batch(katapult)),
        ):
            await asyncio.sleep(seconds)
        return simulation.web_figures()

    return measure


@_in_virtual_time
async def _endpoint_that_fails_after_an_outage(seed: int, phase: float) -> Figures:
    """Let everything fail for 100 s, and the endpoint of a batch forever: make single calls beside it for a minute.

    The figures are those of single calls from 5 s after the outage.
    """
    simulation = Simulation(seed, phase, fails(BATCH.path, "500"), fails("", "503", since=0.5, until=100.5))

    async def failing_batch(katapult: KatapultClient) -> None:
        await simulation.batch(katapult, 300)

    async with simulation.client() as katapult, simulation.in_background(failing_batch(katapult)):
        async with simulation.in_background(simulation.web(katapult)):
            await asyncio.sleep(105.5)
        simulation.web_calls.clear()
        async with simulation.in_background(simulation.web(katapult)):
            await asyncio.sleep(60.0)
    return simulation.web_figures()


def _slow_endpoint(rule: Rule, *, starts_first: bool) -> Measure:
    """Run a batch to a slow endpoint beside another batch and single calls. Either of the batches can start first."""

    def measure(seed: int, phase: float) -> Figures:
        healthy = _healthy(seed, phase)

        async def main() -> Figures:
            simulation = Simulation(seed, phase, rule)

            async def slow(katapult: KatapultClient) -> None:
                await simulation.batch(katapult, 1000, endpoint=SLOW, concurrency=40)

            async with simulation.client() as katapult:
                if starts_first:
                    await simulation.web_call(katapult)  # the budget is known now
                async with simulation.in_background(simulation.web(katapult), slow(katapult)):
                    if starts_first:
                        await asyncio.sleep(0.01)
                    batch = await simulation.batch(katapult, 2500)
            return {
                **simulation.web_figures(),
                "batch late s": finished_at(batch) - healthy,
                "failed": failed(batch),
            }

        return run(main())

    return measure


def _limited(counters: str) -> Measure:
    """Send 50 POSTs to an endpoint that permits 10 in a window, beside a batch and single calls."""
    posts = 50

    def measure(seed: int, phase: float) -> Figures:
        healthy = _healthy(seed, phase)

        async def main() -> Figures:
            simulation = Simulation(seed, phase, LimitedEndpoint(LIMITED.path, 10, counters))
            fourth_reset = simulation.server.next_start(START) - START + 3 * 60.0
            async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
                orders, batch = await asyncio.gather(
                    simulation.batch(katapult, posts, endpoint=LIMITED), simulation.batch(katapult, 2500)
                )
            return {
                **simulation.web_figures(),
                "batch ratio": finished_at(batch) / healthy,
                "failed": failed(batch) + failed(orders),
                "POSTs late s": finished_at(orders) - fourth_reset,
            }

        return run(main())

    return measure


def _limited_alone(workers: int) -> Measure:
    """Send 50 POSTs to an endpoint that permits 10 in a window, while nothing else uses the token."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, LimitedEndpoint(LIMITED.path, 10, "token"))
        fourth_reset = simulation.server.next_start(START) - START + 3 * 60.0
        async with simulation.client() as katapult:
            orders = await simulation.batch(katapult, 50, endpoint=LIMITED, concurrency=workers)
        return {"failed": failed(orders), "POSTs late s": finished_at(orders) - fourth_reset}

    return measure


def _spent_for_an_hour(counters: str) -> Measure:
    """Run a batch and single calls, and make eight calls to an endpoint whose own limit is used up for an hour."""

    def measure(seed: int, phase: float) -> Figures:
        healthy = _healthy(seed, phase)

        async def order(katapult: KatapultClient) -> None:
            with contextlib.suppress(KatapultError):
                await katapult.call(LIMITED, body={})

        async def orders(simulation: Simulation, katapult: KatapultClient) -> None:
            async with asyncio.TaskGroup() as group:
                for _ in range(8):
                    await asyncio.sleep(simulation.random.uniform(0.0, 10.0))
                    group.create_task(order(katapult))

        async def main() -> Figures:
            rule = LimitedEndpoint(LIMITED.path, 100, counters, window=3600.0, used=100)
            simulation = Simulation(seed, phase, rule)
            async with (
                simulation.client() as katapult,
                simulation.in_background(simulation.web(katapult), orders(simulation, katapult)),
            ):
                batch = await simulation.batch(katapult, 2500)
            return {**simulation.web_figures(), "batch ratio": finished_at(batch) / healthy, "failed": failed(batch)}

        return run(main())

    return measure


def _limited_in_flight(path: str, most: int, refusal: str, *, workers: int = 50) -> Measure:
    """Run a batch whose requests in flight are limited, with many workers and with one for each permitted request."""

    def measure(seed: int, phase: float) -> Figures:
        async def main(concurrency: int) -> Figures:
            simulation = Simulation(seed, phase, LimitedInFlight(path, most, 0.05, refusal))
            async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
                batch = await simulation.batch(katapult, 2500, concurrency=concurrency)
            return {**simulation.web_figures(), "batch s": finished_at(batch), "failed": failed(batch)}

        figures = run(main(workers))
        return {**figures, "batch late s": figures["batch s"] - run(main(most))["batch s"]}

    return measure


def _processes_limited_in_flight(processes: int, most: int) -> Measure:
    """Run a batch in each of several processes, behind a proxy that permits few requests in flight and sends 503."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, LimitedInFlight("", most, 0.05, "503"))
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(simulation.client()) for _ in range(processes)]
            batches = await asyncio.gather(*(simulation.batch(client, 300) for client in clients))
        return {"failed": sum(map(failed, batches)), "batch s": max(map(finished_at, batches))}

    return measure


def _refused_item(counters: str) -> Measure:
    """Run a batch of which one item is refused (429) forever, beside single calls."""

    def measure(seed: int, phase: float) -> Figures:
        healthy = _healthy(seed, phase, 1500)

        async def main() -> Figures:
            key = f"i{random.Random(seed).randrange(1500)}"
            simulation = Simulation(seed, phase, refuses_key(key, counters))
            async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
                batch = await simulation.batch(katapult, 1500)
            return {
                **simulation.web_figures(),
                "others late s": finished_at(batch) - healthy,
                "others failed": failed({other: outcome for other, outcome in batch.items() if other != key}),
            }

        return run(main())

    return measure


def _refused_at_random(seed: int, phase: float) -> Figures:
    """Run a batch beside single calls while 1 % of all requests are refused at random."""
    healthy = _healthy(seed, phase)

    async def main() -> Figures:
        simulation = Simulation(seed, phase, refuses_at_random(0.01, seed))
        async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
            batch = await simulation.batch(katapult, 2500)
        return {**simulation.web_figures(), "batch ratio": finished_at(batch) / healthy, "failed": failed(batch)}

    return run(main())


def _web_in_its_own_process(batches: int) -> Measure:
    """Run batches, each in a process of its own, with and without single calls in a further process."""

    def measure(seed: int, phase: float) -> Figures:
        async def main(*, web: bool) -> tuple[float, Figures]:
            simulation = Simulation(seed, phase)
            async with contextlib.AsyncExitStack() as stack:
                own = await stack.enter_async_context(simulation.client())
                clients = [await stack.enter_async_context(simulation.client()) for _ in range(batches)]
                programs = [simulation.web(own)] if web else []
                async with simulation.in_background(*programs):
                    results = await asyncio.gather(*(simulation.batch(client, 2300) for client in clients))
                figures = simulation.web_figures()
            return max(finished_at(outcomes) for outcomes in results), figures

        without, _ = run(main(web=False))
        seconds, figures = run(main(web=True))
        return {**figures, "batch ratio": seconds / without}

    return measure


@_in_virtual_time
async def _forbidden_item(seed: int, phase: float) -> Figures:
    """Run a batch of which one item is rejected as if the token were not allowed from this network."""
    key = f"i{random.Random(seed).randrange(2500)}"
    simulation = Simulation(seed, phase, forbids_key(key))
    async with simulation.client() as katapult:
        return {"failed": failed(await simulation.batch(katapult, 2500))}


def _outage(
    seconds: float, *, kind: str = "503", workers: int = 50, requests: int = 2500, has_broken_item: bool = False
) -> Measure:
    """Run a batch and single calls through an outage of the host. A broken item fails after the outage too."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        broken_keys = {f"i{requests // 2}"} if has_broken_item else set()
        rules = [fails("", kind, since=0.15, until=0.15 + seconds), *map(breaks_key, broken_keys)]
        simulation = Simulation(seed, phase, *rules)
        async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
            batch = await simulation.batch(katapult, requests, concurrency=workers)
        during = [at for at, status in simulation.transports[0].statuses if status == 503]
        failed_keys = {other for other, outcome in batch.items() if isinstance(outcome, KatapultError)}
        return {
            "failed": float(len(failed_keys - broken_keys)),
            "requests": float(len(during)),
            "broken items succeeded": float(len(broken_keys - failed_keys)),
            "after the outage s": finished_at(batch) - seconds,
        }

    return measure


def _failing_item(rule: Callable[[str], Rule], *, workers: int, last: bool) -> Measure:
    """Let one item of a batch fail forever: the last one, or one of the first 150."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        key = "i199" if last else f"i{random.Random(seed).randrange(150)}"
        simulation = Simulation(seed, phase, rule(key))
        async with simulation.client() as katapult:
            batch = await simulation.batch(katapult, 200, concurrency=workers)
        return {
            "batch s": now(),
            "others failed": failed({other: outcome for other, outcome in batch.items() if other != key}),
        }

    return measure


def _failing_items_of_slow_server(kind: str, seconds: float, *, workers: int) -> Measure:
    """Let 20 items of a batch fail forever, quickly, while the responses of the others take seconds."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        keys = random.Random(seed).sample([f"i{number}" for number in range(400)], 20)
        simulation = Simulation(
            seed, phase, for_keys(keys, fails("", kind)), delays_at_random(BATCH.path, seconds, seed)
        )
        async with simulation.client() as katapult:
            batch = await simulation.batch(katapult, 400, concurrency=workers)
        errors = {key: outcome for key, outcome in batch.items() if isinstance(outcome, RequestError)}
        return {
            "others late s": finished_at(batch) - 400 * (seconds + ROUND_TRIP) / workers,
            "after the others s": now() - finished_at(batch),
            "attempts at an item": float(max(error.attempts for error in errors.values())),
            "others failed": float(len(errors.keys() - set(keys))),
        }

    return measure


def _outage_of_slow_server(kind: str, seconds: float, *, workers: int) -> Measure:
    """Let everything fail, quickly, for some seconds, at any time of a batch whose responses take 1.5 to 4.5 s."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        since = random.Random(seed).uniform(1.0, 400 * 3.0 / workers)
        outage = fails("", kind, since=since, until=since + seconds)
        simulation = Simulation(seed, phase, outage, delays_at_random(BATCH.path, 3.0, seed))
        async with simulation.client() as katapult:
            batch = await simulation.batch(katapult, 400, concurrency=workers)
        return {
            "failed": failed(batch),
            "batch late s": now() - seconds - 400 * (3.0 + ROUND_TRIP) / workers,
        }

    return measure


@_in_virtual_time
async def _server_that_fails_again_and_again(seed: int, phase: float) -> Figures:
    """Let everything fail for a second of every five, for 110 s, with 503s of a proxy and responses of 0.5 to 1.5 s."""
    outages = [fails("", "503 of a proxy", since=since, until=since + 1.0) for since in range(10, 120, 5)]
    simulation = Simulation(seed, phase, *outages, delays_at_random(BATCH.path, 1.0, seed))
    async with simulation.client() as katapult:
        batch = await simulation.batch(katapult, 285, concurrency=5)
    return {"failed": failed(batch), "batch s": now()}


@_in_virtual_time
async def _batch_with_random_failures(seed: int, phase: float) -> Figures:
    """Send a proxy's 503 to 5 % of a batch's requests and of single calls; the batch's responses take 1.5 to 4.5 s."""
    source = random.Random(f"failures {seed}")
    fail = fails("", "503 of a proxy")
    simulation = Simulation(
        seed,
        phase,
        lambda request, server: fail(request, server) if source.random() < 0.05 else None,
        delays_at_random(BATCH.path, 3.0, seed),
    )
    async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
        batch = await simulation.batch(katapult, 800, concurrency=100)
    return {**simulation.web_figures(), "failed": failed(batch), "batch s": now()}


def _server_that_fails_at_random(seed: int, phase: float) -> Figures:
    """Run five such batches: one of seven takes half as long again as most."""
    runs = [_batch_with_random_failures(5 * seed + number, phase) for number in range(5)]
    highest = {name: max(figures[name] for figures in runs) for name in runs[0]}
    return {**highest, "median batch s": statistics.median(figures["batch s"] for figures in runs)}


def _single_calls_in_outage(*, workers: int, endpoint: Endpoint[EmptyResponse]) -> Measure:
    """Make single calls to the endpoint of a batch, or to another, while everything fails for a minute."""

    def as_promised(call: WebCall) -> bool:
        """Return whether a call succeeded, or failed after five attempts and the waits between them."""
        if call.error is None:
            return call.ended_at - call.began_at <= OUTAGE_TIMEOUT
        attempts = call.error.attempts if isinstance(call.error, RequestError) else 0
        return (
            attempts == RetryPolicy().attempts
            and call.ended_at - call.began_at <= WAITS_OF_FIVE_ATTEMPTS + 5 * 1.2 * ROUND_TRIP
        )

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, fails("", "503", since=0.15, until=60.15))
        async with (
            simulation.client() as katapult,
            simulation.in_background(simulation.web(katapult, endpoint=endpoint)),
        ):
            await simulation.batch(katapult, 400, concurrency=workers)
        during = [call for call in simulation.web_calls if call.began_at < 60.15]
        errors = [call for call in during if call.error is not None]
        return {
            "not as promised": float(len([call for call in during if not as_promised(call)])),
            "web errors %": 100 * len(errors) / max(1, len(during)),
        }

    return measure


def _fleet_in_outage(seconds: float, *, workers: int) -> Measure:
    """List a fleet in three runs with outages that begin at different moments; return the worst figures."""
    organizations, machines = 2, 450
    moments = (0.0, 0.27, 1.0)  # before the first response, between two pages of machines, among the interfaces

    async def listed(seed: int, phase: float, since: float) -> Figures:
        outage = fails("", "503", since=since, until=since + seconds)
        simulation = Simulation(seed, phase, outage, Inventory(organizations, machines))
        interfaces: set[str] = set()
        failures = 0
        async with simulation.client() as katapult, katapult.fleet(concurrency=workers) as fleet:
            try:
                async for interface in fleet:
                    interfaces.add(interface.id)
            except KatapultError:
                failures = 1
        statuses = [status for _, status in simulation.transports[0].statuses]
        return {
            "missing": float(organizations * machines - len(interfaces)),
            "failed": float(failures),
            "requests": float(statuses.count(503)),
        }

    def measure(seed: int, phase: float) -> Figures:
        runs = [run(listed(seed, phase, since)) for since in moments]
        return {figure: max(figures[figure] for figures in runs) for figure in runs[0]}

    return measure


def _hanging(max_in_flight: int) -> Measure:
    """Make single calls for 150 s, beside a batch whose endpoint hangs."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, fails(BATCH.path, "hang"))

        async def hanging_batch(katapult: KatapultClient) -> None:
            await simulation.batch(katapult, 2500, concurrency=100)

        policy = RateLimitPolicy(max_in_flight=max_in_flight)
        async with (
            simulation.client(rate_limit=policy) as katapult,
            simulation.in_background(hanging_batch(katapult), simulation.web(katapult)),
        ):
            await asyncio.sleep(150.0)
        return simulation.web_figures()

    return measure


def _hanging_for_single_calls(max_in_flight: int, *, since: float) -> Measure:
    """Make single calls for 150 s, beside those to an endpoint that hangs."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, fails(SLOW.path, "hang", since=since))

        async def hanging_call(katapult: KatapultClient) -> None:
            with contextlib.suppress(KatapultError):
                await katapult.call(SLOW)

        async def hanging_calls(katapult: KatapultClient) -> None:
            async with asyncio.TaskGroup() as group:
                while True:
                    await asyncio.sleep(simulation.random.expovariate(5.0))
                    group.create_task(hanging_call(katapult))

        policy = RateLimitPolicy(max_in_flight=max_in_flight)
        async with simulation.client(rate_limit=policy) as katapult:
            await simulation.web_call(katapult)
            async with simulation.in_background(hanging_calls(katapult), simulation.web(katapult)):
                await asyncio.sleep(150.0)
        return simulation.web_figures()

    return measure


def _late_reset(late: float) -> Measure:
    """Make 2,200 single calls, 20 at a time, to a server that resets its windows late."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        simulation = Simulation(seed, phase, settings=ServerSettings(late=late))
        resets = [simulation.server.next_start(START) - START + 60.0 * number for number in range(10)]
        left = iter(range(2200))

        async def calls(katapult: KatapultClient) -> None:
            for _ in left:
                await simulation.web_call(katapult)

        async with simulation.client() as katapult:
            await asyncio.gather(*(calls(katapult) for _ in range(20)))
        waits = [
            call.ended_at - max([call.began_at, *(reset for reset in resets if reset < call.ended_at)])
            for call in simulation.web_calls
        ]
        errors = [call for call in simulation.web_calls if call.error is not None]
        return {"after the reset s": max(waits), "web errors": float(len(errors))}

    return measure


def _undated(seed: int, phase: float) -> Figures:
    """Run a batch and single calls to a server whose responses have no ``Date``."""
    healthy = _healthy(seed, phase)

    async def main() -> Figures:
        simulation = Simulation(seed, phase, settings=ServerSettings(date=False))
        async with simulation.client() as katapult, simulation.in_background(simulation.web(katapult)):
            batch = await simulation.batch(katapult, 2500)
        statuses = [status for _, status in simulation.transports[0].statuses]
        return {
            **simulation.web_figures(),
            "batch late s": finished_at(batch) - healthy,
            "failed": failed(batch),
            "refused %": 100 * statuses.count(429) / len(statuses),
        }

    return run(main())


def _late_reset_at_start(late: float) -> Measure:
    """Start at a random moment within 3 s before or after ``:00`` of the server's clock."""
    measure = _late_reset(late)
    return lambda seed, _: measure(seed, random.Random(f"start {seed}").uniform(-0.05, 0.05) % 1.0)


@_in_virtual_time
async def _proxy_with_retry_after(seed: int, phase: float) -> Figures:
    """Run a batch behind a proxy that permits 100 requests in 10 s, and refuses others with ``Retry-After``."""
    simulation = Simulation(seed, phase, FixedWindowProxy(100, 10.0))
    async with simulation.client() as katapult:
        batch = await simulation.batch(katapult, 750)
    shortest = 70.5  # seven periods of 10 s, and half a second for the last 50 requests
    return {"batch ratio": finished_at(batch) / shortest, "failed": failed(batch)}


@_in_virtual_time
async def _closed_proxy(seed: int, phase: float) -> Figures:
    """Run a batch behind a proxy that refuses everything for five minutes, with ``Retry-After``."""
    simulation = Simulation(seed, phase, refuses_everything(at=0.5, seconds=300.0))
    async with simulation.client() as katapult:
        batch = await simulation.batch(katapult, 900)
    return {"batch s": finished_at(batch), "failed": failed(batch)}


def _nginx(requests: int, *, nodelay: bool, status: int = 429, rate: float = 20.0, web: bool = True) -> Measure:
    """Run a batch, with or without single calls, behind nginx's ``limit_req``, with a number of requests a second."""

    @_in_virtual_time
    async def measure(seed: int, phase: float) -> Figures:
        proxy = NginxProxy(rate, 10, nodelay=nodelay, status=status)
        simulation = Simulation(seed, phase, proxy)
        async with simulation.client() as katapult:
            programs = [simulation.web(katapult)] if web else []
            async with simulation.in_background(*programs):
                batch = await simulation.batch(katapult, requests)
        return {
            **simulation.web_figures(),
            "batch ratio": finished_at(batch) / (requests / rate),
            "failed": failed(batch),
            "refused %": 100 * proxy.refused / proxy.received,
        }

    return measure


def _situations_of_endpoints() -> Iterator[Situation]:
    for kind in ("500", "503", "503 of a proxy", "disconnect", "connect"):
        for post in (False, True):
            yield Situation(
                name=f"one endpoint always fails ({kind}, {'POST' if post else 'GET'})",
                measure=_failing_endpoint(kind, post=post),
                checks=(Check(figure="web errors", limit=0), Check(figure="web max s", limit=1.5)),
            )
    yield Situation(
        name="one endpoint still fails after an outage of 100 s",
        measure=_endpoint_that_fails_after_an_outage,
        checks=(Check(figure="web errors", limit=0), Check(figure="web max s", limit=1.5)),
    )
    for behavior, rule, starts_first in (
        ("responds after 25 s, to a batch of its own", delays(SLOW.path, 25.0), False),
        ("hangs for a batch that starts first", fails(SLOW.path, "hang"), True),
    ):
        yield Situation(
            name=f"one endpoint {behavior}",
            measure=_slow_endpoint(rule, starts_first=starts_first),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="web max s", limit=1.5),
                Check(figure="batch late s", limit=2.0),
                Check(figure="failed", limit=0),
            ),
        )


def _situations_of_limits() -> Iterator[Situation]:
    for counters in ("own", "token", "no"):
        yield Situation(
            name=f"POSTs limited to 10 a minute, {counters} counter in the 429",
            measure=_limited(counters),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="web p90 s", limit=1.0),
                Check(figure="batch ratio", limit=1.03),
                Check(figure="failed", limit=0),
                Check(figure="POSTs late s", limit=3.0),
            ),
        )
        yield Situation(
            name=f"POSTs limited to 100 an hour and spent, {counters} counter in the 429",
            measure=_spent_for_an_hour(counters),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="web p90 s", limit=1.0),
                Check(figure="batch ratio", limit=1.03),
                Check(figure="failed", limit=0),
            ),
        )
    for workers in (1, 50):
        yield Situation(
            name=f"only POSTs, limited to 10 a minute, token counter in the 429, workers: {workers}",
            measure=_limited_alone(workers),
            checks=(Check(figure="failed", limit=0), Check(figure="POSTs late s", limit=3.0)),
        )
    for (owner, path), most, counters in itertools.product(
        (("one endpoint", BATCH.path), ("the server", "")), (3, 10), ("true", "no")
    ):
        yield Situation(
            name=f"{owner} permits {most} requests in flight, {counters} counter in the 429",
            measure=_limited_in_flight(path, most, counters),
            checks=(
                Check(figure="web errors", limit=0),
                # if the limit is the server's, the batch takes the places of the single calls
                *((Check(figure="web p90 s", limit=1.0),) if path else ()),
                Check(figure="batch late s", limit=20.0),
                Check(figure="failed", limit=0),
            ),
        )
    for counters in ("true", "no", "zero"):
        yield Situation(
            name=f"one item is refused forever, {counters} counter",
            measure=_refused_item(counters),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="others late s", limit=0.5),
                Check(figure="others failed", limit=0),
            ),
        )
    yield Situation(
        name="1 % are refused with a true counter",
        measure=_refused_at_random,
        checks=(
            Check(figure="web errors", limit=0),
            Check(figure="batch ratio", limit=1.05),
            Check(figure="failed", limit=0),
        ),
    )


def _situations_of_processes() -> Iterator[Situation]:
    for batches, share in ((1, 5.0), (2, 5.0), (4, 10.0)):
        yield Situation(
            name=f"web in its own process beside {batches} batches",
            measure=_web_in_its_own_process(batches),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="web over 1 s %", limit=share),
                Check(figure="batch ratio", limit=1.03),
            ),
        )
    yield Situation(
        name="one 403 of the token among 2,500", measure=_forbidden_item, checks=(Check(figure="failed", limit=1),)
    )


def _situations_of_outages() -> Iterator[Situation]:
    for seconds in (90.0, 600.0):
        yield Situation(
            name=f"503 from everything for {seconds:g} s",
            measure=_outage(seconds),
            checks=(Check(figure="failed", limit=0),),
        )
    yield Situation(
        name="503 from everything for 90 s, Retry-After: 300",
        measure=_outage(90.0, kind="maintenance"),
        checks=(Check(figure="failed", limit=0),),
    )
    for workers in (1, 5, 20, 50, 100):
        yield Situation(
            name=f"503 from everything for 60 s, workers: {workers}",
            measure=_outage(60.0, workers=workers, requests=400, has_broken_item=True),
            checks=(
                Check(figure="failed", limit=0),
                Check(figure="requests", limit=200),
                Check(figure="broken items succeeded", limit=0),
                Check(figure="after the outage s", limit=60),
            ),
        )
    for kind, seconds, workers, late in (
        ("503", 20.0, 20, 60),
        ("503", 20.0, 100, 60),
        ("disconnect", 20.0, 20, 60),
        ("disconnect", 20.0, 100, 60),
        ("maintenance", 20.0, 20, 120),  # a proxy's 503s may begin a slow pace
        ("maintenance", 20.0, 100, 120),
        ("503 of a proxy", 3.0, 5, 20),
        ("503 of a proxy", 3.0, 20, 30),
    ):
        yield Situation(
            name=f"outage of {seconds:g} s ({kind}), responses: 3 s, workers: {workers}",
            measure=_outage_of_slow_server(kind, seconds, workers=workers),
            checks=(Check(figure="failed", limit=0), Check(figure="batch late s", limit=late)),
        )
    yield Situation(
        name="outages (503 of a proxy) of 1 s every 5 s, responses: 1 s",
        measure=_server_that_fails_again_and_again,
        checks=(Check(figure="failed", limit=0), Check(figure="batch s", limit=100)),  # 60 s without outages
    )
    yield Situation(
        name="5 % of the requests get a proxy's 503, responses: 3 s, workers: 100",
        measure=_server_that_fails_at_random,
        checks=(  # 25 s without failures
            Check(figure="failed", limit=0),
            Check(figure="median batch s", limit=50),
            Check(figure="batch s", limit=100),
            Check(figure="web errors", limit=0),
        ),
    )
    for workers in (1, 5, 20, 50, 100):
        for endpoint, owner in ((BATCH, "the batch's"), (WEB, "another")):
            yield Situation(
                name=f"single calls to {owner} endpoint while everything fails for 60 s, workers: {workers}",
                measure=_single_calls_in_outage(workers=workers, endpoint=endpoint),
                checks=(Check(figure="not as promised", limit=0), Check(figure="web errors %", limit=20)),
            )


def _situations_of_failing_items() -> Iterator[Situation]:
    for item, rule, kind, workers, seconds in (
        ("one", hangs_key, "hangs", 50, 310.0),  # five attempts of 60 s
        # six attempts: after the first, no other call shows whether the endpoint works
        ("one", hangs_key, "hangs", 1, 380.0),
        ("one", breaks_key, "fails (500)", 50, 10.0),
        # attempts as long as a single call waits for the end of an outage
        ("the last", hangs_key, "hangs", 1, 200.0),
        ("the last", breaks_key, "fails (500)", 50, 95.0),
    ):
        yield Situation(
            name=f"{item} of 200 items {kind} forever, workers: {workers}",
            measure=_failing_item(rule, workers=workers, last=item != "one"),
            checks=(Check(figure="batch s", limit=seconds), Check(figure="others failed", limit=0)),
        )
    for kind, response_seconds, workers in (
        ("500", 1.0, 5),
        ("500", 3.0, 5),
        ("500", 3.0, 50),
        ("503 of a proxy", 0.1, 5),
        ("503 of a proxy", 1.0, 50),
        ("503 of a proxy", 3.0, 50),
    ):
        yield Situation(
            name=f"20 of 400 items fail ({kind}) forever, responses: {response_seconds:g} s, workers: {workers}",
            measure=_failing_items_of_slow_server(kind, response_seconds, workers=workers),
            checks=(
                Check(figure="others late s", limit=95.0),
                Check(figure="after the others s", limit=95.0),  # as if the last item alone fails
                Check(figure="attempts at an item", limit=50),
                Check(figure="others failed", limit=0),
            ),
        )


def _situations_of_the_fleet_and_hanging_endpoints() -> Iterator[Situation]:
    for workers in (1, 5, 20, 50, 100):
        yield Situation(
            name=f"503 from everything for 60 s while the fleet is listed, workers: {workers}",
            measure=_fleet_in_outage(60.0, workers=workers),
            checks=(
                Check(figure="missing", limit=0),
                Check(figure="failed", limit=0),
                Check(figure="requests", limit=200),
            ),
        )
    for max_in_flight, since in ((2, 0.0), (3, 0.0), (100, 20.0)):
        yield Situation(
            name=f"the endpoint of 5 single calls a second hangs, max_in_flight {max_in_flight}",
            measure=_hanging_for_single_calls(max_in_flight, since=since),
            checks=(Check(figure="web errors", limit=0), Check(figure="web max s", limit=1.5)),
        )
    yield Situation(  # the endpoint begins to hang when all slots are in use: other calls wait until the first timeout
        name="the endpoint of 5 single calls a second begins to hang, max_in_flight 2",
        measure=_hanging_for_single_calls(2, since=20.0),
        checks=(Check(figure="web errors", limit=0), Check(figure="web max s", limit=61)),
    )
    for max_in_flight in (8, 100):
        yield Situation(
            name=f"the batch's endpoint hangs, max_in_flight {max_in_flight}",
            measure=_hanging(max_in_flight),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="web p90 s", limit=1.0),
                Check(figure="web max s", limit=2.0),
            ),
        )


def _situations_of_late_resets_and_proxies() -> Iterator[Situation]:
    for late in (2.0, 3.0, 4.0):
        yield Situation(
            name=f"the counter is reset {late:g} s late",
            measure=_late_reset(late),
            checks=(Check(figure="after the reset s", limit=2.0), Check(figure="web errors", limit=0)),
        )
    yield Situation(
        name="a reset that is 4 s late, within 3 s of the start",
        measure=_late_reset_at_start(4.0),
        checks=(Check(figure="after the reset s", limit=2.0), Check(figure="web errors", limit=0)),
    )
    yield Situation(
        name="no response has a Date",
        measure=_undated,
        checks=(
            Check(figure="web errors", limit=0),
            Check(figure="web p90 s", limit=3.0),
            Check(figure="web max s", limit=12.0),
            Check(figure="batch late s", limit=61.0),  # a window more, if the requests nearly fill the last one
            Check(figure="failed", limit=0),
            Check(figure="refused %", limit=0.25),
        ),
    )
    yield Situation(
        name="a proxy permits 100 requests in 10 s, Retry-After",
        measure=_proxy_with_retry_after,
        checks=(Check(figure="batch ratio", limit=1.4), Check(figure="failed", limit=0)),
    )
    yield Situation(
        name="a proxy refuses everything for 300 s, Retry-After",
        measure=_closed_proxy,
        checks=(Check(figure="batch s", limit=330), Check(figure="failed", limit=0)),
    )
    for requests, nodelay in itertools.product((60, 600), (False, True)):
        yield Situation(
            name=f"nginx limit_req 20 r/s, burst 10{' nodelay' if nodelay else ''}, {requests} calls",
            measure=_nginx(requests, nodelay=nodelay),
            checks=(
                Check(figure="batch ratio", limit=2.0),
                Check(figure="refused %", limit=25.0 if requests > 100 else 50.0),
                Check(figure="failed", limit=0),
                *((Check(figure="web errors", limit=0),) if requests > 100 else ()),
            ),
        )
    yield Situation(
        name="nginx limit_req 60 r/s, burst 10, and three windows of Katapult",
        measure=_nginx(2500, nodelay=False, rate=60.0),
        checks=(
            Check(figure="refused %", limit=1.0),
            Check(figure="failed", limit=0),
            Check(figure="web errors", limit=0),
            Check(figure="web p90 s", limit=0.5),
        ),
    )
    for status, most in itertools.product(("429", "503"), (1, 3, 10, 30)):
        yield Situation(
            name=f"nginx limit_conn {most}, status {status}",
            measure=_limited_in_flight("", most, status),
            checks=(
                Check(figure="web errors", limit=0),
                Check(figure="web p90 s", limit=1.0),
                Check(figure="batch late s", limit=20.0),
                Check(figure="failed", limit=0),
            ),
        )
    yield Situation(  # with so few workers, no pace begins
        name="nginx limit_conn 1, status 503, workers: 5",
        measure=_limited_in_flight("", 1, "503", workers=5),
        checks=(Check(figure="web errors", limit=0), Check(figure="failed", limit=0)),
    )
    for processes, most in ((2, 1), (8, 4)):
        yield Situation(
            name=f"{processes} processes behind nginx limit_conn {most}, with its default status 503",
            measure=_processes_limited_in_flight(processes, most),
            checks=(Check(figure="failed", limit=0), Check(figure="batch s", limit=240)),
        )
    yield Situation(
        name="nginx limit_req 1 r/s, burst 10 nodelay, 60 calls, with its default status 503",
        measure=_nginx(60, nodelay=True, status=503, rate=1.0, web=False),
        checks=(Check(figure="batch ratio", limit=2.0), Check(figure="failed", limit=0)),
    )
    yield Situation(
        name="nginx limit_req 20 r/s, burst 10, 600 calls, with its default status 503",
        measure=_nginx(600, nodelay=False, status=503),
        checks=(
            Check(figure="batch ratio", limit=2.0),
            Check(figure="refused %", limit=25.0),
            Check(figure="failed", limit=0),
            Check(figure="web errors", limit=0),
        ),
    )


SITUATIONS = (
    *_situations_of_endpoints(),
    *_situations_of_limits(),
    *_situations_of_processes(),
    *_situations_of_outages(),
    *_situations_of_failing_items(),
    *_situations_of_the_fleet_and_hanging_endpoints(),
    *_situations_of_late_resets_and_proxies(),
)
