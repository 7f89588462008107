"""The parameters of methods on the command line: the argument or the options of each, and the value that these give."""

import contextlib
import datetime
import inspect
import ipaddress
import json
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import attrs
import click

from katapult_async.cli.groups import IDS
from katapult_async.cli.help_texts import option_help
from katapult_async.cli.names import ObjectName
from katapult_async.models.lookups import Lookup
from katapult_async.models.unset import Unset

_TIME: Final = "2027-01-31T12:00:00Z"
_OPTION_NAMES: Final = {"version": "address_version"}  # --version is the version of the program
_NEGATIVES: Final = {"allocated": "unallocated"}
_LOOKUPS: Final = (*Lookup.__args__, ipaddress.IPv4Address, ipaddress.IPv6Address)


class Absent:
    """Type of `ABSENT`: the method's default applies."""


ABSENT: Final = Absent()


class Time(click.ParamType[datetime.datetime]):
    """The type of a point in time."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.datetime:
        """Return the time."""
        with contextlib.suppress(ValueError):
            time = datetime.datetime.fromisoformat(value)
            if time.tzinfo is not None:
                return time
        return self.fail(f"{value!r} is not a time with its zone, such as {_TIME}", param, ctx)


class Pair(click.ParamType[Any]):
    """The type of one key and its value: ``KEY=VALUE``."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return the key and the value."""
        key, equals, text = value.partition("=")
        if not key or not equals:
            self.fail(f"{value!r} is not KEY=VALUE", param, ctx)
        return key, text


class Record(click.ParamType[Any]):
    """The type of an object of some fields: ``FIELD=VALUE,FIELD=VALUE``, or the same as a JSON object.

    Args:
        model: class of the object.
    """

    name = "FIELD=VALUE,..."

    def __init__(self, model: type) -> None:
        self._model = model
        hints = typing.get_type_hints(model)
        self.fields: dict[str, Any] = {field.name: hints[field.name] for field in attrs.fields(model)}

    @property
    def form(self) -> str:
        """The form of a value, for the help."""
        return f"FIELD=VALUE,FIELD=VALUE or a JSON object, with the fields {', '.join(self.fields)}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return an instance of the class."""
        if isinstance(value, self._model):
            return value
        fields = self._fields(value, param, ctx) if isinstance(value, str) else value
        if not isinstance(fields, dict):
            self.fail(f"{value!r} is not a JSON object", param, ctx)
        if unknown := set(fields) - set(self.fields):
            self.fail(f"no field {min(unknown)!r}; the fields are {', '.join(self.fields)}", param, ctx)
        values = {name: _converted(self.fields[name], inner, param, ctx) for name, inner in fields.items()}
        try:
            return self._model(**values)
        except (TypeError, ValueError) as error:
            self.fail(f"{value!r} is not complete: {error}", param, ctx)

    def _fields(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> object:
        if not text.lstrip().startswith("{"):
            return dict(PAIR.convert(pair, param, ctx) for pair in text.split(","))
        try:
            return json.loads(text)
        except ValueError as error:
            self.fail(f"{text!r} is not a JSON object: {error}", param, ctx)


PAIR: Final = Pair()

_SIMPLE: Final[dict[object, click.ParamType[Any]]] = {
    str: click.STRING,
    int: click.INT,
    float: click.FLOAT,
    datetime.datetime: Time(),
}


def _converted(annotation: object, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
    """Return the value of a field of a `Record`."""
    shape = Shape.of("", annotation)
    match shape.kind, value:
        case _, None if shape.nullable:
            return None
        case "pairs", dict():
            return value
        case "list", list():
            return tuple(shape.type.convert(item, param, ctx) for item in value)
        case "list", _:
            return (shape.type.convert(value, param, ctx),)
    return shape.type.convert(value, param, ctx)


@attrs.frozen(kw_only=True)
class Shape:
    """The kind of value that the annotation of a parameter describes."""

    kind: Literal["bool", "single", "list", "pairs"]
    type: click.ParamType[Any]
    nullable: bool
    """Whether None is a value."""

    keeps: bool
    """Whether the parameter is one of an update, and its field stays as it is when it is left out."""

    @classmethod
    def of(cls, name: str, annotation: object, *, names_an_object: bool = False) -> "Shape":
        """Return the shape of a parameter.

        Args:
            name: name of the parameter.
            annotation: its type.
            names_an_object: whether a plain string is the id of an object.

        Raises:
            TypeError: no rule covers the type.
        """
        members = _members(annotation)
        flags = {"nullable": types.NoneType in members, "keeps": Unset in members}
        kinds = [member for member in members if member not in (types.NoneType, Unset)]
        origin, inner = typing.get_origin(kinds[0]), typing.get_args(kinds[0])
        if origin is Mapping:
            return cls(kind="pairs", type=PAIR, **flags)
        if origin in (Iterable, Sequence, list, tuple):
            return cls(kind="list", type=_type(name, _members(inner[0]), names_an_object=names_an_object), **flags)
        if kinds == [bool]:
            return cls(kind="bool", type=click.BOOL, **flags)
        return cls(kind="single", type=_type(name, kinds, names_an_object=names_an_object), **flags)


def _members(annotation: object) -> tuple[Any, ...]:
    is_union = typing.get_origin(annotation) in (types.UnionType, typing.Union)
    return typing.get_args(annotation) if is_union else (annotation,)


def _type(name: str, kinds: Sequence[Any], *, names_an_object: bool) -> click.ParamType[Any]:
    """Return the type of a value in an argument or option."""
    by = tuple(kind for kind in kinds if kind in _LOOKUPS)
    if by or names_an_object:
        return ObjectName(name, by=by)
    if typing.get_origin(kinds[0]) is Literal:  # an enum beside it has the same values
        return click.Choice([str(choice) for choice in typing.get_args(kinds[0])], case_sensitive=False)
    if len(kinds) == 1 and kinds[0] in _SIMPLE:
        return _SIMPLE[kinds[0]]
    if len(kinds) == 1 and attrs.has(kinds[0]):
        return Record(kinds[0])
    raise TypeError(f"no rule makes an option of {name}: {' | '.join(map(str, kinds))}")


@attrs.frozen(kw_only=True)
class Parameter:
    """A parameter of a method, and how it looks on the command line."""

    name: str
    """Name of the method's parameter."""

    option: str
    """Name of the option, without dashes at its beginning."""

    shape: Shape
    is_argument: bool
    """Whether it is an argument, which is given without a name."""

    required: bool
    help: str
    """What the value means, and how it is written."""

    @classmethod
    def of(cls, parameter: inspect.Parameter, *, text: str, refs: Iterable[str], names: Sequence[str]) -> "Parameter":
        """Return the parameter.

        Args:
            parameter: the parameter in the method's signature.
            text: its text in the docstring.
            refs: names of the parameters that name an object.
            names: names of all parameters.
        """
        name = parameter.name
        shape = Shape.of(name, parameter.annotation, names_an_object=name in refs)
        option = _OPTION_NAMES.get(name, name).replace("_", "-")
        keeps_a_list = shape.keeps and shape.kind in ("list", "pairs")
        text = option_help(
            text,
            option=option,
            negative=_NEGATIVES.get(name, f"no-{option}"),
            clears=shape.keeps and (shape.nullable or keeps_a_list),
            options=[other for other in names if other != name],
        )
        if isinstance(shape.type, Time):
            text = f"{text[:-1]}, such as {_TIME}."
        if isinstance(shape.type, Record):
            text = f"{text[:-1]}: {shape.type.form}."
        if isinstance(shape.type, ObjectName):
            text += shape.type.note
        if shape.kind in ("list", "pairs"):
            text += " Can be given more than once."
        if name == "organization" and parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            text += " [default: KATAPULT_ORGANIZATION, or the only organization that the token can see]"
        return cls(
            name=name,
            option=option,
            shape=shape,
            is_argument=parameter.kind is not parameter.KEYWORD_ONLY,
            required=parameter.default is parameter.empty,
            help=text,
        )

    @property
    def is_default_organization(self) -> bool:
        """Whether the only organization that the token sees is the default."""
        return self.name == "organization" and self.required and not self.is_argument

    @property
    def clears(self) -> bool:
        """Whether there is an option that clears the field, or empties its list."""
        return self.shape.keeps and (self.shape.nullable or self.shape.kind in ("list", "pairs"))

    @property
    def metavar(self) -> str:
        """What stands for the value in the help."""
        return self.name.upper()

    @property
    def _value_form(self) -> str | None:
        """What stands for the value of the option in the help; None for click's own word."""
        if isinstance(self.shape.type, click.Choice):  # click writes these in lower case
            return f"[{'|'.join(map(str, self.shape.type.choices))}]"
        return self.metavar if isinstance(self.shape.type, ObjectName) else None

    @property
    def _clearing(self) -> str:
        return f"no_{self.name}"

    def in_command(self) -> list[click.Parameter]:
        """Return the argument or the options."""
        kind = self.shape.type
        if self.is_argument:
            return [click.Argument([self.name], type=kind, metavar=self.metavar)]
        required = self.required and not self.is_default_organization
        if self.shape.kind == "bool":
            names = f"--{self.option}/--{_NEGATIVES.get(self.name, f'no-{self.option}')}"
            return [click.Option([names, self.name], default=None, required=required, help=self.help)]
        option = click.Option(
            [f"--{self.option}", self.name],
            type=kind,
            multiple=self.shape.kind in ("list", "pairs"),
            required=required,
            metavar=self._value_form,
            help=self.help,
        )
        if not self.clears:
            return [option]
        what = "Clear it" if self.shape.kind == "single" else "Remove all of them"
        return [option, click.Option([f"--no-{self.option}", self._clearing], is_flag=True, help=f"{what}.")]

    def value(self, given: Mapping[str, Any]) -> object:
        """Return the value for the method, or `ABSENT`, from the values of the command's parameters."""
        value = given[self.name]
        is_given = value is not None and value != ()
        if given.get(self._clearing):
            if is_given:
                raise click.UsageError(f"give --{self.option} or --no-{self.option}, not both")
            return None if self.shape.kind == "single" else {} if self.shape.kind == "pairs" else []
        if not is_given:
            return ABSENT
        return dict(value) if self.shape.kind == "pairs" else list(value) if self.shape.kind == "list" else value

    def example(self) -> str | None:
        """Return a value for an example, with the name of the option; None if no value can be derived."""
        kind = self.shape.type
        value: str | None = IDS.get(self.name)
        if value is None and isinstance(kind, click.Choice):
            value = str(kind.choices[0])
        elif value is None and kind is click.INT:
            value = "20"
        elif value is None and kind is click.STRING:
            value = "example"
        elif isinstance(kind, Time):
            value = _TIME
        elif self.shape.kind == "bool":
            return f"--{self.option}"
        if value is None or isinstance(kind, Record):
            return None
        return value if self.is_argument else f"--{self.option} {value}"
