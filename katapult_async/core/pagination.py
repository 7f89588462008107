"""The pagination object of a response, and the number of the next page. `resources.pages` requests the pages."""

import attrs

PER_PAGE = 200  # the largest page that Katapult gives: 52 recorded responses repeat it


@attrs.frozen(kw_only=True)
class Pagination:
    """The object beside every paginated list. Each field may be missing or null."""

    current_page: int | None = None
    """The page, counted from 1."""

    total_pages: int | None = None
    """How many pages there are; null for a large set."""

    total: int | None = None
    """How many objects there are; null for a large set."""

    per_page: int | None = None
    """How many objects a full page has."""

    large_set: bool | None = None
    """Whether the set is too large for Katapult to count it."""


def next_page(pagination: Pagination, *, page: int, received: int, per_page: int = PER_PAGE) -> int | None:
    """Return the number of the page after this one, or None after the last.

    An empty page is always the last, so that the iteration ends even if objects are deleted meanwhile. Otherwise the
    number of pages decides. If Katapult did not count the pages, the first page that is not full is the last.

    Args:
        pagination: the object beside the list.
        page: number of the page that was requested.
        received: number of its objects.
        per_page: number of objects that were requested.
    """
    if not received:
        return None
    if pagination.total_pages is not None:
        return page + 1 if page < pagination.total_pages else None
    return page + 1 if received >= min(pagination.per_page or per_page, per_page) else None
