"""What one response reports about the rate limit, even if its headers are malformed."""

from typing import Any

import pytest
from hypothesis import given, strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from katapult_async.errors import Problem, RateLimitReachedError
from katapult_async.rate_limit.headers import RateLimitHeaders

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


@given(st.dictionaries(st.sampled_from(["X-Ratelimit-Permitted", "X-Ratelimit-Remaining", "Date"]), st.text()))
def test_any_text_in_a_header_is_read_without_an_error(headers: dict[str, str]) -> None:
    read = RateLimitHeaders.read(headers)
    assert read.remaining is None or read.remaining >= 0
