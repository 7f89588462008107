"""Suggestions for an unknown name: the known names that are similar to it. Pure."""

import difflib
import itertools
from collections.abc import Callable, Iterable
from typing import Final

_MOST_SUGGESTIONS: Final = 3
_LEAST_LIKENESS: Final = 0.7  # difflib's ratio; db-1 and web-1 have 0.67
_SHORTEST_PART: Final = 3  # characters; a shorter text is in too many names


def did_you_mean(text: str, names: Iterable[str], *, key: Callable[[str], str]) -> str:
    """Return a question with the names that are most similar to a text, in this order; "" if there are none.

    Args:
        text: the text, in the form that ``key`` returns.
        names: all names.
        key: returns the part of a name that is compared.
    """
    by_key: dict[str, list[str]] = {}
    for name in sorted(names):
        by_key.setdefault(key(name), []).append(name)
    keys = [text]
    if text not in by_key:
        longer = (known for known in by_key if len(text) >= _SHORTEST_PART and text in known)
        keys = [*difflib.get_close_matches(text, by_key, n=_MOST_SUGGESTIONS, cutoff=_LEAST_LIKENESS), *longer]
    similar = itertools.chain(*(by_key[known] for known in dict.fromkeys(keys)))
    shown = ", ".join(itertools.islice(similar, _MOST_SUGGESTIONS))
    return f"; did you mean {shown}?" if shown else ""
