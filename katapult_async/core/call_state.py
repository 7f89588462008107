"""The state of one call, and the errors that end it before Katapult responds."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from katapult_async.call_limits import CallLimits, SharedLimits
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.credentials_and_headers import Credentials
from katapult_async.core.decoding import Decoded
from katapult_async.core.endpoints import Request
from katapult_async.core.error_mapping import RequestContext
from katapult_async.core.hooks import Outage
from katapult_async.core.retry import FailureHistory
from katapult_async.errors import RequestError, RequestTimeoutError, TimeoutPhase
from katapult_async.rate_limit.permit import Permit

T = TypeVar("T")

MAX_EARLIER = 100
"""Errors of earlier attempts that a call keeps. A call of a batch may wait for the end of an outage for days."""


@attrs.define(eq=False)
class Call(Generic[T]):
    """A call: its request, its limits, and its attempts so far."""

    request: Request[T]
    clock: Callable[[], float]
    """Returns the time on the event loop's clock."""

    timeout: float
    """Seconds for the whole call."""

    ends_at: float
    """Deadline, on the event loop's clock."""

    max_wait: float
    """Seconds that the call may wait for the rate limit, before all its attempts together."""

    limits: CallLimits
    """Priority and limits of the block that the call is in, or the defaults of the client."""

    shared: SharedLimits | None
    """The limits that the call shares with the other calls of its block; None outside of one."""

    credentials: Credentials = attrs.field(init=False)
    """The token, limiter and headers of the current attempt."""

    permit: Permit = attrs.field(init=False)
    """The rate limiter's permit for the current attempt. Its outcome is reported when the attempt ends."""

    probed: CircuitBreaker | None = None
    """The circuit breaker that the current attempt probes; None if it is not a probe."""

    contradiction: Callable[[Decoded[T]], str | None] | None = None
    """Returns in one sentence how a decoded response contradicts the request, or None; see `Caller.call`."""

    attempts: int = 0
    """Attempts so far, the current one included."""

    earlier: tuple[RequestError, ...] = ()
    """The errors of the attempts before the current one, at most `MAX_EARLIER`."""

    waited: float = 0.0
    """Seconds that the call has waited for the rate limit."""

    refused_permit: Permit | None = None
    """The permit of the last attempt if it was refused, with 429 or a proxy's 503: the next attempt takes its place in
    the queue."""

    _history: FailureHistory | None = None  # a `cached_property` would slow down the access to all attributes

    waits_for: str = "the rate limit"
    """What the call waits for now; the error of its deadline names it."""

    @property
    def history(self) -> FailureHistory:
        """What the retry policy knows about the failed attempts of the call."""
        self._history = self._history or FailureHistory()
        return self._history

    @property
    def route(self) -> str:
        """Method and path of the endpoint."""
        return self.request.endpoint.route

    def add_earlier(self, failure: RequestError) -> None:
        """Add the error of an attempt. Of too many, the first that sent nothing is left out, or else the first."""
        if len(self.earlier) == MAX_EARLIER:
            left_out = next((index for index, error in enumerate(self.earlier) if not error.problem.sent), 0)
            self.earlier = (*self.earlier[:left_out], *self.earlier[left_out + 1 :])
        self.earlier = (*self.earlier, failure)

    def context(self) -> RequestContext:
        """Return what an error says about the call."""
        return RequestContext(
            request=self.request,
            attempts=self.attempts,
            earlier=self.earlier,
            token=self.credentials.token,
            received_at=time.time(),
        )

    def timeout_error(self, text: str, *, phase: TimeoutPhase, sent: bool) -> RequestTimeoutError:
        """Return the error of an attempt, or of the call, that was ended by its time limit."""
        return RequestTimeoutError(attrs.evolve(self.context().problem(text, sent=sent), phase=phase))

    def outage_error(self, outage: Outage, seconds: float) -> RequestError:
        """Return the error of a call that was not sent because of an outage. Its class is that of the last failure.

        Args:
            outage: what fails.
            seconds: how long it has failed.
        """
        what = "all requests" if outage.endpoint is None else f"all requests to {outage.endpoint}"
        last = outage.last_error
        text = f"not sent, since {what} have failed for {seconds:.0f} s, the last with: {last.description}"
        problem = self.context().problem(text, sent=False)
        copied = ("status", "code", "detail", "reason", "phase", "retry_after", "failure")
        of_last = {name: getattr(last.problem, name) for name in copied}
        return type(last)(attrs.evolve(problem, outage=seconds, **of_last))
