"""What a fault is, and what the client has to make of it."""

import enum
from collections.abc import Awaitable, Callable

import attrs

from katapult_async import BadResponseReason, KatapultClient, KatapultError
from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.errors import TimeoutPhase

from .server import Act, Greet

ATTEMPTS = 2
"""Attempts that the clients of the fault tests make at most."""

RETRY = RetryPolicy(attempts=ATTEMPTS, refusals=ATTEMPTS, wait_initial=0.001, wait_max=0.002)
AS_KATAPULT = RateLimitPolicy()
PATIENT = Timeouts(connect=5.0, read=5.0, attempt=10.0, call=20.0)
HASTY = Timeouts(connect=0.3, read=0.08, attempt=0.6, call=20.0)


class Family(enum.StrEnum):
    NETWORK = "network"
    PROTOCOL = "protocol"
    SERVER = "server"
    DATA = "data"
    CLOCK = "clock"
    MISUSE = "misuse"


@attrs.frozen(kw_only=True)
class Right:
    """The right answer, in spite of all."""

    attempts: int = 1


@attrs.frozen(kw_only=True)
class Fails:
    """An error, and what it has to say."""

    kind: type[KatapultError]
    attempts: int = 1
    phase: TimeoutPhase | None = None
    reason: BadResponseReason | None = None
    status: int | None = None
    code: str | None = None
    says: str = ""
    """Words that its one line has to contain."""


@attrs.frozen(kw_only=True)
class Fault:
    """One thing that goes wrong, and how the client has to take it."""

    name: str
    family: Family
    does: str
    """What happens, in a few words for the documentation."""

    act: Act
    outcome: Right | Fails
    sends: int
    """Requests that reach the server while the fault lasts."""

    greet: Greet | None = None
    """What happens on each new connection."""

    listening: bool = True
    """Whether anybody accepts connections."""

    tls: bool = False
    """Whether the client is told to speak TLS."""

    method: str = "GET"
    timeouts: Timeouts = PATIENT
    rate_limit: RateLimitPolicy = AS_KATAPULT

    @property
    def passes(self) -> bool:
        """Whether the client tries again, so that it gets the right answer once the fault is over."""
        return self.outcome.attempts > 1


@attrs.frozen(kw_only=True)
class Misuse:
    """A mistake of the caller's: nothing may be sent."""

    name: str
    does: str
    kind: type[Exception]
    commit: Callable[[KatapultClient], Awaitable[object]]
    """Makes the mistake with a client that is open."""

    says: str
    """Words that the error has to contain."""

    family: Family = Family.MISUSE


def fault(
    family: Family,
    name: str,
    does: str,
    act: Act,
    outcome: Right | Fails,
    *,
    sends: int | None = None,
    greet: Greet | None = None,
    listening: bool = True,
    tls: bool = False,
    method: str = "GET",
    timeouts: Timeouts = PATIENT,
    rate_limit: RateLimitPolicy = AS_KATAPULT,
) -> Fault:
    """Return a fault, whose requests at the server are the client's attempts unless it says otherwise."""
    return Fault(
        name=name,
        family=family,
        does=does,
        act=act,
        outcome=outcome,
        sends=outcome.attempts if sends is None else sends,
        greet=greet,
        listening=listening,
        tls=tls,
        method=method,
        timeouts=timeouts,
        rate_limit=rate_limit,
    )
