"""Types that callers bring along: strict, in turns, not shared where they can be changed, and never a crash."""

import datetime
import json
from typing import Any

import attrs
import pytest

from katapult_async.core.converter import WrongShapeError
from katapult_async.core.decoding import Decoded, decode, decode_in_turns
from katapult_async.core.endpoints import Endpoint
from katapult_async.errors import UsageError


def in_turns(endpoint: Endpoint[Any], body: bytes) -> Decoded[Any]:
    turns = decode_in_turns(endpoint, body)
    try:
        while True:
            next(turns)
    except StopIteration as end:
        decoded: Decoded[Any] = end.value
        return decoded


@pytest.mark.parametrize("kind", [dict, dict[str, object], dict[str, str], list, set[str], tuple[str, ...]])
@pytest.mark.parametrize("body", [b"null", b"5", b"true", b'"ab"', b'{"a": 5}', b'["ab", 5]', b"[]", b"{}"])
def test_a_builtin_type_is_decoded_strictly_or_refused(kind: type[object], body: bytes) -> None:
    endpoint = Endpoint(path="/a", answer=None, type=kind)
    try:
        value = decode(endpoint, body).value
    except WrongShapeError:
        return
    is_object = body.startswith(b"{")
    assert isinstance(value, dict) is is_object
    assert body[:1] in b"[{"


def test_a_type_that_nothing_can_decode_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="cannot be decoded"):
        decode(Endpoint(path="/a", answer="a", type=complex), b'{"a": 1}')


@attrs.frozen
class Checked:
    level: int = attrs.field(validator=attrs.validators.le(5))
    created_at: datetime.datetime | None = None
    words: tuple[str, ...] = ()


@pytest.mark.parametrize("padding", [0, 40_000])
def test_a_class_that_checks_itself_refuses_as_a_wrong_shape_whatever_the_size(padding: int) -> None:
    endpoint = Endpoint(path="/a", answer="a", type=Checked)
    body = b'{"a": {"level": 9, "words": ["%s"]}}' % (b"x" * padding)
    with pytest.raises(WrongShapeError, match="level"):
        in_turns(endpoint, body)


@attrs.define
class Changeable:
    id: str


@attrs.frozen
class Holding:
    id: str
    inside: Changeable | None = None


def test_objects_that_can_be_changed_are_not_shared() -> None:
    item = b'{"id": "%s", "inside": {"id": "i"}}' % (b"x" * 100)
    value = decode(
        Endpoint(path="/a", answer="a", type=list[Holding]), b'{"a": [' + b",".join([item] * 100) + b"]}"
    ).value
    assert value[0].inside == value[1].inside
    assert value[0].inside is not value[1].inside


HITS: list[object] = []


def _hit(_: object, __: object, value: object) -> None:
    HITS.append(value)
    raise ValueError("hit")


@attrs.frozen
class Hit:
    id: object = attrs.field(validator=_hit)
    created_at: datetime.datetime | None = None


@pytest.mark.parametrize("kind", [list[Hit], tuple[Hit, ...]])
def test_only_the_first_wrong_item_of_many_is_looked_at(kind: type[object]) -> None:
    HITS.clear()
    with pytest.raises(WrongShapeError, match=r"hit - at `\$\.a\[0\]"):
        decode(Endpoint(path="/a", answer="a", type=kind), b'{"a": [' + b'{"id": 5},' * 5000 + b'{"id": 6}]}')
    assert HITS == [5]


@pytest.mark.parametrize("kind", [dict[str, object], dict, object, tuple[str, ...], list])
def test_large_parts_of_any_type_are_decoded_in_turns(kind: type[object]) -> None:
    things = {f"k{number}": ["x" * 50] * 10 for number in range(200)}
    plain: object = things if kind in (dict[str, object], dict, object) else list(things) * 400
    body = json.dumps({"a": plain}).encode()
    endpoint = Endpoint(path="/a", answer="a", type=kind)
    value = in_turns(endpoint, body).value
    assert value == (tuple(plain) if kind == tuple[str, ...] else plain)  # type: ignore[arg-type] # a list then
    assert sum(1 for _ in decode_in_turns(endpoint, body)) > 3
