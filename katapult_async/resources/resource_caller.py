"""What resources need of the client's `Caller`, without the packages that it loads."""

from typing import TYPE_CHECKING, Protocol, TypeVar

from katapult_async.core.endpoints import Pagination, Request
from katapult_async.errors import KatapultError
from katapult_async.options import CallOptions, CallScope

if TYPE_CHECKING:
    from katapult_async.batch import ExpectsRequests

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Result(Protocol[T_co]):
    """The decoded response to a request."""

    @property
    def value(self) -> T_co:
        """What the operation returned."""
        ...

    @property
    def pagination(self) -> Pagination:
        """The object beside a list; empty where there is none."""
        ...


class ResourceCaller(Protocol):
    """Makes the requests of resources, with rate limit, retries and deadlines."""

    async def call(
        self, request: Request[T], *, max_wait: float | None = None, timeout: float | None = None
    ) -> Result[T]:
        """Return the decoded response to a request."""
        ...

    def time(self) -> float:
        """Return the present time, on the clock of the event loop."""
        ...

    def scope(self, options: CallOptions) -> CallScope:
        """Return a block whose calls together have the limits of one call with these options."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait between two requests; closing the client ends the wait."""

    def is_passing(self, error: KatapultError) -> bool:
        """Return whether the same request could succeed later."""
        ...

    def printable(self, text: str) -> str:
        """Return a text of the server made safe for an error."""
        ...

    def limiter(self) -> "ExpectsRequests":
        """Return the rate limiter for a batch."""
        ...
