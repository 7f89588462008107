"""Keeps secrets and control characters out of everything that is shown: errors, logs, reprs, pickles.

`error_mapping` applies it to errors, `endpoints` to requests, and `credentials_and_headers` to the token.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NoReturn, Self, SupportsIndex
from urllib.parse import quote, unquote

_MAX_SHOWN: Final = 200  # characters of a server's text
_MAX_LEVELS: Final = 16  # of a detail; the deepest documented one has 3
_SHORTEST_SECRET: Final = 6  # characters of a secret that is masked: shorter ones occur in ordinary words
_LONGEST_IN_PATTERN: Final = 256  # characters: Python compiles a pattern of 60,000 in half a second
_MASK: Final = "***"

_SECRET_NAME: Final = re.compile(
    r"(password(confirmation)?|passwd|passphrase|secret|secret(access)?key|privatekey|certificatekey|apikey|credential"
    r"|token|authorization)s?$"
)
"""The end of the name of a secret, in lower case and without underscores."""

# Options of a disk template can be passwords, and the XML of a build contains them.
_SECRET_OBJECT: Final = re.compile(r"(password|secret|privatekey|credential|disktemplateoption|xml)s?$")
"""The end of the name of an object or a list whose values are all secrets. ``api_token`` is not among them: the id in
``api_token[id]`` is not a secret."""

_PAIR: Final = re.compile(r"(?<=[?&])([^=&]*)=[^&]*")
"""A name and a value in the query of a URL."""


class Secret(str):
    """A string whose repr is ``***``, so that logs of local variables do not show it. It cannot be pickled."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Return the secret of a text, which may be an enum: its own str() may differ from its value."""
        return super().__new__(cls, str.__str__(text))

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, key: SupportsIndex | slice) -> "Secret":
        return Secret(super().__getitem__(key))  # rich shows the repr of the first 80 characters

    def __deepcopy__(self, memo: object = None) -> Self:
        return self

    __copy__ = __deepcopy__

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a secret is not pickled or recorded: leave it out (the header Authorization has one: "
            "vcrpy leaves it out with filter_headers=['authorization'])"
        )


@functools.lru_cache(maxsize=1024)  # the names of arguments, which are few
def is_secret_name(name: str) -> bool:
    """Return whether an argument is named like a secret, such as ``password`` or ``keys[0][private_key]``."""
    names = re.findall("[a-z]+", re.sub(r"[^a-z\[\]]", "", name.lower()))  # from the outermost object to the field
    return any(map(_SECRET_OBJECT.search, names)) or bool(names and _SECRET_NAME.search(names[-1]))


def without_secret_values(value: object) -> object:
    """Return any JSON with ``***`` in place of the values that are named like secrets."""
    return _replaced(value, lambda _: _MASK)


def url_without_secret_values(url: str) -> str:
    """Return a URL, or the end of one, with ``***`` in place of the values that are named like secrets."""
    return _PAIR.sub(lambda pair: f"{pair[1]}=***" if is_secret_name(unquote(pair[1])) else pair[0], url)


def with_hidden_secrets(value: object, name: str = "") -> object:
    """Return any JSON with a `Secret` in place of every string that is named like a secret.

    Args:
        value: the JSON.
        name: its own name; empty if it has none.
    """
    return _replaced(value, lambda secret: Secret(secret) if isinstance(secret, str) else secret, name)


def _replaced(value: object, replace: Callable[[object], object], name: str = "") -> object:
    if isinstance(value, Mapping):
        names = {key: f"{name}[{key}]" for key in value}
        if isinstance(key_of_pair := value.get("key"), str) and is_secret_name(key_of_pair):
            names["value"] = key_of_pair  # {"key": "password", "value": ...}
        return {key: _replaced(inner, replace, names[key]) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, replace, name) for item in value]
    return replace(value) if value is not None and is_secret_name(name) else value


def secrets_in(value: object) -> Iterator[Secret]:
    """Yield every `Secret` in any JSON."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from secrets_in(inner)


@functools.lru_cache(maxsize=8)  # with `on_response`, a text is masked at each attempt
def masking(*secrets: str) -> Callable[[str], str]:
    """Return a function that puts ``***`` in place of these secrets in a text, also escaped for HTML, a URL or JSON.

    A longer form is replaced first, because a shorter one may be its beginning.
    """
    import html  # noqa: PLC0415 # loads a table of entities, which most calls do not need

    forms: set[str] = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            in_url, in_html = quote(secret, safe="", errors="replace"), html.escape(secret)
            forms |= {secret, in_html, in_html.replace("&#x27;", "&#39;"), in_url, secret.replace("/", "\\/")}
            forms |= {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (False, True)}
    long = sorted((form for form in forms if len(form) > _LONGEST_IN_PATTERN), key=len, reverse=True)
    short = sorted(forms.difference(long), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, short)) or "(?!)", re.IGNORECASE)  # a URL may have %2F or %2f

    def masked(text: str) -> str:
        for form in long:
            text = text.replace(form, _MASK)
        return pattern.sub(_MASK, text)

    return masked


def printable(text: str, *, masked: Callable[[str], str], limit: int = _MAX_SHOWN) -> str:
    """Return a server's text made safe for one line: masked, without control characters, cut to ``limit``."""
    clean = masked(text)
    shown = clean[:limit]
    if not shown.isprintable():
        shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in shown)
    return shown if len(clean) <= limit else f"{shown}..."


def masked_json(value: object, masked: Callable[[str], str], levels: int = _MAX_LEVELS) -> object:
    """Return any JSON with all its strings masked. What is nested too deeply becomes None."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {masked(key): masked_json(inner, masked, levels - 1) for key, inner in value.items()} if levels else None
    if isinstance(value, list):
        return [masked_json(inner, masked, levels - 1) for inner in value] if levels else None
    return value
