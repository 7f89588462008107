"""Batches and the fleet over real sockets against the sandbox: each interface and each result exactly once."""

import asyncio

import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    AuthenticationError,
    Failed,
    IPAddress,
    KatapultClient,
    NotAttemptedError,
    RateLimitPolicy,
    RateLimitReachedError,
    RetryPolicy,
    Succeeded,
    TransportError,
)
from katapult_async.sandbox import Faults, Sandbox

BOTH = tuple(AddressVersion)
Results = dict[AddressQuery, list[IPAddress] | Exception]


def make_client(sandbox: Sandbox, *, window: float = 60.0, retry: RetryPolicy | None = None) -> KatapultClient:
    return KatapultClient(
        sandbox.token,
        base_url=sandbox.base_url,
        rate_limit=RateLimitPolicy(window=window),
        retry=retry or RetryPolicy(wait_initial=0.01, wait_max=0.05),
    )


async def request_addresses(katapult: KatapultClient, ids: list[str], *, concurrency: int = 50) -> Results:
    results: Results = {}
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(ids, address_versions=BOTH, concurrency=concurrency) as batch:
        async for outcome in batch:
            assert outcome.key not in results, "an item has two outcomes"
            results[outcome.key] = outcome.value if isinstance(outcome, Succeeded) else outcome.error
    return results


def assert_correct(sandbox: Sandbox, results: Results) -> None:
    for query, addresses in results.items():
        assert isinstance(addresses, list)
        expected = sandbox.store.available_ips(query.interface_id, str(query.address_version))
        assert [address.id for address in addresses] == [address["id"] for address in expected]


async def test_fleet_and_batch_return_every_interface_and_address() -> None:
    async with Sandbox(machines=60, interfaces=100, seed=2) as sandbox, make_client(sandbox) as katapult:
        async with katapult.fleet() as fleet:
            ids = [interface.id async for interface in fleet]
        assert sorted(ids) == sorted(interface.id for interface in sandbox.store.interfaces)
        assert (fleet.machines, fleet.vanished, fleet.failures) == (60, 0, [])
        results = await request_addresses(katapult, ids)
        assert len(results) == 200
        assert_correct(sandbox, results)


async def test_batch_takes_its_items_from_a_list_that_is_not_awaited() -> None:
    async with Sandbox(machines=20, seed=2) as sandbox, make_client(sandbox) as katapult:
        organization = sandbox.store.machines[0].organization_id
        machines = katapult.virtual_machines.list(organization=organization)
        async with katapult.many(lambda machine: katapult.virtual_machines.get(machine.id), machines) as batch:
            names = {outcome.value.name async for outcome in batch if isinstance(outcome, Succeeded)}
        assert names == {machine.name for machine in sandbox.store.machines if machine.organization_id == organization}


@pytest.mark.slow
async def test_batch_over_several_windows_is_correct_with_at_most_three_429_responses() -> None:
    async with (
        Sandbox(machines=50, interfaces=150, seed=3, permitted=100, window=1.0) as sandbox,
        make_client(sandbox, window=1.0) as katapult,
    ):
        results = await request_addresses(katapult, [interface.id for interface in sandbox.store.interfaces])
        assert len(results) == 300
        assert_correct(sandbox, results)
        assert sandbox.refused <= 3


@pytest.mark.slow
async def test_two_clients_with_one_token_share_its_windows() -> None:
    async with (
        Sandbox(machines=20, interfaces=60, seed=3, permitted=100, window=1.0) as sandbox,
        make_client(sandbox, window=1.0) as first,
        make_client(sandbox, window=1.0) as second,
    ):
        ids = [interface.id for interface in sandbox.store.interfaces]
        results, others = await asyncio.gather(request_addresses(first, ids), request_addresses(second, ids))
        assert len(results) == len(others) == 120
        assert_correct(sandbox, results)
        assert_correct(sandbox, others)
        assert sandbox.refused <= 3


async def test_batch_returns_every_result_despite_503_responses_and_dropped_connections() -> None:
    faults = Faults(service_unavailable=0.1, drop=0.05, latency=0.002, latency_jitter=0.002)
    async with Sandbox(machines=40, interfaces=100, seed=4, faults=faults) as sandbox:
        retry = RetryPolicy(attempts=12, wait_initial=0.001, wait_max=0.01)
        async with make_client(sandbox, retry=retry) as katapult:
            results = await request_addresses(katapult, [interface.id for interface in sandbox.store.interfaces])
            assert len(results) == 200
            assert_correct(sandbox, results)


async def test_every_item_has_an_outcome_when_the_server_stops_during_a_batch() -> None:
    async with Sandbox(machines=40, interfaces=100, seed=5, faults=Faults(latency=0.002)) as sandbox:
        retry = RetryPolicy(attempts=2, wait_initial=0.001, failure_budget=10, outage_timeout=0.1)
        async with make_client(sandbox, retry=retry) as katapult:
            nics = katapult.virtual_machine_network_interfaces
            ids = [interface.id for interface in sandbox.store.interfaces]
            outcomes = []
            async with nics.available_ips_many(ids, address_versions=BOTH, concurrency=10) as batch:
                async for outcome in batch:
                    outcomes.append(outcome)
                    if len(outcomes) == 50:
                        await sandbox.aclose()
            assert len(outcomes) == len({outcome.key for outcome in outcomes}) == 200
            errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
            assert errors
            assert all(isinstance(error, TransportError) for error in errors)


async def test_rejected_token_stops_a_batch_early() -> None:
    async with (
        Sandbox(machines=40, interfaces=100, seed=6) as sandbox,
        KatapultClient("unknown-token", base_url=sandbox.base_url) as katapult,
    ):
        results = await request_addresses(
            katapult, [interface.id for interface in sandbox.store.interfaces], concurrency=4
        )
        kinds = [type(error) for error in results.values()]
        assert len(kinds) == 200
        assert 2 <= kinds.count(AuthenticationError) <= 5
        assert kinds.count(AuthenticationError) + kinds.count(NotAttemptedError) == 200


async def test_revoked_token_ends_the_fleet_with_authentication_error() -> None:
    async with (
        Sandbox(machines=30, interfaces=50, seed=7) as sandbox,
        make_client(sandbox) as katapult,
        katapult.fleet(concurrency=2) as fleet,
    ):
        await anext(fleet)
        sandbox.revoke_token(sandbox.token)
        with pytest.raises(AuthenticationError):
            [interface async for interface in fleet]


async def test_machines_trashed_after_they_were_listed_are_counted_as_vanished() -> None:
    async with (
        Sandbox(machines=30, interfaces=50, seed=7) as sandbox,
        make_client(sandbox) as katapult,
        katapult.fleet(concurrency=1) as fleet,
    ):
        first = await anext(fleet)
        interfaces = {first.id}
        organization = sandbox.store.organizations[0]
        listed = [machine for machine in sandbox.store.machines if machine.organization_id == organization.id]
        for machine in listed[-3:]:
            sandbox.store.trash(machine)
        interfaces |= {interface.id async for interface in fleet}
        assert fleet.vanished == 3
        assert fleet.machines == 30
        assert len(interfaces) < 50
        assert fleet.failures == []


@pytest.mark.slow
async def test_call_raises_after_the_allowed_number_of_429_responses() -> None:
    async with Sandbox(seed=8, window=0.5, faults=Faults(rate_limited=1.0)) as sandbox:
        retry = RetryPolicy(refusals=3)
        async with make_client(sandbox, window=0.5, retry=retry) as katapult:
            with pytest.raises(RateLimitReachedError) as raised:
                await katapult.virtual_machine_network_interfaces.get(sandbox.store.interfaces[0].id)
            assert raised.value.attempts == 3
            assert [type(error) for error in raised.value.earlier] == [RateLimitReachedError] * 2
