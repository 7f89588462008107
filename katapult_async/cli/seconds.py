"""Seconds, as every option takes them."""

import math

import click


def seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Check a number of seconds. click's own range would let nan and inf pass."""
    if value is not None and not 0 < value < math.inf:
        raise click.BadParameter(f"{value:g} is not a number of seconds above 0", ctx=context, param=parameter)
    return value
