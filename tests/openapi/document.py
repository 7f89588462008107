"""The OpenAPI document, and the table of operations that is made from it.

In the table, the name of a required field ends in ``*``, of one that may be null in ``?``, and of a list in ``[]``, or
in ``[?]`` if its items may be null. A type is ``string``, ``integer``, ``boolean`` or ``string=one|other``. The status
of success is 200 unless it is given. The response of an operation without JSON is ``text``.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Self

import attrs

DOCUMENT: Final = Path(__file__).parents[3] / "shared" / "katapult" / "core-openapi.json"
TABLE: Final = Path(__file__).with_name("operations.json")

Shape = dict[str, Any]


def table() -> dict[str, Shape]:
    """Return the written table: each operation by its name, and under ``everywhere`` the errors that all have."""
    written: dict[str, Shape] = json.loads(TABLE.read_text(encoding="utf-8"))
    return written


def text(operations: dict[str, Shape]) -> str:
    """Return a table as it is written: a line for each part of an operation."""
    entries = [
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(f"  {json.dumps(part)}: {json.dumps(facts)}" for part, facts in parts.items())
        + "\n }"
        for name, parts in operations.items()
    ]
    return "{\n" + ",\n".join(entries) + "\n}\n"


def plain(name: str) -> str:
    """Return the name of a field without its marks."""
    return name.rstrip("*?[]")


@attrs.frozen
class Document:
    """An OpenAPI document."""

    content: Any

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the document of a file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def version(self) -> str:
        """Katapult's version."""
        return str(self.content["info"].get("x-katapult-version", "unknown"))

    @property
    def names(self) -> list[str]:
        """The names of all operations, such as ``GET /organizations``."""
        return [f"{method.upper()} {path}" for path, methods in self.content["paths"].items() for method in methods]

    def table(self, names: Iterable[str]) -> dict[str, Shape]:
        """Return the table of some operations. The errors that all of them have are written once, as ``everywhere``."""
        operations = {name: self._operation(*name.split(" ")) for name in sorted(names)}
        errors = [operation["errors"] for operation in operations.values()]
        everywhere = {
            status: [
                code for code in codes if all(code in codes_by_status.get(status, ()) for codes_by_status in errors)
            ]
            for status, codes in errors[0].items()
        }
        for operation in operations.values():
            operation["errors"] = _without_empty(
                {
                    status: [code for code in codes if code not in everywhere.get(status, ())]
                    for status, codes in operation["errors"].items()
                }
            )
        table = {name: _without_empty(operation) for name, operation in operations.items()}
        return {"everywhere": {"errors": _without_empty(everywhere)}, **table}

    def _operation(self, method: str, path: str) -> Shape:
        operation = self.content["paths"][path][method.lower()]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        [success] = [status for status in operation["responses"] if status.startswith("2")]
        responses = {status: self.resolved(response)["content"] for status, response in operation["responses"].items()}
        is_json = "application/json" in responses[success]
        scopes = [scope for schemes in operation.get("security", ()) for listed in schemes.values() for scope in listed]
        return {
            "scopes": sorted({scope.rpartition("/")[2] for scope in scopes}),
            "status": "" if success == "200" else success,
            "query": {
                parameter["name"] + ("*" if parameter.get("required") else ""): self._shape(parameter["schema"])
                for parameter in operation.get("parameters", ())
            },
            "body": {} if body is None else self._shape(body),
            "response": self._shape(responses[success]["application/json"]["schema"]) if is_json else "text",
            "errors": {
                status: list(self._codes(content["application/json"]["schema"]))
                for status, content in responses.items()
                if status != success
            },
        }

    def resolved(self, schema: Any) -> Any:
        """Return a schema without references. A reference that may be null is an ``allOf`` of one schema."""
        if "$ref" in schema:
            target = self.content
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return self.resolved(target)
        if "allOf" in schema:
            return {**self.resolved(schema["allOf"][0]), "nullable": schema.get("nullable", False)}
        return schema

    def _shape(self, schema: Any, inside: tuple[str, ...] = ()) -> Any:
        """Return the fields of an object by their marked names, or the name of a type.

        An object inside another of the same schema has no fields: otherwise the recursion would not end.
        """
        name = schema.get("allOf", [schema])[0].get("$ref")
        if name in inside:
            return {}
        inside = (*inside, name) if name else inside
        schema = self.resolved(schema)
        if schema.get("type") == "array":
            return self._shape(schema["items"], inside)
        if "properties" in schema or schema.get("type", "object") == "object":
            required = schema.get("required", ())
            return {
                self._marked(name, inner, required=name in required): self._shape(inner, inside)
                for name, inner in schema.get("properties", {}).items()
            }
        values = "|".join(schema.get("enum", ()))
        return f"{schema['type']}={values}" if values else schema["type"]

    def _marked(self, name: str, schema: Any, *, required: bool) -> str:
        schema = self.resolved(schema)
        listed = ""
        if schema.get("type") == "array":
            listed = "[?]" if self.resolved(schema["items"]).get("nullable") else "[]"
        return f"{name}{listed}{'?' if schema.get('nullable') else ''}{'*' if required else ''}"

    def _codes(self, schema: Any) -> Iterator[str]:
        schema = self.resolved(schema)
        if "oneOf" in schema:
            for alternative in schema["oneOf"]:
                yield from self._codes(alternative)
        else:
            yield from self.resolved(schema["properties"]["code"])["enum"]


def _without_empty(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}
