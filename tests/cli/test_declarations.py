"""What commands read in the source text is what Python makes of it: of every method, and of every model."""

import inspect
import pkgutil
import py_compile
import runpy
import subprocess
import sys
import tomllib
import types
import typing
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import attrs
import pytest

import katapult_async
from katapult_async import models
from katapult_async.cli.declarations import Kind, methods_of, signature_of
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.names import NAMES, VERSIONS
from katapult_async.models import AddressVersion
from katapult_async.models.lookups import Lookup
from katapult_async.resources.resource import Resource, endpoint_of
from tests.openapi.library import RESOURCES, module_of
from tests.public_names import MODEL_NAMES

ROOT = Path(__file__).parents[2]
METHODS = [(resource, name) for resource in RESOURCES for name in methods_of(module_of(resource))]
MODELS = [model for name in MODEL_NAMES if isinstance(model := getattr(models, name), type) and attrs.has(model)]


def shown(annotation: object) -> list[object]:
    """Return the members of an annotation by their names."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return [name for argument in arguments for name in shown(argument)]
    if origin is Literal:
        return [("Literal", *map(str, arguments))]
    if origin is not None:
        return [(origin.__name__, *(shown(argument) for argument in arguments))]
    if annotation is Ellipsis:
        return ["Ellipsis"]
    return ["None" if annotation in (None, types.NoneType) else getattr(annotation, "__name__", annotation)]


def read(kinds: tuple[Kind, ...]) -> list[object]:
    """Return the same of what was read."""
    names: list[object] = []
    for kind in kinds:
        inner = (*kind.choices, *map(read, kind.inner))
        names.append((kind.name, *inner) if inner else kind.name)
    return names


def same(annotation: object, kinds: tuple[Kind, ...]) -> bool:
    """Compare them; Python writes a Literal or an optional type before or after others as it likes."""
    return sorted(shown(annotation), key=str) == sorted(read(kinds), key=str)


@pytest.mark.parametrize("resource", RESOURCES)
def test_methods_are_those_of_the_class(resource: type[Resource]) -> None:
    assert methods_of(module_of(resource)) == [
        name for name, member in vars(resource).items() if callable(member) and not name.startswith("_")
    ]


@pytest.mark.parametrize(("resource", "name"), METHODS)
def test_signature_is_that_of_the_method(resource: type[Resource], name: str) -> None:
    method, signature = getattr(resource, name), signature_of(module_of(resource), name)
    declared = inspect.signature(method)
    parameters = {
        parameter.name: parameter
        for parameter in list(declared.parameters.values())[1:]
        if parameter.kind is not parameter.VAR_KEYWORD
    }
    subjects = [each.name for each in parameters.values() if each.kind is not each.KEYWORD_ONLY]
    endpoint = endpoint_of(method)
    assert [signature.subject] == (subjects or [""])
    assert list(signature.parameters) == list(parameters)
    assert signature.required == {each.name for each in parameters.values() if each.default is each.empty}
    assert signature.documentation == inspect.getdoc(method)
    assert signature.http_method == (None if endpoint is None else endpoint.method)
    assert all(same(each.annotation, signature.parameters[each.name]) for each in parameters.values())
    assert same(declared.return_annotation, signature.returns)


@pytest.mark.parametrize("model", MODELS)
def test_fields_are_those_of_the_model(model: type) -> None:
    fields, hints = Kind(model.__name__, model.__module__).fields, typing.get_type_hints(model)
    assert list(fields) == [field.name for field in attrs.fields(model)]
    assert [name for name, each in fields.items() if each.is_secret] == [
        field.name for field in attrs.fields(model) if not field.repr
    ]
    assert all(same(hints[name], field.kinds) for name, field in fields.items())


@pytest.mark.parametrize("model", MODELS)
def test_model_of_a_field_is_known_by_its_module(model: type) -> None:
    for name, field in Kind(model.__name__, model.__module__).fields.items():
        inside = [part for part in parts(typing.get_type_hints(model)[name]) if attrs.has(part)]
        assert [getattr(models, field.model.name)] == inside[:1] if field.model else not inside


def parts(annotation: object) -> list[type]:
    """Return the classes in an annotation."""
    inner = [part for argument in typing.get_args(annotation) for part in parts(argument)]
    return [annotation, *inner] if isinstance(annotation, type) and annotation is not Mapping else inner


@pytest.mark.parametrize("name", ["AddressVersion", "Unset", "NoSuchClass"])
def test_class_that_is_no_model_has_no_fields(name: str) -> None:
    assert Kind(name, "katapult_async.models.ip_addresses").fields == {}
    assert Kind(name).fields == {}


def test_names_of_classes_are_those_of_the_models() -> None:
    assert {kind.__name__ for kind in Lookup.__args__} == {*NAMES} - {
        "FirstLabel",
        "IPv4Address",
        "IPv6Address",
        "InterfaceName",
    }
    assert list(VERSIONS) == [version.value for version in AddressVersion]


@pytest.mark.slow
def test_commands_work_in_an_archive(tmp_path: Path) -> None:
    package = Path(katapult_async.__file__).parent
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (*package.rglob("*.py"), *package.rglob("*.json")):
            file.write(path, path.relative_to(package.parent))
    script = f"import sys; sys.path.insert(0, {str(archive)!r}); import katapult_async.cli.main as main; print(main)"
    script += "; sys.exit(main.run(['vms', 'list', '--help']) or main.run(['zones', 'list', '--sandbox']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert str(archive) in done.stdout
    assert "List the virtual machines of an organization" in done.stdout
    assert "gb-london-1-a" in done.stdout


@pytest.mark.slow
def test_error_says_which_source_text_an_installation_of_compiled_files_lacks(tmp_path: Path) -> None:
    package = Path(katapult_async.__file__).parent
    for path in package.rglob("*.py"):
        compiled = tmp_path / path.relative_to(package.parent).with_suffix(".pyc")
        compiled.parent.mkdir(parents=True, exist_ok=True)
        py_compile.compile(str(path), str(compiled))
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import katapult_async.cli.main as main"
    script += "; sys.exit(main.run(['zones', 'list', '--sandbox']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == ExitCode.FAILURE
    assert done.stderr == (
        "error: this command is made of the source text of katapult_async.resources.zones, which is not installed: "
        "add its .py file\n"
    )


@pytest.mark.parametrize("name", ["cli", "sandbox.operations"])
def test_a_program_that_pyinstaller_freezes_contains_the_modules_that_are_imported_by_name(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [directory] = pkgutil.resolve_name(project["entry-points"]["pyinstaller40"]["hook-dirs"])()
    hook = runpy.run_path(str(Path(directory) / f"hook-katapult_async.{name}.py"))
    modules = Path(katapult_async.__file__).parent.joinpath(*name.split(".")).glob("*.py")
    names = {f"katapult_async.{name}.{path.stem}" for path in modules if path.stem != "__init__"}
    assert set(hook["hiddenimports"]) == names
    files = {str(path) for path in Path(katapult_async.__file__).parent.rglob("*.json")}
    if name == "sandbox.operations":
        assert {source for source, _ in hook["datas"]} == files
    if name == "cli":
        assert hook["module_collection_mode"] == {"katapult_async": "pyz+py"}  # the modules, and their source text
