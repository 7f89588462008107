"""The imports of a package, read from its source code: at module level, in functions, and under TYPE_CHECKING."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs


@attrs.frozen(order=True)
class Import:
    """One module imports another one."""

    importer: str
    imported: str


def modules(root: Path) -> dict[str, Path]:
    """Return the path of every module of a package, by its dotted name."""
    paths = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


def imports(sources: dict[str, Path]) -> Iterator[Import]:
    """Yield every import of every module. ``from package import module`` is an import of that module."""
    for name, path in sources.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in _targets(node, package, sources):
                yield Import(name, target)


def _targets(node: ast.AST, package: str, known: Iterable[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            parts = package.split(".")
            above = parts[: len(parts) - level + 1] if level else []
            source = ".".join(filter(None, [*above, module]))
            for alias in names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in known else source
        case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="__import__")):
            yield "importlib.import_module"  # reported, since the imported name cannot be read from the source
