"""The type of arguments and options that are a number of seconds."""

import contextlib
from typing import Final

import click

_LEAST: Final = 0.001
_MOST: Final = 1e10  # 317 years


def seconds(text: str) -> float:
    """Return a number of seconds. click's own range accepts nan and inf, with which timers fail."""
    with contextlib.suppress(ValueError):
        if _LEAST <= (number := float(text)) <= _MOST:
            return number
    raise click.BadParameter(f"{text!r} is not a number of seconds from {_LEAST:g} to {_MOST:g}")
