"""How responses of the sandbox differ from the OpenAPI document of the Core API."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.openapi.document import DOCUMENT, Document

TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": float,
    "array": list,
    "object": dict,
}


@cache
def document() -> Document:
    return Document.read(DOCUMENT)


def operation(method: str, path: str) -> Any:
    """Return what the document says about an operation."""
    return document().content["paths"][path][method.lower()]


def response_schema(method: str, path: str, status: int) -> Any:
    """Return the schema of an operation's response."""
    response = document().resolved(operation(method, path)["responses"][str(status)])
    return response["content"]["application/json"]["schema"]


def differences(value: Any, schema: Any, path: str = "$") -> Iterator[str]:
    """Yield each difference between a value and its schema: the kind of the difference, then the JSON path.

    The kinds are ``type``, ``enum`` (the value is not in the enumeration), ``null`` (null is not allowed), ``extra``
    and ``absent`` (a name that the schema does not have, and one that the value does not have).
    """
    schema = document().resolved(schema)
    if value is None:
        if not schema.get("nullable"):
            yield f"null {path}"
        return
    expected = "object" if "properties" in schema else schema.get("type", "object")
    content: Any = value  # isinstance with a looked-up type would narrow it to object
    if not isinstance(value, TYPES[expected]) or (expected == "integer" and isinstance(value, bool)):
        yield f"type {path}"
    elif expected == "array":
        for item in content:
            yield from differences(item, schema["items"], f"{path}[]")
    elif expected == "object":
        properties = schema.get("properties", {})
        yield from (f"absent {path}.{name}" for name in properties if name not in content)
        yield from (f"extra {path}.{name}" for name in content if name not in properties)
        for name, inner in properties.items():
            if name in content:
                yield from differences(content[name], inner, f"{path}.{name}")
    elif value not in schema.get("enum", [value]):
        yield f"enum {path}"
