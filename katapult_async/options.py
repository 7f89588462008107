"""Options of a call: what every method takes, and the priority and limits that a batch gives to its calls."""

import contextvars
import enum
import math
from collections.abc import Callable
from types import TracebackType
from typing import TypedDict

import attrs

from katapult_async.config import check_seconds

__all__ = ["CallLimits", "CallOptions", "CallScope", "Priority", "scoped_limits"]


class CallOptions(TypedDict, total=False):
    """Options that every method of a resource takes, as keyword arguments."""

    max_wait: float | None
    """Seconds that the call may wait for the rate limit. None, or left out: `RateLimitPolicy.max_wait`; inside a
    batch, the batch's ``max_wait``."""

    timeout: float | None
    """Seconds for the whole call, with all attempts and the waits between them. None, or left out: `Timeouts.call`;
    inside a batch, the batch's ``timeout``."""


class Priority(enum.IntEnum):
    """The order in which waiting calls are sent: lower numbers first."""

    FOREGROUND = 0
    """A call that is awaited on its own, such as one made for a web request."""

    BATCH = 1
    """One of many calls of a batch; none of them is urgent."""


def _check_seconds(_: object, field: "attrs.Attribute[float]", value: object) -> None:
    check_seconds(field.name, value)


@attrs.frozen(kw_only=True)
class CallLimits:
    """Priority and limits of the calls inside a batch. Without arguments they are those of a batch: no limits."""

    priority: Priority = Priority.BATCH
    """Batch calls let foreground calls go first."""

    max_wait: float = attrs.field(default=math.inf, validator=_check_seconds)
    """Seconds that each call may wait for the rate limit."""

    timeout: float = attrs.field(default=math.inf, validator=_check_seconds)
    """Seconds for each call as a whole."""

    fresh_connection: bool = False
    """Whether requests must not go over a connection that was used before."""

    on_stuck: Callable[[], None] | None = None
    """Called when a call keeps failing and no other call shows whether its endpoint works."""


class CallScope:
    """A block in which calls get the limits of a batch, also calls of tasks that are started inside it.

    A task inherits the scope of the code that starts it, and may outlive the block (a worker that an application
    starts lazily, say). When the block ends, the limits end for such a task too: its later calls are ordinary ones.
    """

    __slots__ = ("_token", "limits")

    def __init__(self, limits: CallLimits) -> None:
        self.limits: CallLimits | None = limits
        self._token: contextvars.Token[CallScope | None] | None = None

    def __enter__(self) -> None:
        self._token = _SCOPE.set(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.limits = None
        if self._token is not None:
            _SCOPE.reset(self._token)


_SCOPE: contextvars.ContextVar[CallScope | None] = contextvars.ContextVar("katapult_async_scope", default=None)


def scoped_limits() -> CallLimits | None:
    """Return the limits of the batch item that is being worked on; None outside of one, or after it has ended."""
    scope = _SCOPE.get()
    return None if scope is None else scope.limits
