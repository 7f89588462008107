"""One row of the fault table: what goes wrong, and how the call must end."""

import enum
from collections.abc import Awaitable, Callable

import attrs

from katapult_async import BadResponseReason, KatapultClient, KatapultError
from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.errors import TimeoutPhase

from .server import ConnectionHook, Responder

MAX_ATTEMPTS = 2
"""Attempts that the clients of the fault tests make at most."""

RETRY_POLICY = RetryPolicy(attempts=MAX_ATTEMPTS, refusals=MAX_ATTEMPTS, wait_initial=0.001, wait_max=0.002)
DEFAULT_RATE_LIMIT = RateLimitPolicy()
LONG_TIMEOUTS = Timeouts(connect=5.0, read=5.0, attempt=10.0, call=20.0)
SHORT_TIMEOUTS = Timeouts(connect=10.0, read=1.5, attempt=3.5, call=20.0)
"""For faults that only a timeout ends. Shorter timeouts would also end correct calls on a busy machine: it can
stop a process for half a second."""


class Family(enum.StrEnum):
    """Which part of a call a fault concerns: a section of the table."""

    NETWORK = "network"
    PROTOCOL = "protocol"
    ERRORS = "errors"
    BODIES = "bodies"
    HEADERS = "headers"
    MISUSE = "misuse"


@attrs.frozen(kw_only=True)
class Succeeds:
    """The call returns the correct result."""

    attempts: int = 1


@attrs.frozen(kw_only=True)
class Fails:
    """The call raises an error. A status or code of None is not compared."""

    error: type[KatapultError]
    attempts: int = 1
    phase: TimeoutPhase | None = None
    reason: BadResponseReason | None = None
    status: int | None = None
    code: str | None = None
    text: str = ""
    """A part of the error's text."""


@attrs.frozen
class Fault:
    """A fault of the server or the network, and the outcome that is expected of a call."""

    family: Family
    name: str
    description: str
    """What happens, in a few words for the printed table."""

    responder: Responder
    expected: Succeeds | Fails

    requests: int = attrs.field(kw_only=True)
    """Requests that reach the server while the fault lasts: by default one for each attempt."""

    on_connect: ConnectionHook | None = attrs.field(default=None, kw_only=True)
    """What the server does on each new connection."""

    listening: bool = attrs.field(default=True, kw_only=True)
    """Whether the server accepts connections."""

    tls: bool = attrs.field(default=False, kw_only=True)
    """Whether the client uses TLS (the server does not)."""

    method: str = attrs.field(default="GET", kw_only=True)
    timeouts: Timeouts = attrs.field(default=LONG_TIMEOUTS, kw_only=True)
    rate_limit: RateLimitPolicy = attrs.field(default=DEFAULT_RATE_LIMIT, kw_only=True)

    @requests.default
    def _one_for_each_attempt(self) -> int:
        return self.expected.attempts

    @property
    def is_retried(self) -> bool:
        """Whether the client tries again, so that the call succeeds once the fault is over."""
        return self.expected.attempts > 1


@attrs.frozen(kw_only=True)
class Misuse:
    """A mistake in the calling code. It raises an error, and no request is sent."""

    name: str
    description: str
    """The mistake, in a few words for the printed table."""

    error: type[KatapultError]
    make: Callable[[KatapultClient], Awaitable[object]]
    """Makes the mistake with an open client."""

    text: str
    """A part of the error's text."""

    family: Family = Family.MISUSE
