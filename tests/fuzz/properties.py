"""A property, and how it is checked with random input."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from hypothesis import HealthCheck, given, seed as with_seed, settings, strategies as st


@attrs.frozen
class Property:
    """A claim that holds for all input of a kind."""

    claim: str
    """The claim, which names the test."""

    inputs: st.SearchStrategy[Any]
    """Random input."""

    check: Callable[[Any], None]
    """Raises an exception if the claim does not hold for an input."""

    clean_up: Callable[[], object] = lambda: None
    """Called after each run, to free memory that grows with each input."""


def check(tested: Property, *, examples: int, seed: int | None = None) -> None:
    """Check a property with random input; hypothesis shrinks the first input that contradicts it.

    Args:
        tested: the property.
        examples: how many inputs.
        seed: seed of the inputs; None lets hypothesis choose, which first repeats the inputs that failed before.
    """

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tested.inputs)
    def holds(value: object) -> None:
        tested.check(value)

    run = holds if seed is None else with_seed(seed)(holds)
    run()
    tested.clean_up()


def check_for(seconds: float, properties: Sequence[Property], *, examples: int = 200, seed: int | None = None) -> int:
    """Check properties in rotation until the time is over, and return how many inputs there were.

    Args:
        seconds: the time.
        properties: what to check.
        examples: inputs of a property before the next property.
        seed: seed of the inputs; None for other inputs in each run.
    """
    seeds = random.Random(seed)
    ends_at = time.monotonic() + seconds
    inputs = 0
    while time.monotonic() < ends_at:
        for tested in properties:
            if inputs and time.monotonic() > ends_at:
                break
            check(tested, examples=examples, seed=seeds.getrandbits(64))
            inputs += examples
    return inputs
