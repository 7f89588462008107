"""The declarations of resources and models: methods with the help of their commands, parameters, and fields.

A command is derived from these declarations. Importing the models of one resource takes longer than importing click,
and the help of a command needs only names and texts. So neither resources nor models are imported here:
``declarations.json`` is generated from them by ``python -m tests.cli``, with the help from docstrings and the columns
from ``tests/cli/columns.py``. A test compares both.
"""

import functools
import json
import pkgutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal, NamedTuple


class Declaration(NamedTuple):
    """What is declared about a parameter, a field or a result. The file omits the values that are the default."""

    types: Sequence[str] = ()
    """Names of the classes of a value, or of the items of a container. None is not among them."""

    container: Literal["", "list", "mapping"] = ""
    """What holds the values; empty for a single one."""

    choices: Sequence[str] = ()
    """The values of a ``Literal``."""

    is_nullable: bool = False
    """Whether it can be None."""

    is_omittable: bool = False
    """Whether it can be ``UNSET``: a parameter of an update, whose field stays as it is if it is left out."""

    is_positional: bool = False
    """Whether a parameter can be given without its name."""

    is_required: bool = False
    """Whether a parameter or a field has no default."""

    is_secret: bool = False
    """Whether a field is a secret, which the repr of the model omits."""

    text: str = ""
    """The help of the option of a parameter."""

    @property
    def fields(self) -> "Fields":
        """The fields of the value, if its class is a model; empty otherwise."""
        return next((fields_of(name) for name in self.types if fields_of(name)), {})


class Reference(NamedTuple):
    """What is known about the objects that a parameter names."""

    resource: str = ""
    """The resource that lists them: name of its module in `katapult_async.resources`; empty if none lists them."""

    lister: str = ""
    """The method of the resource that lists them."""

    group: str = ""
    """The group whose command ``list`` lists them."""

    is_id: bool = False
    """Whether the parameter takes ids."""

    id_prefix: str = ""
    """How their ids begin, such as ``vm_``; empty if that is not known."""


Fields = Mapping[str, Declaration]
"""The declarations of the fields of a model, in their order."""


class MethodDeclaration(NamedTuple):
    """What a public method of a resource declares."""

    http_method: str | None
    """HTTP method of its operation; None where the method combines several."""

    parameters: Mapping[str, Declaration]
    """Its parameters, by their names."""

    returns: Declaration
    """What it returns. The method may return None instead, if the work was done and its response was lost."""

    help: str = ""
    """The help of its command, if it has one."""

    examples: Sequence[str] = ()
    """The examples in this help."""

    noun: str = ""
    """What the records of a list are, such as ``virtual machines``."""

    columns: Sequence[str] = ()
    """Paths of the fields that rows show without ``--fields``: chosen in ``tests/cli/columns.py``."""


@functools.cache
def methods_of(resource: str) -> Mapping[str, MethodDeclaration]:
    """Return the public methods of a resource, by their names.

    Args:
        resource: name of its module in `katapult_async.resources`.
    """
    methods = {}
    for name, facts in _content()["resources"][resource].items():
        parameters, returns = _declarations(facts["parameters"]), Declaration(**facts["returns"])
        methods[name] = MethodDeclaration(**{**facts, "parameters": parameters, "returns": returns})
    return methods


def reference_of(parameter: str) -> Reference:
    """Return what is known about the objects that a parameter names; an empty reference if it names none."""
    return Reference(**_content()["references"].get(parameter, {}))


@functools.cache
def fields_of(model: str) -> Fields:
    """Return the fields of a model; none for any other class."""
    return _declarations(_content()["models"].get(model, {"fields": {}})["fields"])


def class_of(model: str) -> type[Any]:
    """Import the class of a model."""
    loaded: type[Any] = getattr(import_module(_content()["models"][model]["module"]), model)
    return loaded


def _declarations(declared: Mapping[str, Any]) -> dict[str, Declaration]:
    """Return the declarations of parameters or fields, by their names."""
    return {name: Declaration(**facts) for name, facts in declared.items()}


@functools.cache
def _content() -> Mapping[str, Any]:
    text = pkgutil.get_data(__package__, "declarations.json")  # also in an archive, and in a frozen program
    content: Mapping[str, Any] = json.loads(text or b"{}")
    return content
