"""The limiters of an event loop: one for each origin, token and window, shared by all clients of a token."""

import asyncio
import math
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.status import WaitNotice

_Limiters = OrderedDict[tuple[str, str, float], RateLimiter]

_LIMITERS: Final = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Limiters]()
"""The limiters of each event loop, by origin, token and window. Katapult counts by token, so all clients of a token
share one."""

_MANY: Final = 64
"""While there are at least this many limiters, the two oldest are checked for each new one, and dropped if they are
idle; see `RateLimiter.is_idle`. So a new limiter costs the same, however many there are."""


class RateLimiterRegistry:
    """The limiters that one client uses and listens to.

    Args:
        origin: scheme, host and port of the API.
        policy: settings of a limiter that this client makes.
        log_wait: called for each wait at a limiter that this client has made, so that each wait is logged once.
        on_wait: called for each wait at a limiter that this client uses.
    """

    def __init__(
        self,
        *,
        origin: str,
        policy: RateLimitPolicy,
        log_wait: Callable[[WaitNotice], None],
        on_wait: Callable[[WaitNotice], None],
    ) -> None:
        self._origin = origin
        self._policy = policy
        self._log_wait = log_wait
        self._on_wait = on_wait
        self._used: OrderedDict[str, RateLimiter] = OrderedDict()  # by token

    def of(self, token: str, loop: asyncio.AbstractEventLoop) -> RateLimiter:
        """Return the limiter of a token: that of another client of the token, or a new one."""
        if token not in self._used:
            for _ in range(2 if len(self._used) >= _MANY else 0):
                oldest, limiter = self._used.popitem(last=False)
                if limiter.is_idle:
                    limiter.listeners.remove(self._on_wait)
                else:
                    self._used[oldest] = limiter
            self._used[token] = self._shared_limiter(token, loop)
            self._used[token].listeners.append(self._on_wait)
        return self._used[token]

    def forget(self) -> None:
        """Drop all limiters, and listen to none of them any longer."""
        while self._used:
            self._used.popitem()[1].listeners.remove(self._on_wait)

    def _shared_limiter(self, token: str, loop: asyncio.AbstractEventLoop) -> RateLimiter:
        limiters = _LIMITERS.setdefault(loop, OrderedDict())
        key = (self._origin, token, self._policy.window)
        if key not in limiters:
            for _ in range(2 if len(limiters) >= _MANY else 0):
                oldest, limiter = limiters.popitem(last=False)
                if not limiter.is_idle or len(limiter.listeners) > 1:  # the log is a listener, and so is each client
                    limiters[oldest] = limiter
            limiters[key] = RateLimiter(self._policy, clock=_clock_of(loop))
            limiters[key].listeners.append(self._log_wait)
        return limiters[key]


def _clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """Return the clock of a loop. It holds the loop by a weak reference, so that the limiters end with the loop."""
    reference = weakref.ref(loop)

    def time() -> float:
        existing = reference()
        return math.inf if existing is None else existing.time()

    return time
