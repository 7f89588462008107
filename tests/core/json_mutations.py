"""JSON trees with one change."""

from typing import Any

Place = tuple[str | int, ...]
"""The steps from the root: names of fields, and indexes in lists."""


def with_value(tree: Any, place: Place, value: object) -> object:
    """Return a tree with another value at a place."""
    if not place:
        return value
    step, *rest = place
    inner = with_value(tree[step], tuple(rest), value)
    if isinstance(tree, dict):
        return tree | {step: inner}
    return [inner if index == step else item for index, item in enumerate(tree)]


def value_at(tree: Any, place: Place) -> Any:
    """Return the value at a place."""
    for step in place:
        tree = tree[step]
    return tree


def without_field(tree: Any, place: Place) -> object:
    """Return a tree without one field of an object."""
    *there, name = place
    fields = value_at(tree, tuple(there))
    return with_value(tree, tuple(there), {key: value for key, value in fields.items() if key != name})


def places(tree: object, here: Place = ()) -> list[Place]:
    """Return the place of every value of a tree, the tree itself first."""
    match tree:
        case dict():
            return [here, *(place for key, value in tree.items() for place in places(value, (*here, key)))]
        case list():
            return [here, *(place for index, value in enumerate(tree) for place in places(value, (*here, index)))]
    return [here]
