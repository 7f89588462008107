"""Listing: one page of a list, with what says where it stands."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Page
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

T = TypeVar("T")


def paginated(store: Store, page: Page, *, key: str, things: Sequence[T], render: Callable[[T], JSON]) -> JSON:
    """Return the answer of an operation that lists in pages.

    Args:
        store: says whether totals are told.
        page: which part of the list.
        key: the name of the list in the answer.
        things: the whole list.
        render: makes the JSON of one of the things.
    """
    first = (page.number - 1) * page.size
    return {
        "pagination": serializers.pagination(page, total=len(things), large_set=store.large_sets),
        key: [render(thing) for thing in things[first : first + page.size]],
    }
