"""JSON decoded to every model and to callers' own types: no foreign exception, no wrong value, no quoted content."""

import json
import typing
from collections.abc import Coroutine
from typing import Any, Final, TypeVar
from unittest import mock

import msgspec
from hypothesis import strategies as st

from katapult_async.core import cattrs_decoding, decoding, stepwise_decoding
from katapult_async.core.decoding import check_type, decode
from katapult_async.core.decoding_errors import DecodingError
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.msgspec_types import msgspec_decodes
from katapult_async.core.stepwise_decoding import decode_in_steps
from tests.core.json_mutations import places, value_at, with_value, without_field
from tests.openapi.library import ENDPOINTS

from .kinds import CONTENT, TEXT, Kind, Pair, kind_of, kinds
from .properties import Property

T = TypeVar("T")

TYPES: Final[dict[str, Any]] = {repr(endpoint.type): endpoint.type for endpoint in ENDPOINTS.values()}
"""The types of all endpoints of the library."""


def _models() -> st.SearchStrategy[Kind]:
    return st.sampled_from(list(TYPES.values())).map(kind_of)


_ANY_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def _valid_json(draw: st.DrawFn, chosen: st.SearchStrategy[Kind]) -> tuple[Kind, list[Pair]]:
    """Return a type, and JSON of it with the values that it stands for."""
    kind = draw(chosen)
    return kind, draw(st.lists(kind.pairs, min_size=1, max_size=5))


@st.composite
def _changed_json(draw: st.DrawFn, chosen: st.SearchStrategy[Kind]) -> tuple[Kind, list[Any]]:
    """Return a type, and JSON of it with one or two changes."""
    kind, pairs = draw(_valid_json(chosen))
    return kind, [_changed(draw, tree) for tree, _ in pairs]


def _changed(draw: st.DrawFn, tree: Any) -> Any:
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(places(tree)))
        inner = value_at(tree, place)
        change = draw(st.sampled_from(["put", "put text", "add", "remove"]))
        if change == "remove" and place and isinstance(place[-1], str):
            tree = without_field(tree, place)
        elif change == "add" and isinstance(inner, dict):
            tree = with_value(tree, place, inner | {f"undocumented {CONTENT}": draw(_ANY_JSON)})
        else:
            tree = with_value(tree, place, draw(_ANY_JSON if change == "put" else TEXT))
    return tree


def _decoded(kind: Kind, tree: Any, *, in_steps: bool = False) -> Any:
    """Return the value of JSON, or the class of the error."""
    endpoint: Endpoint[Any] = Endpoint(path="/x", answer="x", type=kind.type)
    body = json.dumps({"x": tree, "undocumented": "x" * 16}, ensure_ascii=False).encode()
    check_type(kind.type)
    try:
        if in_steps:
            with mock.patch.multiple(stepwise_decoding, STEP=16, _MSGSPEC_STEP=16):
                return _run(decode_in_steps(endpoint, body)).value
        return decode(endpoint, body).value
    except DecodingError as error:
        refused = error
    assert CONTENT not in str(refused)
    assert refused.__cause__ is None
    return type(refused)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that only yields, without an event loop: this takes a tenth of the time."""
    try:
        while True:
            work.send(None)
    except StopIteration as end:
        return typing.cast("T", end.value)


def _check_valid_json(case: tuple[Kind, list[Pair]]) -> None:
    kind, pairs = case
    for tree, value in pairs:
        for decoded in (_decoded(kind, tree), _decoded(kind, tree, in_steps=True)):
            assert decoded == value
            assert kind.fits(decoded)


def _check_changed_json(case: tuple[Kind, list[Any]]) -> None:
    kind, trees = case
    for tree in trees:
        decoded = _decoded(kind, tree)
        refused = isinstance(decoded, type) and issubclass(decoded, DecodingError)
        assert refused or kind.fits(decoded)
        assert _decoded(kind, tree, in_steps=True) == decoded
        if kind.by_msgspec:
            _check_against_msgspec(kind, tree, None if refused else (decoded,))


def _check_against_msgspec(kind: Kind, tree: Any, decoded: tuple[Any] | None) -> None:
    """Check that msgspec alone gives the same value, or an error too; ``decoded`` has the value, None for an error."""
    try:
        by_msgspec = (msgspec.json.decode(json.dumps(tree, ensure_ascii=False).encode(), type=kind.type),)
    except Exception:  # noqa: BLE001 # of any class
        by_msgspec = None
    assert decoded == by_msgspec


def _check_bytes(case: tuple[Kind, bytes]) -> None:
    kind, body = case
    try:
        decode(Endpoint(path="/x", answer=None, type=kind.type), body)
    except DecodingError as error:
        refused = str(error)
    else:
        return
    assert refused.isprintable()


def _clear_caches() -> None:
    for cached in (msgspec_decodes, decoding.decoder, decoding.response_format_of):
        cached.cache_clear()
    cattrs_decoding.structure_hook = cattrs_decoding._make_converter().get_structure_hook  # type: ignore[misc] # a Final is replaced, because the converter caches every type


PROPERTIES: Final = [
    Property("JSON of a model is decoded to what it stands for", _valid_json(_models()), _check_valid_json),
    Property("changed JSON of a model is an error or fits it", _changed_json(_models()), _check_changed_json),
    Property("changed JSON of a scalar type is an error or fits it", _changed_json(kinds(0)), _check_changed_json),
    Property(
        "JSON of a caller's type is decoded to what it stands for",
        _valid_json(kinds()),
        _check_valid_json,
        _clear_caches,
    ),
    Property(
        "changed JSON of a caller's type is an error or fits it",
        _changed_json(kinds()),
        _check_changed_json,
        _clear_caches,
    ),
    Property("bytes are decoded or an error", st.tuples(kinds(), st.binary()), _check_bytes, _clear_caches),
]
