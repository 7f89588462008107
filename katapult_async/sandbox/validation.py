"""Bounds that settings must keep; knows nothing of what the settings mean."""

import math


def whole(name: str, value: object, *, least: int, most: int | None = None) -> int:
    """Return the value when it is a whole number within the bounds.

    Raises:
        ValueError: it is not an ``int``, or lies outside; the text names the setting.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        text = f"{name} must be a whole number, not {value!r}"
        raise ValueError(text)  # noqa: TRY004 - one kind of error for every wrong setting
    if value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"between {least} and {most}"
        raise ValueError(f"{name} must be {limits}, not {value}")
    return value


def real(name: str, value: object, *, least: float = -math.inf, most: float = math.inf) -> float:
    """Return the value as a float when it is a finite number within the bounds.

    Raises:
        ValueError: it is not a number, not finite, or lies outside; the text names the setting.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least:g}, not {value:g}")
    if value > most:
        raise ValueError(f"{name} must be at most {most:g}, not {value:g}")
    return float(value)


def positive(name: str, value: object) -> float:
    """Return the value as a float when it is a finite number above zero.

    Raises:
        ValueError: it is not a number, not finite, or not above zero; the text names the setting.
    """
    number = real(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be above 0, not {number:g}")
    return number
