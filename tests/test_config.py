"""The settings check themselves when they are made."""

import math
from typing import Any

import attrs
import pytest

from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.errors import UsageError

RULE_OF = {
    ("Timeouts", "call"): "endless",
    ("RetryPolicy", "outage_timeout"): "optional",
    ("RateLimitPolicy", "max_wait"): "endless",
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
NO_NUMBERS: list[object] = [None, "5", True, False, math.nan, -1, -0.001, -math.inf, [5], 5j]
REFUSED: dict[str, list[object]] = {
    "count": [*NO_NUMBERS, 0, 1.0, math.inf],
    "seconds": [*NO_NUMBERS, 0, 0.0, math.inf],
    "endless": NO_NUMBERS,
    "optional": NO_NUMBERS[1:],
}
ACCEPTED: dict[str, list[object]] = {
    "count": [1, 10**6],
    "seconds": [0.001, 1, 3600.0],
    "endless": [0, 0.0, 5, math.inf],
    "optional": [None, 0, 5, math.inf],
}
RULES = {
    "count": "must be a whole number from 1",
    "seconds": "must be a number of seconds above 0",
    "endless": "must be 0 seconds or more, or math.inf",
    "optional": "must be 0 seconds or more, or math.inf",
}


@pytest.mark.parametrize(("kind", "name", "rule"), FIELDS)
def test_a_setting_within_its_rule_is_kept(kind: type[Any], name: str, rule: str) -> None:
    for value in ACCEPTED[rule]:
        assert getattr(kind(**{name: value}), name) == value


@pytest.mark.parametrize(("kind", "name", "rule"), FIELDS)
def test_a_setting_outside_its_rule_is_a_usage_error_that_names_both(kind: type[Any], name: str, rule: str) -> None:
    for value in REFUSED[rule]:
        with pytest.raises(UsageError, match=f"^{name} {RULES[rule]}, not "):
            kind(**{name: value})


@pytest.mark.parametrize("name", ["stop", "wait"])
def test_strategy_of_tenacity_is_a_function_or_none(name: str) -> None:
    strategies: list[Any] = [None, print, math.sqrt]
    for value in strategies:
        assert getattr(RetryPolicy(**{name: value}), name) is value
    with pytest.raises(UsageError, match=f"^{name} must be a function or None, not 5$"):
        RetryPolicy(**{name: 5})  # type: ignore[arg-type] # the mistake under test


@pytest.mark.parametrize("kind", [Timeouts, RetryPolicy, RateLimitPolicy])
def test_settings_are_frozen_values(kind: type[Any]) -> None:
    assert kind() == kind()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(kind(), attrs.fields(kind)[0].name, 1)


def test_a_changed_copy_is_checked_too() -> None:
    with pytest.raises(UsageError, match=r"^attempts "):
        attrs.evolve(RetryPolicy(), attempts=0)
