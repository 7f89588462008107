"""The parameters of methods on the command line: the argument or the options for each, and the value that they give."""

import contextlib
import datetime
import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import click
from click.types import FuncParamType

from katapult_async.cli.declarations import Declaration, Fields, class_of, fields_of, reference_of
from katapult_async.cli.name_parsing import LOOKUP_NAMES, ObjectName
from katapult_async.cli.shared_options import AnyCaseChoice

EXAMPLE_TIME: Final = "2027-01-31T12:00:00Z"
"""A point in time, for help and errors."""

_OPTION_NAMES: Final = {"version": "address_version"}  # --version is the version of the program
_NEGATIVES: Final = {"allocated": "unallocated"}  # instead of --no-allocated

# click shows the names of these functions in the help, in upper case


def text(value: str) -> str:
    """Return a text. The arguments of a process are bytes, and may be in an encoding other than UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter("the text is not UTF-8") from error  # not quoted: it may be a password
    return value


def time(value: str) -> datetime.datetime:
    """Return a point in time."""
    with contextlib.suppress(ValueError):
        if (moment := datetime.datetime.fromisoformat(value)).tzinfo is not None:
            return moment
    raise click.BadParameter(f"{value!r} is not a time with its zone, such as {EXAMPLE_TIME}")


def pair(value: str) -> tuple[str, str]:
    """Return the key and the value of ``KEY=VALUE``."""
    key, equals, inner = text(value).partition("=")
    if not key or not equals:
        raise click.BadParameter(f"{value!r} is not KEY=VALUE")
    return key, inner


class ModelValue(click.ParamType[Any]):
    """The type of an object with fields: ``FIELD=VALUE,FIELD=VALUE``, or the same as a JSON object.

    Args:
        model: name of the class of the object.
    """

    name = "FIELD=VALUE,..."

    def __init__(self, model: str) -> None:
        self._model = model
        self.fields: Fields = fields_of(model)
        """The fields of the class."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return an instance of the class."""
        del param, ctx  # unused: click names both in the errors of `fail`
        given = self._given(value)
        if unknown := given.keys() - self.fields.keys():
            self.fail(f"no field {min(unknown)!r}; the fields are {', '.join(self.fields)}")
        values = {name: self._field_value(name, inner) for name, inner in given.items()}
        if missing := [name for name, field in self.fields.items() if field.is_required and name not in given]:
            self.fail(f"{value!r} is not complete: {missing[0]} is missing")
        try:
            return class_of(self._model)(**values)
        except ValueError as error:
            self.fail(f"{value!r} is not valid: {error}")

    def _given(self, text: str) -> dict[str, Any]:
        """Return what the text has for each field: a JSON value, or a list of texts."""
        if text.lstrip().startswith("{"):
            try:
                return dict(json_value(text))
            except ValueError as error:
                self.fail(f"{text!r} is not a JSON object: {error}")
        texts: dict[str, list[str]] = {}
        for part in text.split(","):
            name, field_text = pair(part)
            texts.setdefault(name, []).append(field_text)
        return texts

    def _field_value(self, name: str, given: Any) -> object:
        """Return the value of a field."""
        field = self.fields[name]
        if given is None and field.is_nullable:
            return None
        values = []
        for item in given if isinstance(given, list) else [given]:
            if item is None or isinstance(item, list | dict):
                self.fail(f"{json.dumps(item)} is not a value of {name}")
            try:
                values.append(_type(name, field)(item if isinstance(item, str) else json.dumps(item)))
            except click.BadParameter as error:
                self.fail(f"{name}: {error.message}")
        if field.container == "list":
            return tuple(values)
        if len(values) != 1:
            self.fail(f"{name} has {len(values)} values, but takes one")
        return values[0]


def json_value(text: str | bytes) -> Any:
    """Return a JSON value.

    Raises:
        ValueError: it is not valid, or an object has a key twice: one of the two values would be lost.
    """

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in pairs:
            if key in values:
                raise ValueError(f"the key {key!r} is given twice")
            values[key] = value
        return values

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"it has the value {constant}")

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=mapping)
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


PAIR: Final = FuncParamType(pair)
PAIR.name = "KEY=VALUE"

_SIMPLE: Final[Mapping[str, click.ParamType[Any]]] = {
    "bool": click.Choice([True, False], case_sensitive=False),
    "str": FuncParamType(text),
    "int": click.INT,
    "float": click.FLOAT,
    "datetime": FuncParamType(time),
}


def _type(name: str, declaration: Declaration) -> click.ParamType[Any]:
    """Return the type of a value in an argument or option.

    Args:
        name: of the method's parameter, or of a field.
        declaration: what is declared about it.

    Raises:
        TypeError: no rule covers it.
    """
    lookups = tuple(lookup for lookup in LOOKUP_NAMES if lookup in declaration.types)
    if declaration.container == "mapping":
        return PAIR
    if lookups or ("str" in declaration.types and reference_of(name).is_id):
        return ObjectName(name, by=lookups)
    if declaration.choices:  # an enum beside them has the same values
        return AnyCaseChoice(declaration.choices)
    [type_name] = declaration.types
    if type_name in _SIMPLE:
        return _SIMPLE[type_name]
    if fields_of(type_name):
        return ModelValue(type_name)
    raise TypeError(f"no rule makes an option of {name}: {type_name}")


class Parameter:
    """A parameter of a method, and how it looks on the command line.

    Args:
        name: name of the method's parameter.
        declaration: what is declared about it.
    """

    def __init__(self, name: str, declaration: Declaration) -> None:
        self.name = name
        self.declaration = declaration
        self.metavar: str = name.upper()
        """Placeholder of the value in the help."""

        self.type: click.ParamType[Any] = _type(name, declaration)
        """The type of a value."""

        self.option: str = _OPTION_NAMES.get(name, name).replace("_", "-")
        """Name of the option, without dashes."""

        self.negative: str = _NEGATIVES.get(name, f"no-{self.option}")
        """Name of the option for False, of a boolean."""

        self.clears: bool = declaration.is_omittable and (declaration.is_nullable or declaration.container != "")
        """Whether a second option, ``--no-...``, clears the field or empties the list."""

        self.is_flag: bool = declaration.types == ["bool"]
        """Whether the option takes no value."""

        is_option = not declaration.is_positional
        self.has_default_organization: bool = name == "organization" and declaration.is_required and is_option
        """Whether it is an organization with a default: that of the environment, or the only one the token can see."""

        self._clear_name = f"no_{name}"

    def click_parameters(self) -> list[click.Parameter]:
        """Return the argument, or the options, for click."""
        if self.declaration.is_positional:
            return [click.Argument([self.name], type=self.type, metavar=self.metavar)]
        required = self.declaration.is_required and not self.has_default_organization
        if self.is_flag:
            names = f"--{self.option}/--{self.negative}"
            return [click.Option([names, self.name], default=None, required=required, help=self.declaration.text)]
        option = click.Option(
            [f"--{self.option}", self.name],
            type=self.type,
            multiple=self.declaration.container != "",
            required=required,
            metavar=self.metavar if isinstance(self.type, ObjectName) else None,
            help=self.declaration.text,
        )
        if not self.clears:
            return [option]
        action = "Empty the list" if self.declaration.container == "list" else "Clear the field"
        text = f"{action} that --{self.option} sets."
        return [option, click.Option([f"--no-{self.option}", self._clear_name], is_flag=True, help=text)]

    def arguments(self, given: Mapping[str, Any]) -> dict[str, object]:
        """Return the argument for the method, from the values of the command's parameters; empty for a default."""
        value, is_cleared = given[self.name], given.get(self._clear_name)
        is_given = value not in (None, ())
        if is_given and is_cleared:
            raise click.UsageError(f"give --{self.option} or --no-{self.option}, not both")
        if not is_given and not is_cleared:
            return {}
        if self.declaration.container == "mapping":
            if len(dict(value)) != len(value):
                raise click.UsageError(f"--{self.option} has a key twice")
            value = dict(value)
        return {self.name: value}
