"""Decode JSON into the types of endpoints.

A type that msgspec decodes correctly, with all its parts, is decoded by msgspec from the bytes. cattrs decodes the
others: classes that run code when an object is made, times, open enums such as ``VirtualMachineState | str``, unions of
classes. Both are strict: no value is coerced, unknown fields are ignored.

An error names the place and the types (``Expected `bool`, got `int` - at `$.ip_addresses[3].vip```) and quotes no
value, because a body may hold a secret, such as ``initial_root_password``.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from katapult_async.core.columnar_decoding import columnar_decoder
from katapult_async.core.decoding_errors import clear_frames, first_mistake
from katapult_async.core.endpoints import Endpoint, Pagination
from katapult_async.core.msgspec_types import msgspec_decodes, names_self, reachable, type_name
from katapult_async.errors import UsageError

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
    if endpoint.beside:
        return join_beside(endpoint, decode(whole_response_endpoint(endpoint), body))
    kind: Any = endpoint.type
    decoders = _body_decoders(endpoint.answer, kind, paginated=endpoint.paginated)
    if decoders.rows is not None and len(body) > _SMALL_BODY:
        with contextlib.suppress(Exception):  # decoded again below, for an error that names the place
            envelope = decoders.rows(body)
            return Decoded(decoders.objects(envelope.value), envelope.pagination)
    envelope = run_decoder(decoders.envelope, body)
    if decoders.value is None:
        return Decoded(envelope.value, envelope.pagination)
    return Decoded(run_decoder(decoders.value, envelope.value, place_of(endpoint)), envelope.pagination)


def place_of(endpoint: Endpoint[Any]) -> str:
    """Return the place of the result in the body, for errors."""
    return "" if endpoint.answer is None else f".{endpoint.answer}"


@functools.lru_cache(maxsize=512)  # making an endpoint checks all its fields
def whole_response_endpoint(endpoint: Endpoint[Any]) -> Endpoint[Any]:
    """Return the endpoint whose result is the whole response: the result of an endpoint and the fields beside it.

    See `Endpoint.beside`.
    """
    kind: Any = endpoint.type
    whole = _whole_response_type(kind, str(endpoint.answer), endpoint.beside)
    return attrs.evolve(endpoint, answer=None, type=whole, beside=())


@functools.cache  # by the parts of an endpoint, as `_body_decoders`
def _whole_response_type(kind: Any, answer: str, names: tuple[str, ...]) -> Any:
    own = {field.name: field for field in attrs.fields(attrs.resolve_types(kind))}
    beside = {name: attrs.field(default=own[name].default, type=own[name].type) for name in names}
    fields = {answer: attrs.field(type=kind), **beside}
    return attrs.make_class(f"{kind.__name__}Response", fields, frozen=True, kw_only=True)


def join_beside(endpoint: Endpoint[T], response: Decoded[Any]) -> Decoded[T]:
    """Return the result of an endpoint with the fields that are beside it in a whole response."""
    beside = {name: getattr(response.value, name) for name in endpoint.beside}
    result: Any = getattr(response.value, str(endpoint.answer))
    return Decoded(attrs.evolve(result, **beside))


def check_type(kind: Any) -> None:
    """Check that a type can be decoded, before a request is sent. The result is cached.

    Raises:
        UsageError: neither cattrs nor msgspec can decode the type.
    """
    try:
        decoder(kind)
    except TypeError as error:  # from the cache of `decoder`, which needs a hash
        raise UsageError(f"the type {kind!r} of an endpoint cannot be decoded: it has no hash") from error


def decode_json(body: bytes) -> object:
    """Decode any JSON to plain objects.

    Raises:
        UnreadableError: the body is not JSON.
        WrongShapeError: a number is out of the range of a float.
    """
    return run_decoder(msgspec.json.decode, body)


def run_decoder(decode_one: Callable[[J], T], json: J, place: str = "") -> T:
    """Call a decoder for the value at a place, and raise its errors as a `DecodingError`.

    The `DecodingError` is raised outside of the handler, so that it has no context: errors of msgspec and cattrs quote
    values.
    """
    try:
        return decode_one(json)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 # a class of the user may raise anything
        mistake = first_mistake(error).inside(place)
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
    return lambda json: structure(msgspec.json.decode(json), kind)


@functools.cache
def envelope_decoder(answer: str | None, kind: Any, *, paginated: bool) -> Callable[[bytes], Any]:
    """Return the function that decodes a whole body to an object with ``value`` and ``pagination``.

    Args:
        answer: name of the field that holds the value; None where the whole body is the value.
        kind: type of the value, one that msgspec decodes.
        paginated: whether there is a pagination beside it; otherwise ``pagination`` is empty.
    """
    if answer is None:
        decode_value = msgspec.json.Decoder(kind).decode
        return lambda body: Decoded(decode_value(body))
    fields: list[Any] = [("value", kind), *([("pagination", Pagination)] if paginated else [])]
    class_attributes = {} if paginated else {"pagination": _NO_PAGES}
    envelope = msgspec.defstruct("Envelope", fields, rename={"value": answer}, namespace=class_attributes, gc=False)
    return msgspec.json.Decoder(envelope).decode


class _BodyDecoders(msgspec.Struct, frozen=True):
    """How the bodies of an endpoint are decoded."""

    envelope: Callable[[bytes], Any]
    """Decodes a body to an object with ``value`` and ``pagination``."""

    value: Callable[[msgspec.Raw], Any] | None = None
    """Decodes the ``value`` of that object; None if ``envelope`` has decoded it."""

    rows: Callable[[bytes], Any] | None = None
    """Decodes a body as ``envelope`` does, but the value only to rows; None if `columnar_decoder` has none for it."""

    objects: Callable[[Any], Any] = list
    """Makes the value from its rows."""


@functools.cache  # by the parts of an endpoint: callers may make endpoints in a loop
def _body_decoders(answer: str | None, kind: Any, *, paginated: bool) -> _BodyDecoders:
    decode_value = decoder(kind)
    if answer is None and kind is str:  # text/plain: GET /virtual_machine/authorized_keys
        return _BodyDecoders(lambda body: Decoded(body.decode()))
    envelope_of = functools.partial(envelope_decoder, answer, paginated=paginated)
    if not msgspec_decodes(kind):
        return _BodyDecoders(envelope_of(msgspec.Raw), decode_value)
    rows, objects = columnar_decoder(kind, decoder=decoder) or (None, list)
    return _BodyDecoders(envelope_of(kind), rows=envelope_of(rows) if rows else None, objects=objects)
