"""A property, and how it is checked with random input."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from hypothesis import HealthCheck, given, seed, settings, strategies as st


@attrs.frozen
class Property:
    """A claim that holds for all input of a kind."""

    claim: str
    """The claim, as a test's name."""

    inputs: st.SearchStrategy[Any]
    """Random input."""

    check: Callable[[Any], None]
    """Raises where the claim does not hold for an input."""

    clear_caches: Callable[[], None] = lambda: None
    """Called between runs, to empty caches that would grow with each input."""


def check(claim: Property, *, examples: int, number: int | None = None) -> None:
    """Check a property with random input; hypothesis shrinks the first input that contradicts it.

    Args:
        claim: the property.
        examples: how many inputs.
        number: seed of the randomness; None for hypothesis's own way, which remembers failures.
    """

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(claim.inputs)
    def holds(value: object) -> None:
        claim.check(value)

    (holds if number is None else seed(number)(holds))()
    claim.clear_caches()


def check_for(seconds: float, properties: Sequence[Property], *, examples: int = 200, number: int | None = None) -> int:
    """Check properties in rotation until the time is over, and return how many inputs there were.

    Args:
        seconds: the time.
        properties: what to check.
        examples: inputs of a property before the next property.
        number: seed of the randomness; None for other inputs in each run.
    """
    numbers = random.Random(number)
    ends_at = time.monotonic() + seconds
    inputs = 0
    while time.monotonic() < ends_at:
        for claim in properties:
            if inputs and time.monotonic() > ends_at:
                break
            check(claim, examples=examples, number=numbers.getrandbits(64))
            inputs += examples
    return inputs
