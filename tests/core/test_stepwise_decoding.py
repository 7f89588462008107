"""Decoding in steps gives the same objects and errors, lets other callbacks run, and limits the number of values."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from katapult_async.core.decoding import Decoded, decode
from katapult_async.core.decoding_errors import DecodingError, TooManyValuesError
from katapult_async.core.endpoints import EmptyResponse, Endpoint, Request
from katapult_async.core.stepwise_decoding import STEP, decode_in_steps, needs_steps
from katapult_async.errors import ClientClosedError, RequestTimeoutError
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.models import IPAddress, VirtualMachine, VirtualMachineNetworkInterface
from tests.bodies import INTERFACE, IP_ADDRESS, LISTED_MACHINE, Json, available_ips_body, encoded, pagination
from tests.scripted_transport import gives, opened

from .equivalent_classes import copy_for_cattrs
from .json_mutations import Place, places, with_value, without_field
from .test_columnar_decoding import ONE_MISTAKE, outcome

ADDRESSES = Endpoint(path="/ips", answer="ip_addresses", type=list[IPAddress])
BY_CATTRS: Endpoint[Any] = attrs.evolve(ADDRESSES, type=copy_for_cattrs(list[IPAddress]))
MACHINES = Endpoint(path="/vms", answer="virtual_machines", type=list[VirtualMachine], paginated=True)
SINGLE_INTERFACE = Endpoint(path="/nic", answer="interface", type=VirtualMachineNetworkInterface)

LARGE: Json = {"ip_addresses": [IP_ADDRESS] * 40}
LARGE_MACHINES: Json = {"virtual_machines": [LISTED_MACHINE] * 60, "pagination": pagination(1, total=60)}
LARGE_INTERFACE: Json = {"interface": INTERFACE | {"ip_addresses": [IP_ADDRESS] * 40}}


def in_steps(endpoint: Endpoint[Any], body: bytes) -> Decoded[Any]:
    return asyncio.run(decode_in_steps(endpoint, body))


async def iterations(work: Awaitable[object]) -> int:
    """Return how often the event loop ran other callbacks while it ran the given work."""
    count = 0

    async def run_other_callbacks() -> None:
        nonlocal count
        while True:
            count += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(run_other_callbacks())
    await work
    other.cancel()
    return count


@pytest.mark.parametrize(
    ("endpoint", "tree"),
    [(ADDRESSES, LARGE), (BY_CATTRS, LARGE), (MACHINES, LARGE_MACHINES), (SINGLE_INTERFACE, LARGE_INTERFACE)],
)
@settings(max_examples=30)
@given(data=st.data())
def test_steps_give_the_same_objects_and_errors(endpoint: Endpoint[Any], tree: Json, data: st.DataObject) -> None:
    place: Place = data.draw(st.sampled_from(places(tree)))
    if data.draw(st.booleans()) and place and isinstance(place[-1], str):
        body = without_field(tree, place)
    else:
        body = with_value(tree, place, data.draw(ONE_MISTAKE))
    assert outcome(endpoint, body, in_steps) == outcome(endpoint, body)


async def test_body_that_begins_with_a_line_end_is_decoded_in_as_many_steps() -> None:
    endpoint: Endpoint[object] = Endpoint(path="/a", answer=None, type=object)
    body = encoded([[1]] * 20_000)
    steps = await iterations(decode_in_steps(endpoint, body))
    assert await iterations(decode_in_steps(endpoint, b"\r\n" + body)) >= steps > 5


@pytest.mark.parametrize("count", [0, 1, 12, 13, 254, 2000])
def test_steps_keep_every_item_in_order(count: int) -> None:
    body = encoded(available_ips_body(count))
    assert in_steps(ADDRESSES, body) == decode(ADDRESSES, body)


def test_steps_keep_the_fields_beside_the_result() -> None:
    endpoint = Endpoint(path="/vm", answer="virtual_machine", type=VirtualMachine, beside=("annotations",))
    body = {"virtual_machine": LISTED_MACHINE, "annotations": [{"key": f"key-{n}", "value": "x"} for n in range(2000)]}
    assert needs_steps(endpoint, encoded(body))
    assert in_steps(endpoint, encoded(body)) == decode(endpoint, encoded(body))


def test_steps_keep_the_pagination() -> None:
    body = encoded(LARGE_MACHINES)
    assert in_steps(MACHINES, body) == decode(MACHINES, body)


@pytest.mark.parametrize(
    ("endpoint", "body", "needed"),
    [
        (ADDRESSES, available_ips_body(254), False),
        (ADDRESSES, available_ips_body(2000), True),
        (MACHINES, {"virtual_machines": [LISTED_MACHINE] * 10}, False),
        (MACHINES, {"virtual_machines": [LISTED_MACHINE] * 200}, True),
    ],
)
def test_only_a_large_body_needs_steps(endpoint: Endpoint[Any], body: Json, *, needed: bool) -> None:
    assert needs_steps(endpoint, encoded(body)) is needed


LISTS_BY_NAME = {f"k{number}": ["x" * 50] * 10 for number in range(400)}


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        (ADDRESSES, available_ips_body(2000)),
        (MACHINES, {"virtual_machines": [LISTED_MACHINE] * 500, "pagination": {}}),
        (SINGLE_INTERFACE, {"interface": INTERFACE | {"ip_addresses": [IP_ADDRESS] * 500}}),
        *(
            (Endpoint(path="/a", answer="a", type=kind), {"a": LISTS_BY_NAME})
            for kind in (dict[str, object], dict[str, list[str]], dict, object)
        ),
        *(
            (Endpoint(path="/a", answer="a", type=kind), {"a": list(LISTS_BY_NAME.values())})
            for kind in (list[list[str]], tuple[list[str], ...], list[object], list, object)
        ),
    ],
)
async def test_other_callbacks_run_while_a_large_body_is_decoded(endpoint: Endpoint[Any], body: Json) -> None:
    content = encoded(body)
    steps = len(content) / STEP
    assert await iterations(decode_in_steps(endpoint, content)) >= steps / 2  # a step may be longer than STEP
    assert await decode_in_steps(endpoint, content) == decode(endpoint, content)


@pytest.mark.parametrize("kind", [VirtualMachine | None, list[VirtualMachine] | None])
def test_value_that_may_be_null_is_null_in_a_large_body(kind: Any) -> None:
    endpoint: Endpoint[Any] = Endpoint(path="/a", answer="a", type=kind)
    assert in_steps(endpoint, b'{"a": null, "undocumented": "%s"}' % (b"x" * 40_000)).value is None


@pytest.mark.parametrize("pad", [b" " * 150_000, b"\n\t " * 70_000])
@pytest.mark.parametrize(
    "body",
    [
        b'{"ip_addresses": [{"id": "a", "address": "::1", "network": PAD null}]PAD}',
        b'{"ip_addresses": PAD [ ]}PAD',
        b'{"ip_addresses": [{"id": "PADPAD", "address": "::1"}]}',
        b'{"ip_addresses": [{"address": "::1", "label": "PADPAD"}]}',
        b'{"x": "PADPAD", "ip_addresses": [{"id": "a", "address": "::1", "vip" PAD : PAD true PAD}]}',
        b'{"ip_addresses": [{"id": "a", "address": "::1"}] PAD,}',
        b'{"ip_addresses": PAD null}',
        b'{"ip_addresses": [PAD]} x',
        b'PAD{"ip_addresses": [5 PAD, 6]}',
        b"[PAD]",
        b'"PADPAD"',
    ],
)
def test_steps_treat_white_space_and_garbage_as_decoding_at_once_does(body: bytes, pad: bytes) -> None:
    def result(decode_body: Callable[[Endpoint[Any], bytes], Decoded[Any]]) -> object:
        try:
            return decode_body(ADDRESSES, body.replace(b"PAD", pad)).value
        except DecodingError as error:
            return type(error)

    assert result(in_steps) == result(decode)


ANYTHING: Endpoint[Any] = Endpoint(path="/a", answer=None, type=object)


@pytest.mark.parametrize("levels", [100, 3000])  # far from the number that is too many, which depends on the stack
def test_steps_treat_nested_lists_as_decoding_at_once_does(levels: int) -> None:
    def levels_of(decode_body: Callable[[Endpoint[Any], bytes], Decoded[Any]]) -> object:
        try:
            value = decode_body(ANYTHING, b"[" * levels + b'"%s"' % (b"x" * 20_000) + b"]" * levels).value
        except DecodingError as error:
            return str(error)
        count = 0
        while isinstance(value, list):
            [value] = value
            count += 1
        return count

    assert levels_of(in_steps) == levels_of(decode)


MOST_VALUES = 262_144


@pytest.mark.slow
@pytest.mark.parametrize("value", [0, "", [], '[{"'])
def test_140000_values_are_decoded(value: object) -> None:
    values = [value] * 140_000
    assert in_steps(ANYTHING, json.dumps(values, separators=(",", ":")).encode()).value == values


@pytest.mark.parametrize("text", [",", "[", "{", "\\", '"', '",', '\\",', "[]", "{}"])
@pytest.mark.parametrize("size", [280_000, 4_000_000])
def test_string_is_one_value_whatever_its_characters_are(text: str, size: int) -> None:
    string = text * (size // len(json.dumps(text)))
    assert in_steps(ANYTHING, json.dumps([string, 5]).encode()).value == [string, 5]


@pytest.mark.parametrize(
    ("item", "values"), [("0", 1), ('""', 1), ("[0]", 2), ('["[]"]', 2), ('{"a":{"b":0}}', 3), ("{}", 1)]
)
@pytest.mark.parametrize("start", ['"', '"x', '"xx'])
def test_body_has_262144_values_at_most(item: str, values: int, start: str) -> None:
    endpoint = Endpoint(path="/a", answer=None, type=EmptyResponse)
    most = (MOST_VALUES - 3) // values  # the object, the list and its first string are values too
    body = f'{{"undocumented":[{start}",{",".join([item] * most)}]}}'.encode()
    assert in_steps(endpoint, body).value == EmptyResponse()
    with pytest.raises(TooManyValuesError, match="more than 262144 values"):
        in_steps(endpoint, body[:-2] + b",0,0,0]}")


def test_body_of_more_than_4_mib_may_have_a_value_for_each_16_bytes() -> None:
    body = {"undocumented": ["x" * 20] * 500_000}
    assert in_steps(Endpoint(path="/a", answer=None, type=EmptyResponse), encoded(body)).value == EmptyResponse()


GET_MACHINES = Request(endpoint=Endpoint(path="/vms", answer="vms", type=list[VirtualMachine]))
MACHINES_BODY = {"vms": [{"id": "x"}] * 100_000}


def test_unknown_fields_of_a_response_are_skipped_in_steps_too() -> None:
    endpoint = Endpoint(path="/a", answer="items", type=list[str])
    body = b'{"items": [], "not UTF-8: \xff": "%b"}' % (b"x" * 2 * STEP)
    assert in_steps(endpoint, body) == decode(endpoint, body) == Decoded([])


async def test_deadline_of_a_call_ends_its_decoding() -> None:
    give = gives(MACHINES_BODY)

    async def respond(request: TransportRequest) -> TransportResponse:
        await asyncio.sleep(0.25)  # leaves 0.05 s, in which not even a fast machine decodes the body
        return await give(request)

    caller, _ = await opened(respond)
    with pytest.raises(RequestTimeoutError, match=r"not done within 0\.3 s, while waiting for Katapult") as caught:
        await caller.call(GET_MACHINES, timeout=0.3)
    assert caught.value.may_have_happened
    assert not caller.breakers.has_failures, "a response arrived: the server works"
    await caller.close()


async def test_closing_the_client_ends_decoding() -> None:
    responded = asyncio.Event()

    async def respond(request: TransportRequest) -> TransportResponse:
        responded.set()
        return await gives(MACHINES_BODY)(request)

    caller, _ = await opened(respond)
    call = asyncio.create_task(caller.call(GET_MACHINES))
    await responded.wait()
    await caller.close()
    with pytest.raises(ClientClosedError):
        await call
