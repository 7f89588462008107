"""Which module may import which. Tables list what is allowed; the tests compare them with the imports in the source."""

import ast
import functools
import graphlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from .imports import Import, imports, modules

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = "katapult_async"
SOURCES: Final = modules(ROOT / PACKAGE)

LAYERS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"errors", "lazy_names", "similar_names"}),
    frozenset({"config"}),
    frozenset({"models"}),
    frozenset({"call_limits", "options"}),
    frozenset({"rate_limit", "http"}),
    frozenset({"core"}),
    frozenset({"batch", "environment"}),
    frozenset({"resources"}),
    frozenset({"client"}),
    frozenset({"_public"}),
    frozenset({"__init__"}),
    frozenset({"cli", "pytest_plugin", "testing"}),
    frozenset({"__main__", "pyinstaller"}),
)
"""The parts of the package, from the bottom up. A part may import parts of lower layers. Two parts are in no layer:
`version` and `sandbox`."""

HEIGHT: Final = {part: height for height, layer in enumerate(LAYERS) for part in layer}

OUTSIDE: Final[dict[str, frozenset[str]]] = {
    # packages outside of the standard library, and where each may be imported
    "attrs": frozenset({PACKAGE}),
    "aiohttp": frozenset({f"{PACKAGE}.http", f"{PACKAGE}.sandbox"}),
    "yarl": frozenset({f"{PACKAGE}.http"}),
    "multidict": frozenset({f"{PACKAGE}.http"}),
    "tenacity": frozenset({f"{PACKAGE}.core.caller", f"{PACKAGE}.core.retry"}),
    "cattrs": frozenset({f"{PACKAGE}.core.cattrs_decoding"}),
    "msgspec": frozenset(
        {f"{PACKAGE}.core.{module}" for module in ("cattrs_decoding", "columnar_decoding", "msgspec_types")}
        | {f"{PACKAGE}.core.{module}" for module in ("decoding", "decoding_errors", "stepwise_decoding")}
        | {f"{PACKAGE}.http.transport", f"{PACKAGE}.rate_limit.headers", f"{PACKAGE}.cli"}
    ),
    "click": frozenset({f"{PACKAGE}.cli"}),
    "rich": frozenset({f"{PACKAGE}.cli"}),
    "yaml": frozenset({f"{PACKAGE}.cli"}),
    "pytest": frozenset({f"{PACKAGE}.pytest_plugin"}),
    "pytest_asyncio": frozenset({f"{PACKAGE}.pytest_plugin"}),
}

IMPURE: Final = frozenset(
    {"asyncio", "contextvars", "logging", "os", "pathlib", "random", "secrets", "select", "signal", "socket", "ssl"}
    | {"subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "http.client"}
)
"""Modules of the standard library that no pure module may import. It may get a clock, for example, as an argument."""

PURE: Final = frozenset(
    f"{PACKAGE}.{name}"
    for name in (
        "config",
        "core.cattrs_decoding",
        "core.circuit_breaker",
        "core.columnar_decoding",
        "core.decoding",
        "core.decoding_errors",
        "core.encoding",
        "core.endpoints",
        "core.error_mapping",
        "core.msgspec_types",
        "core.redaction",
        "core.retry",
        "core.validation",
        "errors",
        "http.transport",
        "models",
        "rate_limit.adaptive_concurrency",
        "rate_limit.endpoint_state",
        "rate_limit.fair_share",
        "rate_limit.headers",
        "rate_limit.max_in_flight",
        "rate_limit.permit",
        "rate_limit.proxy_limit",
        "rate_limit.requests_in_flight",
        "rate_limit.requests_to_send",
        "rate_limit.reset_delay",
        "rate_limit.server_clock",
        "rate_limit.status",
        "rate_limit.token_limits",
        "rate_limit.too_many_requests",
        "rate_limit.uncounted_requests",
        "rate_limit.window_times",
        "rate_limit.wait_reasons",
        "rate_limit.window_admission",
        "rate_limit.window_use",
        "resources",
    )
)
"""Modules that may import nothing of `IMPURE`."""

ONLY: Final[dict[str, frozenset[str]]] = {
    # parts of the standard library, and where each may be imported
    "os": frozenset({"environment", "cli", "http", "sandbox"}),  # http: the texts of errors
    "logging": frozenset({"core", "cli", "sandbox"}),
    # the table of commands names modules, which --help must not load; a client loads its resources when they are used,
    # and a package its public names
    "importlib.import_module": frozenset({"cli", "client", "lazy_names"}),
}


@functools.cache
def edges() -> list[Import]:
    """Return the imports of all modules."""
    return sorted(set(imports(SOURCES)))


def part_of(module: str) -> str:
    """Return the name of a part: the module's first name below the package."""
    _, *steps = module.split(".")
    return steps[0] if steps else "__init__"


def is_inside(module: str, names: frozenset[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def inner_edges() -> Iterator[Import]:
    return (edge for edge in edges() if is_inside(edge.imported, frozenset({PACKAGE})))


def test_every_module_belongs_to_a_layer() -> None:
    assert {part_of(module) for module in SOURCES} == set(HEIGHT) | {"version", "sandbox"}


def test_modules_import_only_lower_layers() -> None:
    wrong = []
    for edge in inner_edges():
        importer, imported = part_of(edge.importer), part_of(edge.imported)
        if imported in (importer, "version") or "sandbox" in (importer, imported):
            continue  # `version` and `sandbox` are in no layer
        if HEIGHT[importer] <= HEIGHT[imported]:
            wrong.append(edge)
    assert not wrong


def test_no_module_imports_itself_indirectly() -> None:
    graph: dict[str, set[str]] = {module: set() for module in SOURCES}
    for edge in inner_edges():
        if edge.importer != edge.imported:
            graph[edge.importer].add(edge.imported)
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert set(order) == set(SOURCES)


def test_every_import_of_the_package_is_one_of_its_modules() -> None:
    assert [edge for edge in inner_edges() if edge.imported not in SOURCES] == []


def test_sandbox_imports_nothing_of_the_client() -> None:
    imported = {part_of(edge.imported) for edge in inner_edges() if part_of(edge.importer) == "sandbox"}
    assert imported == {"sandbox"}


def test_only_the_command_the_pytest_plugin_and_the_hooks_import_the_sandbox() -> None:
    users = {part_of(edge.importer) for edge in inner_edges() if part_of(edge.imported) == "sandbox"}
    assert users <= {"sandbox", "cli", "__main__", "pytest_plugin", "pyinstaller"}


def test_each_dependency_is_imported_only_where_it_may_be() -> None:
    wrong = []
    for edge in edges():
        name = edge.imported.partition(".")[0]
        if name != PACKAGE and name not in sys.stdlib_module_names and not is_inside(edge.importer, OUTSIDE[name]):
            wrong.append(edge)
    assert not wrong


@pytest.mark.parametrize("name", OUTSIDE)
def test_every_listed_dependency_is_imported(name: str) -> None:
    users = {edge.importer for edge in edges() if edge.imported.partition(".")[0] == name}
    for allowed in OUTSIDE[name]:
        assert any(is_inside(user, frozenset({allowed})) for user in users)


def test_every_listed_pure_module_exists() -> None:
    assert PURE - set(SOURCES) == set()


def test_pure_modules_import_no_clock_loop_socket_randomness_environment_or_log() -> None:
    assert [edge for edge in edges() if is_inside(edge.importer, PURE) and is_inside(edge.imported, IMPURE)] == []


@pytest.mark.parametrize("name", ONLY)
def test_module_is_imported_only_in_its_places(name: str) -> None:
    allowed = ONLY[name]
    assert {part_of(edge.importer) for edge in edges() if is_inside(edge.imported, frozenset({name}))} <= allowed


def test_no_file_is_named_utils_or_the_like() -> None:
    vague = re.compile(r"(^|_)(utils?|helpers?|common|base|managers?|misc)(_|$)")
    assert [path for path in (ROOT / PACKAGE).rglob("*.py") if vague.search(path.stem)] == []


PACKAGES_WITH_LISTS: Final = [
    *(f"{PACKAGE}/{folder}" for folder in (".", "cli", "core", "http", "rate_limit", "sandbox")),
    *(str(path.parent.relative_to(ROOT)) for path in (ROOT / "tests").rglob("__init__.py")),
]


@pytest.mark.parametrize("package", PACKAGES_WITH_LISTS)
def test_docstring_of_a_package_names_each_of_its_modules(package: str) -> None:
    folder = ROOT / package
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    names = {path.stem for path in (*folder.glob("*.py"), *(path.parent for path in folder.glob("*/__init__.py")))}
    if package == "tests":  # its docstring says which folders test a folder of the package
        names -= {path.name for path in (ROOT / PACKAGE).iterdir() if path.is_dir()}
    names = {name for name in names if not name.startswith("test_")} - {"__init__", "__main__", "conftest"}
    assert names == set(re.findall(r"`(\w+)`", docstring))


def test_imports_in_functions_and_under_conditions_are_found(tmp_path: Path) -> None:
    package = tmp_path / "p"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("from . import a\n")
    (package / "a.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from p.inner import b\n"
        "def f():\n    import json.decoder\n    from .inner.b import x\n"
        "    __import__('c')\n"
    )
    (package / "inner" / "__init__.py").write_text("")
    (package / "inner" / "b.py").write_text("from ..a import f\nfrom .. import a\nfrom . import b\n")
    sources = modules(package)
    assert list(sources) == ["p", "p.a", "p.inner", "p.inner.b"]
    edges = {(edge.importer, edge.imported) for edge in imports(sources)}
    assert edges == {
        ("p", "p.a"),
        ("p.a", "typing"),
        ("p.a", "p.inner.b"),
        ("p.a", "json.decoder"),
        ("p.a", "importlib.import_module"),
        ("p.inner.b", "p.a"),
        ("p.inner.b", "p.inner.b"),
    }
