"""The available addresses of many interfaces: one outcome for each interface and address version."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Literal

import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    AuthenticationError,
    Endpoint,
    Failed,
    KatapultClient,
    NotAttemptedError,
    Succeeded,
    UsageError,
)
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from tests.bodies import available_ips_body, error_body
from tests.exchanges import Exchanges
from tests.offline_batches import ProgressBar, requests_of
from tests.resources.calls import available_ips_target

Versions = tuple[Literal["ipv4", "ipv6"] | AddressVersion, ...]


@pytest.mark.parametrize(
    ("interface_ids", "requests"),
    [(["vmnet_1", "vmnet_2"], 4), (iter(["vmnet_1"]), None), (ProgressBar(["vmnet_1", "vmnet_2"]), None)],
)
async def test_estimate_needs_the_length_of_the_interface_ids(
    nics: VirtualMachineNetworkInterfaces, interface_ids: Iterable[str], requests: int | None
) -> None:
    assert requests_of(nics.available_ips_many(interface_ids, address_versions=("ipv4", "ipv6"))) == requests


async def asynchronous_iterator(ids: list[str]) -> AsyncIterator[str]:
    for interface_id in ids:
        yield interface_id


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_each_interface_is_requested_once_for_each_address_version(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges, *, asynchronous: bool
) -> None:
    ids = ["vmnet_1", "vmnet_2", "vmnet_3"]
    for number, interface_id in enumerate(ids):
        exchanges.respond(available_ips_target(interface_id, "ipv4"), available_ips_body(number))
        exchanges.respond(available_ips_target(interface_id, "ipv6"), available_ips_body(number + 10))
    counts: dict[AddressQuery, int] = {}
    versions: Versions = ("ipv4", AddressVersion.IPV6, "ipv4")
    interface_ids = asynchronous_iterator(ids) if asynchronous else ids
    async with nics.available_ips_many(interface_ids, address_versions=versions) as outcomes:
        async for outcome in outcomes:
            assert isinstance(outcome, Succeeded)
            assert outcome.key not in counts
            counts[outcome.key] = len(outcome.value)
    assert counts == {
        AddressQuery(interface_id, version): number + offset
        for number, interface_id in enumerate(ids)
        for version, offset in ((AddressVersion.IPV4, 0), (AddressVersion.IPV6, 10))
    }
    assert len(exchanges.sent) == 6


async def test_ids_can_come_from_a_list_that_katapult_returns_page_by_page(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond("/interface_ids", {"ids": ["vmnet_1"]})
    exchanges.respond(available_ips_target(), available_ips_body(3))
    ids = katapult.pages(Endpoint(path="/interface_ids", answer="ids", type=list[str]))
    nics = katapult.virtual_machine_network_interfaces
    async with nics.available_ips_many(ids, address_versions=["ipv4"]) as outcomes:
        [outcome] = [single async for single in outcomes]
    assert isinstance(outcome, Succeeded)


async def test_each_malformed_id_is_a_failed_outcome_without_a_request(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    exchanges.respond(available_ips_target("vmnet_1"), available_ips_body(1))
    async with nics.available_ips_many(["vmnet_1", "vmnet 2", ""], address_versions=["ipv4"]) as outcomes:
        by_id = {outcome.key.interface_id: outcome async for outcome in outcomes}
    assert isinstance(by_id["vmnet_1"], Succeeded)
    for malformed in ("vmnet 2", ""):
        failed = by_id[malformed]
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, UsageError)
    assert len(exchanges.sent) == 1


async def test_token_that_is_rejected_for_two_items_in_a_row_ends_the_batch(
    nics: VirtualMachineNetworkInterfaces, exchanges: Exchanges
) -> None:
    for interface_id in ("vmnet_0", "vmnet_1"):
        exchanges.respond(available_ips_target(interface_id), error_body("invalid_api_token"), status=403)
    ids = [f"vmnet_{number}" for number in range(20)]
    async with nics.available_ips_many(ids, address_versions=["ipv4"], concurrency=1) as outcomes:
        results = [outcome async for outcome in outcomes]
    errors = [type(outcome.error) for outcome in results if isinstance(outcome, Failed)]
    assert errors == [AuthenticationError] * 2 + [NotAttemptedError] * 18
    assert [outcome.key.interface_id for outcome in results] == ids
    assert len(exchanges.sent) == 2


@pytest.mark.parametrize(
    ("ids", "versions", "concurrency", "message"),
    [
        ("vmnet_1", ["ipv4"], 5, "interface_ids must be an iterable of ids, not str"),
        (None, ["ipv4"], 5, "interface_ids must be an iterable of ids, not NoneType"),
        (["vmnet_1"], "ipv4", 5, "address_versions must be a list"),
        (["vmnet_1"], [], 5, "address_versions must name at least one"),
        (["vmnet_1"], ["both"], 5, "address_version must be"),
        (["vmnet_1"], ["ipv4"], 0, "concurrency must be a whole number from 1 to 1000"),
    ],
)
async def test_wrong_argument_of_a_batch_raises_usage_error_at_once(
    nics: VirtualMachineNetworkInterfaces, ids: list[str], versions: Any, concurrency: int, message: str
) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        nics.available_ips_many(ids, address_versions=versions, concurrency=concurrency)
