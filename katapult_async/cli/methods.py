"""The methods of a resource as commands see them: parameters, result, and what the method does. Sends nothing."""

import functools
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from katapult_async.cli.declarations import Field, Fields, Kind, methods_of, signature_of
from katapult_async.cli.fields import default_columns
from katapult_async.cli.help_texts import Documentation
from katapult_async.cli.parameters import Parameter

_OPTIONS: Final = ("max_wait", "timeout", "wait")
"""Parameters of many methods. The commands have options of their own for them."""

_TEXT: Final = Field((Kind("str"),))


class Result(NamedTuple):
    """What a method returns, according to its annotation."""

    fields: Fields
    """The fields of the records that the command writes."""

    is_list: bool = False
    """Whether there are any number of records."""

    is_nothing: bool = False
    """Whether the method always returns None. The record then has what was changed, and a status."""

    model: str = ""
    """Name of the model of a record."""

    @classmethod
    def of(cls, kinds: Iterable[Kind], *, subject: str) -> "Result":
        """Return the result that an annotation describes.

        Args:
            kinds: what the annotation allows.
            subject: name of the first parameter, which is written where the method returns nothing.
        """
        kind, *_ = kinds  # a None beside it is for an attempt that did the work and whose response was lost
        is_list = kind.name in ("Pages", "list")
        if is_list:
            [[kind]] = kind.inner
        if kind.name == "None":
            return cls({name: _TEXT for name in (subject, "status") if name}, is_nothing=True)
        if kind.name == "str":
            return cls({"text": _TEXT}, is_list=is_list)
        if all(field.is_list for field in kind.fields.values()):  # only lists, such as `AvailableNetworks`
            models = [field.model for field in kind.fields.values() if field.model is not None]
            kind, is_list = (models[0], True) if models else (kind, is_list)
        return cls(kind.fields, is_list=is_list, model=kind.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Paths of the fields in a row, where the group of the command names none."""
        return default_columns(self.fields, brief=self.is_list)


class Method:
    """A method of a resource. Everything about it is read when it is needed.

    Args:
        resource: name of the resource's module.
        name: of the method.
    """

    def __init__(self, resource: str, name: str) -> None:
        self.resource = resource
        self.name = name
        self._signature = signature_of(resource, name)

    @property
    def http_method(self) -> str | None:
        """HTTP method of its operation; None where the method combines several."""
        return self._signature.http_method

    @functools.cached_property
    def documentation(self) -> Documentation:
        """Its docstring."""
        return Documentation.of(self._signature.documentation)

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, without the options of every call."""
        return tuple(
            Parameter.of(self._signature, name, text=self.documentation.arguments[name])
            for name in self._signature.parameters
            if name not in _OPTIONS
        )

    @functools.cached_property
    def result(self) -> Result:
        """What it returns."""
        return Result.of(self._signature.returns, subject=self._signature.subject)

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """The parameters that are arguments on the command line: they name what the method is about."""
        return tuple(parameter for parameter in self.parameters if parameter.is_argument)

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
    def detaches(self) -> bool:
        """Whether it detaches something from an object, such as an address, that can be attached again."""
        return self.name.startswith(("detach", "unallocate", "unassign"))

    @property
    def starts(self) -> Literal["nothing", "task", "object"]:
        """What the method starts without waiting: a task, or an object for which the resource has its own ``wait``."""
        if not self.mutates or self.result.is_list:
            return "nothing"
        wait = signature_of(self.resource, "wait").returns if "wait" in methods_of(self.resource) else None
        if self.name.startswith("create") and wait == self._signature.returns:
            return "object"
        task = self.result.fields.get("task")
        is_task = self.result.model == "Task" or (task is not None and task.kinds[0].name == "Task")
        return "task" if is_task else "nothing"

    @property
    def can_wait(self) -> bool:
        """Whether the command can wait for what the method starts."""
        return self.starts != "nothing"

    @property
    def has_timeout(self) -> bool:
        """Whether a timeout of the command limits all that the method does."""
        return self.http_method is None and not self.can_wait

    @property
    def changes(self) -> tuple[Parameter, ...]:
        """The parameters of an update, of which one must be given."""
        return tuple(parameter for parameter in self.parameters if parameter.shape.is_update)

    @property
    def has_getter(self) -> bool:
        """Whether the resource's ``get`` takes the same arguments: it returns the object that this changes."""
        names = [parameter.name for parameter in self.parameters]
        return "get" in methods_of(self.resource) and [*signature_of(self.resource, "get").parameters] == names
