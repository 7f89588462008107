"""An operation as data: method, path, scopes, arguments and the function that executes it."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from katapult_async.sandbox.arguments import Arguments, Page
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.kinds import KINDS, kind_name, reference
from katapult_async.sandbox.models import Object, Organization
from katapult_async.sandbox.serializers import JSON, TRASH_OBJECT, pagination, serialize
from katapult_async.sandbox.store import Store

Find = Callable[[Store, Sequence[Any]], Any]
"""Returns the value of an argument, given the store and the values of the arguments before it."""

Argument = Callable[[Arguments], Find]
"""Reads an argument (400 if it is not valid) and returns the function that finds its value (403, 404 or 406)."""


def lookup(model: type[Any], name: str | None = None, *, optional: bool = False, own: bool = False) -> Argument:
    """Return the argument that identifies an object of a class.

    Args:
        model: class of the object.
        name: name of the argument; by default that of the class.
        optional: whether the argument may be absent or null; its value is None then.
        own: whether the object must be public or belong to the organization of the first argument.
    """
    argument, kind = name or kind_name(model), KINDS[model]
    not_found = kind.not_found or f"{kind_name(model)}_not_found"

    def read(arguments: Arguments) -> Find:
        if optional and not arguments.has(argument):
            return lambda *_: None
        key = arguments.lookup(argument, kind.keys)

        def find(store: Store, values: Sequence[Any]) -> Any:
            obj = store.find(model, key.value, by=key.by)
            if obj is None or (own and obj.organization_id not in (None, _organization_id(values[0]))):
                raise APIError(not_found)
            if isinstance(obj, Organization) and obj.suspended:
                raise APIError("organization_suspended")
            check_not_in_trash(store, obj)
            return obj

        return find

    return read


def _organization_id(obj: Any) -> str:
    return str(obj.id if isinstance(obj, Organization) else obj.organization_id)


def value(read: Callable[[Arguments], Any]) -> Argument:
    """Return an argument that is a plain value, such as ``value(Arguments.page)``.

    Args:
        read: reads the value from the arguments.
    """

    def read_now(arguments: Arguments) -> Find:
        result = read(arguments)
        return lambda *_: result

    return read_now


def choice(name: str, values: Sequence[str]) -> Argument:
    """Return a required argument that must be one of the values."""
    return value(lambda arguments: arguments.required_choice(name, values))


def string(name: str) -> Argument:
    """Return a required argument that must be a string."""
    return value(lambda arguments: arguments.required_string(name))


def boolean(name: str) -> Argument:
    """Return an argument that must be a boolean, null or absent."""
    return value(lambda arguments: arguments.boolean(name))


PAGE = value(Arguments.page)
"""The requested page of a list."""


def check_not_in_trash(store: Store, obj: Any) -> None:
    """Check that an object is not in the trash.

    Raises:
        APIError: it is.
    """
    if (entry := store.trash_entry(obj)) is not None:
        raise APIError("object_in_trash", detail={"trash_object": serialize(store, entry, TRASH_OBJECT)})


def check_owner(store: Store, obj: Any) -> None:
    """Check that an object, or the one that it is a part of, belongs to an organization and so can be changed.

    Raises:
        APIError: it is public.
    """
    whole = KINDS[type(obj)].part_of
    owned = obj if whole is None else store.get(getattr(obj, reference(whole)))
    if getattr(owned, "organization_id", "") is None:
        raise APIError("permission_denied", detail={"details": None})


def _split(scopes: str) -> tuple[str, ...]:
    return tuple(scopes.split())


@attrs.frozen
class Operation:
    """One operation of the API."""

    method: str
    path: str
    """Path below the API's root, with variable segments as ``:name``."""
    action: Callable[..., JSON | str]
    """Executes the operation, given the store and the values of the arguments; returns JSON or plain text."""
    arguments: Sequence[Argument | type[Any]] = ()
    """The arguments in the order of their checks. A class is the lookup of one of its objects."""
    scopes: tuple[str, ...] = attrs.field(default="", converter=_split, kw_only=True)
    """The token needs one of them; empty when it needs none. Given as one string with spaces."""
    status: int = attrs.field(default=200, kw_only=True)
    """HTTP status of success."""

    def perform(self, store: Store, arguments: Arguments) -> JSON | str:
        """Execute the operation and return the content of the response.

        All arguments are read before the first lookup, as in the live API.

        Raises:
            APIError: the response is an error.
        """
        readers = [lookup(argument) if isinstance(argument, type) else argument for argument in self.arguments]
        values: list[Any] = []
        for find in [read(arguments) for read in readers]:
            values.append(find(store, values))
        return self.action(store, *values)


def operation(
    method: str, path: str, *arguments: Argument | type[Any], scopes: str = "", status: int = 200
) -> Callable[[Callable[..., JSON | str]], Operation]:
    """Return a decorator that makes an operation of the function that executes it; arguments as of `Operation`."""
    return lambda action: Operation(method, path, action, arguments, scopes=scopes, status=status)


def paginated(store: Store, page: Page, key: str, objects: Sequence[Object], shape: str) -> JSON:
    """Return one page of a list as the content of a response.

    Args:
        store: the store.
        page: the requested page.
        key: name of the list in the response.
        objects: the whole list.
        shape: shape of its objects.
    """
    first = (page.number - 1) * page.size
    return {
        "pagination": pagination(page, total=len(objects), large_set=store.large_sets),
        key: [serialize(store, obj, shape) for obj in objects[first : first + page.size]],
    }
