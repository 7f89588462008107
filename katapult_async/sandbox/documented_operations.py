"""Documented operations: what the API documents about each, corrected where recorded responses differ.

``python -m tests.openapi --write`` generates ``documented_operations.json`` from the OpenAPI document and from recorded
responses. In the file, names have marks at the end: ``*`` means required, ``?`` that the value may be null, and ``[]``
a list. The value of a name is its type, or for an object the names inside it: ``{"zone*": {"id": "string"}, "tags[]":
"string"}``.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Self

import attrs

from .json_files import read_json

_OPERATIONS: dict[str, Mapping[str, Any]] = read_json("documented_operations.json")
STATUSES: Mapping[str, int] = _OPERATIONS.pop("everywhere")["statuses"]
"""The HTTP status of each documented error code."""

SCOPES = frozenset(scope for operation in _OPERATIONS.values() for scope in operation.get("scopes", ()))
"""All scopes."""


def unmarked(name: str) -> str:
    """Return a name without its marks."""
    return name.rstrip("*?[]")


@attrs.frozen(eq=False)
class Shape:
    """The names that an object has in a response."""

    names: tuple[str, ...]
    """Names in the order of the JSON."""
    inside: Mapping[str, "Shape"]
    """For each name whose value is an object, or a list of objects: the shape of that object."""
    lists: tuple[str, ...]
    """Names whose value is a list."""
    nullable: tuple[str, ...]
    """Names whose value may be null."""
    flags: tuple[str, ...]
    """Names whose value is a boolean."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """Return the shape of an object, given its marked names, each with its type or with the names inside."""
        return cls(
            names=tuple(map(unmarked, fields)),
            inside={unmarked(name): cls.of(content) for name, content in fields.items() if isinstance(content, dict)},
            lists=tuple(unmarked(name) for name in fields if "[]" in name),
            nullable=tuple(unmarked(name) for name in fields if "?" in name),
            flags=tuple(unmarked(name) for name, content in fields.items() if content == "boolean"),
        )


@attrs.frozen(kw_only=True)
class DocumentedOperation:
    """What is documented about one operation."""

    scopes: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    """The token needs one of them; empty when it needs none."""
    status: int
    """HTTP status of success."""
    arguments: Mapping[str, Any] = {}
    """Marked names, each with its type, such as ``string`` or ``string=one|other``, or with the names inside. Without
    ``page`` and ``per_page``, which all lists with pages have."""
    response: Shape


def _name(method: str, path: str) -> str:
    """Return the name of an operation in the files; its path may have variable segments as ``:name``."""
    return f"{method} {path.replace('/:', '/')}"


def documented_paths() -> Iterator[tuple[str, str]]:
    """Yield the method and the path of each operation. A segment that is an argument is written as ``:name``."""
    for name, facts in _OPERATIONS.items():
        method, path = name.split()
        arguments = {*map(unmarked, facts.get("arguments", ()))}
        yield method, "/".join(f":{segment}" if segment in arguments else segment for segment in path.split("/"))


@cache
def documented(method: str, path: str) -> DocumentedOperation:
    """Return what is documented about an operation.

    Args:
        method: HTTP method.
        path: path below the API's root, with variable segments as ``:name`` or as in the document.
    """
    facts = _OPERATIONS[_name(method, path)]
    return DocumentedOperation(**{**facts, "response": Shape.of(facts.get("response", {}))})
