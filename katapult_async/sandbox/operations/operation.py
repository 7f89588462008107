"""An operation as data: method, path, and the function that executes it. The rest comes from ``documentation``."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from katapult_async.sandbox.arguments import Arguments, Lookup
from katapult_async.sandbox.documentation import Documented, Shape, documented, plain
from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.kinds import Object, Value, kind_name, model_of, reference
from katapult_async.sandbox.models import Organization
from katapult_async.sandbox.serializers import JSON, pagination, serialize
from katapult_async.sandbox.store import Store


def _find(store: Store, lookup: Lookup, *, owner: Any) -> Any:
    """Return the object of a lookup. With an owner, it must be public or belong to the owner's organization."""
    obj = store.find(lookup.model, lookup.value, by=lookup.by)
    owner_id = owner.id if isinstance(owner, Organization) else getattr(owner, "organization_id", None)
    if obj is None or (owner is not None and getattr(obj, "organization_id", None) not in (None, owner_id)):
        raise APIError(lookup.model.kind.not_found or f"{kind_name(lookup.model)}_not_found")
    if isinstance(obj, Organization) and obj.suspended:
        raise APIError("organization_suspended")
    check_not_in_trash(store, obj)
    return obj


def _replace_lookups(store: Store, value: Any, *, owner: Any) -> Any:
    """Return the value of an argument with the id of the object in place of each lookup."""
    if isinstance(value, Lookup):
        return _find(store, value, owner=owner).id
    if isinstance(value, list):
        return [_replace_lookups(store, item, owner=owner) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _replace_lookups(store, content, owner=owner) for name, content in value.items()}


def check_not_in_trash(store: Store, obj: Object) -> None:
    """Check that an object is not in the trash, nor the whole that it is a part of.

    Raises:
        APIError: it is.
    """
    if (entry := store.trash_entry(obj)) is not None:
        raise APIError("object_in_trash", detail={"trash_object": serialize(store, entry)})


def check_owner(store: Store, obj: Object) -> None:
    """Check that an object, or the whole that it is a part of, has an owner. Nobody can change a public object.

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
    """Executes the operation.

    It is called with the store and the objects of the lookups, in the documented order; None for a lookup that was not
    sent. Every other argument that it has a keyword for is passed by keyword; the keyword ``arguments`` gets all.

    It returns the content of the response: an object, a mapping with objects inside, a tuple of these, the objects of a
    list in a sequence, or plain text. A list is paged. Documented booleans that it does not return are true, and
    ``annotations`` are empty."""
    any_owner: bool = False
    """Whether the objects after the first may belong to another organization: the action checks it."""
    documented: Documented = attrs.field(init=False, repr=False)
    _parameters: frozenset[str] = attrs.field(init=False, repr=False)
    """Names of the keywords of the action."""

    @documented.default
    def _of_method_and_path(self) -> Documented:
        return documented(self.method, self.path)

    @_parameters.default
    def _of_action(self) -> frozenset[str]:
        parameters = inspect.signature(self.action).parameters.values()
        takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        names = map(plain, self.documented.arguments) if takes_all else (parameter.name for parameter in parameters)
        return frozenset(names)

    def perform(self, store: Store, arguments: Arguments) -> JSON | str:
        """Execute the operation and return the content of the response.

        All arguments are read before the first lookup, as in the live API.

        Raises:
            APIError: the response is an error.
        """
        shape = self.documented.response
        lists = [name for name in shape.lists if name != "annotations"]
        values = arguments.values(self.documented.arguments)
        page = arguments.page() if "pagination" in shape.names else None
        objects: list[Any] = []
        for name, expected in self.documented.arguments.items():
            if model_of(plain(name), expected) is not None:
                lookup = values.pop(plain(name), None)
                owner = None if self.any_owner or not objects else objects[0]
                objects.append(lookup and _find(store, lookup, owner=owner))
        owner = objects[0] if objects else None
        others = {
            name: _replace_lookups(store, value, owner=owner)
            for name, value in values.items()
            if name in self._parameters
        }
        if "arguments" in self._parameters:
            others["arguments"] = arguments
        result = self.action(store, *objects, **others)
        if isinstance(result, str):
            return result
        if lists and isinstance(result, list | tuple):
            result = {lists[0]: result}
        parts = result if isinstance(result, tuple) else (result,)
        content: JSON = {"annotations": []} if "annotations" in shape.names else {}
        content |= dict.fromkeys(shape.flags, True)
        if page is not None:
            [result] = parts
            rows = result[lists[0]]
            content["pagination"] = pagination(page, total=len(rows), large_set=store.large_sets)
            parts = (result, {lists[0]: rows[(page.number - 1) * page.size : page.number * page.size]})
        return response(store, shape, content, *parts)


def operation(method: str, path: str, *, any_owner: bool = False) -> Callable[[Callable[..., Any]], Operation]:
    """Return a decorator that makes an `Operation` of the function that executes it."""
    return lambda action: Operation(method, path, action, any_owner)
