"""Crud: the documented list, create, get, update and delete operations of a resource, derived from its class."""

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.documented_operations import documented, documented_paths
from katapult_async.sandbox.errors import Problems, require_none
from katapult_async.sandbox.kinds import Object, kind_name, plural, reference, references, types_of
from katapult_async.sandbox.models import Created, Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import Operation


def label(name: str) -> str:
    """Return the name of a field as the start of a sentence, such as ``Data center`` for ``data_center_id``."""
    return name.removesuffix("_id").replace("_", " ").capitalize()


def blank_problems(names: Iterable[str]) -> Problems:
    """Return the problems of fields that are blank."""
    return {f"{label(name)} can't be blank": True for name in names}


def any_is_foreign(store: Store, obj: Object, ids: Iterable[str], *models: type[Any]) -> bool:
    """Return whether any of the ids names no object, an object of another class or an object of another owner.

    Args:
        store: the store.
        obj: the object whose owner the other objects must have.
        ids: the ids of the other objects.
        models: the classes that the other objects can have.
    """
    usable_by = (None, store.owner_id(obj))  # an object without owner, such as a global address list, is for all
    return any(not isinstance(other, models) or other.organization_id not in usable_by for other in map(store.get, ids))


def _is_nullable(field: "attrs.Attribute[Any]") -> bool:
    return type(None) in types_of(field)


def _new_value(field: "attrs.Attribute[Any]", sent: Any, *, before: Any) -> Any:
    """Return the new value of a field. A JSON object in the request becomes a `Value`.

    Args:
        field: the field.
        sent: the argument. A null or absent value inside an object leaves that value as it was, or at its default.
        before: the value before the change; None if there was none.
    """
    expected, *_ = types_of(field)
    if isinstance(sent, list):
        [member, *_] = typing.get_args(expected)
        return tuple(member(**without_nulls(item)) for item in sent)
    if isinstance(sent, dict) and isinstance(expected, type):
        return (before or expected()).changed(**without_nulls(sent))
    return sent


@attrs.frozen(kw_only=True)
class Crud:
    """The rules of one class of objects: how its objects are listed, created, shown, updated and deleted.

    A blank string counts as null. A null for a field that cannot be null is ignored if the field has a default. If it
    has no default, the null is a ``validation_error``, and so is a missing value on creation.
    """

    model: type[Any]
    parent_fields: Callable[..., Mapping[str, str | None]] = lambda _, *parents: references(parents)
    """Called with the store and the parents: the objects in the path of the list. Returns the fields of a listed object
    that refer to them, such as ``organization_id``. A field that the class does not have is ignored."""
    set_once: tuple[str, ...] = ()
    """Fields that creation sets and an update ignores."""
    check: Callable[[Store, Any], Problems | None] = lambda *_: None
    """Returns the possible problems of a new or changed object, or raises another error."""
    on_put: Callable[[Store, Any], Any] = lambda _, obj: obj
    """Called with a new or changed object, for example to begin a task; returns the object that the response shows."""
    on_create: Callable[[Store, Any], Any] = lambda _, obj: obj
    """Like ``on_put``, for a new object only."""
    in_use: Callable[[Store, Any], Problems | None] = lambda *_: None
    """Returns the possible reasons why an object cannot be deleted, or raises another error."""

    def _known_parent_fields(self, store: Store, parents: Iterable[Any]) -> JSON:
        """Return the ``parent_fields`` that the class has; without parents, those of an object without owner."""
        given = [parent for parent in parents if parent is not None]
        fields: Mapping[str, Any] = self.parent_fields(store, *given) if given else {"organization_id": None}
        return {name: value for name, value in fields.items() if name in self.model.fields}

    def list_objects(self, store: Store, *parents: Any) -> Any:
        """Return all objects below the parents."""
        return store.all(self.model, **self._known_parent_fields(store, parents))

    def create(self, store: Store, *parents: Any, **sent: Any) -> Any:
        """Create an object below the parents."""
        new = {"created_at": int(store.now)} if issubclass(self.model, Created) else {}
        values = {**new, **self._known_parent_fields(store, parents), **self._values(sent)}
        required = (key for key, field in self.model.fields.items() if field.default is attrs.NOTHING and key != "id")
        blank = self._blank({**dict.fromkeys(required), **values})
        require_none(blank_problems(blank))
        obj = self.model(id=store.new_id(self.model), **values)
        require_none(self._problems(store, obj))
        store.put(obj)
        return self.on_create(store, self.on_put(store, obj))

    def show(self, *_: Any) -> None:
        """Return nothing: the response shows the object of the lookup."""

    def update(self, store: Store, *objects: Any, **sent: Any) -> Any:
        """Change the last of the objects in the path."""
        *_, obj = objects
        values = {name: value for name, value in self._values(sent, obj).items() if name not in self.set_once}
        blank = self._blank(values)
        after = obj.changed(**{name: value for name, value in values.items() if name not in blank})
        require_none({**self._problems(store, after), **blank_problems(blank)})
        store.put(after)
        return self.on_put(store, after)

    def delete(self, store: Store, *objects: Any) -> Any:
        """Remove the last of the objects in the path, or put it in the trash."""
        *_, obj = objects
        require_none(self.in_use(store, obj) or {}, "deletion_restricted")
        return store.trash(obj) if obj.kind.kept_in_trash else store.remove(obj)

    def _values(self, sent: Mapping[str, Any], before: Object | None = None) -> dict[str, Any]:
        """Return the new values of fields.

        Args:
            sent: the arguments of a request. An object that is not a field, such as ``properties``, has fields inside.
            before: the object before the change; None for a new object.
        """
        values: dict[str, Any] = {}
        for name, value in sent.items():
            field = self.model.fields.get(name)
            if field is None:
                if isinstance(value, dict):
                    values |= self._values(value, before)
            elif value is not None or _is_nullable(field) or field.default is attrs.NOTHING:
                values[name] = _new_value(field, value, before=getattr(before, name, None))
        return values

    def _blank(self, values: Mapping[str, Any]) -> list[str]:
        """Return the fields that are null but cannot be null."""
        return [name for name, value in values.items() if value is None and not _is_nullable(self.model.fields[name])]

    def _problems(self, store: Store, obj: Any) -> Problems:
        """Return the possible problems of a new or changed object."""
        names = (*self.model.kind.keys, *self.model.kind.unique)
        taken = {f"{label(name)} has already been taken": self._is_taken(store, obj, name) for name in names}
        numbers = [name for name, value in vars(obj).items() if isinstance(value, int) and value < 0]
        negative = {f"{label(name)} must be greater than or equal to 0": True for name in numbers}
        problems = {**taken, **(self.check(store, obj) or {})}
        return problems if any(problems.values()) else negative  # a check can have its own sentence for the number

    def _is_taken(self, store: Store, obj: Any, name: str) -> bool:
        """Return whether another object has the same value of a unique field."""
        value = getattr(obj, name)
        if name in self.model.kind.keys:
            return store.find(self.model, value, by=name) not in (None, store.get(obj.id))
        whole = reference(self.model.kind.part_of or Organization)
        others = store.with_trash(self.model, **{name: value, whole: getattr(obj, whole)})
        return any(other.id != obj.id for other in others)


def operations_by_rule(resources: Mapping[type[Object], Crud]) -> Iterator[Operation]:
    """Yield the documented operations that a `Crud` can execute.

    A path that ends with a lookup is that of an object. Any other GET lists the objects that its response shows, and
    any other POST creates one.

    Args:
        resources: the rules of each class.
    """
    named: dict[str | None, Crud] = {}
    for model, crud in resources.items():
        named |= dict.fromkeys((kind_name(model), plural(model), model.kind.argument), crud)
    for method, path in documented_paths():
        last = path.rpartition("/:")[2]
        if last in named:
            crud = named[last]
            actions: JSON = {"GET": crud.show, "PATCH": crud.update, "DELETE": crud.delete}
        else:
            shape = documented(method, path).response
            shown = [named[name] for name in (shape.lists if method == "GET" else shape.names) if name in named]
            actions = {"GET": shown[-1].list_objects, "POST": shown[-1].create} if shown else {}
        if method in actions:
            yield Operation(method, path, actions[method])
