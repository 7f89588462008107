"""The settings of a client. Each is a frozen value that checks itself when it is made."""

import functools
import inspect
import math
import numbers
from collections.abc import Callable
from typing import Any, Final, TypeGuard

import attrs

from katapult_async.errors import UsageError, quoted

OUTAGE_TIMEOUT: Final = 75.0
"""Default seconds that a single call waits for the end of an outage."""

BATCH_OUTAGE_TIMEOUT: Final = 900.0
"""The same for a call of a batch."""

_INTEGER_LIMIT: Final = 2**63  # of most JSON parsers; Python refuses to write a number of more than 4,300 digits
_LARGEST_FLOAT: Final = math.nextafter(math.inf, 0.0)

Validator = Callable[[object, "attrs.Attribute[Any]", Any], object]
"""What attrs calls with a field and its value."""


def must_be(rule: str, holds: Callable[[Any], object]) -> Validator:
    """Return a validator, which raises a `UsageError` with the rule.

    Args:
        rule: what the value must be, for the error.
        holds: returns whether a value is that.
    """

    def check(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
        if not holds(value):
            raise UsageError(f"{field.alias} must be {rule}, not {quoted(value)}")

    return check


must_be_string: Final = must_be("a string", lambda value: isinstance(value, str))
must_be_bool: Final = must_be("True or False", lambda value: isinstance(value, bool))


def whole_number(name: str, value: object, *, least: float = -math.inf, most: float = math.inf) -> int:
    """Return a whole number of at most 64 bits within bounds.

    Raises:
        UsageError: the value is not such a number.
    """
    if _is_number(value) and least <= value <= most:
        if abs(value) < _INTEGER_LIMIT:
            return int(value)
        raise UsageError(f"{name} has more than 64 bits")
    bounds = ("" if least == -math.inf else f" from {least}") + ("" if most == math.inf else f" to {most}")
    raise UsageError(f"{name} must be a whole number{bounds}, not {quoted(value)}")


def check_seconds(name: str, value: object) -> float:
    """Return a duration: 0 seconds or more, or ``math.inf``.

    Raises:
        UsageError: it is neither.
    """
    if _is_number(value, float) and (0 <= value <= _LARGEST_FLOAT or value == math.inf):
        return value
    raise UsageError(f"{name} must be 0 seconds or more, or math.inf, not {quoted(value)}")


def _is_number(value: object, *others: type) -> TypeGuard[int | float]:
    """Return whether a value is a whole number, of Python or of a library like numpy, or has one of the other types."""
    return isinstance(value, (numbers.Integral, *others)) and not isinstance(value, bool)


def positive_seconds(name: str, value: object) -> float:
    """Return a duration above 0 seconds that is not infinite.

    Raises:
        UsageError: the value is not one.
    """
    if _is_number(value, float) and 0 < value <= _LARGEST_FLOAT:
        return value
    raise UsageError(f"{name} must be a number of seconds above 0, not {quoted(value)}")


def _checked_by(check: Callable[[str, object], object]) -> Validator:
    """Return a validator that calls a check with the name and the value of a field."""
    return lambda _, field, value: check(field.name, value)


_count: Final = _checked_by(functools.partial(whole_number, least=1))
_positive: Final = _checked_by(positive_seconds)
seconds_or_inf: Final = _checked_by(check_seconds)
"""Validator of a duration of 0 seconds or more."""


def is_async(function: object) -> bool:
    """Return whether a call of a function, or of another object, returns a coroutine."""
    called = getattr(function, "__call__", None)  # noqa: B004 # the method of an object that can be called
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def function_or_none(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    """Validate a hook: raise a `UsageError` for an `async def`, because nothing would await it."""
    if value is not None and (is_async(value) or not callable(value)):
        actual = "an `async def`" if is_async(value) else quoted(value)
        raise UsageError(f"{field.alias} must be an ordinary function or None, not {actual}")


@attrs.frozen(kw_only=True)
class Timeouts:
    """Time limits of connections, attempts and calls. `RateLimitPolicy.max_wait` limits the wait for the rate limit."""

    connect: float = attrs.field(default=10.0, validator=_positive)
    """Seconds for making a connection: name lookup, TCP and TLS."""

    read: float = attrs.field(default=30.0, validator=_positive)
    """Seconds in which the server sends nothing, before a response or inside it."""

    attempt: float = attrs.field(default=60.0, validator=_positive)
    """Seconds for one attempt, from connecting to the last byte. It also ends a response that arrives byte by byte."""

    call: float = attrs.field(default=180.0, validator=seconds_or_inf)
    """Seconds for a whole call: the wait for the rate limit, every attempt, and the waits between them.
    ``math.inf`` for no limit. Calls of a batch have none unless the batch sets one, and methods that wait for work
    of Katapult, such as `tasks.wait`, have 600 s."""


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often a failed attempt is repeated, and after which wait."""

    attempts: int = attrs.field(default=5, validator=_count)
    """Attempts of one call, the first included. Four kinds are not counted: attempts that the rate limit refused;
    probes during an outage; attempts of a batch's calls while their endpoint fails for all of them; attempts of a
    batch's calls that made no connection, or got 503 from a proxy after which other calls succeed."""

    refusals: int = attrs.field(default=30, validator=_count)
    """Attempts of one call that the rate limit may refuse (429). Then the call ends, because the server may refuse
    it forever. A call also ends after 10 refusals by Katapult while it accepted other calls. Attempts of a
    batch's call that got 503 from a proxy, after which other calls succeed, are bounded by the same number."""

    wait_initial: float = attrs.field(default=0.5, validator=_positive)
    """Seconds: the upper bound of the first wait. Each later bound is twice the one before. A wait is drawn evenly
    from 0 to its bound, so that clients that failed together do not retry together."""

    wait_max: float = attrs.field(default=20.0, validator=_positive)
    """Seconds: the largest bound of a wait."""

    stop: Callable[[Any], bool] | None = attrs.field(default=None, validator=function_or_none)
    """A stop strategy of tenacity, such as ``tenacity.stop_after_delay(30)``, in place of ``attempts``. It also counts
    attempts that the rate limit refused. The deadline of the call and ``refusals`` still apply."""

    wait: Callable[[Any], float] | None = attrs.field(default=None, validator=function_or_none)
    """A wait strategy of tenacity, such as ``tenacity.wait_fixed(2)``, in place of ``wait_initial`` and
    ``wait_max``. A call for which it returns no number of seconds ends with a `UsageError`."""

    retry_after_max: float = attrs.field(default=120.0, validator=_positive)
    """Seconds: a server that asks for a longer wait than this (``Retry-After``) ends the call at once. A call of a
    batch still waits for the end of the outage, unless the endpoint works for other calls. A 429 of a proxy does not
    end a call: the rate limiter waits as long as the proxy asks, but no longer than 120 s."""

    failure_budget: int = attrs.field(default=100, validator=_count)
    """Failed attempts, minus the successful ones, at which the circuit breaker of the whole host opens. A fifth of this
    number is enough if the failures come in a row. In both cases two or more endpoints must have failed since the last
    success. The breaker of one endpoint opens at a fifth of this number. Right after an outage, each breaker opens at a
    fifth of its own number, and every success adds 1 to that until the whole number is available again. While a breaker
    is open, the client sends probes until one succeeds: the next one at most 5 s after the last has failed, or after
    5 s without a response."""

    outage_timeout: float | None = attrs.field(default=None, validator=attrs.validators.optional(seconds_or_inf))
    """Seconds that a call waits for the end of an outage, counted from the opening of the circuit breaker. None: 75 s
    for a single call, which is enough for an outage of a minute; 15 minutes for a call of a batch. The last items of a
    batch wait 75 s if only one of them fails, or if requests succeed that were sent before these items failed."""


@attrs.frozen(kw_only=True)
class RateLimitPolicy:
    """How to use Katapult's limit on requests in a window."""

    window: float = attrs.field(default=60.0, validator=_positive)
    """Seconds between two resets of the server's budget. Katapult's is 60; only sandboxes and tests use less."""

    max_wait: float = attrs.field(default=65.0, validator=seconds_or_inf)
    """Seconds that a single call may wait for the rate limit before it raises `RateLimitWaitError`; ``math.inf`` for no
    limit. Calls of a batch, and methods that wait for work of Katapult, have none unless they are given one."""

    max_in_flight: int = attrs.field(default=100, validator=_count)
    """Requests of the client in flight at the same time. A tenth of them, but at least one, is kept in two cases. For
    60 s after a single call, the tenth is kept for single calls (unless the limit is 1). While a request has had no
    response for 1 s or more, the tenth is kept for calls to other endpoints (unless the limit is 1, or it is 2 and no
    other endpoint is in use)."""
