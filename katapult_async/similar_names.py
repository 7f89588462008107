"""Suggestions for an unknown name: the known names that are similar to it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

_MOST_SUGGESTIONS: Final = 3
_LEAST_LIKENESS: Final = 0.7  # difflib's ratio; db-1 and web-1 have 0.67
_SHORTEST_PART: Final = 3  # characters; a shorter text is in too many names
_NAMES_IN_OTHER_TOOLS: Final[Mapping[str, tuple[str, ...]]] = {
    "columns": ("fields",),
    "create": ("build",),
    "describe": ("get",),
    "destroy": ("purge",),
    "edit": ("update",),
    "json": ("output-format",),
    "ls": ("list",),
    "new": ("create", "build"),
    "nics": ("virtual_machine_network_interfaces",),
    "reboot": ("reset",),
    "remove": ("delete",),
    "request": ("call",),
    "restart": ("reset",),
    "rm": ("delete",),
    "show": ("get",),
    "vms": ("virtual_machines",),
}
"""Names in other tools, each with the names here that mean the same. ``nics`` and ``vms`` are names of the command."""


def did_you_mean(text: str, names: Iterable[str], *, key: Callable[[str], str] = str) -> str:
    """Return a question with the names that are most similar to a text, the most similar first; "" if there are none.

    Args:
        text: the text, in the form that ``key`` returns.
        names: all names.
        key: returns the part of a name that is compared.
    """
    import difflib  # noqa: PLC0415 # slow to load

    by_key: dict[str, list[str]] = {}
    for name in sorted(names):
        by_key.setdefault(key(name), []).append(name)
    keys = [text] if text in by_key else [known for known in _NAMES_IN_OTHER_TOOLS.get(text, ()) if known in by_key]
    if not keys:
        part = text if any(text in known for known in by_key) else text.removesuffix("s")  # a plural
        longer = [known for known in by_key if part in known and len(text) >= _SHORTEST_PART]
        keys = [*difflib.get_close_matches(text, by_key, n=_MOST_SUGGESTIONS, cutoff=_LEAST_LIKENESS), *longer]
    similar = [name for known in dict.fromkeys(keys) for name in by_key[known]][:_MOST_SUGGESTIONS]
    return f"; did you mean {', '.join(similar)}?" if similar else ""


def missing_attribute(owner: object, name: str) -> object:
    """Raise the error of an attribute that an object does not have, with similar ones: the ``__getattr__`` of a class.

    Python calls ``__getattr__`` also after a property that raised an `AttributeError`: that error is raised again.
    """
    if hasattr(type(owner), name):
        return object.__getattribute__(owner, name)
    names = [known for known in dir(owner) if not known.startswith("_")]
    text = f"{type(owner).__name__!r} object has no attribute {name!r}{did_you_mean(name, names)}"
    raise AttributeError(text, name=name)
