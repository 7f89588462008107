"""Crud: the documented list, create, get, update and delete operations of a resource, derived from its class."""

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from katapult_async.sandbox.arguments import present
from katapult_async.sandbox.documentation import documented, is_documented
from katapult_async.sandbox.errors import deletion_restricted, validation_error
from katapult_async.sandbox.kinds import Object, kind_name, plural, reference
from katapult_async.sandbox.models import Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import Operation, check_owner, response


def _no_sentences(*_: object) -> Iterable[str]:
    return ()


@attrs.frozen(kw_only=True)
class Crud:
    """The documented operations of one resource. Iterate over it to get them.

    A blank string counts as null. A null for a field that cannot be null, or on creation no value for a field without a
    default, is a ``validation_error``.
    """

    model: type[Any]
    parent: type[Object] | None = attrs.field()
    """Class of the object that the list belongs to: by default the whole or the organization; None if there is none."""
    list_path: str = attrs.field()
    """Path of list and create; by default like ``/organizations/:organization/tags``."""
    path: str = attrs.field()
    """Path of get, update and delete; by default like ``/tags/:tag``."""
    trash: bool = False
    """Whether delete puts the object in the trash, from where it can be restored."""
    check: Callable[[Store, Any, Iterable[str]], Iterable[str]] = _no_sentences
    """Returns the problems of a new or changed object as sentences. Gets the names of the fields that are set."""
    on_create: Callable[[Store, Any], JSON] = lambda _, __: {}
    """Called with a new object, for example to begin its provisioning; returns fields that only this response has."""
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

    def __iter__(self) -> Iterator[Operation]:
        rules = (
            ("GET", self.list_path, self._list),
            ("POST", self.list_path, self._create),
            ("GET", self.path, self._get),
            ("PATCH", self.path, self._update),
            ("DELETE", self.path, self._delete),
        )
        return (Operation(method, path, rule) for method, path, rule in rules if is_documented(method, path))

    def _list(self, store: Store, *parents: Object) -> Any:
        where = {reference(type(parent)): parent.id for parent in parents}
        return store.all(self.model, **{name: value for name, value in where.items() if name in self.model.fields})

    def _create(self, store: Store, *others: Any, **sent: Any) -> Any:
        check_owner(store, others[0])
        new = {"created_at": int(store.now), **{reference(type(other)): other.id for other in others}}
        fields = self.model.fields
        values = {**{name: value for name, value in new.items() if name in fields}, **self._values(sent)}
        absent = [name for name, field in fields.items() if name not in {"id", *values} and not field.optional]
        if wrong := [*self._blank(values), *absent]:
            raise validation_error(*map(self._problem, wrong))
        obj = self.model(id=store.new_id(self.model), **values)
        self._put(store, obj, values, [])
        only_here = self.on_create(store, obj)
        content = response(store, documented("POST", self.list_path).response, obj)
        content[kind_name(self.model)] |= only_here
        return content

    def _get(self, _: Store, obj: Any) -> Any:
        return obj

    def _update(self, store: Store, obj: Any, **sent: Any) -> Any:
        check_owner(store, obj)
        values = self._values(sent)
        blank = self._blank(values)
        changed = obj.changed(**{name: value for name, value in values.items() if name not in blank})
        self._put(store, changed, values, [*map(self._problem, blank)])
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

    def _values(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that are fields of the class, also those inside an argument that is no field."""
        values = {}
        for name, value in sent.items():
            if name in self.model.fields:
                member: Any = next(iter(typing.get_args(self.model.fields[name].type)), None)
                values[name] = tuple(member(**present(item)) for item in value) if isinstance(value, list) else value
            elif isinstance(value, dict):
                values |= self._values(value)
        return values

    def _blank(self, values: Mapping[str, Any]) -> list[str]:
        return [name for name, value in values.items() if value is None and not self.model.fields[name].nullable]

    def _problem(self, name: str) -> str:
        label = name.removesuffix("_id").replace("_", " ").capitalize()
        return f"{label} must be true or false" if self.model.fields[name].type is bool else f"{label} can't be blank"

    def _put(self, store: Store, obj: Any, changes: Mapping[str, Any], problems: list[str]) -> None:
        """Store a new or changed object.

        Raises:
            APIError: ``problems`` is not empty, or the object has further problems.
        """
        for key in self.model.kind.keys:
            other = store.find(self.model, getattr(obj, key), by=key)
            if other is not None and other.id != obj.id:
                problems.append(f"{key.capitalize()} has already been taken")
        problems.extend(self.check(store, obj, changes))
        if problems:
            raise validation_error(*problems)
        store.put(obj)
