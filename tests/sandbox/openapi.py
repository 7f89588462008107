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


def differences(value: Any, schema: Any, at: str = "$") -> Iterator[str]:
    """Return where a value differs: its type, a value outside of the enum, a null, an extra or an absent name."""
    schema = document().resolved(schema)
    if value is None:
        if not schema.get("nullable"):
            yield f"null {at}"
        return
    expected = "object" if "properties" in schema else schema.get("type", "object")
    content: Any = value  # isinstance with a looked-up type would narrow it to object
    if not isinstance(value, TYPES[expected]) or (expected == "integer" and isinstance(value, bool)):
        yield f"type {at}"
    elif expected == "array":
        for item in content:
            yield from differences(item, schema["items"], f"{at}[]")
    elif expected == "object":
        properties = schema.get("properties", {})
        yield from (f"absent {at}.{name}" for name in properties if name not in content)
        yield from (f"extra {at}.{name}" for name in content if name not in properties)
        for name, inner in properties.items():
            if name in content:
                yield from differences(content[name], inner, f"{at}.{name}")
    elif value not in schema.get("enum", [value]):
        yield f"enum {at}"
