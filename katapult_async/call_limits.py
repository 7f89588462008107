"""The limits of calls: their priority, and how long they may take and wait. The calls of a block can share them.

The calls of a batch's item share the limits of the batch; the calls of a method that makes several requests share those
of its options.
"""

import contextvars
import enum
import math
from collections.abc import Callable
from typing import Final, Self

import attrs

from katapult_async.config import seconds_or_inf


class Priority(enum.IntEnum):
    """The order in which waiting calls are sent: lower numbers first."""

    SINGLE = 0
    """A call that is awaited on its own, such as one made for a web request."""

    BATCH = 1
    """One of many calls of a batch; none of them is urgent."""


SINGLE: Final = Priority.SINGLE
BATCH: Final = Priority.BATCH
"""The members of `Priority`: Python 3.11 takes 20 times as long to find them in the class."""


@attrs.frozen(kw_only=True)
class CallLimits:
    """Priority and limits of a call, or of all calls of a block. The defaults are those of a batch: no limits."""

    priority: Priority = BATCH
    """Batch calls let single calls go first."""

    max_wait: float = attrs.field(default=math.inf, validator=seconds_or_inf)
    """Seconds that the calls may wait for the rate limit, all together."""

    timeout: float = attrs.field(default=math.inf, validator=seconds_or_inf)
    """Seconds for the calls, all together."""

    fresh_connection: bool = False
    """Whether requests must not go over a connection that was used before."""

    batch: object = attrs.field(default=None, eq=False, repr=False)
    """A key of the batch, by which the rate limiter counts its requests."""

    on_stuck: Callable[[], bool] | None = None
    """Called when a call keeps failing and no other call shows whether its endpoint works. It starts work on another
    item, and returns False if the batch takes no further item."""


_NO_LIMITS: Final = CallLimits()


@attrs.define(eq=False)
class SharedLimits:
    """The limits that the calls of a block of code share: of a batch's item, or of a method of several requests.

    The limits are those of the whole block: its deadline counts from its beginning, and ``max_wait`` bounds the time in
    which any of its calls waits for the rate limit. A block inside another has the limits of both.

    Tasks that the block starts have its limits too. Some run on after the block, such as a worker that an application
    starts when it first needs one. When the block ends, such a task has the limits of the block around it, if any.
    """

    limits: CallLimits
    """Priority and limits of the calls."""

    timeout: float = math.inf
    """Seconds for the block, or for the block around it if that ends earlier."""

    ends_at: float = math.inf
    """Deadline on the event loop's clock."""

    ended: bool = False
    """Whether the block has ended."""

    outer: "SharedLimits | None" = None
    """The block around it."""

    _waited: float = 0.0  # seconds in which any call waited for the rate limit, until `_counted_at`
    _counted_at: float = 0.0
    _waiting: int = 0  # calls that wait for the rate limit

    def __enter__(self) -> Self:
        self.outer, self.timeout = current_shared_limits(), self.limits.timeout
        if self.timeout < math.inf:
            import asyncio  # noqa: PLC0415 # slow to import, and the command's help does not need it

            self.ends_at = asyncio.get_running_loop().time() + self.timeout
        if self.outer is not None and self.outer.ends_at < self.ends_at:
            self.ends_at, self.timeout = self.outer.ends_at, self.outer.timeout
        _CURRENT.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        # Timers and connections keep contexts that refer to this object, but must not keep a batch in memory.
        self.limits = _NO_LIMITS

    def wait_left(self, now: float) -> float:
        """Return the seconds that calls may still wait for the rate limit."""
        left = self.limits.max_wait - self._waited - (now - self._counted_at if self._waiting else 0.0)
        return left if self.outer is None else min(left, self.outer.wait_left(now))

    def count_waiting(self, now: float, change: int) -> None:
        """Record that a call begins to wait for the rate limit (1), or that its wait has ended (-1)."""
        if self._waiting:
            self._waited += now - self._counted_at
        self._counted_at = now
        self._waiting += change
        if self.outer is not None:
            self.outer.count_waiting(now, change)


_CURRENT: contextvars.ContextVar[SharedLimits | None] = contextvars.ContextVar("katapult_async_limits", default=None)


def current_shared_limits() -> SharedLimits | None:
    """Return the shared limits of the innermost block that has not ended; None outside of one."""
    shared = _CURRENT.get()
    while shared is not None and shared.ended:
        shared = shared.outer
    return shared


def current_limits() -> CallLimits | None:
    """Return priority and limits of the innermost block that has not ended; None outside of one."""
    shared = current_shared_limits()
    return None if shared is None else shared.limits
