"""Waits for background work of Katapult: one request immediately, then others after growing pauses, up to a deadline.

The waits for tasks, and the parameter ``wait`` of methods, are in `resources.tasks`.
"""

import math
import operator
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import attrs

from katapult_async.call_limits import BATCH, CallLimits, SharedLimits, current_limits
from katapult_async.core import lazy_classes, validation
from katapult_async.errors import (
    KatapultError,
    RateLimitWaitError,
    ServerError,
    TaskFailedError,
    TaskState,
    TaskTimeoutError,
)
from katapult_async.options import CallOptions, check_options

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds of a wait without a timeout; the longest recorded wait took 46 s."""

_FIRST_PAUSE: Final = 0.5  # seconds: recorded tasks took 3 s on average, from start to end
_GROWTH: Final = 1.5
_LONGEST_PAUSE: Final = 10.0
_LAST_REQUEST: Final = 1.0  # seconds before the deadline: later there would be no time for its response


def wait_limits(caller: "lazy_classes.Caller", options: CallOptions, *, waits: bool = True) -> SharedLimits:
    """Return the limits of a method that makes requests and then waits. Its options bound all of them together.

    Args:
        caller: makes the requests.
        options: of the method.
        waits: whether the method waits; if it does not, its requests have the limits of other calls.
    """
    if not validation.flag("wait", waits):
        return caller.shared_limits(options)
    limits = _limits(options)
    return caller.shared_limits(CallOptions(max_wait=limits.max_wait, timeout=limits.timeout))


async def wait(
    caller: "lazy_classes.Caller",
    request: Callable[[str], Awaitable[T]],
    subject: TaskState,
    *,
    done: str,
    status: Callable[[T], object] = operator.attrgetter("state"),
    settles_in: float = 0.0,
    options: CallOptions,
) -> T:
    """Repeat a request until its response shows the status that is waited for, and return the last result.

    The requests have the priority of a batch. The wait goes on while the server or network fails, and after a response
    without a status: the next response may have one.

    Args:
        caller: makes the pauses between the requests.
        request: requests the object with an id once.
        subject: the kind and the id of the object.
        done: the status that is waited for.
        status: returns the status that a response shows.
        settles_in: seconds after the beginning of the wait during which the status ``failed`` does not end it.
        options: of the method that waits. They bound the whole wait.

    Raises:
        TaskFailedError: the status is ``failed``, or is unknown and the task has ended.
        TaskTimeoutError: no response showed ``done`` or ``failed`` before the timeout, or the rate limit has no room
            for another request before it.
        RateLimitWaitError: ``max_wait`` is shorter than the timeout, and the rate limit has no room within it.
    """
    began_at = caller.time()
    last_error: KatapultError | None = None
    pause = _FIRST_PAUSE
    with SharedLimits(_limits(options)) as shared:
        while caller.time() < shared.ends_at:
            outcome = await _request_once(request, subject.id, caller=caller, shared=shared)
            if isinstance(outcome, RateLimitWaitError):
                last_error = outcome
                break
            if not isinstance(outcome, KatapultError):
                last_error, latest = None, status(outcome)
                subject = _state_in(outcome, latest, subject, caller)
                waited = caller.time() - began_at
                if subject.status == done:
                    return outcome
                # A plain string is a status that is unknown here. A task that has ended with one was not completed.
                ended_otherwise = type(latest) is str and getattr(outcome, "finished_at", None) is not None
                if ended_otherwise or (subject.status == "failed" and waited >= settles_in):
                    raise TaskFailedError(attrs.evolve(subject, waited=waited))
            elif last_error is None or caller.time() < shared.ends_at:
                # An error at the deadline shows only that the time is over: an earlier one says more.
                last_error = outcome
            left = shared.ends_at - caller.time()
            # A pause ends a second before the deadline at the latest, so that a request after it has time for its
            # response. Within that second, only the deadline bounds a pause.
            longest = left - _LAST_REQUEST if left > _LAST_REQUEST else left
            await caller.pause(min(pause, longest))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    raise TaskTimeoutError(attrs.evolve(subject, waited=caller.time() - began_at)) from last_error


async def _request_once(
    request: Callable[[str], Awaitable[T]], subject_id: str, *, caller: "lazy_classes.Caller", shared: SharedLimits
) -> T | KatapultError:
    """Return the result of one request, or an error after which the work of Katapult may still go on.

    A `RateLimitWaitError` is returned if there is no room before the deadline, and raised if ``max_wait`` is shorter.
    """
    max_wait_is_shorter = shared.wait_left(caller.time()) < shared.ends_at - caller.time()
    try:
        return await request(subject_id)
    except RateLimitWaitError as error:
        if max_wait_is_shorter:
            raise
        return error.with_traceback(None)  # the traceback refers to frames of the caller
    except KatapultError as error:
        if not (caller.is_transient(error) or isinstance(error, ServerError)):  # 501 and 505 too
            raise
        return error.with_traceback(None)


def _state_in(value: object, status: object, subject: TaskState, caller: "lazy_classes.Caller") -> TaskState:
    """Return the state of the object that a response shows, with the texts of the server made safe for an error."""
    name = getattr(value, "name", None)
    return attrs.evolve(
        subject,
        name=None if name is None or name == subject.id else caller.printable(name),
        status=None if status is None else caller.printable(str(status)),
        progress=getattr(value, "progress", None),
    )


def _limits(options: CallOptions) -> CallLimits:
    """Return the limits of a whole wait: those of the block around it, but with the priority of a batch.

    Options take precedence. Without them, the timeout outside of a block is 600 s, and ``max_wait`` is infinite.
    """
    overrides: dict[str, Any] = {"max_wait": math.inf, **check_options(options)}
    return attrs.evolve(current_limits() or CallLimits(timeout=DEFAULT_TIMEOUT), priority=BATCH, **overrides)
