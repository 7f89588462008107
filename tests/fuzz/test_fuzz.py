"""A short run of every property."""

import pytest
from hypothesis import strategies as st

from .__main__ import AREAS
from .properties import Property, check, check_for

PROPERTIES = {f"{area}: {tested.claim}": tested for area, properties in AREAS.items() for tested in properties}


@pytest.mark.slow
@pytest.mark.filterwarnings("default::ResourceWarning")  # the loop of the area `wire` outlives a test
@pytest.mark.parametrize("name", PROPERTIES)
def test_property_holds_for_random_input(name: str) -> None:
    check(PROPERTIES[name], examples=100)


def test_property_that_does_not_hold_is_reported() -> None:
    def fails_at_5(value: int) -> None:
        assert value < 5

    with pytest.raises(AssertionError):
        check_for(10.0, [Property("integers are below 5", st.integers(), fails_at_5)])
