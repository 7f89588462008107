"""Allocation of the first available address: one call never allocates two addresses, whichever response is lost."""

import asyncio
import itertools
import typing

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from katapult_async import (
    AddressVersion,
    APIError,
    ConflictError,
    IPAddress,
    KatapultClient,
    KatapultError,
    ServiceUnavailableError,
    UsageError,
)
from tests.bodies import INTERFACE, available_ips_body, encoded, error_body
from tests.exchanges import TOKEN, Exchanges
from tests.freed_frames import frees_its_caller

from .cloud import AllocationOutcome, CheckOutcome, Cloud, address_id_in

ALLOCATIONS: list[AllocationOutcome] = list(typing.get_args(AllocationOutcome))
CHECKS: list[CheckOutcome] = list(typing.get_args(CheckOutcome))
NOT_ALLOCATED: list[AllocationOutcome] = ["no connection", "forbidden", "of another network", "no room"]


def check_at_most_one_address(cloud: Cloud) -> None:
    """Make one call. Check that the interface received at most one address, and that the outcome names that address."""
    outcome: IPAddress | KatapultError
    try:
        outcome = cloud.allocate()
    except KatapultError as error:
        outcome = error
    if isinstance(outcome, IPAddress):
        assert cloud.received == [outcome.id]
    cloud.execute_late_requests()
    assert len(cloud.received) <= 1
    address_id = outcome.id if isinstance(outcome, IPAddress) else address_id_in(outcome)
    assert set(cloud.received) <= {address_id}
    for earlier in list(dict.fromkeys(cloud.requested))[:-1]:
        # The next address is tried only after another client received the earlier one, or the earlier one was deleted.
        assert cloud.holders.get(earlier, "deleted") in {"another client", "deleted"}


@pytest.mark.parametrize("executes_in_pause", [False, True])
@pytest.mark.parametrize("check", CHECKS)
def test_two_failures_in_any_order_never_allocate_two_addresses(
    check: CheckOutcome, *, executes_in_pause: bool
) -> None:
    for first, second, last_check in itertools.product(ALLOCATIONS, ALLOCATIONS, CHECKS):
        check_at_most_one_address(
            Cloud(allocations=[first, second], checks=[check, last_check], executes_in_pause=executes_in_pause)
        )


@hypothesis_settings(max_examples=300)
@given(
    addresses=st.integers(1, 4),
    allocations=st.one_of(
        # Outcomes that stay unknown for a long time, or any outcomes.
        st.lists(st.sampled_from(["late", "request lost", "503"]), min_size=4, max_size=8),
        st.lists(st.sampled_from(["taken", *ALLOCATIONS]), max_size=10),
    ),
    checks=st.lists(st.sampled_from(["early", "succeeds", "taken after", *CHECKS]), max_size=6),
    seconds=st.sampled_from([0.4, 3.0, 600.0, float("inf")]),
    executes_in_pause=st.booleans(),
)
def test_any_sequence_of_failures_never_allocates_two_addresses(
    addresses: int,
    allocations: list[AllocationOutcome],
    checks: list[CheckOutcome],
    seconds: float,
    *,
    executes_in_pause: bool,
) -> None:
    check_at_most_one_address(
        Cloud(
            addresses=addresses,
            allocations=allocations,
            checks=checks,
            seconds=seconds,
            executes_in_pause=executes_in_pause,
        )
    )


def test_allocation_of_the_first_address_is_one_request_without_a_check() -> None:
    cloud = Cloud()
    assert cloud.allocate().id == "ip_0"
    assert (cloud.requested, cloud.checked, cloud.pauses) == (["ip_0"], 0, [])


@pytest.mark.parametrize("allocations", [["taken"], ["deleted"], ["taken", "deleted"]])
def test_next_address_is_tried_if_an_address_is_taken_or_deleted(allocations: list[AllocationOutcome]) -> None:
    cloud = Cloud(addresses=4, allocations=allocations)
    assert cloud.allocate().id == f"ip_{len(allocations)}"
    assert (len(cloud.requested), cloud.checked) == (len(allocations) + 1, 0)


@pytest.mark.parametrize(
    ("allocations", "checks", "requests", "address"),
    [
        (["response lost"], [], 1, "ip_0"),
        (["502"], [], 1, "ip_0"),
        (["unreadable"], [], 1, "ip_0"),
        (["late"], [], 1, "ip_0"),
        (["repeated"], [], 1, "ip_0"),
        (["request lost"], [], 2, "ip_0"),
        (["503"], [], 2, "ip_0"),
        (["408"], [], 2, "ip_0"),
        (["request lost", "response lost"], [], 2, "ip_0"),
        (["request lost", "request lost", "request lost", "request lost", "response lost"], [], 5, "ip_0"),
        (["taken and lost"], [], 3, "ip_1"),
        (["request lost", "taken"], [], 3, "ip_1"),
        (["request lost", "deleted"], [], 3, "ip_1"),
        (["late"], ["taken before"], 3, "ip_1"),
        (["request lost"], ["taken after"], 3, "ip_1"),
        (["taken", "taken and lost", "taken"], [], 4, "ip_2"),
    ],
)
def test_lost_response_is_followed_by_a_check_of_the_interface(
    allocations: list[AllocationOutcome], checks: list[CheckOutcome], requests: int, address: str
) -> None:
    cloud = Cloud(addresses=4, allocations=allocations, checks=checks)
    assert cloud.allocate().id == address
    assert len(cloud.requested) == requests
    assert cloud.checked >= 1


def test_allocation_that_is_executed_between_the_check_and_the_retry_is_found() -> None:
    cloud = Cloud(allocations=["late", "succeeds"], checks=["early", "succeeds"], executes_in_pause=True)
    assert cloud.allocate().id == "ip_0"
    assert (cloud.requested, cloud.checked, cloud.received) == (["ip_0", "ip_0"], 2, ["ip_0"])


@pytest.mark.parametrize("allocation", NOT_ALLOCATED)
def test_error_that_shows_that_nothing_was_allocated_is_raised_unchanged(allocation: AllocationOutcome) -> None:
    cloud = Cloud(allocations=[allocation])
    with pytest.raises(KatapultError) as caught:
        cloud.allocate()
    assert (len(cloud.requested), cloud.checked, cloud.received) == (1, 0, [])
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("allocation", [*NOT_ALLOCATED, "closed"])
@pytest.mark.parametrize("first", ["request lost", "503"])
def test_error_of_the_retry_is_the_cause_of_the_first_error_which_names_the_address(
    first: AllocationOutcome, allocation: AllocationOutcome
) -> None:
    cloud = Cloud(allocations=[first, allocation])
    with pytest.raises(KatapultError) as caught:
        cloud.allocate()
    assert address_id_in(caught.value) == "ip_0"
    assert isinstance(caught.value.__cause__, KatapultError)
    assert cloud.requested == ["ip_0", "ip_0"]


@pytest.mark.parametrize("check", ["fails", "no room", "closed"])
@pytest.mark.parametrize("allocations", [["response lost"], ["taken and lost"], ["late"]])
def test_error_after_a_failed_check_names_the_address(
    allocations: list[AllocationOutcome], check: CheckOutcome
) -> None:
    cloud = Cloud(allocations=allocations, checks=[check])
    with pytest.raises(KatapultError) as caught:
        cloud.allocate()
    assert address_id_in(caught.value) == "ip_0"
    assert cloud.requested == ["ip_0"]


def test_error_after_a_refused_retry_and_a_failed_check_names_the_address() -> None:
    cloud = Cloud(allocations=["request lost", "taken"], checks=["succeeds", "fails"])
    with pytest.raises(KatapultError) as caught:
        cloud.allocate()
    assert address_id_in(caught.value) == "ip_0"


def test_outcome_that_stays_unknown_raises_the_error_after_five_requests_with_growing_pauses() -> None:
    cloud = Cloud(allocations=["503"] * 9)
    with pytest.raises(APIError) as caught:
        cloud.allocate()
    assert address_id_in(caught.value) == "ip_0"
    assert (len(cloud.requested), cloud.checked, cloud.pauses) == (5, 5, [0.5, 1.0, 2.0, 4.0])
    assert caught.value.__cause__ is None


def test_no_pause_lasts_beyond_the_deadline() -> None:
    cloud = Cloud(allocations=["503"] * 9, seconds=2.0)
    with pytest.raises(APIError):
        cloud.allocate()
    assert cloud.pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    ("addresses", "message"), [(0, "none is available"), (2, "others allocated each of them first")]
)
def test_no_available_address_is_a_conflict(addresses: int, message: str) -> None:
    cloud = Cloud(addresses=addresses, allocations=["taken"] * addresses)
    with pytest.raises(ConflictError, match=message) as caught:
        cloud.allocate()
    assert caught.value.code == "no_available_addresses"


@pytest.mark.parametrize(
    "cloud",
    [
        Cloud(allocations=["request lost"], checks=["fails"]),
        Cloud(allocations=["request lost", "request lost"], checks=["succeeds", "fails"]),
        Cloud(allocations=["request lost", "forbidden"]),
        Cloud(allocations=["request lost"], seconds=0.1),
    ],
    ids=["check fails", "second check fails", "retry fails", "no time left"],
)
def test_frames_of_a_failed_allocation_are_freed_without_the_garbage_collector(cloud: Cloud) -> None:
    assert frees_its_caller(cloud.allocate, failing_with=KatapultError)


INTERFACE_PATH = "/virtual_machine_network_interfaces/virtual_machine_network_interface"
QUERY = "virtual_machine_network_interface%5Bid%5D=vmnet_1"
AVAILABLE = f"{INTERFACE_PATH}/available_ips/address_version?{QUERY}&address_version=ipv6"


async def test_error_for_an_empty_list_of_addresses_names_the_request_for_the_list(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(AVAILABLE, available_ips_body(0))
    with pytest.raises(ConflictError) as caught:
        await katapult.virtual_machine_network_interfaces.allocate_first_available("vmnet_1", address_version="ipv6")
    problem = caught.value.problem
    assert (problem.method, problem.path, problem.status) == (
        "GET",
        f"{INTERFACE_PATH}/available_ips/address_version",
        200,
    )
    assert problem.arguments == (
        ("virtual_machine_network_interface[id]", "vmnet_1"),
        ("address_version", "ipv6"),
    )


@pytest.mark.looptime
async def test_method_retries_the_allocation_after_a_check_and_a_pause_of_half_a_second(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(AVAILABLE, available_ips_body(2))
    exchanges.respond(f"{INTERFACE_PATH}/allocate_ip", error_body("service_unavailable"), status=503, method="POST")
    exchanges.respond(f"{INTERFACE_PATH}?{QUERY}", {"virtual_machine_network_interface": INTERFACE})
    exchanges.respond(f"{INTERFACE_PATH}/allocate_ip", {"virtual_machine_network_interface": INTERFACE}, method="POST")
    began_at = asyncio.get_running_loop().time()
    nics = katapult.virtual_machine_network_interfaces
    address = await nics.allocate_first_available("vmnet_1", address_version=AddressVersion.IPV6)
    assert address.id == f"ip_{0:016d}"
    assert [sent.method for sent in exchanges.sent] == ["GET", "POST", "GET", "POST"]
    assert asyncio.get_running_loop().time() - began_at == pytest.approx(0.5)


@pytest.mark.looptime
async def test_next_address_is_tried_if_the_code_of_a_refusal_arrives_at_the_second_attempt(
    exchanges: Exchanges,
) -> None:
    exchanges.respond(AVAILABLE, available_ips_body(2))
    for body in (b'{"error": {"code": "ip_already_al', encoded(error_body("ip_already_allocated"))):
        exchanges.respond(f"{INTERFACE_PATH}/allocate_ip", body=body, status=422, method="POST")
    exchanges.respond(f"{INTERFACE_PATH}?{QUERY}", {"virtual_machine_network_interface": INTERFACE})
    exchanges.respond(f"{INTERFACE_PATH}/allocate_ip", {"virtual_machine_network_interface": INTERFACE}, method="POST")
    async with KatapultClient(TOKEN) as katapult:
        nics = katapult.virtual_machine_network_interfaces
        address = await nics.allocate_first_available("vmnet_1", address_version=AddressVersion.IPV6)
    assert address.id == f"ip_{1:016d}"
    assert [sent.method for sent in exchanges.sent] == ["GET", "POST", "POST", "GET", "POST"]


@pytest.mark.looptime
async def test_timeout_covers_the_whole_allocation(katapult: KatapultClient, exchanges: Exchanges) -> None:
    exchanges.respond(AVAILABLE, available_ips_body(1))
    exchanges.respond(f"{INTERFACE_PATH}/allocate_ip", error_body("service_unavailable"), status=503, method="POST")
    exchanges.respond(f"{INTERFACE_PATH}?{QUERY}", {"virtual_machine_network_interface": INTERFACE})
    nics = katapult.virtual_machine_network_interfaces
    with pytest.raises(ServiceUnavailableError) as caught:
        await nics.allocate_first_available("vmnet_1", address_version="ipv6", timeout=0.4)
    assert address_id_in(caught.value) == f"ip_{0:016d}"


@pytest.mark.parametrize(
    ("interface_id", "settings", "message"),
    [
        ("", {}, "interface_id must be"),
        ("vmnet_1", {"address_version": "both"}, "address_version must be"),
        ("vmnet_1", {"max_wait": -1}, "max_wait must be"),
        ("vmnet_1", {"timeout": float("nan")}, "timeout must be"),
    ],
)
async def test_wrong_argument_raises_usage_error_before_anything_is_sent(
    katapult: KatapultClient, exchanges: Exchanges, interface_id: str, settings: dict[str, typing.Any], message: str
) -> None:
    nics = katapult.virtual_machine_network_interfaces
    with pytest.raises(UsageError, match=f"^{message}"):
        await nics.allocate_first_available(interface_id, **{"address_version": "ipv4", **settings})
    assert exchanges.sent == []
