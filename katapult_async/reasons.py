"""What an error knows beside its text, as values; `errors` has the errors."""

import enum
from typing import Literal

import attrs

TimeoutPhase = Literal["connect", "read", "attempt", "call"]
"""The limit that fired: making the connection, silence, one whole attempt, or the whole call."""


class BadResponseReason(enum.StrEnum):
    """Why an answer cannot be trusted."""

    UNREADABLE = "unreadable"
    """Not JSON, not HTTP, or not text: asking again may help."""

    TRUNCATED = "truncated"
    """It ended before its announced end: asking again may help."""

    WRONG_SHAPE = "wrong_shape"
    """Well-formed JSON that is not what the operation documents."""

    TOO_LARGE = "too_large"
    """More bytes than ``KatapultClient(max_body=...)`` allows."""

    REDIRECT = "redirect"
    """A redirect, which is never followed: the token belongs to one origin."""


@attrs.frozen(kw_only=True)
class RateLimitWait:
    """Why a call was not allowed to wait for the rate limit."""

    permitted: int | None
    """Requests that one window permits; None before the first answer."""

    remaining: int | None
    """Requests left in the present window, as last heard."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""

    retry_after: float
    """Seconds from now after which it is worth asking again."""

    max_wait: float
    """Seconds that were left to wait: of ``max_wait``, or to the deadline of the call if that came first."""

    def __str__(self) -> str:
        left = "unknown" if self.remaining is None else self.remaining
        of = "unknown" if self.permitted is None else self.permitted
        return (
            f"the rate limit has no room for {self.retry_after:.1f} s, and {self.max_wait:.1f} s were allowed "
            f"({left} of {of} requests left)"
        )


@attrs.frozen(kw_only=True)
class TaskState:
    """What was last heard of a task."""

    id: str
    """Katapult's id, ``task_...``."""

    name: str | None
    """What it does, for people."""

    status: str | None
    """``pending``, ``running``, ``completed`` or ``failed`` so far; None when nothing was heard."""

    progress: int | None
    """Percent."""

    waited: float
    """Seconds for which it was waited for."""

    def __str__(self) -> str:
        named = f"task {self.id}" + (f" ({self.name})" if self.name else "")
        heard = "nothing was heard of it" if self.status is None else f"its last status was {self.status!r}"
        at = "" if self.progress is None else f" at {self.progress} %"
        return f"{named}: {heard}{at}, after {self.waited:.1f} s"
