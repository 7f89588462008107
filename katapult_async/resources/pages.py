"""A list that Katapult gives in pages, as one asynchronous iterable."""

from typing import Generic, Self, TypeVar

from katapult_async.core.caller import Caller
from katapult_async.core.endpoints import Request
from katapult_async.core.pagination import PER_PAGE, next_page

T = TypeVar("T")


class Pages(Generic[T]):
    """All objects of a list, asked for page by page as they are iterated over: ``async for thing in pages``.

    Each page is one request. Breaking off in the middle leaves nothing behind; iterating again asks again. An
    object that comes or goes meanwhile may shift the pages, so that another one is missed or seen twice.
    """

    def __init__(self, caller: Caller, request: Request[list[T]]) -> None:
        self._caller = caller
        self._request = request

    def __aiter__(self) -> "_Walk[T]":
        return _Walk(self._caller, self._request)


class _Walk(Generic[T]):
    def __init__(self, caller: Caller, request: Request[list[T]]) -> None:
        self._caller = caller
        self._request = request
        self._page: int | None = 1
        self._things: list[T] = []  # of the present page, last first

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._things:
            if self._page is None:
                raise StopAsyncIteration
            await self._turn(self._page)
        return self._things.pop()

    async def _turn(self, page: int) -> None:
        paginated = self._request.endpoint.paginated
        request = self._request.page(page, per_page=PER_PAGE) if paginated else self._request
        decoded = await self._caller.call(request, max_wait=None, timeout=None)
        self._things = decoded.value[::-1]
        self._page = next_page(decoded.pagination, page=page, received=len(decoded.value)) if paginated else None
