"""Never two addresses for one call, whatever is lost on the way; and the first that can be had, where one can."""

import asyncio
import itertools
import typing

import pytest
from hypothesis import given, settings as examples, strategies as st

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
from tests.bodies import INTERFACE, available_ips_body, error_body
from tests.exchanges import Exchanges

from .cloud import Cloud, Look, Turn, named

TURNS: list[Turn] = list(typing.get_args(Turn))
LOOKS: list[Look] = list(typing.get_args(Look))
SURE: list[Turn] = ["no connection", "forbidden", "of another network", "no room"]


def hold_to_the_rule(cloud: Cloud) -> None:
    """Make one call, and check that the interface got one address at most, and which one is known."""
    outcome: IPAddress | KatapultError
    try:
        outcome = cloud.begin()
    except KatapultError as error:
        outcome = error
    if isinstance(outcome, IPAddress):
        assert cloud.given == [outcome.id]
    cloud.settle()
    assert len(cloud.given) <= 1
    assert set(cloud.given) <= {outcome.id if isinstance(outcome, IPAddress) else named(outcome)}
    for earlier in list(dict.fromkeys(cloud.asked))[:-1]:
        assert cloud.holders.get(earlier, "nobody") in {"somebody", "nobody"}, "it moved on from one that may be ours"


@pytest.mark.parametrize("prompt", [False, True])
@pytest.mark.parametrize("look", LOOKS)
def test_two_troubles_in_any_order_never_give_two_addresses(look: Look, *, prompt: bool) -> None:
    for first, second, then in itertools.product(TURNS, TURNS, LOOKS):
        hold_to_the_rule(Cloud(turns=[first, second], looks=[look, then], prompt=prompt))


@examples(max_examples=300)
@given(
    addresses=st.integers(1, 4),
    turns=st.one_of(
        st.lists(st.sampled_from(["late", "lost before", "503"]), min_size=4, max_size=8),  # doubts that last
        st.lists(st.sampled_from(["taken", *TURNS]), max_size=10),
    ),
    looks=st.lists(st.sampled_from(["early", "proper", "taken after", *LOOKS]), max_size=6),
    seconds=st.sampled_from([0.4, 3.0, 600.0, float("inf")]),
    prompt=st.booleans(),
)
def test_however_much_goes_wrong_the_interface_never_gets_two_addresses(
    addresses: int, turns: list[Turn], looks: list[Look], seconds: float, *, prompt: bool
) -> None:
    hold_to_the_rule(Cloud(addresses=addresses, turns=turns, looks=looks, seconds=seconds, prompt=prompt))


def test_the_first_address_is_taken_with_one_request_and_no_look() -> None:
    cloud = Cloud()
    assert cloud.begin().id == "ip_0"
    assert (cloud.asked, cloud.looked, cloud.pauses) == (["ip_0"], 0, [])


@pytest.mark.parametrize("faster", [["taken"], ["deleted"], ["taken", "deleted"]])
def test_the_next_address_is_taken_when_somebody_was_faster(faster: list[Turn]) -> None:
    cloud = Cloud(addresses=4, turns=faster)
    assert cloud.begin().id == f"ip_{len(faster)}"
    assert (len(cloud.asked), cloud.looked) == (len(faster) + 1, 0)


@pytest.mark.parametrize(
    ("turns", "looks", "asked", "address"),
    [
        (["lost after"], [], 1, "ip_0"),
        (["502"], [], 1, "ip_0"),
        (["unreadable"], [], 1, "ip_0"),
        (["late"], [], 1, "ip_0"),
        (["repeated"], [], 1, "ip_0"),
        (["lost before"], [], 2, "ip_0"),
        (["503"], [], 2, "ip_0"),
        (["408"], [], 2, "ip_0"),
        (["lost before", "lost after"], [], 2, "ip_0"),
        (["lost before", "lost before", "lost before", "lost before", "lost after"], [], 5, "ip_0"),
        (["taken and lost"], [], 3, "ip_1"),
        (["lost before", "taken"], [], 3, "ip_1"),
        (["lost before", "deleted"], [], 3, "ip_1"),
        (["late"], ["taken before"], 3, "ip_1"),
        (["lost before"], ["taken after"], 3, "ip_1"),
        (["taken", "taken and lost", "taken"], [], 4, "ip_2"),
    ],
)
def test_a_lost_answer_is_followed_by_a_look_before_anything_else_is_asked(
    turns: list[Turn], looks: list[Look], asked: int, address: str
) -> None:
    cloud = Cloud(addresses=4, turns=turns, looks=looks)
    assert cloud.begin().id == address
    assert len(cloud.asked) == asked
    assert cloud.looked >= 1


def test_an_allocation_that_is_carried_out_after_the_look_and_before_the_repeat_is_ours() -> None:
    cloud = Cloud(turns=["late", "proper"], looks=["early", "proper"], prompt=True)
    assert cloud.begin().id == "ip_0"
    assert (cloud.asked, cloud.looked, cloud.given) == (["ip_0", "ip_0"], 2, ["ip_0"])


@pytest.mark.parametrize("turn", SURE)
def test_a_refusal_without_a_doubt_is_raised_as_it_is(turn: Turn) -> None:
    cloud = Cloud(turns=[turn])
    with pytest.raises(KatapultError) as caught:
        cloud.begin()
    assert (len(cloud.asked), cloud.looked, cloud.given) == (1, 0, [])
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("turn", [*SURE, "closed"])
@pytest.mark.parametrize("doubt", ["lost before", "503"])
def test_whatever_comes_after_a_doubt_the_error_is_the_doubt_and_names_the_address(doubt: Turn, turn: Turn) -> None:
    cloud = Cloud(turns=[doubt, turn])
    with pytest.raises(KatapultError) as caught:
        cloud.begin()
    assert named(caught.value) == "ip_0"
    assert isinstance(caught.value.__cause__, KatapultError)
    assert cloud.asked == ["ip_0", "ip_0"]


@pytest.mark.parametrize("look", ["fails", "no room", "closed"])
@pytest.mark.parametrize("turns", [["lost after"], ["taken and lost"], ["late"]])
def test_a_look_that_fails_leaves_the_doubt(turns: list[Turn], look: Look) -> None:
    cloud = Cloud(turns=turns, looks=[look])
    with pytest.raises(KatapultError) as caught:
        cloud.begin()
    assert named(caught.value) == "ip_0"
    assert cloud.asked == ["ip_0"]


def test_a_look_that_fails_after_the_repeat_was_refused_leaves_the_doubt() -> None:
    cloud = Cloud(turns=["lost before", "taken"], looks=["proper", "fails"])
    with pytest.raises(KatapultError) as caught:
        cloud.begin()
    assert named(caught.value) == "ip_0"


def test_a_doubt_that_does_not_end_is_raised_after_five_attempts_with_growing_waits() -> None:
    cloud = Cloud(turns=["503"] * 9)
    with pytest.raises(APIError) as caught:
        cloud.begin()
    assert named(caught.value) == "ip_0"
    assert (len(cloud.asked), cloud.looked, cloud.pauses) == (5, 5, [0.5, 1.0, 2.0, 4.0])
    assert caught.value.__cause__ is None


def test_no_wait_outlasts_the_deadline() -> None:
    cloud = Cloud(turns=["503"] * 9, seconds=2.0)
    with pytest.raises(APIError):
        cloud.begin()
    assert cloud.pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    ("addresses", "said"), [(0, "has none left"), (2, "other clients allocated each of them first")]
)
def test_nothing_to_give_is_a_conflict(addresses: int, said: str) -> None:
    cloud = Cloud(addresses=addresses, turns=["taken"] * addresses)
    with pytest.raises(ConflictError, match=said) as caught:
        cloud.begin()
    assert caught.value.code == "no_available_addresses"
    assert ("virtual_machine_network_interface[id]", "vmnet_1") in caught.value.problem.arguments


ONE = "/virtual_machine_network_interfaces/virtual_machine_network_interface"
QUERY = "virtual_machine_network_interface%5Bid%5D=vmnet_1"
AVAILABLE = f"{ONE}/available_ips/address_version?{QUERY}&address_version=ipv6"


@pytest.mark.looptime
async def test_the_method_asks_gives_looks_and_waits_by_its_own_client(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond(AVAILABLE, available_ips_body(2))
    exchanges.respond(f"{ONE}/allocate_ip", error_body("service_unavailable"), status=503, method="POST")
    exchanges.respond(f"{ONE}?{QUERY}", {"virtual_machine_network_interface": INTERFACE})
    exchanges.respond(f"{ONE}/allocate_ip", {"virtual_machine_network_interface": INTERFACE}, method="POST")
    began_at = asyncio.get_running_loop().time()
    nics = katapult.virtual_machine_network_interfaces
    address = await nics.allocate_first_available("vmnet_1", address_version=AddressVersion.IPV6)
    assert address.id == f"ip_{0:016d}"
    assert [sent.method for sent in exchanges.sent] == ["GET", "POST", "GET", "POST"]
    assert asyncio.get_running_loop().time() - began_at == pytest.approx(0.5)


async def test_one_timeout_holds_for_all_of_it(katapult: KatapultClient, exchanges: Exchanges) -> None:
    exchanges.respond(AVAILABLE, available_ips_body(1))
    exchanges.respond(f"{ONE}/allocate_ip", error_body("service_unavailable"), status=503, method="POST")
    exchanges.respond(f"{ONE}?{QUERY}", {"virtual_machine_network_interface": INTERFACE})
    nics = katapult.virtual_machine_network_interfaces
    with pytest.raises(ServiceUnavailableError) as caught:
        await nics.allocate_first_available("vmnet_1", address_version="ipv6", timeout=0.4)
    assert named(caught.value) == f"ip_{0:016d}"


@pytest.mark.parametrize(
    ("interface_id", "settings", "said"),
    [
        ("", {}, "interface_id must be"),
        ("vmnet_1", {"address_version": "both"}, "address_version must be"),
        ("vmnet_1", {"max_wait": -1}, "max_wait must be"),
        ("vmnet_1", {"timeout": float("nan")}, "timeout must be"),
    ],
)
async def test_a_mistake_is_refused_before_anything_is_sent(
    katapult: KatapultClient, exchanges: Exchanges, interface_id: str, settings: dict[str, typing.Any], said: str
) -> None:
    nics = katapult.virtual_machine_network_interfaces
    with pytest.raises(UsageError, match=f"^{said}"):
        await nics.allocate_first_available(interface_id, **{"address_version": "ipv4", **settings})
    assert exchanges.sent == []
