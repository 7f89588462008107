"""The methods of a resource, as their signatures, docstrings and operations describe them. Sends nothing."""

import inspect
import types
import typing
from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from katapult_async.cli.fields import fields_of
from katapult_async.cli.groups import IDS
from katapult_async.cli.help_texts import Documentation
from katapult_async.cli.parameters import Parameter
from katapult_async.models.tasks import Task
from katapult_async.resources.pages import Pages
from katapult_async.resources.resource import Resource, endpoint_of

_OPTIONS: Final = ("max_wait", "timeout", "wait")
"""Parameters of many methods. The commands have options of their own for them."""


@attrs.frozen(kw_only=True)
class Text:
    """A response that is plain text."""

    text: str
    """The text."""


@attrs.frozen(kw_only=True)
class Result:
    """What a method returns, according to its annotation."""

    model: type
    """Class of the records that the command writes."""

    many: bool
    """Whether they are a list."""

    is_nothing: bool = False
    """Whether the method always returns None. The record then has what was changed, and a status."""

    @classmethod
    def of(cls, annotation: Any, *, subject: str) -> "Result":
        """Return the result that an annotation describes.

        Args:
            annotation: the annotation of the result.
            subject: name of the first parameter, which is written where the method returns nothing.
        """
        if annotation is None:
            fields = {name: attrs.field(type=str) for name in (subject, "status") if name}
            change = attrs.make_class("Change", fields, frozen=True, kw_only=True)
            return cls(model=change, many=False, is_nothing=True)
        inner = typing.get_args(annotation)
        if annotation is str or inner == (str,):
            return cls(model=Text, many=annotation is not str)
        if typing.get_origin(annotation) in (Pages, list):
            return cls(model=inner[0], many=True)
        if typing.get_origin(annotation) is types.UnionType:  # None: an attempt whose response was lost has done it
            return cls(model=inner[0], many=False)
        lists = _lists_in(annotation)
        return cls(model=lists[0], many=True) if lists else cls(model=annotation, many=False)


def _lists_in(model: type) -> list[type]:
    """Return the models in the lists of a model that has nothing but lists, such as `AvailableNetworks`."""
    hints = typing.get_type_hints(model).values()
    if all(typing.get_origin(hint) is tuple for hint in hints):
        return [inner for inner in fields_of(model).values() if inner is not None]
    return []


@attrs.frozen(kw_only=True)
class Method:
    """A method of a resource."""

    resource: type[Resource]
    """The class."""

    name: str
    """Name of the method."""

    http_method: str | None
    """HTTP method of its operation; None where the method combines several."""

    parameters: tuple[Parameter, ...]
    """The parameters, without the options of every call."""

    result: Result
    """What it returns."""

    documentation: Documentation
    """Its docstring."""

    @classmethod
    def of(cls, resource: type[Resource], name: str) -> "Method":
        """Read the signature and the docstring of a method."""
        function = getattr(resource, name)
        signature, documentation = inspect.signature(function), Documentation.of(function)
        every = {
            parameter.name: parameter
            for parameter in list(signature.parameters.values())[1:]
            if parameter.kind is not parameter.VAR_KEYWORD and parameter.name not in _OPTIONS
        }
        endpoint = endpoint_of(function)
        if endpoint is None:
            named = [name for name, sample in IDS.items() if "_" in sample]
        else:
            named = [ref.parameter for ref in endpoint.refs if ref.key == "id"]
        parameters = tuple(
            Parameter.of(parameter, text=documentation.arguments[parameter.name], refs=named, names=tuple(every))
            for parameter in every.values()
        )
        subject = next((parameter.name for parameter in parameters if parameter.is_argument), "")
        return cls(
            resource=resource,
            name=name,
            http_method=None if endpoint is None else endpoint.method,
            parameters=parameters,
            result=Result.of(signature.return_annotation, subject=subject),
            documentation=documentation,
        )

    @property
    def only_waits(self) -> bool:
        """Whether it waits for something that was started before."""
        return self.name == "wait"

    @property
    def mutates(self) -> bool:
        """Whether it changes something at Katapult."""
        return self.http_method != "GET" and not self.only_waits

    @property
    def destroys(self) -> bool:
        """Whether it deletes something, or moves it to the trash."""
        return self.http_method == "DELETE" or self.name.startswith(("delete", "purge", "trash"))

    @property
    def takes_away(self) -> bool:
        """Whether it takes something from an object, such as an address, that can be given back."""
        return self.name.startswith(("detach", "unallocate", "unassign"))

    @property
    def starts(self) -> Literal["nothing", "task", "own"]:
        """What the method starts without waiting: a task, or an object for which the resource has its own ``wait``."""
        model = self.result.model
        if not self.mutates or self.result.many:
            return "nothing"
        wait = getattr(self.resource, "wait", None)
        if self.name.startswith("create") and wait and inspect.signature(wait).return_annotation is model:
            return "own"
        return "task" if model is Task or fields_of(model).get("task") is Task else "nothing"

    @property
    def changes(self) -> tuple[Parameter, ...]:
        """The parameters of an update, of which one must be given."""
        return tuple(parameter for parameter in self.parameters if parameter.shape.keeps)

    @property
    def has_getter(self) -> bool:
        """Whether the resource's ``get`` takes the same arguments: it returns the object that this changes."""
        getter = getattr(self.resource, "get", None)
        names = [parameter.name for parameter in self.parameters]
        return getter is not None and list(inspect.signature(getter).parameters)[1:-1] == names


def methods_of(resource: type[Resource]) -> Mapping[str, Any]:
    """Return the public methods of a resource by their names."""
    return {name: method for name, method in vars(resource).items() if callable(method) and not name.startswith("_")}
