"""Made-up responses that have every documented field."""

from typing import Any

from .document import plain

VALUES: dict[str, Any] = {"string": "text", "integer": 1_712_345_678, "boolean": True, "number": 2.5}


def sample(shape: Any, *, items: int = 2) -> Any:
    """Return a value of a shape, with the first value of each enumeration.

    Args:
        shape: fields of an object by their marked names, or the name of a type.
        items: number of items in lists of the object. Lists inside other objects have 2.
    """
    if isinstance(shape, str):
        kind, _, values = shape.partition("=")
        return values.partition("|")[0] or VALUES.get(kind, "text")
    body: dict[str, Any] = {}
    for marked, inner in shape.items():
        if inner == {} and "?" in marked:
            body[plain(marked)] = None  # an object inside another of the same schema
        elif plain(marked) == "pagination":
            body["pagination"] = {"current_page": 1, "total_pages": 1, "total": 2, "per_page": 30, "large_set": False}
        else:
            body[plain(marked)] = [sample(inner) for _ in range(items)] if "[" in marked else sample(inner)
    return body
