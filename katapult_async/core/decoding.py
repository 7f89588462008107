"""Decode JSON into the types of endpoints.

A type that msgspec decodes correctly, with all its parts, is decoded by msgspec from the bytes. cattrs decodes the
others: classes that run code when an object is made, times, open enums such as ``VirtualMachineState | str``, unions of
classes. Both are strict: no value is coerced, unknown fields are ignored.

An error names the place and the types (``Expected `bool`, got `int` - at `$.ip_addresses[3].vip```) and quotes no
value, because a body may hold a secret, such as ``initial_root_password``.
"""

import contextlib
import functools
import operator
import typing
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from katapult_async.core.columnar_decoding import columnar_decoder
from katapult_async.core.decoding_errors import clear_frames, first_mistake
from katapult_async.core.endpoints import Endpoint, Pagination
from katapult_async.core.msgspec_types import msgspec_decodes, names_self, reachable, type_name
from katapult_async.errors import UsageError
from katapult_async.models.field_names import json_name

J = TypeVar("J")
T = TypeVar("T")

_SMALL_BODY: Final = 4096
"""Bytes of a list of 8 addresses. For a body of at most this size, columnar decoding is slower."""

_NO_PAGES: Final = Pagination()


class Decoded(msgspec.Struct, Generic[T], frozen=True):
    """The decoded body of a response."""

    value: T
    """The result of the endpoint: see `Endpoint.answer`."""

    pagination: Pagination = _NO_PAGES
    """The ``pagination`` object of the body; empty where the endpoint has no pages."""


def decode(endpoint: Endpoint[T], body: bytes) -> Decoded[T]:
    """Decode the body of a successful response.

    Raises:
        UnreadableError: the body is not JSON.
        WrongShapeError: the body is JSON, but not of the endpoint's type.
        UsageError: the endpoint's type cannot be decoded; see `check_type`.
    """
    kind: Any = endpoint.type
    response_format = response_format_of(endpoint.answer, kind, endpoint.beside, paginated=endpoint.paginated)
    if response_format.decode_rows is not None and len(body) > _SMALL_BODY:
        with contextlib.suppress(Exception):  # decoded again below, for an error that names the place
            response = response_format.decode_rows(body)
            value = response_format.objects(response_format.result(response))
            return Decoded(value, response.pagination) if endpoint.paginated else Decoded(value)
    response = run_decoder(response_format.decode, body)
    value = run_decoder(response_format.result, response)
    return Decoded(value, response.pagination) if endpoint.paginated else Decoded(value)


def check_type(kind: Any) -> None:
    """Check that a type can be decoded, before a request is sent. The result is cached.

    Raises:
        UsageError: neither cattrs nor msgspec can decode the type.
    """
    try:
        decoder(kind)
    except TypeError as error:  # from the cache of `decoder`, whose keys must be hashable
        raise UsageError(f"the type {kind!r} of an endpoint cannot be decoded: it is not hashable") from error


def decode_json(body: bytes) -> object:
    """Decode any JSON to plain objects.

    Raises:
        UnreadableError: the body is not JSON.
        WrongShapeError: a number is out of the range of a float.
    """
    return run_decoder(msgspec.json.decode, body)


def run_decoder(decode_one: Callable[[J], T], json: J) -> T:
    """Call a decoder, and raise its errors as a `DecodingError`.

    The `DecodingError` is raised outside of the handler, so that it has no context: errors of msgspec and cattrs quote
    values.
    """
    try:
        return decode_one(json)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 # a class of the user may raise anything
        mistake = first_mistake(error)
        clear_frames(error)
    try:
        raise mistake
    finally:
        del mistake  # the error's traceback refers to this frame: the cycle would keep the callers' frames alive


@functools.cache
def decoder(kind: Any) -> Callable[[bytes | msgspec.Raw], Any]:
    """Return the function that decodes a JSON value of a type.

    Raises:
        UsageError: the type cannot be decoded.
    """
    if msgspec_decodes(kind):
        return msgspec.json.Decoder(kind).decode
    from katapult_async.core.cattrs_decoding import structure_hook  # noqa: PLC0415 # loads cattrs

    try:
        structure = structure_hook(kind)
        for part in reachable(kind):
            if not names_self(part):
                structure_hook(part)  # raises an error if a part is not supported
    except Exception as error:
        raise UsageError(f"the type {type_name(kind)} of an endpoint cannot be decoded: {error}") from error
    decode_parts = fields_decoder(kind, Any) if attrs.has(kind) else msgspec.json.decode
    return lambda json: structure(decode_parts(json), kind)


@functools.cache
def fields_decoder(kind: Any, part: Any) -> Callable[[bytes | msgspec.Raw], dict[str, Any]]:
    """Return the function that decodes the fields of an attrs class by name, each to the type ``part``.

    Other fields of the JSON are skipped, unless a name is not ASCII. If ``part`` is `Any`, a `Pagination` is decoded at
    once, so that its other fields are skipped too.
    """
    parts = {
        json_name(field): Pagination if part is Any and field.type is Pagination else part
        for field in attrs.fields(kind)
    }
    fields: Any = dict[str, part]
    if all(map(str.isascii, parts)):  # msgspec does not find other names of a class in JSON
        typed_dict: Any = typing.TypedDict
        fields = typed_dict("Fields", parts, total=False)
    return msgspec.json.Decoder(fields).decode


class ResponseFormat(msgspec.Struct, frozen=True):
    """The type of the whole response of an endpoint, and how its bodies are decoded."""

    type: Any
    """The type: a class with the result and the fields beside it, unless the result is the whole response."""

    result: Callable[[Any], Any]
    """Takes the result from a response, and gives it the fields beside it."""

    decode: Callable[[bytes], Any]
    """Decodes a body to a response."""

    decode_rows: Callable[[bytes], Any] | None = None
    """Decodes a body to a response whose result is rows; None if `columnar_decoder` has none for it."""

    objects: Callable[[Any], Any] = list
    """Makes the result from its rows."""


@functools.cache  # by the parts of an endpoint: callers may make endpoints in a loop
def response_format_of(answer: str | None, kind: Any, beside: tuple[str, ...], *, paginated: bool) -> ResponseFormat:
    """Return the format of the responses of an endpoint. The arguments are fields of `Endpoint`."""
    result = _result_getter(answer, kind, beside)
    whole = _whole_type(answer, kind, beside, paginated=paginated)
    if answer is None and kind is str:  # text/plain: GET /virtual_machine/authorized_keys
        return ResponseFormat(whole, result, bytes.decode)
    rows, objects = columnar_decoder(kind) or (None, list)
    decode_rows = decoder(_whole_type(answer, rows, beside, paginated=paginated)) if rows else None
    return ResponseFormat(whole, result, decoder(whole), decode_rows, objects)


def _whole_type(answer: str | None, kind: Any, beside: tuple[str, ...], *, paginated: bool) -> Any:
    """Return the type of a whole response."""
    if answer is None:
        return kind
    own = attrs.fields_dict(attrs.resolve_types(kind)) if beside else {}
    fields = {answer: attrs.field(type=kind, alias=f"{answer}_")}  # the name of an argument cannot be ``self``
    fields |= {name: attrs.field(default=msgspec.UNSET, type=own[name].type, alias=f"{name}_") for name in beside}
    if paginated:
        fields["pagination"] = attrs.field(type=Pagination)
    # A class of its own name: for many classes of one name, attrs and cattrs look long for free file names.
    return attrs.make_class(f"{answer}_response", fields, kw_only=True, repr=False, eq=False)


def _result_getter(answer: str | None, kind: Any, beside: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return the function that takes the result from a response, and gives it the fields beside it."""
    if answer is None:
        return lambda response: response
    result = operator.attrgetter(answer)
    if not beside:
        return result
    arguments = {name: str(attrs.fields_dict(kind)[name].alias) for name in beside}

    def joined(response: Any) -> Any:
        values = {argument: getattr(response, name) for name, argument in arguments.items()}
        return attrs.evolve(
            result(response), **{name: value for name, value in values.items() if value is not msgspec.UNSET}
        )

    return joined
