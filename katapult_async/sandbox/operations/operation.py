"""An operation as data: method, path, arguments and the function that executes it. The rest is documented."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from katapult_async.sandbox.arguments import Arguments, Lookup
from katapult_async.sandbox.documentation import Documented, Shape, documented
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.kinds import Object, Value, kind_name, reference
from katapult_async.sandbox.models import Organization
from katapult_async.sandbox.serializers import JSON, pagination, serialize
from katapult_async.sandbox.store import Store

Find = Callable[[Store, Sequence[Any]], Any]
"""Returns the value of an argument, given the store and the values of the arguments before it."""

Argument = Callable[[Arguments], Find]
"""Reads an argument (400 if it is not valid) and returns the function that finds its value (403, 404 or 406)."""


def lookup(model: type[Object], name: str | None = None, *, optional: bool = False, own: bool = False) -> Argument:
    """Return the argument that identifies an object of a class.

    Args:
        model: class of the object.
        name: name of the argument; by default that of the class.
        optional: whether the argument may be absent or null; its value is None then.
        own: whether the object must be public or belong to the organization of the first argument.
    """
    argument = name or kind_name(model)

    def read(arguments: Arguments) -> Find:
        if optional and not arguments.has(argument):
            return lambda *_: None
        key = arguments.lookup(argument, model)
        return lambda store, values: _find(store, key, owner=values[0] if own else None)

    return read


def _find(store: Store, key: Lookup, *, owner: Any) -> Any:
    """Return the object of a lookup. With an owner, it must be public or belong to the owner's organization."""
    obj = store.find(key.model, key.value, by=key.by)
    owner_id = owner.id if isinstance(owner, Organization) else getattr(owner, "organization_id", None)
    if obj is None or (owner is not None and getattr(obj, "organization_id", None) not in (None, owner_id)):
        raise APIError(key.model.kind.not_found or f"{kind_name(key.model)}_not_found")
    if isinstance(obj, Organization) and obj.suspended:
        raise APIError("organization_suspended")
    check_not_in_trash(store, obj)
    return obj


def properties(
    kinds: Mapping[str, Any], *, inside: str | None = "properties", required: Sequence[str] = ()
) -> Argument:
    """Return an argument: a dictionary of the arguments that the request has, with the ids of the objects they name.

    Args:
        kinds: names and types of the arguments; see `Arguments.values`.
        inside: name of the argument that contains them; None if they are arguments themselves.
        required: names of those whose absence is a ``missing_required_argument``.
    """

    def read(arguments: Arguments) -> Find:
        place = arguments if inside is None else arguments.inside(inside)
        for name in required:
            place.require(name)
        content = place.values(kinds)
        return lambda store, values: _with_ids(store, content, owner=values[0])

    return read


def _with_ids(store: Store, content: Mapping[str, Any], *, owner: Any) -> JSON:
    result = {}
    for name, value in content.items():
        if isinstance(value, Lookup):
            result[name] = _find(store, value, owner=owner).id
        else:
            result[name] = _with_ids(store, value, owner=owner) if isinstance(value, dict) else value
    return result


def value(read: Callable[[Arguments], Any]) -> Argument:
    """Return an argument that is a plain value, such as that of `required`.

    Args:
        read: reads the value from the arguments.
    """

    def read_now(arguments: Arguments) -> Find:
        result = read(arguments)
        return lambda *_: result

    return read_now


def required(name: str, kind: Any = str) -> Argument:
    """Return a required argument of a type; see `Arguments.read`. A blank string is an empty one."""

    def read(arguments: Arguments) -> Any:
        if name in arguments.tree or name not in arguments.segments:
            arguments.require(name)
        return arguments.read(name, kind) or ""

    return value(read)


def boolean(name: str) -> Argument:
    """Return an argument that must be a boolean, null or absent."""
    return value(lambda arguments: arguments.read(name, bool))


def check_not_in_trash(store: Store, obj: Object) -> None:
    """Check that an object is not in the trash.

    Raises:
        APIError: it is.
    """
    if (entry := store.trash_entry(obj)) is not None:
        raise APIError("object_in_trash", detail={"trash_object": serialize(store, entry)})


def check_owner(store: Store, obj: Object) -> None:
    """Check that an object, or the one that it is a part of, belongs to an organization and so can be changed.

    Raises:
        APIError: it is public.
    """
    whole = obj.kind.part_of
    owned = obj if whole is None else store.get(getattr(obj, reference(whole)))
    if getattr(owned, "organization_id", "") is None:
        raise APIError("permission_denied", detail={"details": None})


def response(store: Store, shape: Shape, *parts: Value | Mapping[str, Any]) -> JSON:
    """Return the content of a response.

    Args:
        store: the store.
        shape: its documented shape.
        parts: objects, which get the name of their class, and parts of the content.
    """
    content: JSON = {}
    for part in parts:
        content |= {kind_name(type(part)): part} if isinstance(part, Value) else part
    shown: JSON = serialize(store, content, shape)
    return shown


@attrs.frozen
class Operation:
    """One operation of the API."""

    method: str
    path: str
    """Path below the API's root, with variable segments as ``:name``."""
    action: Callable[..., Any]
    """Executes the operation, given the store and the values of the arguments. What it returns becomes the response:
    an object, or a mapping with objects inside; several of these in a tuple; the sequence of a list; or plain text.
    A list is paged, ``annotations`` are empty and booleans true, where the response has them and the action does not
    say otherwise."""
    arguments: Sequence[Argument | type[Object]] = ()
    """The arguments in the order of their checks. A class is the lookup of one of its objects."""
    documented: Documented = attrs.field(init=False, repr=False)

    @documented.default
    def _of_method_and_path(self) -> Documented:
        return documented(self.method, self.path)

    def perform(self, store: Store, arguments: Arguments) -> JSON | str:
        """Execute the operation and return the content of the response.

        All arguments are read before the first lookup, as in the live API.

        Raises:
            APIError: the response is an error.
        """
        shape = self.documented.response
        lists = [name for name in shape.lists if name != "annotations"]
        readers = [lookup(argument) if isinstance(argument, type) else argument for argument in self.arguments]
        finders = [read(arguments) for read in readers]
        page = arguments.page() if "pagination" in shape.names else None
        values: list[Any] = []
        for find in finders:
            values.append(find(store, values))
        result = self.action(store, *values)
        if isinstance(result, str):
            return result
        if lists and isinstance(result, list | tuple):
            result = {lists[0]: result}
        parts = result if isinstance(result, tuple) else (result,)
        content: JSON = {"annotations": []} if "annotations" in shape.names else {}
        content |= dict.fromkeys(shape.flags, True)
        if page is not None:
            [result] = parts
            objects = result[lists[0]]
            content["pagination"] = pagination(page, total=len(objects), large_set=store.large_sets)
            parts = (result, {lists[0]: objects[(page.number - 1) * page.size : page.number * page.size]})
        return response(store, shape, content, *parts)


def operation(method: str, path: str, *arguments: Argument | type[Object]) -> Callable[[Callable[..., Any]], Operation]:
    """Return a decorator that turns a function into the operation that it executes."""
    return lambda action: Operation(method, path, action, arguments)
