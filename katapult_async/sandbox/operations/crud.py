"""Rules: the list, create, get, update and delete operations of a resource as data."""

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from katapult_async.sandbox.arguments import ABSENT, Arguments
from katapult_async.sandbox.errors import deletion_restricted, validation_error
from katapult_async.sandbox.kinds import KINDS, kind_name, plural, reference
from katapult_async.sandbox.models import LoadBalancerWeight
from katapult_async.sandbox.serializers import JSON, TRASH_OBJECT, serialize
from katapult_async.sandbox.store import Store

from .operation import PAGE, Find, Operation, check_owner, lookup, paginated


def _weights(arguments: Arguments, name: str) -> Any:
    if not arguments.has(name):
        return ABSENT
    read = [(item.text("virtual_machine_id") or "", item.integer("weight")) for item in arguments.items(name)]
    return tuple(
        LoadBalancerWeight(virtual_machine_id=machine_id, **({"weight": weight} if isinstance(weight, int) else {}))
        for machine_id, weight in read
    )


_READERS: Mapping[Any, Callable[[Arguments, str], Any]] = {
    str: Arguments.string,
    bool: Arguments.boolean,
    int: Arguments.integer,
    tuple[str, ...]: Arguments.strings,
    Mapping[str, Mapping[str, str]]: Arguments.objects,
    tuple[LoadBalancerWeight, ...]: _weights,
}


@attrs.frozen(kw_only=True)
class _Field:
    """What the annotation of a field says about its argument."""

    type: Any
    nullable: bool
    optional: bool

    def read(self, arguments: Arguments, name: str) -> Any:
        if typing.get_origin(self.type) is typing.Literal:
            return arguments.choice(name, typing.get_args(self.type))
        return _READERS[self.type](arguments, name)


def _fields(model: type[Any]) -> dict[str, _Field]:
    fields, hints = {}, typing.get_type_hints(model)
    for field in attrs.fields(model):
        hint = hints[field.name]
        members = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        plain = [member for member in members if member is not types.NoneType]
        fields[field.name] = _Field(
            type=plain[0] if plain else types.NoneType,
            nullable=types.NoneType in members,
            optional=field.default is not attrs.NOTHING,
        )
    return fields


def _no_sentences(*_: object) -> Iterable[str]:
    return ()


@attrs.frozen(kw_only=True)
class Crud:
    """The operations of one resource. Iterate over it to get them.

    The annotations of the model's fields say what their arguments must be. A blank string counts as null. A null, or
    on creation no value, for a field that cannot have it is a ``validation_error``.
    """

    model: type[Any]
    _fields: Mapping[str, _Field] = attrs.field(init=False)
    parent: type[Any] | None = None
    """Class of the object that has the list, such as `Organization`; None for a list of all objects."""
    segment: str | None = None
    """Last segment of the list's path; None for the plural of the name."""
    path: str | None = None
    """Path of get, update and delete; None for ``/tags/:tag``, say."""
    operations: str = "list create get update delete"
    """The operations that exist."""
    scope: str | None = None
    """Scope of writes, and with ``:read`` of reads; None if the operations need no scope."""
    shape: str = attrs.field()
    """Shape of the object in responses; by default all fields but references."""
    list_shape: str | None = None
    """Shape of the object in the list; None for the same."""
    delete_shape: str | None = None
    """Shape of the deleted object; None for the same, empty for ``"deleted": true`` in place of the object."""
    trash: bool = False
    """Whether delete puts the object in the trash, from where it can be restored."""
    list_key: str | None = None
    """Name of the list in the response; None for the plural of the name."""
    created: int = 200
    """Status of create."""
    delete_scope: str | None = None
    """Scope of delete if it is another than that of the other writes."""
    paginated: bool = True
    """Whether the list has pages."""
    annotations: bool = False
    """Whether responses of create, get and update have ``annotations``. The sandbox keeps none."""
    required: tuple[str, ...] = ()
    """Writable fields whose absence is a ``missing_required_argument``."""
    inside: str | None = "properties"
    """The argument that contains the writable fields; None if they are arguments themselves."""
    outside: tuple[str, ...] = ()
    """Fields that create sets from arguments outside of the one above."""
    writable: tuple[str, ...] = attrs.field()
    """Fields that create and update set; by default all but id, references, ``created_at`` and those above."""
    references: tuple[type[Any], ...] = ()
    """Classes of the other objects that create needs."""
    nested: Mapping[str, type[Any]] = attrs.field(factory=dict)
    """Classes of the objects that arguments among the writable fields name, by the name of the argument."""
    check: Callable[[Store, Any, Iterable[str]], Iterable[str]] = _no_sentences
    """Returns the problems of a new or changed object as sentences. Gets the names of the fields in the request."""
    on_create: Callable[[Store, Any], JSON] = lambda _, __: {}
    """Called with a new object, to begin its provisioning, say; returns fields that only this response has."""
    in_use: Callable[[Store, Any], Iterable[str]] = _no_sentences
    """Returns the reasons why an object cannot be deleted as sentences."""

    @_fields.default
    def _read_annotations(self) -> Mapping[str, _Field]:
        return _fields(self.model)

    @shape.default
    def _plain_fields(self) -> str:
        return " ".join(name for name in self._fields if not name.endswith("_id"))

    @writable.default
    def _plain_writable_fields(self) -> tuple[str, ...]:
        names = (name for name in self._fields if not name.endswith("_id"))
        return tuple(name for name in names if name not in {"id", "created_at", *self.outside})

    def __iter__(self) -> Iterator[Operation]:
        name, parent = kind_name(self.model), self.parent
        path = self.path or f"/{plural(self.model)}/:{name}"
        list_path = f"/{self.segment or plural(self.model)}"
        if parent is not None:
            list_path = f"/{plural(parent)}/:{kind_name(parent)}{list_path}"
        parents = () if parent is None else (parent,)
        write = self.scope or ""
        read = write if ":" in write else f"{write} {write}:read" if write else ""
        for operation in self.operations.split():
            match operation:
                case "list":
                    pages = (PAGE,) if self.paginated else ()
                    yield Operation("GET", list_path, self._list, (*parents, *pages), scopes=read)
                case "create":
                    arguments = (*parents, *self.references, self._values, self._outside_values)
                    yield Operation("POST", list_path, self._create, arguments, scopes=write, status=self.created)
                case "get":
                    yield Operation("GET", path, self._get, (self.model,), scopes=read)
                case "update":
                    yield Operation("PATCH", path, self._update, (self.model, self._values), scopes=write)
                case "delete":
                    scope = self.delete_scope or write
                    yield Operation("DELETE", path, self._delete, (self.model,), scopes=scope)

    def _list(self, store: Store, *values: Any) -> JSON:
        where = {}
        if self.parent is not None and reference(self.parent) in self._fields:
            where[reference(self.parent)] = values[0].id
        objects = store.all(self.model, **where)
        key, shape = self.list_key or plural(self.model), self.list_shape or self.shape
        if self.paginated:
            return paginated(store, values[-1], key, objects, shape)
        return {key: [serialize(store, obj, shape) for obj in objects]}

    def _create(self, store: Store, *values: Any) -> JSON:
        *others, inside, outside = values
        check_owner(store, others[0])
        sent = {**inside, **outside}
        fields = {reference(type(other)): other.id for other in others}
        if "created_at" in self._fields:
            fields["created_at"] = int(store.now)
        changes, problems = self._changes(sent)
        needed = (*self.writable, *(f"{name}_id" for name in self.nested))
        missing = [name for name in needed if name not in sent and not self._fields[name].optional]
        problems.extend(self._problem(name) for name in missing)
        if problems:
            raise validation_error(*problems)
        obj = self.model(id=store.new_id(self.model), **fields, **changes)
        response = self._put(store, obj, changes, problems)
        response[kind_name(self.model)].update(self.on_create(store, obj))
        return response

    def _get(self, store: Store, obj: Any) -> JSON:
        response = {kind_name(self.model): serialize(store, obj, self.shape)}
        return {**response, "annotations": []} if self.annotations else response

    def _update(self, store: Store, obj: Any, values: Mapping[str, Any]) -> JSON:
        check_owner(store, obj)
        changes, problems = self._changes(values)
        return self._put(store, attrs.evolve(obj, **changes), changes, problems)

    def _delete(self, store: Store, obj: Any) -> JSON:
        check_owner(store, obj)
        if reasons := [*self.in_use(store, obj)]:
            raise deletion_restricted(*reasons)
        shape = self.shape if self.delete_shape is None else self.delete_shape
        response = {kind_name(self.model): serialize(store, obj, shape)} if shape else {"deleted": True}
        if self.trash:
            return {"trash_object": serialize(store, store.trash(obj), TRASH_OBJECT), **response}
        store.remove(obj)
        return response

    def _values(self, arguments: Arguments) -> Find:
        """Read the writable fields that the request has."""
        inside = arguments if self.inside is None else arguments.inside(self.inside)
        plain = self._read(inside, self.writable)
        finders = {
            f"{name}_id": lookup(model, name, optional=True)(inside)
            for name, model in self.nested.items()
            if name in inside.tree
        }

        def find(store: Store, values: Sequence[Any]) -> Any:
            objects = {name: find_object(store, values) for name, find_object in finders.items()}
            return {**plain(store, values), **{name: obj and obj.id for name, obj in objects.items()}}

        return find

    def _outside_values(self, arguments: Arguments) -> Find:
        return self._read(arguments, self.outside)

    def _read(self, arguments: Arguments, names: Iterable[str]) -> Find:
        values: dict[str, Any] = {}
        for name in names:
            if name in self.required:
                arguments.require(name)
            field = self._fields[name]
            content = field.read(arguments, name)
            if content is None and field.type == tuple[str, ...]:
                content = ()  # the live API accepts null for an empty list
            if content is not ABSENT:
                values[name] = None if isinstance(content, str) and not content.strip() else content
        return lambda *_: values

    def _changes(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Return the values that the fields can have, and a sentence for each other one."""
        wrong = [name for name, content in values.items() if content is None and not self._fields[name].nullable]
        changes = {name: content for name, content in values.items() if name not in wrong}
        return changes, [self._problem(name) for name in wrong]

    def _problem(self, name: str) -> str:
        label = name.removesuffix("_id").replace("_", " ").capitalize()
        return f"{label} must be true or false" if self._fields[name].type is bool else f"{label} can't be blank"

    def _put(self, store: Store, obj: Any, changes: Mapping[str, Any], problems: list[str]) -> JSON:
        """Store a new or changed object and return the response.

        Raises:
            APIError: there are problems, or the object has some.
        """
        for key in KINDS[self.model].keys:
            other = store.find(self.model, getattr(obj, key), by=key)
            if other is not None and other.id != obj.id:
                problems.append(f"{key.capitalize()} has already been taken")
        problems.extend(self.check(store, obj, changes))
        if problems:
            raise validation_error(*problems)
        store.put(obj)
        return self._get(store, obj)
