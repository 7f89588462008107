"""The help of commands and options, derived from the docstrings of methods. ``python -m tests.cli`` writes it.

Docstrings are written for Python programs. Here their Python notation is replaced: ``None`` by the option that clears
a field, ``SubDomain("acme")`` by the sub domain, and so on.
"""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

import click

from katapult_async.cli.groups import GROUPS
from katapult_async.cli.methods import Method
from katapult_async.cli.name_parsing import LOOKUP_NAMES, ObjectName
from katapult_async.cli.parameters import EXAMPLE_TIME, ModelValue, Parameter

_GROUP_NAMES: Final = {group.attribute: group.name for group in GROUPS}
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FOR_PYTHON: Final = ("::", "batch")  # a paragraph with one of these matters only to a Python program
_REPLACEMENTS: Final = (
    # What a method returns after a lost response: the command shows a message then.
    (r"(; |(?<=\. )|^)(?:Returns )?None if [^.]*(\.|$)", "."),
    (r" One request, not paginated\.", ""),
    (r"A field whose argument is omitted stays as it is", "Only what an option names is changed"),
    (r"Omitted arguments", "Omitted options"),
    (r"\breturn(s?)\b", r"show\1"),
    (r"\bReturns\b", "Shows"),
)
"""Patterns of texts that do not fit a command's help, each with the replacement of what it matches."""

_CONFIRMATION: Final = "On a terminal, the command asks for confirmation; its exit code is 1 unless the answer is yes."
_EXIT_CODES: Final = "the exit code is 1 if the work fails, and 5 if it is not finished within --timeout."
_NOTES: Final = {
    "FirstLabel": " The first label of the name is enough where no other machine has it.",
    "InterfaceName": " Or MACHINE/NETWORK, by their names or ids, or MACHINE if it has one interface.",
}
"""What the help of a parameter says about names that the command looks up."""


def command_help(method: Method, documented: Iterable[str], texts: Mapping[str, str], columns: Container[str]) -> str:
    """Return the help of the command of a method.

    Args:
        method: the method.
        documented: the paragraphs of its docstring.
        texts: the help of each parameter.
        columns: paths of the fields that rows show.
    """
    verb = "List" if method.is_list else "Show"
    # "Return an address" gives it back to Katapult: "Show" would be wrong
    paragraphs = [description(documented, verb="" if method.destroys else verb)]
    paragraphs += [f"{argument.metavar}: {texts[argument.name]}" for argument in method.arguments]
    hidden = [name for name, field in method.fields.items() if field.is_secret and name not in columns]
    if hidden:
        paragraphs.append(f"A secret is written only if Katapult sends it and --fields names it: {', '.join(hidden)}.")
    if method.starts:
        wait = f"{'tasks' if method.starts == 'task' else method.group.name} wait"
        text = f"Without --wait, the work is only started; `{wait}` waits for it. With --wait, {_EXIT_CODES}"
        paragraphs.append(text)
    if method.only_waits:
        paragraphs.append(_EXIT_CODES.capitalize())
    if method.destroys or method.detaches:
        paragraphs.append(_CONFIRMATION + (" Without a terminal, it needs --yes." if method.destroys else ""))
    return "\n\n".join(paragraphs)


def noun_of(method: Method) -> str:
    """Return what the records of a list are, such as ``virtual machines``."""
    if not method.command.startswith("list"):
        return method.command.replace("-", " ")
    noun = method.group.summary.partition(":")[0]
    return noun if noun[1].isupper() else noun[:1].lower() + noun[1:]


def parameter_help(parameter: Parameter, text: str, *, others: Container[str]) -> str:
    """Return what the value of a parameter means, and how it is written.

    Args:
        parameter: the parameter.
        text: what the docstring says about it.
        others: names of the other parameters.
    """
    option, negative = parameter.option, parameter.negative
    words = option_help(text, option=option, negative=negative, clears=parameter.clears, others=others)
    words += _note(parameter.type)
    if parameter.declaration.container:
        words += " Can be given more than once."
    if parameter.has_default_organization:
        words += " [default: KATAPULT_ORGANIZATION, or the only organization that the token can see]"
    return words


def _note(kind: click.ParamType[Any]) -> str:
    """Return how a value of a type is written."""
    if kind.name == "time":
        return f" Written as {EXAMPLE_TIME}."
    match kind:
        case ObjectName():
            return _NOTES.get(kind.by_command, "")
        case ModelValue():
            names = ", ".join(kind.fields)
            has_lists = any(field.container for field in kind.fields.values())
            lists = " A list is given by repeating its field." if has_lists else ""
            return f" Written as FIELD=VALUE,FIELD=VALUE or a JSON object, with the fields {names}.{lists}"
    return ""


def description(documented: Iterable[str], *, verb: str) -> str:
    """Return what a command does, from what its method does.

    Args:
        documented: the paragraphs of the method's docstring.
        verb: what replaces *Return* at the beginning: ``List`` or ``Show``; empty to leave it.
    """
    paragraphs = []
    for paragraph in documented:
        if any(word in paragraph for word in _FOR_PYTHON):
            continue
        text = paragraph
        for pattern, replacement in _REPLACEMENTS:
            text = re.sub(pattern, replacement, text)
        if verb:
            text = re.sub(r"^Return\b", verb, text)
        if text.strip(". "):
            paragraphs.append(_in_shell_words(text.strip(), ("timeout",)))
    return "\n\n".join(paragraphs)


def option_help(text: str, *, option: str, clears: bool, others: Container[str], negative: str = "") -> str:
    """Return the help of an option or argument, from the text of the method's parameter.

    Args:
        text: the text.
        option: name of the option, without dashes.
        clears: whether the option has a counterpart that clears the field.
        others: names of the method's other parameters.
        negative: name of the option for False, of a boolean.
    """
    if clears:
        text = re.sub(r"\b(?:None|an empty list)(?: or (?:None|an empty list))?\b", f"--no-{option}", text)
    text = re.sub(r"\bNone (for|to)\b", r"leave it out \1", text)
    text = text.replace("(True)", f"(--{option})").replace("(False)", f"(--{negative})").replace("=True", "=true")
    text = re.sub(r", which ``\w+`` looks up", "", text)
    text = _in_shell_words(text, others).replace("....", "...")
    return f"{text[:1].upper()}{text[1:]}"


def _in_shell_words(text: str, parameters: Container[str]) -> str:
    """Return a text without Python's notation. The names in ``parameters`` become options."""
    if "`" not in text:
        return text
    text = re.sub(r'``ObjectID\("([^"]+)"\)``', r"\1", text)
    text = re.sub(r'``ipaddress\.ip_address\("([^"]+)"\)``', r"the address itself, such as \1", text)
    text = re.sub(r'``(\w+)\("([^"]+)"\)``', lambda match: f"its {_literal(match[1], ())}, such as {match[2]}", text)
    text = re.sub(r"`{1,2}(\w+)\.(\w+)`{1,2}", lambda match: _command(match[0], match[1], match[2]), text)
    text = re.sub(r"(?<!`)`(\w+)`(?!`)", lambda match: f"`{match[1].replace('_', '-')}`", text)
    return re.sub(r"``([^`]+)``", lambda match: _literal(match[1], parameters), text)


def _command(text: str, resource: str, method: str) -> str:
    """Return the command of a method, such as ``tags.list`` or ``Tags.list``; the text if it names none."""
    group = _GROUP_NAMES.get(_CAPITAL.sub("_", resource).lower())
    return text if group is None else f"`{group} {method.replace('_', '-')}`"


def _literal(text: str, parameters: Container[str]) -> str:
    """Return the words for a text in double backquotes, such as the name of a lookup class, resource or option."""
    if text in parameters:
        return f"--{text.replace('_', '-')}"
    if text in _GROUP_NAMES:
        return f"`{_GROUP_NAMES[text]}`"
    return LOOKUP_NAMES.get(text, text)
