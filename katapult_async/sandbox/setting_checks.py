"""Checks of settings. Each raises a ValueError that names the setting if its value is wrong."""

import math
from collections.abc import Callable
from typing import Any

import attrs


def check(name: str, rule: str, value: object, *, holds: bool) -> None:
    """Check a setting.

    Args:
        name: name of the setting.
        rule: what the value must be, such as ``at least 1``.
        value: the value.
        holds: whether the value follows the rule.

    Raises:
        ValueError: the value does not follow the rule.
    """
    if not holds:
        raise ValueError(f"{name} must be {rule}, not {value!r}")


def setting(validate: Callable[..., object], default: object, **limits: float) -> Any:
    """Return an attrs field with a default. Its value is checked when an object is made."""
    return attrs.field(default=default, validator=lambda _, field, value: validate(field.name, value, **limits))


def boolean(name: str, value: object) -> bool:
    """Return the value if it is True or False.

    Raises:
        ValueError: it is neither.
    """
    check(name, "True or False", value, holds=isinstance(value, bool))
    return bool(value)


def integer(name: str, value: object, *, minimum: int, maximum: float = math.inf) -> int:
    """Return the value if it is an integer in the range.

    Raises:
        ValueError: it is not an ``int`` or not in the range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number, not {value!r}")  # noqa: TRY004 - as for every setting
    limits = f"at least {minimum}" if maximum == math.inf else f"between {minimum} and {maximum}"
    check(name, limits, value, holds=minimum <= value <= maximum)
    return value


def number(name: str, value: object, *, minimum: float = -math.inf, maximum: float = math.inf) -> float:
    """Return the value as a float if it is a finite number in the range.

    Raises:
        ValueError: it is not a finite number or not in the range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    check(name, f"at least {minimum:g}", value, holds=value >= minimum)
    check(name, f"at most {maximum:g}", value, holds=value <= maximum)
    return float(value)
