"""Keeps secrets and control characters out of everything that is shown: errors, logs, reprs, pickles."""

import html
from typing import Final, NoReturn, Self
from urllib.parse import quote

_MAX_SHOWN: Final = 200  # characters of a server's text
_MAX_LEVELS: Final = 16  # of a detail; the deepest documented one has 3
_SHORTEST_TOKEN: Final = 6  # characters; a shorter one is no secret, and cutting it out would garble every text


class Secret(str):
    """A string that is not shown by accident: not in a repr or a log of local variables. It cannot be pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def without_token(text: str, token: str) -> str:
    """Return a text without the token, also where it is escaped as in HTML, in a URL or in JSON."""
    if len(token) >= _SHORTEST_TOKEN:
        for written in (token, html.escape(token), quote(token, safe=""), token.replace("/", "\\/")):
            text = text.replace(written, "***")
    return text


def printable(text: str, *, token: str, limit: int = _MAX_SHOWN) -> str:
    """Return a server's text made safe for one line: without token and control characters, cut to ``limit``."""
    clean = without_token(text, token)
    cut = clean[:limit]
    escaped = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut)
    return escaped if len(clean) <= limit else f"{escaped}..."


def json_without_token(value: object, token: str, *, levels: int = _MAX_LEVELS) -> object:
    """Return any JSON without the token in its strings. What is nested too deeply becomes None."""
    match value:
        case str():
            return without_token(value, token)
        case list() | dict() if not levels:
            return None
        case list():
            return [json_without_token(item, token, levels=levels - 1) for item in value]
        case dict():
            return {
                without_token(str(key), token): json_without_token(item, token, levels=levels - 1)
                for key, item in value.items()
            }
    return value
