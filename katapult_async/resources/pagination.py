"""Pagination: a list is iterated page by page, or awaited as a whole."""

import typing
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any, NoReturn, TypeVar

from katapult_async.core.endpoints import Pagination, Request
from katapult_async.errors import UsageError
from katapult_async.options import CallOptions

if typing.TYPE_CHECKING:  # it loads the packages that only a request needs
    from katapult_async.core.caller import Caller

T = TypeVar("T")

PER_PAGE = 200  # the largest page that Katapult gives: 52 recorded responses repeat it


class Pages(Coroutine[object, Any, list[T]]):
    """All objects of a list. Iterate over it to get them page by page, or await it to get all of them.

    ::

        async for tag in katapult.tags.list(organization="org_1"): ...
        tags = await katapult.tags.list(organization="org_1")

    Each page is one request for up to 200 objects, sent when the iteration reaches it. The options ``max_wait`` and
    ``timeout`` bound each page of an iteration, and an awaited list as a whole. Awaiting returns the whole list, or
    raises the error of the page that failed. Iterating or awaiting again sends the requests again. A list can also be a
    task: ``tasks.create_task(katapult.tags.list(...))``.

    Katapult counts pages by the position of objects. When an object of an earlier page is deleted between two requests,
    the others move up, and the first object of the next page is missed. When an object is added to an earlier page, the
    last object of the present page comes again. No response shows that, so list again where each object matters. A list
    of up to 200 objects is one request, and has no such gap.
    """

    def __init__(self, caller: "Caller", request: Request[list[T]], options: CallOptions) -> None:
        self._caller = caller
        self._request = request
        self._options = options
        self._whole: Coroutine[object, Any, list[T]] | None = None  # awaits all objects, while a task runs it

    def __aiter__(self) -> "PageIterator[T]":
        return PageIterator(self._caller, self._request, self._options)

    def __await__(self) -> Generator[Any, None, list[T]]:
        return self._all().__await__()

    async def _all(self) -> list[T]:
        with self._caller.scope(self._options):
            return [item async for item in PageIterator(self._caller, self._request, CallOptions())]

    # A task takes coroutines only: ``tasks.create_task(katapult.tags.list(...))``. It calls the methods below.

    def send(self, value: Any, /) -> object:
        """Continue the coroutine that awaits all objects."""
        return self._advance(lambda whole: whole.send(value))

    def throw(self, *exception: Any) -> object:
        """Raise an exception, such as a cancellation, in the coroutine that awaits all objects."""
        return self._advance(lambda whole: whole.throw(*exception))

    def close(self) -> None:
        """End the coroutine that awaits all objects."""
        if self._whole is not None:
            self._whole.close()

    def _advance(self, step: Callable[[Coroutine[object, Any, list[T]]], object]) -> object:
        self._whole = self._whole or self._all()
        try:
            return step(self._whole)
        except BaseException:
            self._whole = None  # it has ended
            raise

    if not typing.TYPE_CHECKING:  # type checkers shall refuse these themselves

        def __iter__(self) -> NoReturn:
            """Raise an error that shows the right statement, after a plain ``for``."""
            raise UsageError("a list of Katapult objects is iterated with `async for`, or awaited: await ....list(...)")

        def __len__(self) -> NoReturn:
            """Raise an error that shows the right statement, after ``len(...)``."""
            raise UsageError("a list of Katapult objects has to be awaited first: objects = await ....list(...)")

        def __getitem__(self, index: object) -> NoReturn:
            """Raise the same error after ``[...]``."""
            len(self)

        def __bool__(self) -> bool:
            """Return True, as for every coroutine: the repr of a task tests its coroutine."""
            return True


class PageIterator(AsyncIterator[T]):
    """One iteration over the objects of a list."""

    def __init__(self, caller: "Caller", request: Request[list[T]], options: CallOptions) -> None:
        self._caller = caller
        self._request = request
        self._options = options
        self._page: int | None = 1
        self._items: list[T] = []  # of the present page, last first

    async def __anext__(self) -> T:
        while not self._items:
            if self._page is None:
                raise StopAsyncIteration
            paginated, page = self._request.endpoint.paginated, self._page
            request = self._request.page(page, per_page=PER_PAGE) if paginated else self._request
            result = await self._caller.call(request, **self._options)
            self._items = result.value[::-1]
            self._page = next_page(result.pagination, page=page, received=len(result.value)) if paginated else None
        return self._items.pop()


def next_page(pagination: Pagination, *, page: int, received: int) -> int | None:
    """Return the number of the page after this one, or None after the last.

    An empty page is always the last, so that the iteration ends even if objects are deleted meanwhile. Otherwise the
    number of pages decides. If Katapult did not count the pages, the first page that is not full is the last.

    Args:
        pagination: the object beside the list.
        page: number of the page that was requested.
        received: number of its objects.
    """
    if not received:
        return None
    if pagination.total_pages is not None:
        return page + 1 if page < pagination.total_pages else None
    return page + 1 if received >= min(pagination.per_page or PER_PAGE, PER_PAGE) else None
