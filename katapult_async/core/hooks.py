"""Reports waits, retries, responses and outages to the hooks of the user; retries and outages also to the log.

``on_wait`` is called with a `WaitNotice` of `katapult_async.rate_limit.status`, which has the reason, the number of
calls that wait and the seconds; ``on_retry`` with a `RetryNotice`, ``on_response`` with a `ResponseNotice`, and
``on_outage`` with an `Outage`.
"""

from collections.abc import Callable
from typing import TypeVar

import attrs

from katapult_async.config import function_or_none
from katapult_async.core.log import LOG
from katapult_async.errors import RequestError
from katapult_async.rate_limit.status import WaitNotice

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class RetryNotice:
    """What ``KatapultClient(on_retry=...)`` is called with before a call makes another attempt."""

    error: RequestError
    """How the last attempt failed."""

    wait: float
    """Seconds until the next attempt, without waits for the rate limit and for the end of an outage."""


@attrs.frozen(kw_only=True)
class ResponseNotice:
    """What ``KatapultClient(on_response=...)`` is called with after each attempt."""

    method: str
    """HTTP method."""

    path: str
    """Path of the endpoint below the base URL; it holds no ids."""

    status: int | None
    """HTTP status, even of a response that was cut; None where none arrived."""

    request_id: str | None
    """Katapult's id of the request; None where the response has none."""

    attempt: int
    """Which attempt of its call it was, from 1."""

    seconds: float
    """Seconds of the attempt, from connecting until the response was decoded, or until the failure."""


@attrs.frozen(kw_only=True)
class Outage:
    """An endpoint, or the whole host, whose requests fail: its circuit breaker is open, or was open until ``until``."""

    endpoint: str | None
    """Method and path, such as ``GET /organizations``; None for the whole host."""

    since: float
    """When the circuit breaker opened, in Unix seconds of this machine's clock."""

    until: float | None
    """When a request succeeded again, in Unix seconds; None while the outage lasts."""

    last_error: RequestError
    """How the last failed request failed."""


@attrs.frozen(kw_only=True)
class Hooks:
    """The functions that a client was given, as `KatapultClient` describes them."""

    on_wait: Callable[[WaitNotice], object] | None = attrs.field(default=None, validator=function_or_none)
    on_retry: Callable[[RetryNotice], object] | None = attrs.field(default=None, validator=function_or_none)
    on_response: Callable[[ResponseNotice], object] | None = attrs.field(default=None, validator=function_or_none)
    on_outage: Callable[[Outage], object] | None = attrs.field(default=None, validator=function_or_none)

    def report_retry(self, notice: RetryNotice) -> None:
        """Report that a call makes another attempt."""
        LOG.info("trying again in %.2f s after: %s", notice.wait, notice.error)
        call_hook(self.on_retry, notice)

    def report_outage(self, outage: Outage) -> None:
        """Report the beginning or the end of an outage."""
        what = outage.endpoint or "every endpoint in use"
        if outage.until is None:
            LOG.info("outage: %s fails; only probes are sent, the last failure is: %s", what, outage.last_error)
        else:
            LOG.info("outage: %s works again after %.0f s", what, outage.until - outage.since)
        call_hook(self.on_outage, outage)


def call_hook(hook: Callable[[T], object] | None, notice: T) -> None:
    """Call a hook of the user; an exception in it is logged and changes nothing else."""
    try:
        if hook is not None:
            hook(notice)
    except Exception:  # noqa: BLE001 # foreign code: its bug must not change the outcome of a call
        LOG.exception("the hook %r failed", hook)
