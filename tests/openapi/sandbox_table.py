"""The table of operations that the sandbox reads: the table of the document, corrected where recorded responses differ.

``recorded_responses.json`` has the corrections: the names that only recorded responses (2023-03 to 2026-08) have, and
null in place of a type for a documented name that they never have. It has the form of the table of the document.
"""

import json
from pathlib import Path
from typing import Any, Final

import katapult_async.sandbox

from .document import Shape, plain

TABLE: Final = Path(katapult_async.sandbox.__file__).with_name("documented_operations.json")
RECORDED: Final[dict[str, Shape]] = {
    operation: rule["response"]
    for rule in json.loads(Path(__file__).with_name("recorded_responses.json").read_text(encoding="utf-8"))
    for operation in rule["operations"]
}


def sandbox_table(documented: dict[str, Shape]) -> dict[str, Shape]:
    """Return the table of the sandbox, given the table of the document.

    Under ``everywhere`` it has the status of each error code.
    """
    operations = {name: _operation(name, facts) for name, facts in documented.items() if name != "everywhere"}
    statuses = {
        code: int(status)
        for facts in documented.values()
        for status, codes in facts.get("errors", {}).items()
        for code in codes
    }
    return {"everywhere": {"statuses": statuses}, **operations}


def _operation(name: str, facts: Shape) -> Shape:
    """Return what the table of the sandbox says about an operation. Empty parts, and a response in text, are absent."""
    response = {} if facts.get("response") == "text" else facts.get("response", {})
    parts = {
        "scopes": facts.get("scopes"),
        "status": int(facts.get("status", 200)),
        "arguments": _arguments({**facts.get("query", {}), **facts.get("body", {})}, path=name.split("/")),
        "response": _merge(response, RECORDED.get(name, {})),
    }
    return {part: content for part, content in parts.items() if content}


def _arguments(query_and_body: Shape, *, path: list[str]) -> Shape:
    """Return the arguments of query and body; those in the path are required.

    ``a[b]`` in a query is ``b`` in ``a``. Annotations in a query have the form of those in a body.
    """
    arguments: Shape = {}
    for name, expected in query_and_body.items():
        outer, _, inner = name.partition("[")
        if outer in {"page", "per_page"}:
            continue
        if inner.startswith("]["):  # annotations
            arguments[f"{outer}[]"] = {"key*": "string", "value": "string"}
        elif inner and not inner.startswith("]"):
            arguments.setdefault(outer, {})[inner.rstrip("]*")] = expected
        else:
            arguments[name] = expected
    return {f"{name}*" if name in path else name: expected for name, expected in arguments.items()}


def _merge(documented: Shape, recorded: Shape) -> Shape:
    """Return a documented response with the corrections of the recorded one."""
    # The marked name and its content, by the name without marks: the two files can mark a name differently.
    merged: dict[str, tuple[str, Any]] = {plain(name): (name, content) for name, content in documented.items()}
    for name, content in recorded.items():
        _, before = merged.pop(plain(name), (name, None))
        if isinstance(content, dict):
            merged[plain(name)] = name, _merge(before if isinstance(before, dict) else {}, content)
        elif content is not None:
            merged[plain(name)] = name, content
    return dict(merged.values())
