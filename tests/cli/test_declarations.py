"""The file that commands are derived from has what resources and models declare, and is found when it is installed."""

import datetime
import pkgutil
import py_compile
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import AsyncIterable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

import katapult_async
from katapult_async import FQDN, AddressVersion, DataCenter, NewDisk, Pages, Unset, VirtualMachine
from katapult_async.cli.declarations import Declaration, Reference, class_of, fields_of, methods_of, reference_of
from katapult_async.cli.name_parsing import LOOKUP_NAMES, VERSIONS
from katapult_async.models.lookups import Lookup
from tests.cli.declared import FILE, facts_of, text

ROOT = Path(__file__).parents[2]


def test_declarations_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m tests.cli`"


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (str, Declaration(types=["str"])),
        (type(None), Declaration(is_nullable=True)),
        (bool | Unset, Declaration(types=["bool"], is_omittable=True)),
        (str | FQDN | Unset | None, Declaration(types=["FQDN", "str"], is_omittable=True, is_nullable=True)),
        (datetime.datetime | None, Declaration(types=["datetime"], is_nullable=True)),
        (Literal["b", "a"] | None, Declaration(choices=["b", "a"], is_nullable=True)),
        (Literal[4, 6] | AddressVersion, Declaration(types=["AddressVersion"], choices=["4", "6"])),
        (Iterable[str | FQDN], Declaration(types=["FQDN", "str"], container="list")),
        (AsyncIterable[str] | Iterable[str], Declaration(types=["str"], container="list")),
        (tuple[DataCenter | None, ...], Declaration(types=["DataCenter"], container="list")),
        (Pages[VirtualMachine], Declaration(types=["VirtualMachine"], container="list")),
        (
            list[NewDisk] | Unset | None,
            Declaration(types=["NewDisk"], container="list", is_omittable=True, is_nullable=True),
        ),
        (Mapping[str, str] | Unset, Declaration(types=["str"], container="mapping", is_omittable=True)),
    ],
)
def test_declaration_of_an_annotation_has_its_types_and_choices(annotation: Any, value: Declaration) -> None:
    assert Declaration(**facts_of(annotation)) == value


def test_method_declares_its_operation_its_parameters_and_its_result() -> None:
    method = methods_of("load_balancers")["update"]
    assert (method.http_method, method.returns) == ("PATCH", Declaration(types=["LoadBalancer"]))
    assert method.help.startswith("Change a load balancer and show it.")
    assert all(line.startswith("load-balancers update ") for line in method.examples)
    first, *others = method.parameters.values()
    assert first.is_positional
    assert first.is_required
    assert all(parameter.is_omittable and parameter.text and not parameter.is_positional for parameter in others)


def test_method_of_several_operations_has_no_http_method() -> None:
    assert methods_of("virtual_machines")["build"].http_method is None


def test_field_that_is_an_object_has_the_fields_of_its_model() -> None:
    fields = fields_of("VirtualMachine")
    assert list(fields)[:2] == ["id", "name"]
    assert fields["initial_root_password"].is_secret
    assert fields["zone"].fields["data_center"].fields == fields_of("DataCenter")
    assert fields["tags"].fields == fields_of("Tag")
    assert fields["name"].fields == {}


@pytest.mark.parametrize(
    ("parameter", "reference"),
    [
        (
            "package",
            Reference(
                resource="virtual_machine_packages",
                lister="list",
                group="virtual-machine-packages",
                is_id=True,
                id_prefix="vmpkg_",
            ),
        ),
        ("data_center", Reference(resource="data_centers", lister="list", group="data-centers", is_id=True)),
        (
            "network",
            Reference(resource="networks", lister="available", group="networks", is_id=True, id_prefix="netw_"),
        ),
        (
            "task_id",
            Reference(
                is_id=True,
                id_prefix="task_",
            ),
        ),
        ("region", Reference()),
        ("hostname", Reference()),
    ],
)
def test_parameter_that_names_an_object_declares_its_list_and_its_ids(parameter: str, reference: Reference) -> None:
    assert reference_of(parameter) == reference


def test_class_of_returns_the_model_of_a_name() -> None:
    assert class_of("NewDisk") is NewDisk
    assert class_of("VirtualMachine") is VirtualMachine


@pytest.mark.parametrize("name", ["AddressVersion", "Unset", "NoSuchClass"])
def test_class_that_is_not_a_model_has_no_fields(name: str) -> None:
    assert fields_of(name) == {}


def test_every_lookup_has_a_name_in_plain_words() -> None:
    assert {kind.__name__ for kind in Lookup.__args__} == {*LOOKUP_NAMES} - {
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
    completed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert completed.returncode == 0, completed.stderr
    assert str(archive) in completed.stdout
    assert "List the virtual machines of an organization" in completed.stdout
    assert "gb-london-1-a" in completed.stdout


@pytest.mark.slow
def test_commands_work_in_an_installation_of_compiled_files(tmp_path: Path) -> None:
    package = Path(katapult_async.__file__).parent
    for path in (*package.rglob("*.py"), *package.rglob("*.json")):
        target = tmp_path / path.relative_to(package.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py":
            py_compile.compile(str(path), str(target.with_suffix(".pyc")))
        else:
            shutil.copy(path, target)
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import katapult_async.cli.main as main"
    script += "; sys.exit(main.run(['zones', 'list', '--sandbox']))"
    completed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert completed.returncode == 0, completed.stderr
    assert "gb-london-1-a" in completed.stdout


@pytest.mark.parametrize("name", ["cli", "sandbox.operations"])
def test_program_that_pyinstaller_freezes_contains_the_modules_that_are_imported_by_name(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [directory] = pkgutil.resolve_name(project["entry-points"]["pyinstaller40"]["hook-dirs"])()
    hook = runpy.run_path(str(Path(directory) / f"hook-katapult_async.{name}.py"))
    modules = Path(katapult_async.__file__).parent.joinpath(*name.split(".")).glob("*.py")
    names = {f"katapult_async.{name}.{path.stem}" for path in modules if path.stem != "__init__"}
    assert set(hook["hiddenimports"]) == names
    files = {str(path) for path in (Path(katapult_async.__file__).parent / name.partition(".")[0]).glob("*.json")}
    assert files
    assert {source for source, _ in hook["datas"]} == files
