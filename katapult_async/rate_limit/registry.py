"""The limiters of an event loop: one for each origin, token and window, shared by all clients of a token."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Final

from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.status import RateLimitPause

_Key = tuple[str, str, float]

_OF_LOOP: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, RateLimiter]]] = (
    weakref.WeakKeyDictionary()
)
"""Katapult counts by token, so its clients wait together. Two loops are to each other what two processes are."""

_MOST: Final = 64
"""Limiters that are remembered. With more tokens than that, those at rest are forgotten: it costs a refusal at most."""


class RateLimiterRegistry:
    """The limiters that one client uses, and listens to."""

    def __init__(
        self,
        *,
        origin: str,
        policy: RateLimitPolicy,
        on_shut: Callable[[RateLimitPause], None],
        on_wait: Callable[[RateLimitPause], None] | None,
    ) -> None:
        self._origin = origin
        self._policy = policy
        self._on_shut = on_shut
        self._on_wait = on_wait
        self._known: dict[str, RateLimiter] = {}
        self._unsubscribe: list[Callable[[], None]] = []

    def of(self, token: str, loop: asyncio.AbstractEventLoop) -> RateLimiter:
        """Return the limiter of a token."""
        limiter = self._known.get(token)
        if limiter is None:
            if len(self._known) >= _MOST:
                self.forget()
            limiter = self._known[token] = self._shared(token, _OF_LOOP.setdefault(loop, {}))
            if self._on_wait is not None:
                self._unsubscribe.append(limiter.subscribe(self._on_wait))
        return limiter

    def forget(self) -> None:
        """Use and listen to none any more."""
        self._known.clear()
        while self._unsubscribe:
            self._unsubscribe.pop()()

    def _shared(self, token: str, limiters: dict[_Key, RateLimiter]) -> RateLimiter:
        key = (self._origin, token, self._policy.window)
        if key not in limiters:
            if len(limiters) >= _MOST:
                for resting in [each for each, limiter in limiters.items() if limiter.rests]:
                    del limiters[resting]
            limiters[key] = RateLimiter(self._policy, on_shut=self._on_shut)
        return limiters[key]
