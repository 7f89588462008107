"""What callers hand in, checked before anything is sent. Every refusal is a `UsageError` that quotes its rule."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from katapult_async.errors import UsageError
from katapult_async.models.ip_addresses import AddressVersion

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_AT_ONCE = 1000  # calls of one batch under way: the rate limit permits as many a minute
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")  # a name or IPv4; IPv6
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def identifier(name: str, value: object) -> str:
    """Return a Katapult id, or say what is wrong with it.

    Args:
        name: what the id stands for, for the error.
        value: what the caller gave.
    """
    if isinstance(value, str) and _ID.fullmatch(value):
        return str.__str__(value)  # the text that was checked, also of an enum
    raise UsageError(f"{name} must be a string of 1 to 64 letters, digits, '_' or '-', not {_quoted(value)}")


def lookup(name: str, value: object, *, by: tuple[type, ...] = ()) -> tuple[str, str]:
    """Return the query argument that names one object: by its id, or by one of the lookup values in ``by``.

    Katapult asks for exactly one way to name an object, and takes the placeholder in the path for an id when
    there is none, which gives a 404; so this is never left out.
    """
    if by and isinstance(value, by):
        [(key, text)] = attrs.asdict(value).items()  # type: ignore[arg-type] # every type in `by` is an attrs class
        return f"{name}[{key}]", str.__str__(text)
    if isinstance(value, str):
        return f"{name}[id]", identifier(name, value)
    ways = " or ".join(["an id", *(way.__name__ for way in by)])
    raise UsageError(f"{name} must be {ways}, not {_quoted(value)}")


def address_version(value: object) -> AddressVersion:
    """Return an address version from the enum or its string."""
    try:
        return AddressVersion(value)  # type: ignore[arg-type] # a value of another type is refused by the enum itself
    except ValueError:
        pass
    raise UsageError(f"address_version must be 'ipv4' or 'ipv6', not {_quoted(value)}")


def address_versions(values: object) -> tuple[AddressVersion, ...]:
    """Return address versions, each once, in the order given."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(f"address_versions must be a list such as ('ipv4', 'ipv6'), not {_quoted(values)}")
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
        raise UsageError(f"{name} must be a whole number from 1 to {most}, not {_quoted(value)}")
    return value


def seconds(name: str, value: object) -> float:
    """Return a length of time: 0 seconds or more, endless included."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:  # NaN is not
        raise UsageError(f"{name} must be 0 seconds or more, or math.inf, not {_quoted(value)}")
    return value


def origin(url: str) -> str:
    """Return scheme, host and port of a checked base URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def instance(name: str, value: object, kind: Any) -> None:
    """Refuse a value that is of another type than the argument's."""
    if not isinstance(value, kind):
        raise UsageError(f"{name} must be {getattr(kind, '__name__', kind)}, not {_quoted(value)}")


def header(name: str, value: object) -> str:
    """Return the text of a header: printable ASCII, in which no line can end."""
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]{1,200}", value):
        raise UsageError(f"{name} must be 1 to 200 printable ASCII characters, not {_quoted(value)}")
    return value


def query(pairs: Mapping[Any, object]) -> tuple[tuple[str, str], ...]:
    """Return query arguments as a request keeps them."""
    instance("arguments", pairs, Mapping)
    for name, value in pairs.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError(f"{name} must be a string, not {_quoted(value)}")
    return tuple((str.__str__(name), str.__str__(value)) for name, value in pairs.items())


def _quoted(value: object) -> str:
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else f"a {type(value).__name__}"
    return text if len(text) <= 100 else f"{text[:100]}..."  # noqa: PLR2004 # enough to recognise it by
