"""The public names: complete, sorted, documented, and every method of a resource tested."""

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

import katapult_async
from katapult_async import CallOptions, KatapultClient, config, errors, models, sandbox
from tests.public_names import PUBLIC_NAMES
from tests.tied_methods import endpoint_of

from .openapi import library
from .openapi.uses import USES

HERE: Final = Path(__file__).parent
PUBLIC: Final = [name for name in PUBLIC_NAMES if name != "__version__"]
CLASSES: Final = list(filter(inspect.isclass, (getattr(katapult_async, name) for name in PUBLIC)))
RESOURCES: Final = [(kind.__module__.rpartition(".")[2], kind) for kind in library.RESOURCES]
MODEL_MODULES: Final = [f"{models.__name__}.{module.name}" for module in pkgutil.iter_modules(models.__path__)]
CONSTRUCTED_BY_USERS: Final = {KatapultClient}
"""Classes with an ``__init__`` of their own that users call; the library constructs all others."""


def own_members(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of every public method and property that a class defines itself."""
    for name, value in vars(kind).items():
        if not name.startswith("_") and isinstance(value, types.FunctionType | property | classmethod | staticmethod):
            yield name, value


def function_of(member: Any) -> Any:
    """Return the function behind a method or property."""
    match member:
        case property():
            return member.fget
        case classmethod() | staticmethod():
            return member.__func__
    return member


def methods_of(*kinds: type[Any]) -> list[tuple[str, Any]]:
    """Return the name and the function of every public method and property of some classes."""
    return [(f"{kind.__name__}.{name}", function_of(member)) for kind in kinds for name, member in own_members(kind)]


METHODS: Final = methods_of(*CLASSES)
METHODS_OF_RESOURCES: Final = methods_of(*library.RESOURCES)


def parameters_of(function: Any) -> list[inspect.Parameter]:
    """Return the parameters of a method after ``self``, without the options of a call."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [parameter for parameter in parameters if parameter.annotation != typing.Unpack[CallOptions]]


def classes_in(annotation: Any) -> Iterator[type[Any]]:
    """Yield the classes of this package in an annotation, at any depth."""
    match annotation:
        case list() | tuple():
            for inner in annotation:
                yield from classes_in(inner)
        case _ if typing.get_origin(annotation) not in (None, annotation):
            yield from classes_in(typing.get_origin(annotation))
            yield from classes_in(typing.get_args(annotation))
        case type() if annotation.__module__.partition(".")[0] == "katapult_async":
            yield annotation


def annotations_of(kind: type[Any]) -> Iterator[Any]:
    """Yield every type that users of a class see: its bases, and the types of fields, arguments and results."""
    yield kind.__mro__[1:-1]
    yield list(typing.get_type_hints(kind).values()) if attrs.has(kind) else []
    functions = [function_of(member) for _, member in own_members(kind)]
    functions += [getattr(kind, "__anext__", None), kind.__init__ if kind in CONSTRUCTED_BY_USERS else None]
    for function in filter(None, functions):
        yield list(typing.get_type_hints(function).values())


def aliases_in(kind: type[Any]) -> Iterator[str]:
    """Yield the name of every alias, such as a union, in the annotations of a class and of its public methods."""
    module = sys.modules[kind.__module__]
    classes = (node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef))
    [definition] = (node for node in classes if node.name == kind.__name__)
    for member in definition.body:
        if not getattr(member, "name", "").startswith("_") or kind in CONSTRUCTED_BY_USERS:
            for node in ast.walk(member):
                annotation = getattr(node, "annotation", None)
                inside = list(ast.walk(annotation or ast.Pass()))
                names = [inner.id for inner in inside if isinstance(inner, ast.Name)]
                names += [str(inner.value) for inner in inside if isinstance(inner, ast.Constant)]  # in quotes
                yield from (name for name in names if typing.get_origin(getattr(module, name, None)))


def test_every_public_name_is_of_this_package() -> None:
    for name in PUBLIC:
        value = getattr(katapult_async, name)
        if typing.get_origin(value):
            continue  # an alias of types
        kind = value if inspect.isclass(value) or inspect.isfunction(value) else type(value)
        assert kind.__module__.startswith("katapult_async."), name


def test_package_has_only_public_names_and_its_modules() -> None:
    names = {name for name, value in vars(katapult_async).items() if not name.startswith("__")}
    modules = {name for name in names if inspect.ismodule(getattr(katapult_async, name))}
    assert names - modules == set(PUBLIC)


def test_star_import_gives_every_public_name() -> None:
    names: dict[str, object] = {}
    exec("from katapult_async import *", names)  # what a user types into a console
    assert set(PUBLIC_NAMES) <= set(names)


def test_every_class_in_a_public_signature_is_exported() -> None:
    used = {other for kind in CLASSES for annotation in annotations_of(kind) for other in classes_in(annotation)}
    assert {other.__name__ for other in used if not other.__name__.startswith("_")} <= set(PUBLIC)


def test_every_alias_in_a_public_signature_is_exported() -> None:
    used = {alias for kind in CLASSES for alias in aliases_in(kind)}
    assert {"IPVersion", "DNSRecordType", "Argument"} <= used
    assert used <= set(PUBLIC)


def test_every_error_and_model_and_setting_is_exported() -> None:
    for module in (errors, config, *(importlib.import_module(name) for name in MODEL_MODULES)):
        defined = {name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
        assert {name for name in defined if name[0].isupper()} <= set(PUBLIC)


def test_annotations_of_every_class_and_method_can_be_resolved() -> None:
    of_sandbox = {getattr(sandbox, name) for name in sandbox.__all__} | {*sandbox.kinds.MODELS}
    for kind in {base for public in {*CLASSES, *of_sandbox} for base in public.__mro__}:
        for annotated in (kind, *filter(inspect.isfunction, map(function_of, vars(kind).values()))):
            assert isinstance(typing.get_type_hints(annotated), dict), annotated


def test_every_class_has_a_summary_line() -> None:
    assert [kind for kind in CLASSES if not has_summary_line(kind.__doc__)] == []


def test_help_shows_each_parameter_in_at_most_two_lines() -> None:
    shown = [(name, str(parameter)) for name, function in METHODS for parameter in parameters_of(function)]
    assert [name for name, text in shown if len(text) > 200] == []


def test_every_method_has_a_summary_line() -> None:
    assert [name for name, function in METHODS if not has_summary_line(function.__doc__)] == []


def has_summary_line(docstring: str | None) -> bool:
    first_line, _, _ = (docstring or "").partition("\n")
    return re.match(r"[A-Z`*].*[.:]$", first_line) is not None


def test_every_field_has_a_docstring_below_it() -> None:
    # the docstring of a class with one field, such as a lookup, covers the field
    kinds = [kind for kind in CLASSES if attrs.has(kind) and len(attrs.fields(kind)) != 1]
    assert len(kinds) > 50
    definitions = {
        (module, node.name): node
        for module in {kind.__module__ for kind in kinds}
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module])))
        if isinstance(node, ast.ClassDef)
    }
    assert [
        f"{kind.__name__}.{field}"
        for kind in kinds
        for field in undocumented_fields(definitions[kind.__module__, kind.__name__])
    ] == []


def undocumented_fields(definition: ast.ClassDef) -> Iterator[str]:
    """Yield the fields of a class that no string literal follows."""
    for node, below in itertools.zip_longest(definition.body, definition.body[1:]):
        documented = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not documented:
            yield node.target.id


async def test_every_resource_is_an_attribute_of_the_client() -> None:
    async with KatapultClient("token") as katapult:
        for name, kind in RESOURCES:
            resource = getattr(katapult, name)
            assert type(resource) is kind
            assert getattr(katapult, name) is resource


def test_type_of_every_resource_of_the_client_is_declared() -> None:
    assert typing.get_type_hints(KatapultClient) == dict(RESOURCES)


def test_every_method_of_a_resource_has_a_row_of_uses_or_a_test() -> None:
    called = {
        node.func.attr
        for path in (HERE / "resources").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }

    def is_tested(name: str, member: Any) -> bool:
        endpoint = endpoint_of(member)
        return (name in called) if endpoint is None else f"{endpoint.method} {endpoint.path}" in USES

    assert [
        (kind, name) for kind in library.RESOURCES for name, member in own_members(kind) if not is_tested(name, member)
    ] == []


def test_methods_have_at_most_one_positional_argument() -> None:
    for name, function in METHODS_OF_RESOURCES:
        assert {parameter.kind for parameter in parameters_of(function)[1:]} <= {inspect.Parameter.KEYWORD_ONLY}, name


def test_every_parameter_but_the_options_is_documented_in_order() -> None:
    for name, function in METHODS_OF_RESOURCES + methods_of(KatapultClient):
        if name == "KatapultClient.from_env":
            continue  # its docstring refers to the arguments of the class
        docstring = inspect.getdoc(function) or ""
        section = docstring.partition("Args:\n")[2].partition("\n\n")[0]
        documented = re.findall(r"^    (\w+): \S", section, re.MULTILINE)
        assert documented == [parameter.name for parameter in parameters_of(function)], name


def test_methods_are_in_the_same_order_in_every_resource() -> None:
    order = ["list", "create", "build", "get", "update", "delete"]
    variants = re.compile(r"_(global|of_\w+|for_\w+|from_\w+)$")
    for kind in library.RESOURCES:
        names = [variants.sub("", name) for name, _ in own_members(kind)]
        places = [order.index(name) if name in order else len(order) for name in names]
        assert places == sorted(places), kind


def test_every_method_of_a_resource_takes_the_options_of_a_call() -> None:
    for name, function in METHODS_OF_RESOURCES:
        parameters = inspect.signature(function).parameters
        if name.endswith("_many"):  # a batch has limits of its own
            assert {"max_wait", "timeout"} <= set(parameters)
        else:
            assert parameters["options"].annotation == typing.Unpack[CallOptions], name


def test_no_method_returns_a_bare_dict_or_any() -> None:
    bare = (dict, Any, inspect.Parameter.empty)
    assert [name for name, function in METHODS if typing.get_type_hints(function).get("return") in bare] == []


def test_version_has_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", katapult_async.__version__)


def test_importing_the_client_loads_no_model_of_a_resource_no_cattrs_and_no_tenacity() -> None:
    code = """if True:
        import sys
        from katapult_async import KatapultClient
        models = {name for name in sys.modules if name.startswith("katapult_async.models.")}
        print(sorted(models), not {"cattrs", "tenacity"}.isdisjoint(sys.modules))"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    small = [f"katapult_async.models.{name}" for name in ("field_names", "lookups", "unset_argument")]
    assert ran.stdout == f"{small} False\n"
