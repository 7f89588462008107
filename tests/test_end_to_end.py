"""The main job over real sockets: every interface, every family, right and exactly once, against the sandbox."""

import asyncio

import pytest

from katapult_async import (
    AddressQuery,
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

BOTH = ("ipv4", "ipv6")
Outcomes = dict[AddressQuery, list[IPAddress] | Exception]


def client_of(sandbox: Sandbox, *, window: float = 60.0, retry: RetryPolicy | None = None) -> KatapultClient:
    return KatapultClient(
        sandbox.token,
        base_url=sandbox.base_url,
        rate_limit=RateLimitPolicy(window=window),
        retry=retry or RetryPolicy(wait_initial=0.01, wait_max=0.05),
    )


async def outcomes_of(katapult: KatapultClient, ids: list[str], *, concurrency: int = 50) -> Outcomes:
    outcomes: Outcomes = {}
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(ids, address_versions=BOTH, concurrency=concurrency) as batch:
        async for outcome in batch:
            assert outcome.key not in outcomes, "an item came back twice"
            outcomes[outcome.key] = outcome.value if isinstance(outcome, Succeeded) else outcome.error
    return outcomes


def assert_right(sandbox: Sandbox, outcomes: Outcomes) -> None:
    for query, addresses in outcomes.items():
        assert isinstance(addresses, list)
        expected = sandbox.world.available_ips(query.interface_id, str(query.address_version))
        assert [address.id for address in addresses] == [address["id"] for address in expected]


async def test_the_fleet_and_its_addresses_are_all_found() -> None:
    async with Sandbox(machines=60, interfaces=100, seed=2) as sandbox, client_of(sandbox) as katapult:
        async with katapult.fleet() as fleet:
            ids = [interface.id async for interface in fleet]
        assert sorted(ids) == sorted(interface.id for interface in sandbox.world.interfaces)
        assert (fleet.machines, fleet.vanished, fleet.failures) == (60, 0, [])
        outcomes = await outcomes_of(katapult, ids)
        assert len(outcomes) == 200
        assert_right(sandbox, outcomes)


async def test_a_batch_over_several_windows_is_right_and_hardly_refused() -> None:
    async with (
        Sandbox(machines=50, interfaces=150, seed=3, permitted=100, window=1.0) as sandbox,
        client_of(sandbox, window=1.0) as katapult,
    ):
        outcomes = await outcomes_of(katapult, [interface.id for interface in sandbox.world.interfaces])
        assert len(outcomes) == 300
        assert_right(sandbox, outcomes)
        assert sandbox.refused <= 3


async def test_two_clients_of_one_token_wait_for_one_window_together() -> None:
    async with (
        Sandbox(machines=20, interfaces=60, seed=3, permitted=100, window=1.0) as sandbox,
        client_of(sandbox, window=1.0) as one,
        client_of(sandbox, window=1.0) as other,
    ):
        ids = [interface.id for interface in sandbox.world.interfaces]
        outcomes, others = await asyncio.gather(outcomes_of(one, ids), outcomes_of(other, ids))
        assert len(outcomes) == len(others) == 120
        assert_right(sandbox, outcomes)
        assert_right(sandbox, others)
        assert sandbox.refused <= 3


async def test_faults_of_every_kind_lose_nothing() -> None:
    faults = Faults(service_unavailable=0.1, drop=0.05, latency=0.002, latency_jitter=0.002)
    async with Sandbox(machines=40, interfaces=100, seed=4, faults=faults) as sandbox:
        retry = RetryPolicy(attempts=12, wait_initial=0.001, wait_max=0.01)
        async with client_of(sandbox, retry=retry) as katapult:
            outcomes = await outcomes_of(katapult, [interface.id for interface in sandbox.world.interfaces])
            assert len(outcomes) == 200
            assert_right(sandbox, outcomes)


async def test_a_server_that_dies_leaves_no_item_behind() -> None:
    async with Sandbox(machines=40, interfaces=100, seed=5, faults=Faults(latency=0.002)) as sandbox:
        retry = RetryPolicy(attempts=2, wait_initial=0.001, failure_budget=10, outage_timeout=0.1)
        async with client_of(sandbox, retry=retry) as katapult:
            nics = katapult.virtual_machine_network_interfaces
            ids = [interface.id for interface in sandbox.world.interfaces]
            succeeded, failed = [], []
            async with nics.available_ips_many(ids, address_versions=BOTH, concurrency=10) as batch:
                async for outcome in batch:
                    match outcome:
                        case Succeeded(key=query):
                            succeeded.append(query)
                        case Failed(key=query, error=error):
                            assert isinstance(error, TransportError)
                            failed.append(query)
                    if len(succeeded) == 50:
                        await sandbox.stop()
            assert len(succeeded) + len(failed) == len({*succeeded, *failed}) == 200
            assert failed


async def test_a_refused_token_stops_a_batch_early() -> None:
    async with (
        Sandbox(machines=40, interfaces=100, seed=6) as sandbox,
        KatapultClient("nobody-knows-this-token", base_url=sandbox.base_url) as katapult,
    ):
        outcomes = await outcomes_of(katapult, [interface.id for interface in sandbox.world.interfaces], concurrency=4)
        kinds = [type(error) for error in outcomes.values()]
        assert len(kinds) == 200
        assert 1 <= kinds.count(AuthenticationError) <= 4
        assert kinds.count(AuthenticationError) + kinds.count(NotAttemptedError) == 200


async def test_a_refused_token_ends_the_walk_over_the_fleet() -> None:
    async with (
        Sandbox(machines=30, interfaces=50, seed=7) as sandbox,
        client_of(sandbox) as katapult,
        katapult.fleet(concurrency=2) as fleet,
    ):
        await anext(fleet)
        sandbox.revoke_token(sandbox.token)
        with pytest.raises(AuthenticationError):
            [interface async for interface in fleet]


async def test_what_vanishes_between_listing_and_asking_is_counted() -> None:
    async with (
        Sandbox(machines=30, interfaces=50, seed=7) as sandbox,
        client_of(sandbox) as katapult,
        katapult.fleet(concurrency=1) as fleet,
    ):
        first = await anext(fleet)
        interfaces = {first.id}
        listed = sandbox.world.machines_of(sandbox.world.organizations[0].id)
        for machine in listed[-3:]:
            sandbox.world.trash_machine(machine.id)
        interfaces |= {interface.id async for interface in fleet}
        assert fleet.vanished == 3
        assert fleet.machines == 30
        assert len(interfaces) < 50
        assert fleet.failures == []


async def test_a_server_that_refuses_for_ever_does_not_hold_a_call_for_ever() -> None:
    async with Sandbox(seed=8, window=0.5, faults=Faults(rate_limited=1.0)) as sandbox:
        retry = RetryPolicy(refusals=3)
        async with client_of(sandbox, window=0.5, retry=retry) as katapult:
            with pytest.raises(RateLimitReachedError) as caught:
                await katapult.virtual_machine_network_interfaces.get(sandbox.world.interfaces[0].id)
            assert caught.value.attempts == 3
            assert [type(error) for error in caught.value.earlier] == [RateLimitReachedError] * 2
