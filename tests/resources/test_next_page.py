"""The number of the next page."""

import pytest
from hypothesis import given, strategies as st

from katapult_async.core.endpoints import Pagination
from katapult_async.resources.pagination import PER_PAGE, next_page

UNCOUNTED = Pagination(current_page=1, total_pages=None, total=None, per_page=200, large_set=True)


def counted(total: int, *, per_page: int = 200) -> Pagination:
    return Pagination(
        current_page=1, total_pages=-(-total // per_page), total=total, per_page=per_page, large_set=False
    )


@pytest.mark.parametrize(
    ("claim", "pagination", "page", "received", "following"),
    [
        ("an empty list has one page", counted(0), 1, 0, None),
        ("a short page is the last", counted(12), 1, 12, None),
        ("a short page is followed by the next when the total says so", counted(900), 1, 12, 2),
        ("a missing page size decides nothing", Pagination(total_pages=3), 1, 2, 2),
        ("a full page is the last when the total says so", counted(200), 1, 200, None),
        ("a full page is followed by the next", counted(201), 1, 200, 2),
        ("a page beyond the total ends it", counted(400), 3, 200, None),
        ("a large set goes on after a full page", UNCOUNTED, 7, 200, 8),
        ("a large set ends with a short page", UNCOUNTED, 8, 199, None),
        ("a large set ends with an empty page", UNCOUNTED, 8, 0, None),
        ("without any pagination a full page is followed by the next", Pagination(), 1, 200, 2),
        ("without any pagination a short page is the last", Pagination(), 1, 199, None),
        ("a smaller page size of the server counts", counted(90, per_page=30), 1, 30, 2),
        ("a larger page size of the server does not count", counted(900, per_page=500), 1, 200, 2),
        ("a page size of nothing is no size", Pagination(per_page=0), 1, 200, 2),
        ("an empty page is the last in any case", Pagination(per_page=0, total_pages=9), 1, 0, None),
        ("a negative page size cannot keep it going", Pagination(per_page=-1), 1, 0, None),
    ],
)
def test_next_page(claim: str, pagination: Pagination, page: int, received: int, following: int | None) -> None:
    assert next_page(pagination, page=page, received=received) == following, claim


@given(total=st.integers(0, 2000), known=st.booleans(), capped=st.integers(1, PER_PAGE))
def test_following_the_pages_reaches_every_object_once_and_ends(*, total: int, known: bool, capped: int) -> None:
    page: int | None = 1
    met = asked = 0
    while page is not None:
        received = max(0, min(capped, total - (page - 1) * capped))
        pages = -(-total // capped) if known else None
        met, asked = met + received, asked + 1
        page = next_page(Pagination(total_pages=pages, per_page=capped), page=page, received=received)
    assert met == total
    assert asked <= total // capped + 1
