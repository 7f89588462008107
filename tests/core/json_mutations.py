"""JSON trees with one thing changed."""

from typing import Any

Place = tuple[str | int, ...]
"""The steps from the root: names of fields, places in lists."""


def put(tree: Any, place: Place, value: object) -> object:
    """Return a tree with one value in another's place."""
    if not place:
        return value
    step, *rest = place
    inner = put(tree[step], tuple(rest), value)
    if isinstance(tree, dict):
        return tree | {step: inner}
    return [inner if at == step else item for at, item in enumerate(tree)]


def without(tree: Any, place: Place) -> object:
    """Return a tree without one field of an object."""
    *there, name = place
    inner = tree
    for step in there:
        inner = inner[step]
    return put(tree, tuple(there), {key: value for key, value in inner.items() if key != name})


def places(tree: object, here: Place = ()) -> list[Place]:
    """Return where every value of a tree is, the tree itself first."""
    match tree:
        case dict():
            return [here, *(place for key, value in tree.items() for place in places(value, (*here, key)))]
        case list():
            return [here, *(place for at, value in enumerate(tree) for place in places(value, (*here, at)))]
    return [here]
