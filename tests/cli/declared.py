"""What resources and models declare: the content of the file that commands are derived from.

``python -m tests.cli`` writes the file. The types of a union are sorted, because Python does not keep their order.
"""

import functools
import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from katapult_async import UNSET, cli
from katapult_async.cli import declarations
from katapult_async.cli.available_ips_output import Record
from katapult_async.cli.declarations import Reference
from katapult_async.cli.free_address_counts import Count
from katapult_async.cli.groups import GROUPS, Group
from katapult_async.cli.methods import Method
from katapult_async.core.endpoints import Ref
from katapult_async.models.secret_fields import is_secret
from katapult_async.resources import references as refs
from katapult_async.resources.resource import Resource
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.kinds import MODELS, kind_name, plural
from katapult_async.sandbox.store import Store
from tests.cli.columns import COLUMNS, derived_columns
from tests.cli.examples import examples_of
from tests.cli.help_texts import command_help, noun_of, parameter_help
from tests.openapi.library import RESOURCES, module_of
from tests.tied_methods import endpoint_of

FILE: Final = Path(cli.__file__).with_name("declarations.json")

_SECTIONS: Final = re.compile(r"\n\n(?=(?:Args|Raises):\n)")
_ARGUMENT: Final = re.compile(r"(?m)^    (\w+): (.*(?:\n {8,}.*)*)")
_CODE: Final = "    "  # how a paragraph of code begins in a docstring
_ABSENT_ID: Final = "a4ONAZ0jJ5pBFCJr"  # an id of an object that a new sandbox does not have, without its prefix


def write() -> None:
    """Write the file: first without the help, which is derived from the commands, and so from the file."""
    FILE.write_text(text(has_help=False), encoding="utf-8")
    for read in (declarations._content, declarations.methods_of, declarations.fields_of):
        read.cache_clear()
    FILE.write_text(text(), encoding="utf-8")


def text(*, has_help: bool = True) -> str:
    """Return the content of the file."""
    resources = {
        module_of(resource): {name: method_of(method) for name, method in methods_of(resource).items()}
        for resource in RESOURCES
    }
    models = {
        model.__name__: {
            "module": model.__module__,
            "fields": {field.name: field_of(model, field) for field in attrs.fields(model)},
        }
        for model in used_models()
    }
    references = all_references()
    if has_help:
        for group in GROUPS:
            for name in group.derived(resources[group.attribute]).values():
                _add_help(Method(group, name), resources[group.attribute][name], references)
    needed = {
        parameter: {name: fact for name, fact in reference.items() if name in Reference._fields and fact}
        for parameter, reference in references.items()
    }
    content = {"resources": resources, "references": needed, "models": models}
    return f"{_lines(content)}\n"


def _add_help(method: Method, facts: dict[str, Any], references: dict[str, Any]) -> None:
    """Add the help of the command of a method, and of each option, to what the method declares."""
    paragraphs, texts = _docstring_of(methods_of(_resource_of(method.group))[method.name])
    helps = {
        parameter.name: parameter_help(parameter, texts[parameter.name], others=texts.keys() - {parameter.name})
        for parameter in method.parameters
    }
    columns = COLUMNS.get(f"{method.group.name} {method.command}", "").split()
    columns = columns or derived_columns(method.fields, brief=method.is_list)
    facts["columns"] = columns
    facts["help"] = command_help(method, paragraphs, helps, columns)
    if method.is_list:
        facts["noun"] = noun_of(method)
    facts["examples"] = examples_of(method, texts, references)
    for parameter in method.parameters:
        if not parameter.declaration.is_positional:
            facts["parameters"][parameter.name]["text"] = helps[parameter.name]


def all_references() -> dict[str, dict[str, Any]]:
    """Return what is known about the objects that parameters name, by the names of the parameters.

    Besides the facts of a `Reference`, this is an example: a name or an id of one of them in a new sandbox, or an id
    that does not exist if a new sandbox has none of them.
    """
    return {ref.parameter: reference_of(ref) for ref in vars(refs).values() if isinstance(ref, Ref)}


def reference_of(ref: Ref) -> dict[str, Any]:
    """Return what is known about the objects that a parameter names."""
    [model] = [model for model in MODELS if ref.name in (kind_name(model), model.kind.argument, plural(model))]
    first = next(iter(_store().all(model)), None)
    name = ref.key
    if ref.by:  # a lookup, such as one by fqdn, which is the key after the id
        name = next((key for key in model.kind.keys if key != "id"), "id")
    facts = {}
    for group in GROUPS:
        commands = group.derived(methods_of(_resource_of(group)))
        if group.attribute == plural(model) and "list" in commands:
            facts = {"resource": group.attribute, "lister": commands["list"], "group": group.name}
    return facts | {
        "example": getattr(first, name) if first else f"{model.kind.prefix}_{_ABSENT_ID}",
        "is_absent_in_sandbox": first is None,
        "is_id": ref.key == "id",
        "id_prefix": ref.id_prefix,
    }


@functools.cache
def _store() -> Store:
    return Sandbox().store


def _lines(value: Any, indent: str = "") -> str:
    """Return JSON, with a line for each object that contains no other object."""
    if not isinstance(value, dict) or not any(isinstance(inner, dict) for inner in value.values()):
        return json.dumps(value)
    inside = f"{indent} "
    return (
        "{\n"
        + ",\n".join(f"{inside}{json.dumps(name)}: {_lines(inner, inside)}" for name, inner in value.items())
        + f"\n{indent}}}"
    )


def _resource_of(group: Group) -> type[Resource]:
    return next(resource for resource in RESOURCES if module_of(resource) == group.attribute)


def methods_of(resource: type[Resource]) -> dict[str, Callable[..., Any]]:
    """Return the public methods of a resource, by their names."""
    return {name: member for name, member in vars(resource).items() if callable(member) and not name.startswith("_")}


def _docstring_of(method: Callable[..., Any]) -> tuple[list[str], dict[str, str]]:
    """Return the paragraphs of a docstring, and the text of each argument."""
    body, *sections = _SECTIONS.split(inspect.getdoc(method) or "")
    texts = {
        name: " ".join(lines.split())
        for section in sections
        if section.startswith("Args:")
        for name, lines in _ARGUMENT.findall(section)
    }
    paragraphs = [" ".join(paragraph.split()) for paragraph in body.split("\n\n") if not paragraph.startswith(_CODE)]
    return paragraphs, texts


def method_of(method: Callable[..., Any]) -> dict[str, Any]:
    """Return what a method declares."""
    hints, endpoint = typing.get_type_hints(method), endpoint_of(method)
    parameters = [
        parameter
        for parameter in inspect.signature(method).parameters.values()
        if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    ]
    return {
        "http_method": None if endpoint is None else endpoint.method,
        "parameters": {parameter.name: parameter_of(parameter, hints[parameter.name]) for parameter in parameters},
        "returns": facts_of(hints["return"]),
    }


def parameter_of(parameter: inspect.Parameter, annotation: object) -> dict[str, Any]:
    """Return what a parameter declares."""
    marks = {
        "is_positional": parameter.kind is parameter.POSITIONAL_OR_KEYWORD,
        "is_required": parameter.default is parameter.empty,
    }
    return facts_of(annotation) | _true(marks)


def field_of(model: type, field: "attrs.Attribute[Any]") -> dict[str, Any]:
    """Return what a field of a model declares."""
    marks = {"is_required": field.default is attrs.NOTHING, "is_secret": is_secret(field)}
    return facts_of(typing.get_type_hints(model)[field.name]) | _true(marks)


def _true(marks: Mapping[str, bool]) -> dict[str, bool]:
    """Return the marks that are true."""
    return {name: True for name, is_so in marks.items() if is_so}


def facts_of(annotation: object) -> dict[str, Any]:
    """Return what an annotation declares, without what is false or empty."""
    members = _members(annotation)
    leaves = [leaf for member in members for leaf in _leaves(member)]
    choices = [str(choice) for leaf in leaves if typing.get_origin(leaf) is Literal for choice in typing.get_args(leaf)]
    facts = {
        "types": sorted(kind.__name__ for kind in _classes(annotation)),
        "container": next(filter(None, map(_container, members)), ""),
        "choices": choices,
        "is_nullable": type(None) in members,
        "is_omittable": type(UNSET) in members,
    }
    return {name: fact for name, fact in facts.items() if fact}


def _members(annotation: object) -> list[object]:
    """Return the members of a union."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        return list(typing.get_args(annotation))
    return [annotation]


def _container(annotation: object) -> str:
    origin = typing.get_origin(annotation)
    if origin in (None, Literal):
        return ""
    return "mapping" if issubclass(origin, Mapping) else "list"


def _leaves(annotation: object) -> Iterator[Any]:
    """Yield the types inside containers and unions."""
    if typing.get_origin(annotation) in (None, Literal):
        yield annotation
    else:
        for argument in typing.get_args(annotation):
            yield from _leaves(argument)


def _classes(annotation: object) -> set[type]:
    """Return the classes of values, without those of None and ``UNSET``."""
    return {leaf for leaf in _leaves(annotation) if isinstance(leaf, type)} - {type(None), type(UNSET)}


def used_models() -> list[type]:
    """Return the models that methods take or return, those in their fields, and the records of `available-ips`."""
    methods = [method for resource in RESOURCES for method in methods_of(resource).values()]
    hints = [hint for method in methods for hint in typing.get_type_hints(method).values()]
    new = {Record, Count}.union(*map(_classes, hints))
    models: set[type] = set()
    while new := {model for model in new if attrs.has(model)} - models:
        models |= new
        hints = [hint for model in new for hint in typing.get_type_hints(model).values()]
        new = set().union(*map(_classes, hints))
    return sorted(models, key=lambda model: model.__name__)
