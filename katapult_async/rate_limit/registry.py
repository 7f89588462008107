"""The gates of an event loop: one for each origin, token and window, shared by all clients of a token."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Final

from katapult_async.config import RateLimitPolicy
from katapult_async.rate_limit.limiter import Gate
from katapult_async.rate_limit.status import Pause
from katapult_async.secret import Secret

_Key = tuple[str, str, float]

_OF_LOOP: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, Gate]]] = weakref.WeakKeyDictionary()
"""Katapult counts by token, so its clients wait together. Two loops are to each other what two processes are."""

_MOST: Final = 64
"""Gates that are remembered. With more tokens than that, those at rest are forgotten: it costs a refusal at most."""


class Gates:
    """The gates that one client uses, and listens to."""

    def __init__(
        self,
        *,
        origin: str,
        policy: RateLimitPolicy,
        on_shut: Callable[[Pause], None],
        on_wait: Callable[[Pause], None] | None,
    ) -> None:
        self._origin = origin
        self._policy = policy
        self._on_shut = on_shut
        self._on_wait = on_wait
        self._known: dict[str, Gate] = {}
        self._unsubscribe: list[Callable[[], None]] = []

    def of(self, token: Secret, loop: asyncio.AbstractEventLoop) -> Gate:
        """Return the gate of a token."""
        gate = self._known.get(token)
        if gate is None:
            if len(self._known) >= _MOST:
                self.forget()
            gate = self._known[token] = self._shared(token, _OF_LOOP.setdefault(loop, {}))
            if self._on_wait is not None:
                self._unsubscribe.append(gate.subscribe(self._on_wait))
        return gate

    def forget(self) -> None:
        """Use and listen to none any more."""
        self._known.clear()
        while self._unsubscribe:
            self._unsubscribe.pop()()

    def _shared(self, token: Secret, gates: dict[_Key, Gate]) -> Gate:
        key = (self._origin, token, self._policy.window)
        if key not in gates:
            if len(gates) >= _MOST:
                for resting in [each for each, gate in gates.items() if gate.rests]:
                    del gates[resting]
            gates[key] = Gate(self._policy, on_shut=self._on_shut)
        return gates[key]
