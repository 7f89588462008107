"""Decoding into the models: what is tolerated, what is refused, and the place that an error names."""

import contextlib
import datetime
import enum
import importlib.util
import sys
import time
from collections.abc import Callable
from typing import Any, TypedDict

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from katapult_async.core.decoding import Decoded, decode, decode_json, response_format_of
from katapult_async.core.decoding_errors import DecodingError, UnreadableError, WrongShapeError
from katapult_async.core.endpoints import Endpoint, Pagination
from katapult_async.core.msgspec_types import msgspec_decodes
from katapult_async.core.stepwise_decoding import decode_in_steps
from katapult_async.errors import UsageError
from katapult_async.models import (
    AddressVersion,
    Annotation,
    IPAddress,
    Organization,
    VirtualMachine,
    VirtualMachineAddress,
    VirtualMachineNetworkInterface,
    VirtualMachineState,
)
from tests.bodies import (
    INTERFACE,
    IP_ADDRESS,
    LISTED_INTERFACE,
    LISTED_MACHINE,
    Json,
    encoded,
    pagination,
)
from tests.freed_frames import frees_its_caller

from .equivalent_classes import fields_of
from .frozen_datetime import FrozenDatetime
from .json_mutations import Place, with_value

ANNOTATED = Endpoint(path="/vm", answer="virtual_machine", type=VirtualMachine, beside=("annotations",))
ADDRESSES = Endpoint(path="/ips", answer="ip_addresses", type=list[IPAddress])
MACHINES = Endpoint(path="/vms", answer="virtual_machines", type=list[VirtualMachine], paginated=True)
MACHINE = Endpoint(path="/vm", answer="virtual_machine", type=VirtualMachine)
INTERFACES = Endpoint(path="/nics", answer="interfaces", type=list[VirtualMachineNetworkInterface], paginated=True)
ORGANIZATIONS = Endpoint(path="/organizations", answer="organizations", type=list[Organization])


def machine(**fields: object) -> VirtualMachine:
    return decode(MACHINE, encoded({"virtual_machine": {"id": "vm_1", **fields}})).value


def error_text(endpoint: Endpoint[Any], body: object) -> str:
    with pytest.raises(WrongShapeError) as caught:
        decode(endpoint, encoded(body))
    return str(caught.value)


def test_address_with_all_fields_is_decoded() -> None:
    [address] = decode(ADDRESSES, encoded({"ip_addresses": [IP_ADDRESS]})).value
    assert fields_of(address) == IP_ADDRESS | {"allocation": None}


@pytest.mark.parametrize("annotation", [datetime.datetime, FrozenDatetime])
@pytest.mark.parametrize("current", [datetime.datetime, FrozenDatetime])
def test_time_is_decoded_if_datetime_was_replaced_before_or_after_the_model_was_loaded(
    monkeypatch: pytest.MonkeyPatch, annotation: type, current: type
) -> None:
    monkeypatch.setattr(datetime, "datetime", current)
    event = attrs.make_class("Event", {"at": attrs.field(type=annotation)})
    decoded: Decoded[Any] = decode(
        Endpoint(path="/event", answer="event", type=event), b'{"event": {"at": 1700000000}}'
    )
    assert decoded.value.at.isoformat() == "2023-11-14T22:13:20+00:00"


def test_time_is_decoded_if_the_decoder_is_loaded_while_datetime_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("katapult_async.core.cattrs_decoding")
    assert spec is not None
    assert spec.loader is not None
    monkeypatch.setattr(datetime, "datetime", FrozenDatetime)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    for value in (1700000000, "2023-11-14T22:13:20Z"):
        decoded = loaded.structure_hook(FrozenDatetime)(value, FrozenDatetime)
        assert decoded.isoformat() == "2023-11-14T22:13:20+00:00"


def test_other_subclass_of_datetime_raises_usage_error() -> None:
    class Moment(datetime.datetime):
        pass

    event: Any = attrs.make_class("Event", {"at": attrs.field(type=Moment)})
    with pytest.raises(UsageError, match="`Moment` is not a type that JSON is decoded to"):
        decode(Endpoint(path="/event", answer="event", type=event), b'{"event": {"at": 1700000000}}')


def test_listed_machine_is_decoded_with_times_as_aware_datetimes() -> None:
    [listed] = decode(MACHINES, encoded({"virtual_machines": [LISTED_MACHINE], "pagination": {}})).value
    assert listed.created_at == datetime.datetime(2024, 4, 5, 19, 34, 38, tzinfo=datetime.UTC)
    assert listed.zone is not None
    assert listed.zone.data_center is not None
    assert listed.zone.data_center.permalink == "is-rey-01"
    assert listed.ip_addresses == (VirtualMachineAddress(address="198.51.100.20"),)
    assert listed.state is None


def test_interface_is_decoded_the_same_in_a_list_and_as_a_single_object() -> None:
    body = encoded({"interfaces": [LISTED_INTERFACE, INTERFACE], "pagination": pagination(1, total=2)})
    listed, single = decode(INTERFACES, body).value
    assert listed.ip_addresses == single.ip_addresses
    assert (listed.state, single.state) == (None, "attached")
    assert single.speed_profile is not None
    assert single.virtual_machine == VirtualMachine(id="vm_Mn5Bv6Cx7Zl8Kj9H", name="web-1")


@pytest.mark.parametrize(
    ("endpoint", "least"),
    [
        (ADDRESSES, {"ip_addresses": [{"id": "ip_1", "address": "198.51.100.1"}]}),
        (ORGANIZATIONS, {"organizations": [{"id": "org_1"}]}),
        (MACHINES, {"virtual_machines": [{"id": "vm_1"}], "pagination": {}}),
        (INTERFACES, {"interfaces": [{"id": "vmnet_1"}], "pagination": {}}),
    ],
)
def test_optional_fields_may_be_missing(endpoint: Endpoint[list[Any]], least: Json) -> None:
    [decoded] = decode(endpoint, encoded(least)).value
    [sent] = least[str(endpoint.answer)]
    assert decoded == type(decoded)(**sent)


@pytest.mark.parametrize(
    ("endpoint", "body", "text"),
    [
        (
            ADDRESSES,
            {"ip_addresses": [{"address": "::1"}]},
            "Object missing required field `id` - at `$.ip_addresses[0]`",
        ),
        (ADDRESSES, {}, "Object missing required field `ip_addresses`"),
        (ADDRESSES, {"error": {"code": "x"}}, "Object missing required field `ip_addresses`"),
        (
            MACHINES,
            {"virtual_machines": [{}], "pagination": {}},
            "Object missing required field `id` - at `$.virtual_machines[0]`",
        ),
        (MACHINES, {"virtual_machines": []}, "Object missing required field `pagination`"),
        (MACHINES, {"pagination": {}}, "Object missing required field `virtual_machines`"),
        (
            MACHINE,
            {"virtual_machine": {"id": "vm_1", "package": {}}},
            "Object missing required field `name` - at `$.virtual_machine.package`",
        ),
    ],
)
def test_required_fields_may_not_be_missing(endpoint: Endpoint[Any], body: Json, text: str) -> None:
    assert error_text(endpoint, body) == text


@settings(max_examples=40)
@given(
    st.dictionaries(st.text(min_size=1).map("undocumented_{}".format), st.none() | st.integers() | st.lists(st.text()))
)
def test_undocumented_fields_are_ignored_at_every_depth(extra: Json) -> None:
    plain: Any = {"ip_addresses": [IP_ADDRESS]}
    grown: Any = {
        **extra,
        "ip_addresses": [with_value(IP_ADDRESS | extra, ("network",), IP_ADDRESS["network"] | extra)],
    }
    assert decode(ADDRESSES, encoded(grown)) == decode(ADDRESSES, encoded(plain))
    assert machine(zone={"id": "zone_1", **extra}, **extra) == machine(zone={"id": "zone_1"})


@pytest.mark.parametrize("state", VirtualMachineState)
def test_known_state_is_an_enum_member(state: VirtualMachineState) -> None:
    assert machine(state=state.value).state is state


@pytest.mark.parametrize("state", ["hibernating", "", "STARTED"])
def test_unknown_state_is_kept_as_a_string(state: str) -> None:
    kept = machine(state=state).state
    assert (kept, type(kept)) == (state, str)


@pytest.mark.parametrize("state", [5, True, [], {}])
def test_state_that_is_not_a_string_has_the_wrong_shape(state: object) -> None:
    text = error_text(MACHINE, {"virtual_machine": {"id": "vm_1", "state": state}})
    assert text.startswith("Expected `str | null`, got `")
    assert text.endswith(" - at `$.virtual_machine.state`")


def test_null_has_the_wrong_shape_for_an_open_enum_without_none() -> None:
    either: Any = AddressVersion | str
    endpoint: Endpoint[Any] = Endpoint(path="/x", answer="version", type=either)
    assert decode(endpoint, b'{"version": "ipv4"}').value is AddressVersion.IPV4
    assert decode(endpoint, b'{"version": "ipv8"}').value == "ipv8"
    assert error_text(endpoint, {"version": None}) == "Expected `str`, got `null` - at `$.version`"


@pytest.mark.parametrize("seconds", [0, 1, 1_700_000_000, -1, 253_402_300_799])
def test_time_is_unix_seconds(seconds: int) -> None:
    created_at = machine(created_at=seconds).created_at
    assert created_at is not None
    assert created_at.timestamp() == seconds
    assert created_at.tzinfo is datetime.UTC


NOT_TIMES: list[object] = [
    True,
    1.5,
    "1700000000",
    "2024-01-01",
    "2024-01-01T00:00:00",
    [],
    {},
    10**11 * 3,
    -(10**18),
    10**30,
]


@pytest.mark.parametrize("value", NOT_TIMES)
def test_error_of_a_time_of_another_form_names_its_place(value: object) -> None:
    text = error_text(MACHINE, {"virtual_machine": {"id": "vm_1", "created_at": value}})
    assert text.startswith(("Expected `datetime`", "Invalid RFC3339 ", "Timestamp is out of range"))
    assert text.endswith(" - at `$.virtual_machine.created_at`")


@pytest.mark.parametrize(
    ("endpoint", "body", "place", "text"),
    [
        (
            ADDRESSES,
            {"ip_addresses": [IP_ADDRESS] * 4},
            ("ip_addresses", 3, "vip"),
            "Expected `bool | null`",
        ),
        (ADDRESSES, {"ip_addresses": [IP_ADDRESS]}, ("ip_addresses", 0, "id"), "Expected `str`"),
        (
            MACHINES,
            {"virtual_machines": [LISTED_MACHINE], "pagination": {}},
            ("virtual_machines", 0, "zone", "data_center", "name"),
            "Expected `str | null`",
        ),
        (
            MACHINES,
            {"virtual_machines": [LISTED_MACHINE], "pagination": {}},
            ("virtual_machines", 0, "ip_addresses", 0, "address"),
            "Expected `str`",
        ),
    ],
)
def test_error_of_a_wrong_type_names_its_exact_place(
    endpoint: Endpoint[Any], body: Json, place: Place, text: str
) -> None:
    path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    wrong_values: list[tuple[object, str]] = [(5, "int"), (1.5, "float"), ([], "array"), ({}, "object")]
    for value, name in wrong_values:
        assert error_text(endpoint, with_value(body, place, value)) == f"{text}, got `{name}` - at `{path}`"


@pytest.mark.parametrize("value", [None, 5, True, [], {}])
@pytest.mark.parametrize(("endpoint", "listed"), [(ORGANIZATIONS, "organizations"), (ADDRESSES, "ip_addresses")])
def test_id_is_never_coerced(endpoint: Endpoint[Any], listed: str, value: object) -> None:
    text = error_text(endpoint, {listed: [{"address": "::1", "id": value}]})
    assert text.startswith("Expected `str`, got `")
    assert text.endswith(f" - at `$.{listed}[0].id`")


@pytest.mark.parametrize("kind", [object, Any, dict, dict[str, object], dict[str, Any], dict[str, list[object]]])
def test_untyped_result_is_plain_objects(kind: type[object]) -> None:
    assert decode(Endpoint(path="/x", answer="x", type=kind), b'{"x": {"a": [1, null]}}').value == {"a": [1, None]}


@pytest.mark.parametrize("kind", [str, int, float, bool])
def test_scalar_result_is_never_coerced(kind: type[object]) -> None:
    values: list[object] = [None, [], 5 if kind is str else "5"]
    for value in values:
        assert error_text(Endpoint(path="/x", answer="x", type=kind), {"x": value}).startswith(
            f"Expected `{kind.__name__}`"
        )


@pytest.mark.parametrize("endpoint", [ADDRESSES, ORGANIZATIONS])
def test_list_field_of_null_or_another_type_has_the_wrong_shape(endpoint: Endpoint[Any]) -> None:
    wrong_values: list[tuple[object, str]] = [(None, "null"), ({}, "object"), ("x", "str")]
    for value, name in wrong_values:
        assert (
            error_text(endpoint, {endpoint.answer: value})
            == f"Expected `array`, got `{name}` - at `$.{endpoint.answer}`"
        )


def test_tuple_field_of_null_has_the_wrong_shape() -> None:
    assert error_text(MACHINE, {"virtual_machine": {"id": "vm_1", "ip_addresses": None}}) == (
        "Expected `array`, got `null` - at `$.virtual_machine.ip_addresses`"
    )


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"x"', b"true"])
@pytest.mark.parametrize("endpoint", [ADDRESSES, MACHINES])
def test_body_that_is_not_an_object_has_the_wrong_shape(endpoint: Endpoint[Any], body: bytes) -> None:
    with pytest.raises(WrongShapeError, match=r"^Expected `object`, got `"):
        decode(endpoint, body)


NOT_JSON = {
    "empty": b"",
    "white space": b" \n",
    "truncated": encoded({"ip_addresses": [IP_ADDRESS]})[:-20],
    "truncated inside a string": b'{"ip_addresses": [{"id": "ip_1',
    "HTML": b"<html><body>502 Bad Gateway</body></html>",
    "two bodies": b'{"ip_addresses": []} {}',
    "NaN": b'{"ip_addresses": NaN}',
    "infinity": b'{"ip_addresses": -Infinity}',
    "invalid UTF-8": b'{"ip_addresses": [{"id": "\xff", "address": "::1"}]}',
    "a byte order mark": b'\xef\xbb\xbf{"ip_addresses": []}',
    "UTF-16": '{"ip_addresses": []}'.encode("utf-16"),
    "100,000 levels of lists": b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b', "ip_addresses": []}',
    "100,000 levels of objects": b'{"ip_addresses": [], "x":' + b'{"a":' * 100_000 + b"0" + b"}" * 100_001,
    "a comment": b'{"ip_addresses": [] /* none */}',
    "a trailing comma": b'{"ip_addresses": [],}',
}


@pytest.mark.parametrize("name", NOT_JSON)
@pytest.mark.parametrize("endpoint", [ADDRESSES, ORGANIZATIONS])
def test_body_that_is_not_json_is_unreadable(endpoint: Endpoint[Any], name: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(endpoint, NOT_JSON[name].replace(b"ip_addresses", str(endpoint.answer).encode()))
    assert str(caught.value)
    assert str(caught.value).isprintable()


def test_deeply_nested_lists_in_place_of_a_result_are_unreadable_or_have_the_wrong_shape() -> None:
    for endpoint in (ADDRESSES, ORGANIZATIONS):
        deep = b'{"%s":' % str(endpoint.answer).encode() + b"[" * 100_000 + b"]" * 100_000 + b"}"
        with pytest.raises((UnreadableError, WrongShapeError)):
            decode(endpoint, deep)


@pytest.mark.parametrize("name", NOT_JSON)
def test_decode_json_raises_unreadable_error_for_a_body_that_is_not_json(name: str) -> None:
    with pytest.raises(UnreadableError):
        decode_json(NOT_JSON[name])


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=6,
    )
)
def test_decode_json_returns_plain_objects(value: object) -> None:
    assert decode_json(encoded(value)) == value


@given(st.binary())
def test_random_bytes_are_unreadable_or_of_another_shape(body: bytes) -> None:
    for endpoint in (ADDRESSES, MACHINES):
        with pytest.raises((UnreadableError, WrongShapeError)):
            decode(endpoint, body)


def test_pagination_is_decoded_beside_the_list() -> None:
    body = {"virtual_machines": [LISTED_MACHINE], "pagination": pagination(1, total=1)}
    value = Pagination(current_page=1, total_pages=1, total=1, per_page=200, large_set=False)
    assert decode(MACHINES, encoded(body)).pagination == value


def test_pagination_of_a_large_set_has_no_totals() -> None:
    body = {"virtual_machines": [], "pagination": pagination(3, total=None)}
    value = decode(MACHINES, encoded(body)).pagination
    assert (value.total, value.total_pages, value.large_set) == (None, None, True)


def test_endpoint_without_pages_has_an_empty_pagination() -> None:
    body = {"ip_addresses": [], "pagination": pagination(1, total=9)}
    assert decode(ADDRESSES, encoded(body)) == Decoded([], Pagination())


def test_msgspec_decodes_addresses_and_cattrs_decodes_machines() -> None:
    assert msgspec_decodes(list[IPAddress])
    assert not msgspec_decodes(VirtualMachine)


def test_fields_beside_the_result_become_its_fields() -> None:
    body = {"virtual_machine": {"id": "vm_1"}, "annotations": [{"key": "role", "value": "web"}]}
    machine = VirtualMachine(id="vm_1", annotations=(Annotation(key="role", value="web"),))
    assert decode(ANNOTATED, encoded(body)) == Decoded(machine)


def test_fields_beside_the_result_may_be_missing() -> None:
    assert decode(ANNOTATED, encoded({"virtual_machine": {"id": "vm_1"}})) == Decoded(VirtualMachine(id="vm_1"))


@attrs.frozen(kw_only=True)
class _Note:
    id: str
    _text: str = ""
    label: str = attrs.field(default="", alias="title")
    copy: str = attrs.Factory(lambda own: own.id, takes_self=True)
    size: int = attrs.field(default=0, validator=attrs.validators.le(5))


NOTE = Endpoint(path="/note", answer="note", type=_Note, beside=("_text", "label", "copy", "size"))


@pytest.mark.parametrize("in_steps", [False, True])
async def test_fields_beside_the_result_have_names_defaults_and_checks_of_its_class(*, in_steps: bool) -> None:
    async def decoded(**beside: object) -> Decoded[_Note]:
        body = encoded({"note": {"id": "n"}, "padding": "x" * 20_000, **beside})
        return await decode_in_steps(NOTE, body) if in_steps else decode(NOTE, body)

    assert await decoded() == Decoded(_Note(id="n"))
    assert await decoded(_text="a", label="b", size=5) == Decoded(_Note(id="n", text="a", title="b", size=5))
    with pytest.raises(WrongShapeError):
        await decoded(size=6)


@pytest.mark.parametrize("answer", ["self", "_links", "pagination", "value"])
@pytest.mark.parametrize("kind", [list[int], list[VirtualMachineState | str]], ids=["msgspec", "cattrs"])
async def test_result_is_decoded_under_any_field_name(answer: str, kind: Any) -> None:
    endpoint = Endpoint(path="/a", answer=answer, type=kind)
    body = encoded({answer: [], "padding": "x" * 20_000})
    assert decode(endpoint, body) == await decode_in_steps(endpoint, body) == Decoded([])


def _calls_of_making_a_format(answer: str, kind: Any) -> int:
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(count)
    try:
        response_format_of(answer, kind, (), paginated=True)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("kind", [list[int], list[datetime.datetime]], ids=["msgspec", "cattrs"])
def test_format_of_the_responses_of_a_new_endpoint_costs_the_same_after_many_others(kind: Any) -> None:
    calls = [_calls_of_making_a_format(f"answer_{number}", kind) for number in range(300)]
    assert calls[-1] < 1.5 * calls[1]


@pytest.mark.parametrize("number", [b"1e999", b"1" * 5000])
@pytest.mark.parametrize("kind", [list[int], list[datetime.datetime]], ids=["msgspec", "cattrs"])
def test_number_out_of_range_in_an_unknown_field_of_a_response_is_ignored(number: bytes, kind: Any) -> None:
    endpoint = Endpoint(path="/a", answer="numbers", type=kind, paginated=True)
    body = b'{"numbers": [], "unknown": %b, "pagination": {"total": 0, "unknown": %b}}' % (number, number)
    assert decode(endpoint, body) == Decoded([], Pagination(total=0))


@pytest.mark.parametrize("answer", [None, "scale"])
@pytest.mark.parametrize(("kind", "value"), [(int, 1), (datetime.date | str, "a")], ids=["msgspec", "cattrs"])
async def test_field_whose_name_is_not_ascii_is_decoded(answer: str | None, kind: Any, value: object) -> None:
    scale: Any = attrs.make_class("Scale", {"größe": attrs.field(type=kind)})
    endpoint: Endpoint[Any] = Endpoint(path="/a", answer=answer, type=scale)
    tree = {"größe": value, "padding": "x" * 20_000}
    body = encoded(tree if answer is None else {answer: tree})
    assert decode(endpoint, body) == await decode_in_steps(endpoint, body) == Decoded(scale(value))


@attrs.frozen
class _Parcel:
    size: int


@attrs.frozen
class _Delivery:
    arrived_at: datetime.datetime
    parcel: _Parcel = attrs.field(init=False, default=_Parcel(size=1))


def test_field_that_is_not_an_argument_of_its_class_is_not_taken_from_json() -> None:
    endpoint = Endpoint(path="/a", answer=None, type=_Delivery)
    time = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert decode(endpoint, b'{"arrived_at": 0, "parcel": 5}') == Decoded(_Delivery(time))


async def test_field_of_a_typed_dict_whose_name_is_not_ascii_is_decoded() -> None:
    typed_dict: Any = TypedDict
    endpoint: Endpoint[Any] = Endpoint(path="/a", answer=None, type=typed_dict("Scale", {"weiß": int}, total=False))
    body = encoded({"weiß": 1, "padding": "x" * 20_000})
    assert decode(endpoint, body) == await decode_in_steps(endpoint, body) == Decoded({"weiß": 1})


def test_endpoints_that_differ_in_their_paths_share_the_format_of_their_responses() -> None:
    decode(ANNOTATED, b'{"virtual_machine": {"id": "vm_1"}}')
    formats = response_format_of.cache_info().currsize
    decode(attrs.evolve(ANNOTATED, path="/virtual_machines/vm_1"), b'{"virtual_machine": {"id": "vm_1"}}')
    assert response_format_of.cache_info().currsize == formats


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"virtual_machine": {"id": 1}}, r"\$\.virtual_machine\.id"),
        ({"virtual_machine": {"id": "vm_1"}, "annotations": [{"key": 1}]}, r"\$\.annotations\[0\]\.key"),
    ],
)
def test_error_names_the_place_in_the_whole_response(body: Json, place: str) -> None:
    with pytest.raises(WrongShapeError, match=place):
        decode(ANNOTATED, encoded(body))


@pytest.mark.parametrize(
    "decode_wrong",
    [lambda: decode_json(b""), lambda: decode(ANNOTATED, encoded({"virtual_machine": {"id": 1}}))],
    ids=["msgspec", "cattrs"],
)
def test_error_that_is_handled_keeps_no_frame_alive(decode_wrong: Callable[[], object]) -> None:
    with contextlib.suppress(DecodingError):
        decode_wrong()  # compiles the decoder, which creates other reference cycles
    assert frees_its_caller(decode_wrong, failing_with=DecodingError)


class _Color(enum.StrEnum):
    RED = "red"


@attrs.frozen
class _Colored:
    color: _Color


COLORED = Endpoint(path="/colored", answer="colored", type=_Colored)


def test_text_in_a_value_is_not_taken_for_the_place_of_the_error() -> None:
    with pytest.raises(WrongShapeError) as caught:
        decode(COLORED, encoded({"colored": {"color": "blue - at `$.secret`"}}))
    assert str(caught.value) == "Invalid enum value - at `$.colored.color`"


@pytest.mark.costs
def test_error_of_a_value_of_16_mb_does_not_block_the_event_loop() -> None:
    body = encoded({"colored": {"color": " - at `$" * 2_000_000}})
    with contextlib.suppress(WrongShapeError):
        decode(COLORED, b'{"colored": {"color": "blue"}}')  # compiles the decoder
    seconds = []
    for _ in range(3):  # other load on this machine does not last for three measurements
        began_at = time.process_time()
        with pytest.raises(WrongShapeError, match=r"^Invalid enum value - at `\$.colored.color`$"):
            decode(COLORED, body)
        seconds.append(time.process_time() - began_at)
    assert min(seconds) < 0.35  # a search from the beginning of the text took 0.6 s
