"""The sentences that promise something: those of the README, and those of the public docstrings."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import katapult_async
from tests.openapi.library import RESOURCES
from tests.public_names import PUBLIC_NAMES

ROOT = Path(__file__).parent.parent.parent

_WORDS_OF_README = re.compile(r"\d|\b(never|always|every|exactly|at most)\b", re.IGNORECASE)
_WORDS_OF_DOCSTRINGS = re.compile(r"\b(never|always|exactly|at most)\b", re.IGNORECASE)
"""For docstrings, without the numbers: these are explained and tested beside the code."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\[]|\d)")
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")


def readme_promises() -> list[str]:
    """Return the sentences and rows of tables of the README with a number, or with a word such as "never"."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = (" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=[|\-*#] ?)", text))
    prose = (line for line in lines if line and not line.startswith(("#", "|---", "![")))
    return [
        sentence
        for line in prose
        for sentence in _SENTENCE_END.split(line)
        if _WORDS_OF_README.search(_CODE.sub("", sentence))
    ]


def docstring_promises() -> list[str]:
    """Return the sentences of the public docstrings with "never", "always", "exactly" or "at most"."""
    sentences = [
        sentence
        for documented in _public_objects()
        for paragraph in re.split(r"\n\s*\n", inspect.getdoc(documented) or "")
        if not paragraph.startswith(("Args:", "Raises:"))
        for sentence in _SENTENCE_END.split(" ".join(paragraph.split()))
        if _WORDS_OF_DOCSTRINGS.search(sentence)
    ]
    return list(dict.fromkeys(sentences))


def _public_objects() -> Iterator[object]:
    """Yield the public classes and functions, and their methods and properties."""
    for public in (*(getattr(katapult_async, name) for name in PUBLIC_NAMES), *RESOURCES):
        if inspect.isclass(public) or inspect.isfunction(public):
            yield public
        if inspect.isclass(public):
            yield from (value for name, value in vars(public).items() if not name.startswith("_") and callable(value))
            yield from (value for value in vars(public).values() if isinstance(value, property))
