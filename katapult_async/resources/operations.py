"""The operations on one kind of object, as decorators of the methods that call them.

Settings that the endpoints of one kind of object share, such as the scopes, are written once.
"""

import builtins
import re
from collections.abc import Callable
from typing import Any, TypeVar, Unpack

import attrs

from katapult_async.core.endpoints import Endpoint, Ref
from katapult_async.resources.resource import Details, calls
from katapult_async.resources.tasks import waits

M = TypeVar("M", bound=Callable[..., object])


@attrs.frozen
class Operations:
    """The operations on one kind of object.

    `list`, `create`, `get`, `update`, `delete` and `action` return a decorator, as `calls` does. `returning` and `at`
    return a variant of the operations.

    ::

        _TAGS = Operations(TAG, Tag, write=("tags",))


        class Tags(Resource):
            @_TAGS.list("/organizations/organization/tags")
            def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[Tag]:
                '''Return the tags of an organization.'''

            @_TAGS.get()
            async def get(self, tag: str, **options: Unpack[CallOptions]) -> Tag:
                '''Return a tag.'''

    An argument ``scopes`` is for an operation that needs other scopes than those of `read` or `write`. If the method of
    the resource has a parameter ``wait``, it can wait for the task that it starts: see `waits`.
    """

    ref: Ref
    """What identifies one object."""

    model: Any
    """The type that the object decodes to."""

    answer: str | None = attrs.field(default=attrs.Factory(lambda self: self.ref.name, takes_self=True), kw_only=True)
    """Name of the field of a response that holds the object; by default the name of `ref`. See `Endpoint.answer`."""

    path: str = attrs.field(default=attrs.Factory(lambda self: _path(self.ref.name), takes_self=True), kw_only=True)
    """Path of one object; by default its plural and its name, such as ``/tags/tag``."""

    write: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Scopes. A request that changes something needs one of them."""

    read: tuple[str, ...] = attrs.field(
        default=attrs.Factory(lambda self: (*self.write, *(f"{scope}:read" for scope in self.write)), takes_self=True),
        kw_only=True,
    )
    """Scopes for reading, of which a request needs one; by default those of `write`, with and without ``:read``."""

    beside: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Fields beside the object in the responses of all operations but lists; see `Endpoint.beside`."""

    def returning(self, answer: str | None, model: Any) -> "Operations":
        """Return the operations of the same object whose responses contain something else, such as a task."""
        return attrs.evolve(self, model=model, answer=answer, beside=())

    def at(self, path: str) -> "Operations":
        """Return the operations of the same kind of object at another path."""
        return attrs.evolve(self, path=path)

    def list(self, path: str, *, answer: str | None = None, paginated: bool = True) -> Callable[[M], M]:
        """Tie a method to the operation that lists the objects of a parent, such as an organization.

        ``path`` is the whole path. ``answer`` is by default the plural of the object's name.
        """
        answer = answer or _plural(self.answer or self.ref.name)
        model = builtins.list[self.model]  # type: ignore[name-defined] # a type that is a value
        return calls(Endpoint(path=path, answer=answer, type=model, paginated=paginated, scopes=self.read))

    def create(self, path: str, *, inside: str | None = "properties", **details: Unpack[Details]) -> Callable[[M], M]:
        """Tie a method to the operation that creates an object; ``path`` is the whole path."""
        return self.at(path).action("POST", inside=inside, **details)

    def get(
        self, path: str = "", *, scopes: tuple[str, ...] | None = None, **details: Unpack[Details]
    ) -> Callable[[M], M]:
        """Tie a method to the operation that returns an object; ``path`` is below the path of the object."""
        return self.action("GET", path, scopes=self.read if scopes is None else scopes, **details)

    def update(
        self, *, idempotent: bool = True, inside: str | None = "properties", **details: Unpack[Details]
    ) -> Callable[[M], M]:
        """Tie a method to the operation that changes an object.

        By default it is safe to repeat: it sets values, and a second request sets the same ones.
        """
        return self.action("PATCH", idempotent=idempotent, inside=inside, **details)

    def delete(self, *, scopes: tuple[str, ...] | None = None) -> Callable[[M], M]:
        """Tie a method to the operation that deletes an object."""
        return self.action("DELETE", scopes=scopes, deletes=True)

    def action(
        self,
        method: str,
        path: str = "",
        *,
        scopes: tuple[str, ...] | None = None,
        idempotent: bool | None = None,
        inside: str | None = None,
        state_after: str | None = None,
        **details: Unpack[Details],
    ) -> Callable[[M], M]:
        """Tie a method to another operation on an object; ``path`` is below the path of the object.

        ``state_after`` is the state of the object that a method with ``wait`` waits for after its task.
        """
        endpoint = Endpoint(
            method=method,
            path=self.path + path,
            answer=self.answer,
            type=self.model,
            beside=self.beside,
            scopes=self.write if scopes is None else scopes,
            idempotent=idempotent,
        )
        tie = calls(endpoint, inside=inside, **details)
        return lambda declared: waits(tie(declared), state_after=state_after)


def _path(name: str) -> str:
    return f"/{_plural(name)}/{name}"


def _plural(name: str) -> str:
    """Return the plural of a name, as Katapult writes it."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith("s") else f"{name}s"
