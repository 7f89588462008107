"""What one response reports about the rate limit, even if its headers are malformed."""

from typing import Any

import pytest
from hypothesis import given, strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from katapult_async.errors import Problem, RateLimitReachedError
from katapult_async.rate_limit.headers import RateLimitHeaders, retry_after

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def test_response_is_read_whatever_the_case_of_its_headers() -> None:
    headers = CIMultiDict({"x-ratelimit-permitted": "1000", "X-RATELIMIT-REMAINING": "0", "date": DATE})
    assert RateLimitHeaders.read(CIMultiDictProxy(headers)) == RateLimitHeaders(1000, 0, 1_767_225_600.0)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.5", "1e3", " 7", "1_000", "\u0663", "9" * 10, "9" * 10_000, "many"]
)
def test_malformed_headers_are_none(text: str) -> None:
    headers = {"X-Ratelimit-Permitted": text, "X-Ratelimit-Remaining": text, "Date": text}
    assert RateLimitHeaders.read(headers) == RateLimitHeaders()


def refusal(*, total: int | None = None, **facts: Any) -> RateLimitReachedError:
    """Return the error of a 429 whose detail has a number of permitted requests."""
    problem = Problem(method="GET", path="/x", description="no", status=429, detail={"total_permitted": total}, **facts)
    return RateLimitReachedError(problem)


def test_permitted_of_0_is_not_a_budget() -> None:
    headers = {"X-Ratelimit-Permitted": "0"}
    assert RateLimitHeaders.of_refusal(headers, refusal(total=0, code="x")) == RateLimitHeaders(refused=True)


@pytest.mark.parametrize(("total", "expected"), [(1000, 1000), (-5, None), (10**12, None), (None, None)])
def test_permitted_number_in_the_body_of_a_refusal_is_checked_too(total: int | None, expected: int | None) -> None:
    read = RateLimitHeaders.of_refusal({}, refusal(total=total, code="x"))
    assert read == RateLimitHeaders(refused=True, total_permitted=expected)


def test_refusal_without_a_code_comes_from_a_proxy_and_has_its_retry_after() -> None:
    read = RateLimitHeaders.of_refusal({}, refusal(retry_after=5.0))
    assert read == RateLimitHeaders(refused=True, from_katapult=False, retry_after=5.0)


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("Fri, 01 Mar 2024 10:01:30 GMT", "Fri, 01 Mar 2024 10:01:00 GMT", 30.0),
        ("Fri, 01 Mar 2024 10:00:00 GMT", "Fri, 01 Mar 2024 10:01:00 GMT", 0.0),
        ("Fri, 01 Mar 2024 10:01:30 GMT", None, 30.0),  # counted from when the response was received
        ("Fri, 01 Mar 2024 10:01:30 GMT", "yesterday", 30.0),
        ("Fri, 01 Mar 2024 10:01:30 GMT", "Fri, 01 Mar 2024 10:01:20 GMT", 10.0),
        ("Fri Mar  1 10:01:30 2024", "Fri, 01 Mar 2024 10:01:00 GMT", 30.0),  # the obsolete format has no zone
        ("-5", None, None),
        ("1.5", None, 1.5),
        ("0.0", None, 0.0),
        (".5", None, None),
        ("1.", None, None),
        ("1.5.2", None, None),
        ("1e3", None, None),
        ("soon", None, None),
        ("", None, None),
        ("١٢", None, None),
        ("NaN", None, None),
        ("Fri, 99 Mar 2024 10:01:30 GMT", "Fri, 01 Mar 2024 10:01:00 GMT", None),
        ("9" * 400, None, float("inf")),
    ],
)
def test_retry_after_is_seconds_or_a_date_of_the_servers_clock(
    value: str, date: str | None, seconds: float | None
) -> None:
    headers = {"Retry-After": value} | ({"Date": date} if date else {})
    assert retry_after(headers, received_at=1_709_287_260.0) == seconds  # received on 1 March 2024, 10:01:00 UTC


@given(st.dictionaries(st.sampled_from(["X-Ratelimit-Permitted", "X-Ratelimit-Remaining", "Date"]), st.text()))
def test_any_text_in_a_header_is_read_without_an_error(headers: dict[str, str]) -> None:
    read = RateLimitHeaders.read(headers)
    assert read.remaining is None or read.remaining >= 0
