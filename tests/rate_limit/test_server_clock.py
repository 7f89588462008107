"""What responses prove about the server's clock."""

import math
import time

import pytest
from hypothesis import given, strategies as st

from katapult_async.rate_limit.server_clock import ServerClock, unix_seconds


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Thu, 01 Jan 2026 00:00:00 GMT", 1_767_225_600.0),
        ("Thu, 01 Jan 2026 00:00:59 GMT", 1_767_225_659.0),
        ("", None),
        ("soon", None),
        ("Thu, 99 Jan 2026 00:00:00 GMT", None),
        ("Thu, 01 Jan 99999999 00:00:00 GMT", None),
    ],
)
def test_date_is_read_and_a_malformed_one_is_none(date: str, seconds: float | None) -> None:
    assert unix_seconds(date) == seconds


@pytest.mark.parametrize(
    "date",
    ["Thu, 01 Jan 2026 00:00:07 GMT", "Thursday, 01-Jan-26 00:00:07 GMT", "Thu Jan  1 00:00:07 2026"],
    ids=["IMF-fixdate", "RFC 850", "asctime"],
)
def test_date_in_each_format_of_http_is_utc(date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        unix_seconds.cache_clear()
        assert unix_seconds(date) == 1_767_225_607.0
    finally:
        monkeypatch.undo()
        time.tzset()


def test_clock_without_dates_is_unknown() -> None:
    assert not ServerClock().known


@given(
    offset=st.floats(-1e6, 1e6),
    exchanges=st.lists(st.tuples(st.floats(0.0, 30.0), st.floats(0.0, 2.0), st.floats(0.0, 2.0)), min_size=1),
)
def test_true_clock_stays_inside_the_interval(offset: float, exchanges: list[tuple[float, float, float]]) -> None:
    clock, now = ServerClock(), 1000.0
    for pause, out, back in exchanges:
        now += pause
        date = float(math.floor(now + out + offset))
        assert not clock.update(date, now, now + out + back)
        now += out + back
        assert clock.earliest(now) - 1e-6 <= now + offset <= clock.latest(now) + 1e-6
        target = now + offset + 50.0
        assert clock.possibly_at(target) - 1e-6 <= now + 50.0 <= clock.certainly_at(target) + 1e-6


def test_dates_around_a_full_second_narrow_the_interval_to_a_round_trip() -> None:
    clock = ServerClock()
    clock.update(100.0, 0.94, 0.96)
    clock.update(101.0, 1.0, 1.04)
    assert clock.latest(2.0) - clock.earliest(2.0) < 0.11


def test_contradicting_date_restarts_the_clock_from_the_newest_response() -> None:
    clock = ServerClock()
    clock.update(100.0, 0.0, 0.1)
    assert clock.update(130.0, 1.0, 1.1)
    assert 129.9 < clock.earliest(1.1) < 131.1
