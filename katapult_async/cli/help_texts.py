"""The help of commands and options, derived from the docstrings of methods. Pure.

Docstrings are written for Python programs. Here their Python notation is replaced: ``None`` by the option that clears
a field, ``SubDomain("acme")`` by the sub domain, and so on.
"""

import re
from collections.abc import Container, Iterable
from typing import Final

from katapult_async.cli.groups import GROUPS
from katapult_async.cli.name_parsing import LOOKUP_NAMES

_GROUP_NAMES: Final = {group.attribute: group.name for group in GROUPS}
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FOR_PYTHON: Final = ("::", "batch")  # in paragraphs that matter only to a program
_REPLACEMENTS: Final = (
    # What a method returns after a lost response: the command shows a message then.
    ("None if", r"(; |(?<=\. )|^)(?:Returns )?None if [^.]*(\.|$)", "."),
    (" One request", r" One request, not paginated\.", ""),
    ("omitted", r"A field whose argument is omitted stays as it is", "Only what an option names is changed"),
    ("Omitted", r"Omitted arguments", "Omitted options"),
    ("return", r"\breturn(s?)\b", r"show\1"),
    ("Returns", r"\bReturns\b", "Shows"),
)
"""Texts that do not fit a command's help: a part of the text, a pattern, and the replacement of what it matches.

The pattern is used only for texts that contain the part, because compiling a pattern takes long.
"""


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
        for part, pattern, replacement in _REPLACEMENTS:
            if part in text:
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
