"""The limiters of an event loop: one for each origin, token and window, shared by all clients of a token."""

import asyncio
import math
import weakref
from collections.abc import Callable
from typing import Final

from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.status import WaitNotice

_LIMITERS: Final = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str, float], RateLimiter]]()
"""The limiters of each event loop, by origin, token and window. Katapult counts by token, so all clients of a token
share one."""

_PRUNE_EVERY: Final = 64
"""At each multiple of this number of limiters, the idle ones are dropped; see `RateLimiter.is_idle`."""


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
        self._used: dict[str, RateLimiter] = {}  # by token

    def of(self, token: str, loop: asyncio.AbstractEventLoop) -> RateLimiter:
        """Return the limiter of a token: that of another client of the token, or a new one."""
        if token not in self._used:
            if len(self._used) % _PRUNE_EVERY == 0:
                for idle in [used for used, limiter in self._used.items() if limiter.is_idle]:
                    self._used.pop(idle).listeners.remove(self._on_wait)
            self._used[token] = self._shared_limiter(token, loop)
            self._used[token].listeners.append(self._on_wait)
        return self._used[token]

    def forget(self) -> None:
        """Drop all limiters, and listen to none of them any longer."""
        while self._used:
            self._used.popitem()[1].listeners.remove(self._on_wait)

    def _shared_limiter(self, token: str, loop: asyncio.AbstractEventLoop) -> RateLimiter:
        limiters = _LIMITERS.setdefault(loop, {})
        key = (self._origin, token, self._policy.window)
        if key not in limiters:
            if len(limiters) % _PRUNE_EVERY == 0:
                # The only listener of a limiter that no client uses is the log.
                for unused in [other for other, old in limiters.items() if old.is_idle and len(old.listeners) == 1]:
                    del limiters[unused]
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
