"""An operation as data: method, path, and the function that executes it. The rest is in ``documented_operations``."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from katapult_async.sandbox.arguments import Arguments, Lookup
from katapult_async.sandbox.documented_operations import DocumentedOperation, Shape, documented, unmarked
from katapult_async.sandbox.errors import APIError, require
from katapult_async.sandbox.kinds import Object, Value, kind_name, model_of, reference
from katapult_async.sandbox.models import APIToken, Organization
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store


def _find(store: Store, lookup: Lookup, token: APIToken, *, first: Any) -> Any:
    """Return the object of a lookup.

    Args:
        store: the store.
        lookup: the lookup.
        token: must have access to the organization of the object.
        first: object of the first lookup, to which the object must belong; None if that is not checked.

    Raises:
        APIError: the object does not exist, does not belong to ``first``, is suspended, or is in the trash.
    """
    obj: Any = store.find(lookup.model, lookup.value, by=lookup.by)
    is_visible = obj is not None and token.has_access(store.get(store.owner_id(obj)))
    if not is_visible or (first is not None and _is_foreign(obj, first)):
        raise APIError(lookup.model.kind.not_found or f"{kind_name(lookup.model)}_not_found")
    require(not isinstance(obj, Organization) or not obj.suspended, "organization_suspended")
    check_not_in_trash(store, obj)
    return obj


def _is_foreign(obj: Object, first: Object) -> bool:
    """Return whether an object belongs to an organization other than the first object's, or to another such object.

    For example, the first object is a cluster, and the object is a bucket of another cluster.
    """
    expected = {"organization_id": getattr(first, "organization_id", None), reference(type(first)): first.id}
    return any(getattr(obj, name, None) not in (None, value) for name, value in expected.items())


def _replace_lookups(store: Store, value: Any, token: APIToken, *, first: Any) -> Any:
    """Return the value of an argument with the id of the object in place of each lookup."""
    if isinstance(value, Lookup):
        return _find(store, value, token, first=first).id
    if isinstance(value, list):
        return [_replace_lookups(store, item, token, first=first) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _replace_lookups(store, content, token, first=first) for name, content in value.items()}


def check_not_in_trash(store: Store, obj: Object) -> None:
    """Check that neither an object nor the whole that it is a part of is in the trash.

    Raises:
        APIError: one of them is in the trash.
    """
    if (entry := store.trash_entry(obj)) is not None:
        raise APIError("object_in_trash", detail={"trash_object": serialize(store, entry)})


def response(store: Store, shape: Shape, *parts: Value | Mapping[str, Any]) -> JSON:
    """Return the content of a response.

    Args:
        store: the store.
        shape: its documented shape.
        parts: the content: objects, each under the name of its class, and mappings. Later parts have precedence.
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
    sent. The other arguments are keywords.

    It returns what the response shows: an object, a mapping with objects inside, a tuple of these, or plain text. For a
    response with a list it returns all objects of the list; the response shows one page of them if it has pages. For
    what the action does not return, the response has a default: the object of the lookup, true, or an empty list."""
    any_owner: bool = False
    """Whether objects after the first may belong to another organization, so that the action must check the owner."""
    reads_token: bool = False
    """Whether the action depends on the token: its only keyword is ``token``."""

    @property
    def documented(self) -> DocumentedOperation:
        """What is documented about it."""
        return documented(self.method, self.path)

    def perform(self, store: Store, arguments: Arguments, token: APIToken) -> JSON | str:
        """Execute the operation and return the content of the response.

        All arguments are read before the first lookup, as in the live API.

        Raises:
            APIError: the response is an error.
        """
        shape, expected = self.documented.response, self.documented.arguments
        values = arguments.values(expected)
        page = arguments.page() if "pagination" in shape.names else None
        annotations = {sent["key"]: sent.get("value") or "" for sent in values.pop("annotations", ())}
        names = [unmarked(marked) for marked, keys in expected.items() if model_of(unmarked(marked), keys) is not None]
        objects = self._find_all(store, [values.pop(name, None) for name in names], token)
        first = objects[0] if objects else None
        keywords = {name: _replace_lookups(store, value, token, first=first) for name, value in values.items()}
        # An object without owner, such as a global address list, can only be read.
        allowed = first is None or self.method == "GET" or store.owner_id(first) is not None
        require(allowed, "permission_denied", details=None)
        # Lists document no validation error: a blank key there selects no object.
        require(page is not None or None not in annotations, "validation_error", "Annotation key can't be blank")
        shown = [obj for obj in objects if obj is not None]
        if self.method == "DELETE":  # the response shows the objects as they were, with what is removed with them
            shown = [response(store, shape, *shown)]
        result = self.action(store, *objects, **({"token": token} if self.reads_token else keywords))
        if page is not None and annotations:
            result = [obj for obj in result if annotations.items() <= store.annotations[obj.id].items()]
        return result if isinstance(result, str) else self._content(store, result, page, shown, annotations)

    def _find_all(self, store: Store, lookups: Iterable[Lookup | None], token: APIToken) -> list[Any]:
        """Return the objects of the lookups; None for a lookup that was not sent."""
        objects: list[Any] = []
        for lookup in lookups:
            first = objects[0] if objects and not self.any_owner else None
            objects.append(lookup and _find(store, lookup, token, first=first))
        return objects

    def _content(
        self, store: Store, result: Any, page: tuple[int, int] | None, shown: Sequence[Any], annotations: JSON
    ) -> JSON:
        """Return the content of the response.

        Args:
            store: the store.
            result: what the action returned.
            page: number and rows of the page of the list; None for a response without pages.
            shown: the objects of the lookups, which the response shows unless the action returned others.
            annotations: the annotations in the request, by their keys. The object keeps its other annotations.
        """
        shape = self.documented.response
        content: JSON = {name: [] for name in shape.lists} | dict.fromkeys(shape.flags, True)
        if page is not None:
            number, size = page
            total = None if store.large_sets else len(result)
            pages = None if total is None else math.ceil(total / size)
            totals = {"total": total, "total_pages": pages, "large_set": store.large_sets}
            content["pagination"] = {"current_page": number, "per_page": size, **totals}
            result = result[(number - 1) * size : number * size]
        list_name = next((name for name in shape.lists if name != "annotations"), None)
        if list_name is not None and isinstance(result, list | tuple):
            result = {list_name: result}
        parts = result if isinstance(result, tuple) else [result or {}]
        if "annotations" in shape.lists:
            annotated = next(part for part in (*parts, *shown) if isinstance(part, Object))
            kept = store.annotations[annotated.id]
            kept.update(annotations)
            content["annotations"] = [{"key": key, "value": value} for key, value in kept.items()]
        return response(store, shape, content, *shown, *parts)


def operation(method: str, path: str, **properties: bool) -> Callable[[Callable[..., Any]], Operation]:
    """Return a decorator that makes an `Operation` of the function that executes it."""
    return lambda action: Operation(method, path, action, **properties)
