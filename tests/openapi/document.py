"""The OpenAPI document, and the table that is made of it.

In the table a name ends in ``*`` where it is required, in ``?`` where its value may be null, in ``[]`` where it is a
list (``[?]`` where items may be null); a type is ``string``, ``integer``, ``boolean`` or ``string=one|other``.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

DOCUMENT: Final = Path(__file__).parents[3] / "shared" / "katapult" / "core-openapi.json"
TABLE: Final = Path(__file__).with_name("operations.json")

Shape = dict[str, Any]


@cache
def document() -> Any:
    """Return the whole document."""
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def table() -> dict[str, Shape]:
    """Return the table: what every operation may refuse under ``everywhere``, and each operation by its name."""
    written: dict[str, Shape] = json.loads(TABLE.read_text(encoding="utf-8"))
    return written


def made(names: list[str]) -> dict[str, Shape]:
    """Return the table of some operations, such as ``GET /organizations``, as the document has them."""
    operations = {name: _operation(*name.split(" ")) for name in sorted(names)}
    everywhere = {
        status: [code for code in codes if all(code in each["errors"].get(status, ()) for each in operations.values())]
        for status, codes in next(iter(operations.values()))["errors"].items()
    }
    for operation in operations.values():
        left = {
            status: [code for code in codes if code not in everywhere.get(status, ())]
            for status, codes in operation["errors"].items()
        }
        operation["errors"] = {status: codes for status, codes in left.items() if codes}
    tidy = {name: {part: facts for part, facts in each.items() if facts} for name, each in operations.items()}
    return {"everywhere": {"errors": {status: codes for status, codes in everywhere.items() if codes}}, **tidy}


def text(operations: dict[str, Shape]) -> str:
    """Return a table as it is kept: a line for each part of an operation."""
    entries = [
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(f"  {json.dumps(part)}: {json.dumps(facts)}" for part, facts in parts.items())
        + "\n }"
        for name, parts in operations.items()
    ]
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _operation(method: str, path: str) -> Shape:
    found = document()["paths"][path][method.lower()]
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    [success] = [status for status in found["responses"] if status.startswith("2")]
    return {
        "scopes": sorted(
            {scope.rpartition("/")[2] for each in found.get("security", ()) for it in each.values() for scope in it}
        ),
        "query": {
            each["name"] + "*" * each.get("required", False): _shape(each["schema"])
            for each in found.get("parameters", ())
        },
        "body": {} if body is None else _shape(body),
        "answer": _shape(_schema_of(found["responses"][success])),
        "errors": {
            status: list(_codes(_schema_of(answer)))
            for status, answer in found["responses"].items()
            if status != success
        },
    }


def _schema_of(answer: Any) -> Any:
    return _resolved(answer)["content"]["application/json"]["schema"]


def _resolved(schema: Any) -> Any:
    """Follow references; a reference that may be null is an ``allOf`` of one."""
    if "$ref" in schema:
        target = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _resolved(target)
    if "allOf" in schema:
        return {**_resolved(schema["allOf"][0]), "nullable": schema.get("nullable", False)}
    return schema


def _shape(schema: Any) -> Any:
    """Return the fields of an object by their marked names, or the name of a type."""
    schema = _resolved(schema)
    if schema.get("type") == "array":
        return _shape(schema["items"])
    if "properties" in schema or schema.get("type", "object") == "object":
        required = schema.get("required", ())
        return {
            _marked(name, inner, required=name in required): _shape(inner)
            for name, inner in schema.get("properties", {}).items()
        }
    return "=".join([schema["type"], *(["|".join(schema["enum"])] if "enum" in schema else [])])


def _marked(name: str, schema: Any, *, required: bool) -> str:
    schema = _resolved(schema)
    listed = ""
    if schema.get("type") == "array":
        listed = "[?]" if _resolved(schema["items"]).get("nullable") else "[]"
    return f"{name}{listed}{'?' if schema.get('nullable') else ''}{'*' if required else ''}"


def _codes(schema: Any) -> Iterator[str]:
    schema = _resolved(schema)
    if "oneOf" in schema:
        for each in schema["oneOf"]:
            yield from _codes(each)
    else:
        yield from _resolved(schema["properties"]["code"])["enum"]
