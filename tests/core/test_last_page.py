"""The number of the last page, which decides whether another page follows."""

import math

import pytest
from hypothesis import given, strategies as st

from katapult_async.core.endpoints import Pagination
from katapult_async.core.pagination import PER_PAGE, last_page

UNCOUNTED = Pagination(current_page=1, total_pages=None, total=None, per_page=200, large_set=True)


def counted(total: int, *, per_page: int = 200) -> Pagination:
    return Pagination(
        current_page=1, total_pages=math.ceil(total / per_page), total=total, per_page=per_page, large_set=False
    )


@pytest.mark.parametrize(
    ("claim", "pagination", "page", "received", "another_follows"),
    [
        ("an empty list has one page", counted(0), 1, 0, False),
        ("a short page is the last", counted(12), 1, 12, False),
        ("a short page is followed by the next if the number of pages says so", counted(900), 1, 12, True),
        ("the number of pages decides if the page size is unknown", Pagination(total_pages=3), 1, 2, True),
        ("a full page is the last if the number of pages says so", counted(200), 1, 200, False),
        ("a full page is followed by the next", counted(201), 1, 200, True),
        ("a full page beyond the number of pages is the last", counted(400), 3, 200, False),
        ("a large set goes on after a full page", UNCOUNTED, 7, 200, True),
        ("a large set ends with a short page", UNCOUNTED, 8, 199, False),
        ("a large set ends with an empty page", UNCOUNTED, 8, 0, False),
        ("without any pagination a full page is followed by the next", Pagination(), 1, 200, True),
        ("without any pagination a short page is the last", Pagination(), 1, 199, False),
        ("if the page size is unknown, pages follow until the total is reached", Pagination(total=60), 1, 30, True),
        (
            "if the page size is unknown, the page that reaches the total is the last",
            Pagination(total=60),
            2,
            30,
            False,
        ),
        ("if the page size is known, a short page is the last", Pagination(total=60, per_page=200), 1, 30, False),
        ("an empty page is the last whatever the total is", Pagination(total=60), 3, 0, False),
        ("a smaller page size of the server is used", counted(90, per_page=30), 1, 30, True),
        ("a larger page size of the server is ignored", Pagination(per_page=500), 1, 200, True),
        ("a number of pages of 0 is ignored after a full page", Pagination(total_pages=0), 1, 200, True),
        ("a page size of 0 is ignored after a full page", Pagination(per_page=0), 1, 200, True),
        ("an empty page is followed by the next if the number of pages says so", Pagination(total_pages=9), 1, 0, True),
        ("an empty page is the last if nothing is counted", Pagination(per_page=0), 1, 0, False),
        ("a negative page size is ignored after an empty page", Pagination(per_page=-1), 1, 0, False),
    ],
)
def test_pagination_and_size_of_a_page_decide_whether_another_follows(
    claim: str, pagination: Pagination, page: int, received: int, *, another_follows: bool
) -> None:
    last = last_page(pagination, page=page, per_page=PER_PAGE, received=received, expected=math.inf)
    assert (page < last) == another_follows, claim


@given(total=st.integers(0, 2000), known=st.booleans(), page_size=st.integers(1, PER_PAGE))
def test_following_the_pages_reaches_every_object_once_and_ends(*, total: int, known: bool, page_size: int) -> None:
    page = objects = 0
    last = math.inf
    while page < last:
        page += 1
        received = max(0, min(page_size, total - (page - 1) * page_size))
        pages = math.ceil(total / page_size) if known else None
        objects += received
        shown = Pagination(total_pages=pages, per_page=page_size)
        last = last_page(shown, page=page, per_page=PER_PAGE, received=received, expected=last)
    assert objects == total
    assert page <= total // page_size + 1
