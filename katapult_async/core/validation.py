"""Checks of arguments before anything is sent. A wrong value raises a `UsageError` that says the rule."""

import datetime
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from katapult_async.core.redaction import Secret, is_secret_name
from katapult_async.errors import UsageError, quoted

_HOST_AND_PORT = re.compile(r"([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]*:[0-9a-f:.]*\])(:\d*)?", re.IGNORECASE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PLAIN_NAMES = {Mapping: "a mapping of names to values", Callable: "a function", type(None): "None"}


def text(name: str, value: object) -> str:
    """Return a string.

    Args:
        name: of the argument, for the error, such as ``annotations[role]``. The value of a secret is not quoted.
        value: what the caller passed.
    """
    if isinstance(value, str):
        return whole_characters(name, str.__str__(value))
    shown = type(value).__name__ if is_secret_name(name) else quoted(value)
    raise UsageError(f"{name} must be a string, not {shown}")


def flag(name: str, value: object) -> bool:
    """Return a boolean."""
    if isinstance(value, bool):
        return value
    raise UsageError(f"{name} must be True or False, not {quoted(value)}")


def is_datetime(kind: Any) -> bool:
    """Return whether a type is `datetime.datetime`, or the class that freezegun puts in its place.

    Each of these two counts as a subclass of the other.
    """
    return isinstance(kind, type) and issubclass(kind, datetime.datetime) and issubclass(datetime.datetime, kind)


def unix_time(name: str, value: object) -> int:
    """Return a point in time in seconds since the Unix epoch, as Katapult takes it."""
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return int(value.timestamp())
    raise UsageError(f"{name} must be a datetime with a time zone, not {quoted(value)}")


def choice(choices: Iterable[str]) -> Callable[[str, object], str]:
    """Return a function that checks whether a value is one of several strings, or an enum member that equals one."""
    allowed = {str(option): str(option) for option in choices}

    def checked(name: str, value: object) -> str:
        if isinstance(value, str) and value in allowed:
            return allowed[value]
        *most, last = [repr(option) for option in allowed]
        rule = f"{', '.join(most)} or {last}" if most else last
        raise UsageError(f"{name} must be {rule}, not {quoted(value)}")

    return checked


_address_version = choice(("ipv4", "ipv6"))


def address_versions(values: object) -> tuple[str, ...]:
    """Return address versions without repetitions, in the order of the caller."""
    listed = items("address_versions", values)
    versions = tuple(dict.fromkeys(_address_version("address_version", value) for value in listed))
    if not versions:
        raise UsageError("address_versions must name at least one of 'ipv4' and 'ipv6'")
    return versions


def token(value: object) -> Secret:
    """Return an API token without the white space around it. The token is never quoted."""
    if not isinstance(value, str):
        raise UsageError(f"the token must be a string, not {type(value).__name__}")
    value = Secret(value.strip())  # a traceback could show the local variable
    if not value:
        raise UsageError("the token is empty")
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError("the token must be printable ASCII without spaces inside")
    return value


def base_url(value: object, *, name: str = "base_url") -> str:
    """Return a base URL without slashes at its end. Only loopback is allowed without TLS.

    Args:
        value: the URL.
        name: what an error calls it.
    """
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a string, not {type(value).__name__}")
    rule = f"{name} must be https://host[:port]/path (http:// only for localhost, 127.0.0.1 and ::1)"
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError(f"{rule}, of printable ASCII characters")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port  # both raise ValueError if they are malformed
    except ValueError:
        host = None
    # `hostname` leaves out what is beside the brackets of an IPv6 address.
    if not host or not _HOST_AND_PORT.fullmatch(parts.netloc.rpartition("@")[2]):
        raise UsageError(f"{rule}; this one cannot be read as a URL")
    if "@" in parts.netloc:
        raise UsageError(f"{rule}, without a user or password: the token does not belong in it")
    if "?" in value or "#" in value:
        raise UsageError(f"{rule}, without a query or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise UsageError(f"{rule}, not {urlunsplit((parts.scheme, host, '', '', ''))}")
    return value.rstrip("/")


def origin(url: str) -> str:
    """Return scheme, host and port of a checked base URL, without the port if it is the scheme's default."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}".removesuffix({"https": ":443", "http": ":80"}[parts.scheme])


def instance(name: str, value: object, kind: Any) -> None:
    """Check that a value is of the type of its argument."""
    if not isinstance(value, kind):
        kinds = [_PLAIN_NAMES.get(member, member.__name__) for member in typing.get_args(kind) or (kind,)]
        raise UsageError(f"{name} must be {' or '.join(kinds)}, not {quoted(value)}")


def mapping(name: str, value: Any) -> dict[str, Any]:
    """Return a copy of a mapping whose keys are strings."""
    instance(name, value, Mapping)
    if not all(isinstance(key, str) for key in value):
        raise UsageError(f"the names of {name} must be strings")
    return dict(value)


def items(name: str, value: Any, *, kind: type = Iterable) -> Any:
    """Return a list as it is, without a copy: an IPv6 network is too large for one. Strings and mappings are refused.

    Args:
        name: of the argument, for the error.
        value: what the caller passed.
        kind: ``Iterable``, or ``Collection`` if the items are read more than once: a generator is refused then.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, kind):
        raise UsageError(f"{name} must be a list, not {quoted(value)}")
    return value


def header(name: str, value: object) -> str:
    """Return the value of a header: printable ASCII, so that it cannot end its line."""
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]{1,200}", value):
        raise UsageError(f"{name} must be 1 to 200 printable ASCII characters, not {quoted(value)}")
    return value


def whole_characters(name: str, text: str) -> str:
    """Return a text. Half of a UTF-16 pair, which UTF-8 cannot encode, is refused.

    Args:
        name: of the argument, for the error; it is checked too.
        text: the text.
    """
    if re.search("[\ud800-\udfff]", name + text):
        raise UsageError(f"{quoted(name)} contains half a character (a surrogate), which cannot be sent")
    return text
