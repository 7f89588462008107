"""The settings validate themselves when they are constructed."""

import asyncio
import math
from decimal import Decimal
from typing import Any

import attrs
import numpy
import pytest

from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.errors import UsageError

RULE_OF = {
    ("Timeouts", "call"): "seconds or inf",
    ("RetryPolicy", "outage_timeout"): "seconds, inf or None",
    ("RateLimitPolicy", "max_wait"): "seconds or inf",
}
FIELDS: list[tuple[type[Any], str, str]] = [
    (
        kind,
        field.name,
        RULE_OF.get((kind.__name__, field.name), "count" if field.type is int else "seconds"),
    )
    for kind in (Timeouts, RetryPolicy, RateLimitPolicy)
    for field in attrs.fields(kind)
    if field.name not in ("stop", "wait")
]
ALWAYS_INVALID: list[object] = [
    None,
    "5",
    True,
    False,
    math.nan,
    -1,
    -0.001,
    -math.inf,
    [5],
    5j,
    Decimal(5),
    numpy.bool_(True),
]
INVALID: dict[str, list[object]] = {
    "count": [*ALWAYS_INVALID, 0, 1.0, math.inf],
    "seconds": [*ALWAYS_INVALID, 0, 0.0, math.inf],
    "seconds or inf": ALWAYS_INVALID,
    "seconds, inf or None": ALWAYS_INVALID[1:],  # without None
}
VALID: dict[str, list[object]] = {
    "count": [1, 10**6, numpy.int64(2)],
    "seconds": [0.001, 1, 3600.0, numpy.int64(2), numpy.float64(2)],
    "seconds or inf": [0, 0.0, 5, math.inf, numpy.int64(2)],
    "seconds, inf or None": [None, 0, 5, math.inf],
}
RULES = {
    "count": "must be a whole number from 1",
    "seconds": "must be a number of seconds above 0",
    "seconds or inf": "must be 0 seconds or more, or math.inf",
    "seconds, inf or None": "must be 0 seconds or more, or math.inf",
}


@pytest.mark.parametrize(("kind", "name", "rule"), FIELDS)
def test_valid_setting_is_kept(kind: type[Any], name: str, rule: str) -> None:
    for value in VALID[rule]:
        assert getattr(kind(**{name: value}), name) == value


@pytest.mark.parametrize(("kind", "name", "rule"), FIELDS)
def test_invalid_setting_raises_usage_error_with_its_name_and_rule(kind: type[Any], name: str, rule: str) -> None:
    for value in INVALID[rule]:
        with pytest.raises(UsageError, match=f"^{name} {RULES[rule]}, not "):
            kind(**{name: value})


@pytest.mark.parametrize("name", ["stop", "wait"])
def test_strategy_of_tenacity_is_a_function_or_none(name: str) -> None:
    strategies: list[Any] = [None, print, math.sqrt]
    for value in strategies:
        assert getattr(RetryPolicy(**{name: value}), name) is value
    mistakes: list[Any] = [5, asyncio.sleep]  # nothing would await the result of the second
    for mistake in mistakes:
        with pytest.raises(UsageError, match=f"^{name} must be an ordinary function or None, not "):
            RetryPolicy(**{name: mistake})


@pytest.mark.parametrize("kind", [Timeouts, RetryPolicy, RateLimitPolicy])
def test_settings_are_frozen_and_compare_by_value(kind: type[Any]) -> None:
    assert kind() == kind()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(kind(), attrs.fields(kind)[0].name, 1)


def test_evolved_setting_is_validated() -> None:
    with pytest.raises(UsageError, match=r"^attempts "):
        attrs.evolve(RetryPolicy(), attempts=0)
