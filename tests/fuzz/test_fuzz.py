"""A short run of every property."""

import pytest
from hypothesis import strategies as st

from .__main__ import AREAS
from .properties import Property, check, check_for

CLAIMS = {f"{area}: {claim.claim}": claim for area, claims in AREAS.items() for claim in claims}


@pytest.mark.slow
@pytest.mark.filterwarnings("default::ResourceWarning")  # the loop of the area `wire` outlives a test
@pytest.mark.parametrize("name", CLAIMS)
def test_property_holds_for_random_input(name: str) -> None:
    check(CLAIMS[name], examples=100)


@pytest.mark.slow
def test_without_the_look_at_idle_connections_a_response_of_another_request_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("katapult_async.http.connector._Protocol.has_unread", lambda _: False)
    with pytest.raises((AssertionError, ExceptionGroup)):
        check(CLAIMS["wire: no_foreign_exception_hang_or_answer_of_another_request"], examples=2000, number=1)


def test_a_property_that_does_not_hold_is_reported() -> None:
    def fails_at_5(value: int) -> None:
        assert value < 5

    with pytest.raises(AssertionError):
        check_for(10.0, [Property("integers are below 5", st.integers(), fails_at_5)])
