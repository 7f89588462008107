"""Crud: the list, create, get, update and delete operations of a resource as data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from katapult_async.sandbox.documentation import documented
from katapult_async.sandbox.errors import deletion_restricted, validation_error
from katapult_async.sandbox.kinds import Object, kind_name, plural, reference, split
from katapult_async.sandbox.models import Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import Operation, check_owner, properties, response


def _no_sentences(*_: object) -> Iterable[str]:
    return ()


@attrs.frozen(kw_only=True)
class Crud:
    """The operations of one resource. Iterate over it to get them.

    The types of the model's fields say what their arguments must be. A blank string counts as null. A null for a field
    that cannot be null, or on creation no value for a required field, is a ``validation_error``.
    """

    model: type[Any]
    parent: type[Object] | None = attrs.field()
    """Class of the object that has the list: by default its whole or the organization; None for no parent."""
    list_path: str = attrs.field()
    """Path of list and create; by default the plural of the name, without the name of the whole, below the parent."""
    path: str = attrs.field()
    """Path of get, update and delete; by default ``/tags/:tag``, say."""
    operations: tuple[str, ...] = attrs.field(default="list create get update delete", converter=split)
    """The operations that exist."""
    trash: bool = False
    """Whether delete puts the object in the trash, from where it can be restored."""
    inside: str | None = "properties"
    """The argument that contains the writable fields; None if they are arguments themselves."""
    required: tuple[str, ...] = attrs.field(default="", converter=split)
    """Writable fields whose absence is a ``missing_required_argument``."""
    outside: tuple[str, ...] = attrs.field(default="", converter=split)
    """Fields that create sets from arguments beside `inside`."""
    writable: tuple[str, ...] = attrs.field(converter=split)
    """Fields that create and update set; by default all but id, references, ``created_at`` and `outside`."""
    references: tuple[type[Object], ...] = ()
    """Classes of the other objects that create needs."""
    nested: tuple[type[Object], ...] = ()
    """Classes of the objects that arguments among the writable fields name."""
    check: Callable[[Store, Any, Iterable[str]], Iterable[str]] = _no_sentences
    """Returns the problems of a new or changed object as sentences. Gets the names of the fields that are set."""
    on_create: Callable[[Store, Any], JSON] = lambda _, __: {}
    """Called with a new object, to begin its provisioning, say; returns fields that only this response has."""
    in_use: Callable[[Store, Any], Iterable[str]] = _no_sentences
    """Returns the reasons why an object cannot be deleted as sentences."""

    @parent.default
    def _whole_or_owner(self) -> type[Object] | None:
        owner = Organization if "organization_id" in self.model.fields else None
        return self.model.kind.part_of or owner

    @path.default
    def _by_name(self) -> str:
        return f"/{plural(self.model)}/:{kind_name(self.model)}"

    @list_path.default
    def _below_parent(self) -> str:
        segment = plural(self.model)
        if self.model.kind.part_of is not None:
            segment = segment.removeprefix(f"{kind_name(self.model.kind.part_of)}_")
        return f"/{segment}" if self.parent is None else f"/{plural(self.parent)}/:{kind_name(self.parent)}/{segment}"

    @writable.default
    def _plain_fields(self) -> str:
        without = {"id", "created_at", *self.outside}
        return " ".join(name for name in self.model.fields if name not in without and not name.endswith("_id"))

    def __iter__(self) -> Iterator[Operation]:
        parents = () if self.parent is None else (self.parent,)
        known = self.model.fields
        sent = properties(
            {name: known[name].type for name in self.writable} | {kind_name(model): model for model in self.nested},
            inside=self.inside,
            required=self.required,
        )
        outside = properties({name: known[name].type for name in self.outside}, inside=None)
        for operation in self.operations:
            match operation:
                case "list":
                    yield Operation("GET", self.list_path, self._list, parents)
                case "create":
                    yield Operation("POST", self.list_path, self._create, (*parents, *self.references, sent, outside))
                case "get":
                    yield Operation("GET", self.path, self._get, (self.model,))
                case "update":
                    yield Operation("PATCH", self.path, self._update, (self.model, sent))
                case "delete":
                    yield Operation("DELETE", self.path, self._delete, (self.model,))

    def _list(self, store: Store, *parents: Object) -> Any:
        where = {reference(type(parent)): parent.id for parent in parents}
        return store.all(self.model, **{name: value for name, value in where.items() if name in self.model.fields})

    def _create(self, store: Store, *values: Any) -> Any:
        *others, inside, outside = values
        check_owner(store, others[0])
        changes, problems = self._changes({**inside, **outside})
        for name in (*self.writable, *map(reference, self.nested)):
            if name not in inside and not self.model.fields[name].optional:
                problems.append(self._problem(name))
        if problems:
            raise validation_error(*problems)
        changes.update((reference(type(other)), other.id) for other in others)
        if "created_at" in self.model.fields:
            changes["created_at"] = int(store.now)
        obj = self.model(id=store.new_id(self.model), **changes)
        self._put(store, obj, changes, problems)
        only_once = self.on_create(store, obj)
        content = response(store, documented("POST", self.list_path).response, obj)
        content[kind_name(self.model)] |= only_once
        return content

    def _get(self, _: Store, obj: Any) -> Any:
        return obj

    def _update(self, store: Store, obj: Any, values: Mapping[str, Any]) -> Any:
        check_owner(store, obj)
        changes, problems = self._changes(values)
        changed = obj.changed(**changes)
        self._put(store, changed, changes, problems)
        return changed

    def _delete(self, store: Store, obj: Any) -> Any:
        check_owner(store, obj)
        if reasons := [*self.in_use(store, obj)]:
            raise deletion_restricted(*reasons)
        shape = documented("DELETE", self.path).response
        content = response(store, shape, *([obj] if kind_name(self.model) in shape.names else []))
        if self.trash:
            return store.trash(obj), content
        store.remove(obj)
        return content

    def _changes(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Return the values that the fields can have, and a sentence for each other one."""
        wrong = [name for name, content in values.items() if content is None and not self.model.fields[name].nullable]
        changes = {name: content for name, content in values.items() if name not in wrong}
        return changes, [self._problem(name) for name in wrong]

    def _problem(self, name: str) -> str:
        label = name.removesuffix("_id").replace("_", " ").capitalize()
        return f"{label} must be true or false" if self.model.fields[name].type is bool else f"{label} can't be blank"

    def _put(self, store: Store, obj: Any, changes: Mapping[str, Any], problems: list[str]) -> None:
        """Store a new or changed object.

        Raises:
            APIError: there are problems, or the object has some.
        """
        for key in self.model.kind.keys:
            other = store.find(self.model, getattr(obj, key), by=key)
            if other is not None and other.id != obj.id:
                problems.append(f"{key.capitalize()} has already been taken")
        problems.extend(self.check(store, obj, changes))
        if problems:
            raise validation_error(*problems)
        store.put(obj)
