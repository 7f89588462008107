"""Pagination: one page of a list. ``Arguments.page`` reads which page a request asks for."""

import math
from collections.abc import Sequence
from typing import Any

import attrs


@attrs.frozen
class Page:
    """The requested page of a list."""

    number: int
    """Number of the page, from 1."""
    size: int
    """Rows per page."""

    def rows(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the rows of the list that are on the page."""
        return rows[(self.number - 1) * self.size : self.number * self.size]

    def pagination(self, *, total: int, large_set: bool) -> dict[str, Any]:
        """Return the ``pagination`` of a response.

        Args:
            total: number of rows of the list.
            large_set: whether the response omits the totals: see `Sandbox`.
        """
        return {
            "current_page": self.number,
            "total_pages": None if large_set else math.ceil(total / self.size),
            "total": None if large_set else total,
            "per_page": self.size,
            "large_set": large_set,
        }
