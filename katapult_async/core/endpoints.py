"""Operations as data: method, path, the objects that a request names, and the type of the response. Sends nothing."""

import functools
import json
import keyword
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote

import attrs

from katapult_async.config import must_be, must_be_bool, must_be_string
from katapult_async.core.redaction import Secret, is_secret_name, secrets_in, with_hidden_secrets, without_secret_values
from katapult_async.errors import IDEMPOTENT_METHODS, UsageError

T_co = TypeVar("T_co", covariant=True)

METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
"""The HTTP methods of the API."""

_PATH = re.compile(r"(/[A-Za-z0-9_:][A-Za-z0-9_:.-]*)+")
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986 section 2.3: ids need no percent-encoding
_WITH_BODY = ("POST", "PUT", "PATCH")  # not DELETE: some proxies drop its body, and Katapult reads the query


@attrs.frozen(kw_only=True)
class Pagination:
    """The object beside every paginated list. Each field may be missing or null."""

    current_page: int | None = None
    """The page, counted from 1."""

    total_pages: int | None = None
    """How many pages there are; null for a large set."""

    total: int | None = None
    """How many objects there are; null for a large set."""

    per_page: int | None = None
    """How many objects a full page has."""

    large_set: bool | None = None
    """Whether the set is too large for Katapult to count it."""


def _is_tuple_of(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and all(isinstance(item, kind) for item in value)


_name: Final = must_be("a name", lambda value: isinstance(value, str) and value)


@attrs.frozen
class Ref:
    """A reference to an object: the name of the argument, and the values that identify the object.

    ``Ref("network", by=(Permalink,))`` takes an id, or a ``Permalink``.
    """

    name: str = attrs.field(validator=_name)
    """Katapult's name of the argument, such as ``virtual_machine``."""

    key: str = attrs.field(default="id", kw_only=True, validator=_name)
    """What a plain string is: ``id``, or the ``name`` of a bucket, which has no id."""

    by: tuple[type, ...] = attrs.field(
        default=(), kw_only=True, validator=must_be("a tuple of classes, like (Permalink,)", _is_tuple_of(type))
    )
    """What identifies the object besides its id: lookup classes such as ``FQDN``, or classes of IP addresses."""

    id_prefix: str = attrs.field(default="", kw_only=True, validator=must_be_string)
    """How ids of such objects begin, such as ``vm_``; empty if that is not known."""

    parameter: str = attrs.field(
        kw_only=True, default=attrs.Factory(lambda ref: ref.name, takes_self=True), validator=_name
    )
    """Name of the method's parameter: by default that of the argument, otherwise for example ``interface_id``."""


def _is_path(value: object) -> bool:
    return isinstance(value, str) and bool(_PATH.fullmatch(value))


def _is_field_or_none(value: object) -> bool:
    if isinstance(value, str):
        # msgspec does not find other than ASCII names in JSON; `__class__` and such belong to Python.
        return value.isascii() and value.isidentifier() and not (keyword.iskeyword(value) or value.startswith("__"))
    return value is None


@attrs.frozen(kw_only=True, cache_hash=True)
class Endpoint(Generic[T_co]):
    """One operation of the API, and the type of its response.

    The path is the documented one, taken literally. Ids go into the query or the body, where no character of an
    argument can change the path.
    """

    path: str = attrs.field(validator=must_be("like '/organizations', of letters, digits and '_:.-'", _is_path))
    """Path below the base URL, such as ``/organizations``."""

    answer: str | None = attrs.field(
        validator=must_be("the name of a field, like 'ip_addresses', or None", _is_field_or_none)
    )
    """Name of the response's field that holds the result, such as ``ip_addresses``; None if the whole response is the
    result. The name is an identifier of ASCII characters, and does not begin with ``__``. The other fields of a
    response are dropped, except those in ``beside``."""

    type: type[T_co]
    """What the result decodes to. A whole response of the type ``str`` is plain text; any other response is JSON."""

    method: str = attrs.field(default="GET", validator=must_be(f"one of {', '.join(METHODS)}", METHODS.__contains__))
    """HTTP method."""

    beside: tuple[str, ...] = attrs.field(default=(), validator=must_be("a tuple of names", _is_tuple_of(str)))
    """Further fields of the response that belong to the result, such as ``annotations``. They are beside the result,
    and become its fields: the type of the result is an attrs class that takes fields of these names."""

    paginated: bool = attrs.field(default=False, validator=must_be_bool)
    """Whether the response is one page of a list, with a ``pagination`` object beside the list."""

    refs: tuple[Ref, ...] = attrs.field(default=(), validator=must_be("a tuple of Ref", _is_tuple_of(Ref)))
    """The objects that the operation names. A plain string for one of them is its id: with ``Ref("network")``,
    ``{"network": "netw_1"}`` is sent as ``network[id]=netw_1``."""

    scopes: tuple[str, ...] = attrs.field(default=(), validator=must_be("a tuple of names", _is_tuple_of(str)))
    """Scopes, of which the token needs one; empty if any token will do."""

    _idempotent: bool | None = attrs.field(
        default=None, validator=must_be("True, False or None", lambda value: isinstance(value, bool | None))
    )
    """Whether sending a request twice has the effect of sending it once; None: it depends on the HTTP method."""

    arguments_in: Literal["query", "body"] = attrs.field(
        repr=False,
        default=attrs.Factory(lambda own: "body" if own.method in _WITH_BODY else "query", takes_self=True),
        validator=must_be("'query' or 'body'", ("query", "body").__contains__),
    )
    """Where the arguments are sent: by default in the body of a POST, PUT or PATCH, and otherwise in the query."""

    route: str = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda own: f"{own.method} {own.path}", takes_self=True)
    )
    """Method and path, such as ``GET /organizations``: names the endpoint in limits and outages."""

    def __attrs_post_init__(self) -> None:
        if self.type is None:
            raise UsageError("the type of an endpoint must not be None; use EmptyResponse if there is no content")
        is_list = (typing.get_origin(self.type) or self.type) is list
        if self.paginated and (self.answer in (None, "pagination") or not is_list):
            raise UsageError("a paginated endpoint needs `answer`, the field of its list, and a type like list[Zone]")
        if self.beside:
            kind: Any = self.type  # not `Page[str]`: its fields have type variables
            if self.answer is None or self.paginated or not (isinstance(kind, type) and attrs.has(kind)):
                raise UsageError("an endpoint with `beside` needs `answer`, an attrs class as `type`, and no pages")
            fields = {field.name for field in attrs.fields(kind) if field.init}
            if unknown := [name for name in self.beside if name not in fields]:
                raise UsageError(f"`beside` names {unknown[0]!r}, but the type of the result takes no such field")

    @property
    def idempotent(self) -> bool:
        """Whether a request is retried after its response was lost. By default a GET, PUT or DELETE is."""
        return self.method in IDEMPOTENT_METHODS if self._idempotent is None else self._idempotent


@attrs.frozen
class EmptyResponse:
    """A response without content: ``{}``. The operation is done."""


@attrs.frozen(kw_only=True)
class Request(Generic[T_co]):
    """An endpoint with its arguments. The texts of arguments that are named like secrets are hidden as `Secret`."""

    endpoint: Endpoint[T_co]
    """The operation."""

    arguments: tuple[tuple[str, str], ...] = ()
    """Query arguments in order, under names with Katapult's brackets, such as ``virtual_machine[id]``. `encoding.query`
    makes them, and hides the values that are named like secrets."""

    body: Mapping[str, Any] | None = attrs.field(default=None, converter=attrs.converters.optional(with_hidden_secrets))
    """Arguments that go as a JSON object; None for a request without a body. A None inside it sets null."""

    @property
    def content(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else json.dumps(self.body, allow_nan=False).encode()

    @property
    def shown_arguments(self) -> tuple[tuple[str, str], ...]:
        """All arguments as text for errors and logs: the query, then the body's values under names in brackets.

        The value of an argument that is named like a secret is ``***``.
        """
        shown = tuple((name, "***" if is_secret_name(name) else value) for name, value in self.arguments)
        return (*shown, *_named_values(without_secret_values(self.body)))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts of arguments that are named like secrets. A server may quote them in an error."""
        return (*secrets_in(self.arguments), *secrets_in(self.body))

    @property
    def target(self) -> str:
        """Path and query below the base URL, encoded: brackets as ``%5B %5D``, as every recorded request has them.

        A `Secret` if an argument is one.
        """
        target = self.endpoint.path
        is_secret = False
        for name, value in self.arguments:
            encoded = value if _UNRESERVED.fullmatch(value) else _percent_encoded(value)
            target += f"{'&' if '?' in target else '?'}{_percent_encoded(name)}={encoded}"
            is_secret = is_secret or isinstance(value, Secret)
        return Secret(target) if is_secret else target

    def page(self, number: int, *, per_page: int) -> "Request[T_co]":
        """Return the same request for one page of the list.

        Args:
            number: the page, counted from 1.
            per_page: how many objects a page has; Katapult gives at most 200.
        """
        return attrs.evolve(self, arguments=(*self.arguments, ("page", str(number)), ("per_page", str(per_page))))


def _named_values(body: object, inside: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values of a body as text, under names such as ``ip_address[id]``."""
    for key, value in body.items() if isinstance(body, Mapping) else ():
        shown = json.dumps(key)[1:-1]  # ASCII, without line ends
        name = f"{inside}[{shown}]" if inside else shown
        if isinstance(value, Mapping):
            yield from _named_values(value, name)
        else:
            text = json.dumps(value)
            yield name, text[1:-1] if isinstance(value, str) else text


@functools.lru_cache(maxsize=256)  # mostly the names of arguments, which are few
def _percent_encoded(text: str) -> str:
    return quote(text, safe="")
