"""Pagination: a list is requested page by page, and iterated object by object or awaited as a whole."""

import asyncio
import math
import typing
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any, Final, TypeVar

from katapult_async.core import lazy_classes
from katapult_async.core.endpoints import Pagination, Request
from katapult_async.errors import BadRequestError, raises_usage_error
from katapult_async.options import CallOptions

T = TypeVar("T")

PER_PAGE: Final = 200
"""Objects of a page. It is the largest size that Katapult documents, and the ``per_page`` of 52 recorded
responses."""

_DEFAULT_PER_PAGE: Final = 30
"""Objects of a page of an endpoint that allows fewer: Katapult's default."""

_MAX_EMPTY_PAGES: Final = 50  # in a row: more show that the server's number of pages is wrong

_PAGE_IGNORED: Final = "the server ignores the argument page"


class Pages(Coroutine[object, Any, list[T]]):
    """All objects of a list. Iterate over it to get one after the other, or await it to get all of them.

    ::

        async for tag in katapult.tags.list(organization="org_1"): ...
        tags = await katapult.tags.list(organization="org_1")

    Each page is one request for up to 200 objects (30 if Katapult refuses so many), sent when the iteration reaches it.
    The options ``max_wait`` and ``timeout`` bound each page of an iteration, and an awaited list as a whole. Awaiting
    returns the whole list, or raises the error of the page that failed. Iterating or awaiting again sends the requests
    again. A list can also be a task: ``tasks.create_task(katapult.tags.list(...))``. Katapult does not
    document the order of lists.

    Katapult counts pages by the position of objects. When an object of an earlier page is deleted between two requests,
    the others move up, and the first object of the next page is missed. When an object is added to an earlier page, the
    last object of the current page is returned twice. No response shows either, so list again where each object
    matters. A list that fits into one page has no such gap.

    Raises:
        BadResponseError: the server ignores the number of the page; it would send the same objects again and again.
    """

    def __init__(self, caller: "lazy_classes.Caller", request: Request[list[T]], options: CallOptions) -> None:
        self._caller = caller
        self._request = request
        self._options = options
        self._running: dict[object, Coroutine[object, Any, list[T]]] = {}
        """The coroutine that awaits all objects, for each task that runs one."""

    def __aiter__(self) -> "PageIterator[T]":
        return PageIterator(self._caller, self._request, self._options)

    def __await__(self) -> Generator[Any, None, list[T]]:
        return self._all().__await__()

    async def _all(self) -> list[T]:
        with self._caller.shared_limits(self._options):
            return [item async for item in PageIterator(self._caller, self._request, CallOptions())]

    # A task takes coroutines only: ``tasks.create_task(katapult.tags.list(...))``. It calls the methods below.

    def send(self, value: Any, /) -> object:
        """Continue the coroutine that awaits all objects."""
        return self._advance(lambda running: running.send(value))

    def throw(self, *exception: Any) -> object:
        """Raise an exception, such as a cancellation, in the coroutine that awaits all objects."""
        try:
            return self._advance(lambda running: running.throw(*exception))
        finally:
            exception = ()  # its traceback refers to this frame

    def close(self) -> None:
        """End the coroutines that await all objects: one for each task that has begun to await them."""
        while self._running:
            self._running.popitem()[1].close()

    def _advance(self, step: Callable[[Coroutine[object, Any, list[T]]], object]) -> object:
        """Take one step in the coroutine of the current task, and keep the coroutine if the step did not end it."""
        running = self._running.pop(asyncio.current_task(), None) or self._all()
        result = step(running)  # raises StopIteration, or an error, if it ends the coroutine
        self._running[asyncio.current_task()] = running
        return result

    if not typing.TYPE_CHECKING:  # type checkers find these mistakes themselves
        __iter__ = raises_usage_error(
            "a list of Katapult objects is iterated with `async for`, or awaited: await katapult.zones.list()"
        )
        __len__ = __getitem__ = raises_usage_error(
            "a list of Katapult objects has to be awaited first: zones = await katapult.zones.list()"
        )

        def __bool__(self) -> bool:
            """Return True, as for every coroutine: the repr of a task tests its coroutine."""
            return True


class PageIterator(AsyncIterator[T]):
    """One iteration over the objects of a list. Several tasks can share it: each object goes to one of them."""

    def __init__(self, caller: "lazy_classes.Caller", request: Request[list[T]], options: CallOptions) -> None:
        self._caller = caller
        self._request = request
        self._options = options
        self._page = 0  # number of the current page
        self._last_page: float = math.inf
        self._per_page = PER_PAGE
        self._empty_pages = 0  # in a row
        self._objects: list[T] = []  # of the current page
        self._left: list[T] = []  # those that were not returned yet, last first
        self._requesting = asyncio.Lock()  # tasks that share an iteration wait for the page that one of them requests

    async def __anext__(self) -> T:
        while not self._left:
            async with self._requesting:
                if not self._left:
                    await self._request_next_page()
        return self._left.pop()

    async def _request_next_page(self) -> None:
        if self._page >= self._last_page:
            raise StopAsyncIteration
        page = self._page + 1
        paginated = self._request.endpoint.paginated
        request = self._request.page(page, per_page=self._per_page) if paginated else self._request
        try:
            result = await self._caller.call(request, contradiction=self._contradiction, **self._options)
        except BadRequestError as error:
            if not paginated or page > 1 or self._per_page == _DEFAULT_PER_PAGE or not _is_page_too_large(error):
                raise
            self._per_page = _DEFAULT_PER_PAGE  # `__anext__` requests the page again
            return
        objects = result.value
        if paginated:
            self._last_page = last_page(
                result.pagination, page=page, per_page=self._per_page, received=len(objects), expected=self._last_page
            )
        else:
            self._last_page = page
        self._page, self._objects, self._left = page, objects, objects[::-1]
        self._empty_pages = 0 if objects else self._empty_pages + 1

    def _contradiction(self, response: "lazy_classes.Decoded[list[T]]") -> str | None:
        """Return how the next page shows that the server ignores its number, or sends no objects; None if it does not.

        A page may have the objects of the page before it only if the server counts the pages and sends the number of
        the requested page.
        """
        objects, pagination, requested = response.value, response.pagination, self._page + 1
        empty_pages = 0 if objects else self._empty_pages + 1
        if empty_pages > _MAX_EMPTY_PAGES:
            return f"the server sent {empty_pages} pages without objects, but counts {pagination.total_pages}"
        if requested == 1 or not objects:
            return None
        if pagination.current_page not in {None, requested}:
            return f"{_PAGE_IGNORED}: it sent page {pagination.current_page} in place of page {requested}"
        counts_pages = None not in {pagination.current_page, pagination.total_pages}
        if counts_pages or _identities(objects) != _identities(self._objects):
            return None
        return f"{_PAGE_IGNORED}: page {requested} has the objects of page {self._page}"


def _identities(objects: list[T]) -> list[object]:
    """Return the ids of objects, or the objects themselves if they have none: other fields change between requests."""
    return [getattr(item, "id", item) for item in objects]


def _is_page_too_large(error: BadRequestError) -> bool:
    """Return whether an endpoint does not allow as many objects in a page as were requested."""
    path = error.detail.get("path") if isinstance(error.detail, dict) else None
    return error.code == "invalid_argument" and path == ["per_page"]


def last_page(pagination: Pagination, *, page: int, per_page: int, received: int, expected: float) -> float:
    """Return the number of the last page, as a response shows it; infinite if that is not known yet.

    If Katapult did not count the pages, the first page that is not full is the last. If a response does not say how
    many objects a full page has, the total shows whether objects are left. An empty page cannot raise the number: so
    the iteration ends even if the server counts more and more pages and sends no objects.

    Args:
        pagination: the object beside the list.
        page: number of the page that was requested.
        per_page: number of objects that were requested.
        received: number of objects in the page.
        expected: number of the last page, as the response before showed it; infinite before the first.
    """
    if pagination.total_pages:
        return pagination.total_pages if received else min(pagination.total_pages, expected)
    is_full = received >= max(1, min(pagination.per_page or per_page, per_page))
    total_shows_more = pagination.per_page is None and 0 < page * received < (pagination.total or 0)
    return math.inf if is_full or total_shows_more else page
