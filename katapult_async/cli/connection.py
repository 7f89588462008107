"""Which server a command asks, and how patiently: the API that the environment names, or a sandbox in this process."""

import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Final

import attrs

from katapult_async._caller import RetryNotice
from katapult_async.cli.terminal import say
from katapult_async.client import _TOKEN_VARIABLES, KatapultClient
from katapult_async.config import RateLimitPolicy, RetryPolicy
from katapult_async.errors import UsageError
from katapult_async.sandbox import Sandbox
from katapult_async.sansio.window import Pause

_WINDOW: Final = 60.0  # seconds: Katapult's
_SANDBOX_WINDOW: Final = 5.0  # seconds: nobody wants to watch a demonstration wait for a minute
_SANDBOX_MACHINES: Final = 60
_SANDBOX_INTERFACES: Final = 100

_SILENCE: Final = 2.0  # seconds that need no explanation


@attrs.frozen(kw_only=True)
class Connection:
    """The options that every command has which asks a server."""

    window: float | None = None
    """Seconds of the server's rate-limit window; None for what is usual there."""

    patience: float | None = None
    """Seconds to wait for the end of an outage; None for what the client does."""

    sandboxed: bool = False
    """Whether to ask a sandbox in this process."""

    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)
    """Where token and URL come from otherwise."""

    @contextlib.asynccontextmanager
    async def client(
        self, *, on_retry: Callable[[RetryNotice], object], silent: bool
    ) -> AsyncGenerator[KatapultClient]:
        """Open a client.

        Args:
            on_retry: called before a call tries again.
            silent: whether waits for the rate limit go without a line, for a progress bar tells them.
        """
        window = self.window or (_SANDBOX_WINDOW if self.sandboxed else _WINDOW)
        policy = RateLimitPolicy(window=window)
        retry = RetryPolicy() if self.patience is None else RetryPolicy(outage_patience=self.patience)
        on_wait = None if silent else _say_pause
        async with contextlib.AsyncExitStack() as stack:
            if self.sandboxed:
                sandbox = Sandbox(machines=_SANDBOX_MACHINES, interfaces=_SANDBOX_INTERFACES, window=window)
                await stack.enter_async_context(sandbox)
                say(
                    f"sandbox: {_SANDBOX_MACHINES} made-up machines in this process, 1000 requests in each window of"
                    f" {window:g} s (Katapult's has {_WINDOW:g} s)"
                )
                katapult = KatapultClient(
                    sandbox.token,
                    base_url=sandbox.base_url,
                    retry=retry,
                    rate_limit=policy,
                    on_wait=on_wait,
                    on_retry=on_retry,
                )
            else:
                if not any(self.environ.get(name, "").strip() for name in _TOKEN_VARIABLES):
                    raise UsageError(f"no token: set {' or '.join(_TOKEN_VARIABLES)}, or add --token-file or --sandbox")
                katapult = KatapultClient.from_env(
                    environ=self.environ, retry=retry, rate_limit=policy, on_wait=on_wait, on_retry=on_retry
                )
            yield await stack.enter_async_context(katapult)


def _say_pause(pause: Pause) -> None:
    """Tell a log file why nothing happens for a while."""
    if pause.seconds >= _SILENCE:
        say(f"the rate limit is {pause.reason}: {pause.queued} queries wait {pause.seconds:.0f} s for the next window")
