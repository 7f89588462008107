"""The parameters of methods on the command line: the argument or the options of each, and the value that these give."""

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final, Literal, NamedTuple

import click

from katapult_async.cli.declarations import Kind, Signature
from katapult_async.cli.groups import IDS
from katapult_async.cli.help_texts import option_help
from katapult_async.cli.names import NAMES, ObjectName

_TIME: Final = "2027-01-31T12:00:00Z"
_EXAMPLES: Final = {"TIME": _TIME, "integer": "20", "text": "example"}  # by the name of the type
_OPTION_NAMES: Final = {"version": "address_version"}  # --version is the version of the program
_NEGATIVES: Final = {"allocated": "unallocated"}  # instead of --no-allocated
_LIST_TYPES: Final = ("Iterable", "Sequence", "list", "tuple")


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


class ModelValue(click.ParamType[Any]):
    """The type of an object of some fields: ``FIELD=VALUE,FIELD=VALUE``, or the same as a JSON object.

    Args:
        model: class of the object.
    """

    name = "FIELD=VALUE,..."

    def __init__(self, model: Kind) -> None:
        self._model = model
        self._names = ", ".join(model.fields)

    @property
    def form(self) -> str:
        """The form of a value, for the help."""
        return f"FIELD=VALUE,FIELD=VALUE or a JSON object, with the fields {self._names}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return an instance of the class."""
        model = getattr(import_module(self._model.module), self._model.name)
        if isinstance(value, model):
            return value
        given = self._fields(value, param, ctx) if isinstance(value, str) else value
        if not isinstance(given, dict):
            self.fail(f"{value!r} is not a JSON object", param, ctx)
        if unknown := set(given) - set(self._model.fields):
            self.fail(f"no field {min(unknown)!r}; the fields are {self._names}", param, ctx)
        values = {name: _converted(self._model.fields[name].kinds, inner, param, ctx) for name, inner in given.items()}
        try:
            return model(**values)
        except (TypeError, ValueError) as error:
            self.fail(f"{value!r} is not complete: {error}", param, ctx)

    def _fields(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> object:
        if not text.lstrip().startswith("{"):
            return dict(PAIR.convert(pair, param, ctx) for pair in text.split(","))
        import json  # noqa: PLC0415 # slow to load, and --help does not need it

        try:
            return json.loads(text)
        except ValueError as error:
            self.fail(f"{text!r} is not a JSON object: {error}", param, ctx)


PAIR: Final = Pair()

_SIMPLE: Final[Mapping[str, click.ParamType[Any]]] = {
    "str": click.STRING,
    "int": click.INT,
    "float": click.FLOAT,
    "datetime": Time(),
}


def _converted(
    kinds: Sequence[Kind], value: object, param: click.Parameter | None, ctx: click.Context | None
) -> object:
    """Return the value of a field of a `ModelValue`."""
    shape = Shape.of("", kinds)
    match shape.structure, value:
        case _, None if shape.nullable:
            return None
        case "pairs", dict():
            return value
        case "list", list():
            return tuple(shape.type.convert(item, param, ctx) for item in value)
        case "list", _:
            return (shape.type.convert(value, param, ctx),)
    return shape.type.convert(value, param, ctx)


class Shape(NamedTuple):
    """How many values a parameter takes, of which type, and whether these can be None."""

    structure: Literal["bool", "single", "list", "pairs"]
    type: click.ParamType[Any]
    nullable: bool
    """Whether None is a value."""

    is_update: bool
    """Whether the parameter belongs to an update: its field stays as it is if the parameter is left out."""

    @classmethod
    def of(cls, name: str, kinds: Sequence[Kind]) -> "Shape":
        """Return the shape of a parameter.

        Args:
            name: name of the parameter.
            kinds: what its annotation allows.

        Raises:
            TypeError: no rule covers it.
        """
        names = [kind.name for kind in kinds]
        flags = ("None" in names, "Unset" in names)  # nullable and is_update
        values = [kind for kind in kinds if kind.name not in ("None", "Unset")]
        if values[0].name == "Mapping":
            return cls("pairs", PAIR, *flags)
        if values[0].name in _LIST_TYPES:
            return cls("list", _type(name, values[0].inner[0]), *flags)
        if values[0].name == "bool":
            return cls("bool", click.BOOL, *flags)
        return cls("single", _type(name, values), *flags)


def _type(name: str, kinds: Sequence[Kind]) -> click.ParamType[Any]:
    """Return the type of a value in an argument or option."""
    by = tuple(kind.name for kind in kinds if kind.name in NAMES)
    if by or "_" in IDS.get(name, ""):
        return ObjectName(name, by=by)
    if kinds[0].name == "Literal":  # an enum beside it has the same values
        return click.Choice(kinds[0].choices, case_sensitive=False)
    if len(kinds) == 1 and kinds[0].name in _SIMPLE:
        return _SIMPLE[kinds[0].name]
    if len(kinds) == 1 and kinds[0].fields:
        return ModelValue(kinds[0])
    raise TypeError(f"no rule makes an option of {name}: {' | '.join(kind.name for kind in kinds)}")


class Parameter(NamedTuple):
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
    def of(cls, signature: Signature, name: str, *, text: str) -> "Parameter":
        """Return a parameter.

        Args:
            signature: of the method.
            name: name of the parameter.
            text: its text in the docstring.
        """
        parameter = cls(
            name=name,
            option=_OPTION_NAMES.get(name, name).replace("_", "-"),
            shape=Shape.of(name, signature.parameters[name]),
            is_argument=name == signature.subject,
            required=name in signature.required,
            help="",
        )
        return parameter._replace(help=parameter._help(text, signature))

    def _help(self, text: str, signature: Signature) -> str:
        value_type = self.shape.type
        text = option_help(
            text,
            option=self.option,
            negative=self._negative,
            clears=self.clears,
            options=signature.parameters.keys() - {self.name},
        )
        if isinstance(value_type, Time):
            text = f"{text[:-1]}, such as {_TIME}."
        if isinstance(value_type, ModelValue):
            text = f"{text[:-1]}: {value_type.form}."
        if isinstance(value_type, ObjectName):
            text += value_type.note
        if self._takes_several:
            text += " Can be given more than once."
        if self.is_default_organization:
            text += " [default: KATAPULT_ORGANIZATION, or the only organization that the token can see]"
        return text

    @property
    def _negative(self) -> str:
        """Name of the option for False, of a boolean."""
        return _NEGATIVES.get(self.name, f"no-{self.option}")

    @property
    def _takes_several(self) -> bool:
        return self.shape.structure in ("list", "pairs")

    @property
    def is_default_organization(self) -> bool:
        """Whether the only organization that the token sees is the default."""
        return self.name == "organization" and self.required and not self.is_argument

    @property
    def clears(self) -> bool:
        """Whether there is an option that clears the field, or empties its list."""
        return self.shape.is_update and (self.shape.nullable or self._takes_several)

    @property
    def metavar(self) -> str:
        """Placeholder of the value in the help."""
        return self.name.upper()

    @property
    def _value_form(self) -> str | None:
        """Placeholder of the option's value in the help; None for that of click."""
        if isinstance(self.shape.type, click.Choice):  # click writes these in lower case
            return f"[{'|'.join(map(str, self.shape.type.choices))}]"
        return self.metavar if isinstance(self.shape.type, ObjectName) else None

    @property
    def _clear_name(self) -> str:
        return f"no_{self.name}"

    def click_parameters(self) -> list[click.Parameter]:
        """Return the argument, or the options, for click."""
        value_type = self.shape.type
        if self.is_argument:
            return [click.Argument([self.name], type=value_type, metavar=self.metavar)]
        required = self.required and not self.is_default_organization
        if self.shape.structure == "bool":
            names = f"--{self.option}/--{self._negative}"
            return [click.Option([names, self.name], default=None, required=required, help=self.help)]
        option = click.Option(
            [f"--{self.option}", self.name],
            type=value_type,
            multiple=self._takes_several,
            required=required,
            metavar=self._value_form,
            help=self.help,
        )
        if not self.clears:
            return [option]
        what = "Clear it" if self.shape.structure == "single" else "Remove all of them"
        return [option, click.Option([f"--no-{self.option}", self._clear_name], is_flag=True, help=f"{what}.")]

    def value(self, given: Mapping[str, Any]) -> object:
        """Return the value for the method, or `ABSENT`, from the values of the command's parameters."""
        value = given[self.name]
        is_given = value is not None and value != ()
        if given.get(self._clear_name):
            if is_given:
                raise click.UsageError(f"give --{self.option} or --no-{self.option}, not both")
            return None if self.shape.structure == "single" else {} if self.shape.structure == "pairs" else []
        if not is_given:
            return ABSENT
        return (
            dict(value) if self.shape.structure == "pairs" else list(value) if self.shape.structure == "list" else value
        )

    def example(self) -> str | None:
        """Return a value for an example, with the name of the option; None if no value can be derived."""
        value_type = self.shape.type
        if self.shape.structure == "bool":
            return f"--{self.option}"
        choices = [str(choice) for choice in value_type.choices] if isinstance(value_type, click.Choice) else []
        value = next((each for each in (IDS.get(self.name), *choices, _EXAMPLES.get(value_type.name)) if each), None)
        return value if value is None or self.is_argument else f"--{self.option} {value}"
