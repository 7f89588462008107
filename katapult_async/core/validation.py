"""What callers hand in, checked before anything is sent. Every refusal is a `UsageError` that quotes its rule."""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from katapult_async.errors import UsageError, quoted
from katapult_async.models.ip_addresses import AddressVersion
from katapult_async.models.unset import UNSET

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID_RULE = "a string of 1 to 64 letters, digits, '_' or '-'"
_MOST_AT_ONCE = 1000  # calls of one batch under way: the rate limit permits as many a minute
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")  # a name or IPv4; IPv6
ADDRESS = (ipaddress.IPv4Address, ipaddress.IPv6Address)
"""Ways to name an IP address by itself."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def identifier(name: str, value: object) -> str:
    """Return a Katapult id, or say what is wrong with it.

    Args:
        name: what the id stands for, for the error.
        value: what the caller gave.
    """
    if isinstance(value, str) and _ID.fullmatch(value):
        return str.__str__(value)  # the text that was checked, also of an enum
    raise UsageError(f"{name} must be {_ID_RULE}, not {quoted(value)}")


def lookup(name: str, value: object, *, by: tuple[type, ...] = ()) -> tuple[str, str]:
    """Return the query argument that names one object: by its id, or by one of the lookup values in ``by``.

    Katapult asks for exactly one way to name an object, and takes the placeholder in the path for an id when
    there is none, which gives a 404; so this is never left out.
    """
    key, text = _way(name, value, by)
    return f"{name}[{key}]", text


def reference(name: str, value: object, *, by: tuple[type, ...] = ()) -> dict[str, object]:
    """Return what names one object in a body, as `lookup` does in a query."""
    key, text = _way(name, value, by)
    return {name: {key: text}}


def _way(name: str, value: object, by: tuple[type, ...]) -> tuple[str, str]:
    """Return the key and the text that name an object."""
    if by and isinstance(value, by):
        if isinstance(value, ADDRESS):
            return "address", str(value).partition("/")[0]  # an IPv4Interface is an IPv4Address, with its mask
        [(key, text)] = attrs.asdict(value).items()  # type: ignore[arg-type] # the other types in `by` are attrs classes
        return key, str.__str__(text)
    if isinstance(value, str) and (not by or _ID.fullmatch(value)):
        return "id", identifier(name, value)
    an_id = _ID_RULE if isinstance(value, str) else "an id"
    ways = " or ".join([an_id, *(way.__name__ for way in by)])
    raise UsageError(f"{name} must be {ways}, not {quoted(value)}")


def text(name: str, value: object) -> str:
    """Return a text that Katapult keeps."""
    if isinstance(value, str):
        return str.__str__(value)
    raise UsageError(f"{name} must be a string, not {quoted(value)}")


def text_or_none(name: str, value: object) -> str | None:
    """Return a text that Katapult keeps, or None, which clears it."""
    return None if value is None else text(name, value)


def given(name: str, value: object, check: Callable[[str, object], object]) -> dict[str, object]:
    """Return an argument of a body by its name, checked; nothing when it is UNSET."""
    return {} if value is UNSET else {name: check(name, value)}


def flag(name: str, value: object) -> bool:
    """Return a yes or no."""
    if isinstance(value, bool):
        return value
    raise UsageError(f"{name} must be True or False, not {quoted(value)}")


def address_version(value: object) -> AddressVersion:
    """Return an address version from the enum or its string."""
    try:
        return AddressVersion(value)  # type: ignore[arg-type] # a value of another type is refused by the enum itself
    except ValueError:
        pass
    raise UsageError(f"address_version must be 'ipv4' or 'ipv6', not {quoted(value)}")


def address_versions(values: object) -> tuple[AddressVersion, ...]:
    """Return address versions, each once, in the order given."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(f"address_versions must be a list such as ('ipv4', 'ipv6'), not {quoted(values)}")
    versions = tuple(dict.fromkeys(address_version(value) for value in values))
    if not versions:
        raise UsageError("address_versions must name at least one of 'ipv4' and 'ipv6'")
    return versions


def token(value: object) -> str:
    """Return an API token without the white space around it. The token is never quoted."""
    if not isinstance(value, str):
        raise UsageError(f"the token must be a string, not {type(value).__name__}")
    if not value.strip():
        raise UsageError("the token is empty")
    if not re.fullmatch(r"[!-~]+", value.strip()):  # no local variable for it, which a traceback could show
        raise UsageError("the token must be printable ASCII without spaces inside")
    return value.strip()


def base_url(value: object) -> str:
    """Return a base URL without its final slash. Only loopback may be asked without TLS."""
    if not isinstance(value, str):
        raise UsageError(f"base_url must be a string, not {type(value).__name__}")
    rule = "base_url must be https://host[:port]/path (http:// only for localhost, 127.0.0.1 and ::1)"
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError(f"{rule}, of printable ASCII characters")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not _HOST.fullmatch(host):
        raise UsageError(f"{rule}; this one cannot be read as a URL")
    if "@" in parts.netloc:
        raise UsageError(f"{rule}, without a user or password: the token is given apart")
    if "?" in value or "#" in value:
        raise UsageError(f"{rule}, without a query or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise UsageError(f"{rule}, not {parts.scheme or 'no scheme'}://{host}")
    return value.rstrip("/")


def concurrency(value: object) -> int:
    """Return how many calls a batch may have under way."""
    return whole_number("concurrency", value, most=_MOST_AT_ONCE)


def whole_number(name: str, value: object, *, most: int) -> int:
    """Return a whole number from 1 to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UsageError(f"{name} must be a whole number from 1 to {most}, not {quoted(value)}")
    return value


def origin(url: str) -> str:
    """Return scheme, host and port of a checked base URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def instance(name: str, value: object, kind: Any) -> None:
    """Refuse a value that is of another type than the argument's."""
    if not isinstance(value, kind):
        raise UsageError(f"{name} must be {getattr(kind, '__name__', kind)}, not {quoted(value)}")


def header(name: str, value: object) -> str:
    """Return the text of a header: printable ASCII, in which no line can end."""
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]{1,200}", value):
        raise UsageError(f"{name} must be 1 to 200 printable ASCII characters, not {quoted(value)}")
    return value


def query(pairs: Mapping[Any, object], *, name: str = "arguments") -> tuple[tuple[str, str], ...]:
    """Return query arguments as a request keeps them."""
    instance(name, pairs, Mapping)
    for key, value in pairs.items():
        if not isinstance(key, str):
            raise UsageError(f"the names of {name} must be strings, not {quoted(key)}")
        if not isinstance(value, str):
            raise UsageError(f"{key} must be a string, not {quoted(value)}")
        if not (key + value).isascii() and _holds_half_a_character(key + value):
            raise UsageError(f"{quoted(key)} holds half a character (a surrogate), which no request can carry")
    return tuple((str.__str__(key), str.__str__(value)) for key, value in pairs.items())


def json_object(body: Mapping[str, object]) -> dict[str, object]:
    """Return a body as a request keeps it: a copy, of nothing but JSON."""
    instance("body", body, Mapping)
    if not all(isinstance(key, str) for key in body):
        raise UsageError("the names of body must be strings")
    try:
        copied: dict[str, object] = json.loads(json.dumps(dict(body), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        problem = str(error)
    else:
        return copied
    raise UsageError(f"body must be a JSON object of plain values: {problem}")


def _holds_half_a_character(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
