"""What resources and models declare, read from their source text: methods with their parameters, and fields.

A command is derived from these declarations. Importing the models of one resource takes longer than importing click,
and the help of a command needs only names. So neither resources nor models are imported here.
"""

import ast
import contextlib
import functools
import importlib.util
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

PACKAGE: Final = "katapult_async"

_HTTP_METHODS: Final = {"list": "GET", "get": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}
"""HTTP methods of the operations that the methods of `Operations` make; `action` takes its own as an argument."""

_ATTRS: Final = ("frozen", "define")
"""Decorators of attrs that make a class a model."""


class Kind(NamedTuple):
    """A kind of value that an annotation allows, such as ``None``, ``Zone`` or ``list[Zone]``."""

    name: str
    """Name of the type, without its module."""

    module: str = ""
    """Module that defines the class, if the class is one of this package."""

    inner: tuple[tuple["Kind", ...], ...] = ()
    """What is between the brackets: each argument as the kinds that it allows."""

    choices: tuple[str, ...] = ()
    """The values of a ``Literal``."""

    @property
    def fields(self) -> Mapping[str, "Field"]:
        """The fields of a model; empty for everything else."""
        return _fields(self.module, self.name) if self.module else {}


class Field(NamedTuple):
    """A field of a model."""

    kinds: tuple[Kind, ...]
    """What its annotation allows."""

    is_secret: bool = False
    """Whether the repr of the model omits it."""

    @property
    def is_list(self) -> bool:
        """Whether it is a tuple of values."""
        return self.kinds[0].name == "tuple"

    @property
    def model(self) -> Kind | None:
        """The model of its value, or of the items of its list, if there is one."""
        inner = itertools.chain.from_iterable(itertools.chain(*(kind.inner for kind in self.kinds)))
        return next((kind for kind in (*self.kinds, *inner) if kind.fields), None)


Fields = Mapping[str, Field]
"""The fields of a model, in their order."""


class Signature(NamedTuple):
    """A method of a resource."""

    parameters: Mapping[str, tuple[Kind, ...]]
    """The kinds of the parameters, without ``self`` and the options of every call."""

    required: frozenset[str]
    """Names of the parameters without a default."""

    subject: str
    """Name of the first positional parameter; empty if there is none."""

    returns: tuple[Kind, ...]
    """What it returns."""

    documentation: str
    """Its docstring."""

    http_method: str | None
    """HTTP method of the operation that it calls; None if it combines several."""


def methods_of(resource: str) -> list[str]:
    """Return the names of the public methods of a resource.

    Args:
        resource: name of its module in `katapult_async.resources`.
    """
    return list(module_named(f"{PACKAGE}.resources.{resource}").methods)


@functools.cache
def signature_of(resource: str, method: str) -> Signature:
    """Return the signature of a method of a resource."""
    module = module_named(f"{PACKAGE}.resources.{resource}")
    return _signature(module, module.methods[method])


class Module:
    """The text of a module."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.classes: dict[str, ast.ClassDef] = {}
        self.values: dict[str, ast.expr] = {}
        """Values of the module's variables."""

        self.origins: dict[str, str] = {}
        """Modules of the package from which names are imported."""

        for node in ast.parse(_source_of(name)).body:
            match node:
                case ast.ClassDef():
                    self.classes[node.name] = node
                case ast.Assign(targets=[ast.Name(id=variable)], value=value):
                    self.values[variable] = value
                case ast.AnnAssign(target=ast.Name(id=variable), value=ast.expr() as value):
                    self.values[variable] = value
                case ast.ImportFrom(module=str() as origin) if origin.startswith(PACKAGE):
                    self.origins |= {alias.name: origin for alias in node.names}

    @property
    def methods(self) -> Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        """The public methods of the resource in this module."""
        [resource] = [node for node in self.classes.values() if any(_name(base) == "Resource" for base in node.bases)]
        functions = [node for node in resource.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return {node.name: node for node in functions if not node.name.startswith("_")}

    def kinds(self, annotation: ast.expr | None) -> Iterator[Kind]:
        """Yield the kinds of values that an annotation allows."""
        match annotation:
            case ast.BinOp(left=left, right=right):
                yield from self.kinds(left)
                yield from self.kinds(right)
            case ast.Constant(value=str() as text):
                yield from self.kinds(ast.parse(text, mode="eval").body)
            case ast.Subscript(value=outer, slice=inner):
                items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                if _name(outer) == "Literal":
                    yield Kind("Literal", choices=tuple(str(ast.literal_eval(item)) for item in items))
                else:
                    yield Kind(_name(outer), inner=tuple(tuple(self.kinds(item)) for item in items))
            case ast.Name(id=name) if isinstance(self.values.get(name), ast.Subscript | ast.BinOp):  # an alias
                yield from self.kinds(self.values[name])
            case ast.Name(id=name):
                yield Kind(name, module=self.name if name in self.classes else self.origins.get(name, ""))
            case None:
                return
            case _:
                yield Kind(_name(annotation))


def _source_of(name: str) -> bytes:
    """Return the source text of a module, also of one in a zip archive or a frozen program."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module named {name}", name=name)
    loader: Any = spec.loader  # loaders of files and of archives all have `get_data`
    if spec.origin.endswith(".py"):
        with contextlib.suppress(FileNotFoundError):
            source: bytes = loader.get_data(spec.origin)
            return source
    raise OSError(f"this command is made of the source text of {name}, which is not installed: add its .py file")


@functools.cache
def module_named(name: str) -> Module:
    """Read a module."""
    return Module(name)


@functools.cache
def _fields(module_name: str, name: str) -> Fields:
    module = module_named(module_name)
    declared = module.classes.get(name)
    if declared is None or not any(_name(decorator) in _ATTRS for decorator in declared.decorator_list):
        return {}
    fields: dict[str, Field] = {}
    for node in declared.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                options = value.keywords if isinstance(value, ast.Call) else []
                is_secret = any(option.arg == "repr" for option in options)  # attrs.field(repr=False)
                fields[name] = Field(tuple(module.kinds(annotation)), is_secret=is_secret)
    return fields


def _signature(module: Module, method: ast.FunctionDef | ast.AsyncFunctionDef) -> Signature:
    subjects, named = method.args.args[1:], method.args.kwonlyargs
    has_no_default = [subject.arg for subject in subjects[: len(subjects) - len(method.args.defaults)]]
    has_no_default += [
        parameter.arg for parameter, default in zip(named, method.args.kw_defaults, strict=True) if default is None
    ]
    return Signature(
        parameters={parameter.arg: tuple(module.kinds(parameter.annotation)) for parameter in (*subjects, *named)},
        required=frozenset(has_no_default),
        subject=subjects[0].arg if subjects else "",
        returns=tuple(module.kinds(method.returns)),
        documentation=ast.get_docstring(method) or "",
        http_method=next(map(_http_method, method.decorator_list), None),
    )


def _http_method(decorator: ast.expr) -> str:
    """Return the HTTP method of the operation that a decorator ties to its method."""
    match decorator:
        case ast.Call(func=ast.Attribute(attr="action"), args=[ast.Constant(value=str() as method), *_]):
            return method
        case ast.Call(func=ast.Attribute(attr=name)):
            return _HTTP_METHODS[name]
        case ast.Call(func=ast.Name(id="calls"), args=[ast.Call(keywords=keywords)]):
            methods = [ast.literal_eval(keyword.value) for keyword in keywords if keyword.arg == "method"]
            return str(methods[0]) if methods else "GET"
    raise TypeError(f"no operation: {ast.dump(decorator)}")


def _name(node: ast.expr) -> str:
    """Return the last name of an expression: ``datetime`` of ``datetime.datetime``, and ``"None"`` for None."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=outer) | ast.Call(func=outer):
            return _name(outer)
    return str(getattr(node, "value", ""))
