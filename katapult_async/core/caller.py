"""One call from its beginning to its end: admission, sending, decoding, and the retries in between.

Each attempt waits for the circuit breaker and the rate limiter, is sent once, and ends in a value or in one error. The
first attempt runs by itself; after a failure, tenacity drives the next ones by the strategies of `retry`. No other
module of the client writes a log.
"""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Final, Generic, TypeVar

import attrs
import tenacity

from katapult_async.config import (
    BATCH_OUTAGE_TIMEOUT,
    OUTAGE_TIMEOUT,
    RateLimitPolicy,
    RetryPolicy,
    Timeouts,
    check_seconds,
)
from katapult_async.core.breaker_queue import CircuitBreakers, Outage, Permission
from katapult_async.core.credentials import Credentials, CredentialsSource
from katapult_async.core.deadlines import ExpiredError, Lifetime
from katapult_async.core.decoding import Decoded, decode
from katapult_async.core.decoding_errors import DecodingError
from katapult_async.core.endpoints import EmptyResponse, Request
from katapult_async.core.error_mapping import RequestContext
from katapult_async.core.notices import ResponseNotice, RetryNotice
from katapult_async.core.redaction import Secret, printable, without_secrets
from katapult_async.core.retry import AttemptCounts, blames_server, is_passing, retrying
from katapult_async.core.stepwise_decoding import STEP, decode_in_steps, needs_steps
from katapult_async.errors import (
    APIError,
    BadResponseError,
    ClientClosedError,
    KatapultError,
    RateLimitReachedError,
    RequestError,
    RequestTimeoutError,
    TransportError,
)
from katapult_async.http.transport import Progress, Transport, TransportFailure, TransportRequest, TransportResponse
from katapult_async.options import (
    BATCH,
    FOREGROUND,
    CallLimits,
    CallOptions,
    CallScope,
    present_scope,
    scoped_limits,
)
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.registry import RateLimiterRegistry
from katapult_async.rate_limit.slots import Slots
from katapult_async.rate_limit.status import RateLimit, RateLimitPause
from katapult_async.rate_limit.window import Permit

T = TypeVar("T")
W = TypeVar("W")

_LOG: Final = logging.getLogger("katapult_async")
_SUCCESS: Final = range(200, 300)
_NO_CONTENT: Final = 204
_HEADERS: Final[Mapping[str, str]] = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


@attrs.define(eq=False)
class _Call(Generic[T]):
    """The state of one call."""

    request: Request[T]
    clock: Callable[[], float]
    """Returns the time on the event loop's clock."""

    timeout: float
    """Seconds for the whole call."""

    ends_at: float
    """Deadline, on the event loop's clock."""

    max_wait: float
    """Seconds that the call may still wait for the rate limit."""

    limits: CallLimits
    """Priority and limits of the batch, or the defaults of the client."""

    scope: CallScope | None
    """The block whose calls share their limits: an item of a batch, or a method of several requests; None outside."""

    credentials: Credentials = attrs.field(init=False)
    """The token, limiter and headers of the present attempt."""

    permit: Permit = attrs.field(init=False)
    """The rate limiter's permit for the present attempt. It ends in `Caller._settle`."""

    permission: Permission | None = None
    """The circuit breaker's permission for the present attempt; None if it needed none, because no breaker was open."""

    counts: AttemptCounts | None = None
    """Counts of failed attempts for the retry policy; None before the first failure."""

    succeeded_count: int | None = None
    """Requests to the endpoint that had succeeded when the last attempt failed; None before the first failure."""

    is_suspect: bool = False
    """Whether the endpoint worked for other calls while this one failed."""

    is_last: bool = False
    """Whether the call fails while its batch has no further item and no other call fails."""

    attempts: int = 0
    """Attempts so far, the present one included."""

    earlier: tuple[RequestError, ...] = ()
    """How the attempts before it failed."""

    refused: Permit | None = None
    """The permit of an attempt that the rate limit refused: the next attempt keeps its place in the queue."""

    activity: str = "the rate limit"
    """What the call waits for, for the error of a deadline."""

    def context(self) -> RequestContext:
        """Return what an error says about the call."""
        return RequestContext(
            request=self.request, attempts=self.attempts, earlier=self.earlier, token=self.credentials.token
        )

    def failure_counts(self) -> AttemptCounts:
        """Return `counts`, which the first failure creates."""
        if self.counts is None:
            self.counts = AttemptCounts()
        return self.counts


class Caller:
    """Makes the calls of one client."""

    def __init__(
        self,
        *,
        transport: Transport,
        token: str | Callable[[], str],
        base_url: str,
        origin: str,
        user_agent: str,
        timeouts: Timeouts,
        retry: RetryPolicy,
        rate_limit: RateLimitPolicy,
        on_wait: Callable[[RateLimitPause], object] | None = None,
        on_retry: Callable[[RetryNotice], object] | None = None,
        on_response: Callable[[ResponseNotice], object] | None = None,
        on_outage: Callable[[Outage], object] | None = None,
    ) -> None:
        self._transport = transport
        self._base_url = base_url
        self._attempt_timeout = timeouts.attempt
        self._retry = retry
        self._default_limits = CallLimits(priority=FOREGROUND, max_wait=rate_limit.max_wait, timeout=timeouts.call)
        self._on_retry = on_retry
        self._on_response = on_response
        self._lifetime = Lifetime()
        self._limiters = RateLimiterRegistry(
            origin=origin,
            policy=rate_limit,
            on_pause=_log_pause,
            on_wait=None if on_wait is None else lambda pause: _call_hook(on_wait, pause),
        )
        self._credentials = CredentialsSource(
            token, headers={**_HEADERS, "User-Agent": user_agent}, limiters=self._limiters
        )
        self._breakers = CircuitBreakers(retry, on_outage=lambda outage: _report_outage(outage, on_outage))
        self._slots = Slots(rate_limit.max_in_flight)

    async def open(self) -> None:
        """Open the client in the running event loop, with its transport."""
        self._lifetime.open()
        await self._transport.open()

    async def close(self) -> None:
        """End every call that runs or waits with `ClientClosedError`, then close the transport."""
        try:
            await self._lifetime.close()
        finally:
            self._limiters.forget()
            await self._transport.aclose()

    async def call(
        self, request: Request[T], *, max_wait: float | None = None, timeout: float | None = None
    ) -> Decoded[T]:
        """Return the decoded response to a request.

        Args:
            request: what to ask.
            max_wait: seconds that the call may wait for the rate limit; None for the client's or batch's setting.
            timeout: seconds that the whole call may take; None for the client's or batch's setting.

        Raises:
            UsageError: a limit is no number of seconds.
            KatapultError: whatever ended the last attempt.
        """
        scope = present_scope()
        limits = self._default_limits if scope is None or scope.limits is None else scope.limits
        max_wait = limits.max_wait if max_wait is None else check_seconds("max_wait", max_wait)
        timeout = limits.timeout if timeout is None else check_seconds("timeout", timeout)
        clock = self._lifetime.loop().time
        ends_at = clock() + timeout
        if scope is not None and scope.ends_at < ends_at:
            ends_at, timeout = scope.ends_at, scope.timeout
        call = _Call(request, clock, timeout, ends_at, max_wait, limits, scope)
        try:
            return await self._attempt(call)
        except RequestError as error:
            failure = error.with_traceback(None)
        outcome = await self._continue(call, failure)
        if isinstance(outcome, Decoded):
            return outcome
        try:
            raise outcome
        finally:
            del failure, outcome  # a cycle of error, traceback and frame would keep the user's locals alive

    def time(self) -> float:
        """Return the present time, on the clock of the event loop."""
        return self._lifetime.loop().time()

    def scope(self, options: CallOptions) -> CallScope:
        """Return a block whose calls together have the limits of one call with these options."""
        limits = scoped_limits() or self._default_limits
        max_wait, timeout = options.get("max_wait"), options.get("timeout")
        return CallScope(
            attrs.evolve(
                limits,
                max_wait=limits.max_wait if max_wait is None else max_wait,
                timeout=limits.timeout if timeout is None else timeout,
            )
        )

    async def pause(self, seconds: float) -> None:
        """Wait between calls; closing the client ends the wait with `ClientClosedError`."""
        try:
            return await self._lifetime.run(asyncio.sleep(seconds), ends_at=math.inf)
        except ExpiredError:
            pass
        raise ClientClosedError("the client was closed during a wait between two calls")

    def is_passing(self, error: KatapultError) -> bool:
        """Return whether an error, other than by the rate limit, may pass: the same request could succeed later."""
        return isinstance(error, RequestError) and is_passing(error)

    def printable(self, text: str) -> str:
        """Return a text of the server made safe for an error: one line, without the token."""
        return printable(text, secrets=(self._credentials.token(),))

    def rate_limit(self) -> RateLimit:
        """Return the rate limit of the present token as last reported."""
        return self.limiter().snapshot()

    def rate_limits(self) -> Mapping[str, RateLimit]:
        """Return the rate limits of the endpoints that have one of their own, by method and path."""
        return self.limiter().snapshots()

    def outages(self) -> tuple[Outage, ...]:
        """Return the present outages."""
        return self._breakers.outages

    def limiter(self) -> RateLimiter:
        """Return the rate limiter of the present token."""
        return self._limiters.of(self._credentials.token(), self._lifetime.loop())

    async def _continue(self, call: _Call[T], failure: RequestError) -> Decoded[T] | RequestError:
        """Make further attempts after the first one failed, as long as the retry policy allows.

        Return the response, or the error of the last attempt. Errors are kept without their tracebacks, which hold the
        frames that hold the errors.
        """
        controller = retrying(
            self._retry,
            counts=call.failure_counts(),
            idempotent=call.request.endpoint.idempotent,
            time_left=lambda: call.ends_at - call.clock(),
            draw=random.random,
            before_sleep=lambda state: self._report_retry(call, state),
        )
        controller.begin()
        state = tenacity.RetryCallState(controller, None, (), {})
        state.set_exception((type(failure), failure, None))
        try:
            return await self._drive(call, controller, state)
        finally:
            controller.iter_state.reset()  # its actions refer to the controller and to the error

    async def _drive(
        self, call: _Call[T], controller: tenacity.AsyncRetrying, state: tenacity.RetryCallState
    ) -> Decoded[T] | RequestError:
        """Sleep and make attempts as tenacity says, until it returns a response or raises the last error."""
        while True:
            try:
                action = await controller.iter(retry_state=state)
            except RequestError as error:
                _LOG.debug("not tried again: %s", error)
                return error.with_traceback(None)
            match action:
                case tenacity.DoAttempt():
                    try:
                        state.set_result(await self._attempt(call))
                    except RequestError as error:
                        state.set_exception((type(error), error.with_traceback(None), None))
                case tenacity.DoSleep() as seconds:
                    state.prepare_for_next_attempt()
                    call.activity = "the next attempt"
                    if seconds:
                        await self._before_deadline(call, asyncio.sleep(seconds))
                case result:
                    decoded: Decoded[T] = result
                    return decoded

    def _report_retry(self, call: _Call[T], state: tenacity.RetryCallState) -> None:
        failure = None if state.outcome is None else state.outcome.exception()
        if isinstance(failure, RequestError):
            _LOG.info("trying again in %.2f s after: %s", state.upcoming_sleep, failure)
            call.earlier = (*call.earlier, failure)
            if self._on_retry is not None:
                _call_hook(self._on_retry, RetryNotice(error=failure, wait=state.upcoming_sleep))

    async def _attempt(self, call: _Call[T]) -> Decoded[T]:
        """Wait for admission, send once, and return the decoded response or raise what went wrong."""
        call.credentials = credentials = self._credentials.fixed or self._credentials.present(self._lifetime.loop())
        permit: Permit | None = None
        route, breakers = call.request.endpoint.route, self._breakers
        is_open = breakers.has_failures and breakers.is_open(route)
        if call.refused is None and not is_open and call.clock() < call.ends_at:
            permit = credentials.limiter.acquire_nowait(priority=call.limits.priority, route=route, slots=self._slots)
        if permit is None:
            await self._before_deadline(call, self._admit(call))
        else:
            call.permit, call.permission = permit, None
        call.attempts += 1
        call.activity = "Katapult's response"
        progress = Progress()
        began_at = call.clock()
        response: TransportResponse | KatapultError | None = None
        outcome: Decoded[T] | KatapultError | None = None
        try:
            response = await self._send(call, progress, began_at + self._attempt_timeout)
            outcome = await self._outcome(call, response)
        finally:
            self._settle(call, progress, response, outcome)
            if self._on_response is not None:
                self._report_response(call, response, seconds=call.clock() - began_at)
        if isinstance(outcome, KatapultError):
            raise outcome
        return outcome

    async def _send(
        self, call: _Call[T], progress: Progress, attempt_ends_at: float
    ) -> TransportResponse | KatapultError:
        """Send once, and return the response, or the error of an attempt without one."""
        headers, body = call.credentials.headers, None
        if call.request.body is not None:
            headers = {**headers, "Content-Type": "application/json"}  # without it Katapult ignores a body
            body = call.request.content
        target = call.request.target
        url = self._base_url + target
        request = TransportRequest(
            method=call.request.endpoint.method,
            url=Secret(url) if isinstance(target, Secret) else url,
            headers=headers,
            body=body,
            fresh_connection=call.limits.fresh_connection,
            progress=progress,
        )
        failure: TransportFailure | None = None
        try:
            return await self._lifetime.run(self._transport.send(request), ends_at=min(attempt_ends_at, call.ends_at))
        except TransportFailure as error:
            failure = error.with_traceback(None)
        except ExpiredError:
            pass
        # Errors are made here, outside the handlers: no __context__ leads to a transport's frames with the token.
        if failure is not None:
            progress.sent = failure.sent
            return call.context().transport_error(failure)
        if progress.sent is False:
            call.activity = "a connection"
        if self._lifetime.closing or call.ends_at <= attempt_ends_at:
            return self._expired(call, sent=progress.sent is not False)
        text = f"no whole response within {self._attempt_timeout:g} s"
        problem = call.context().problem(text, sent=progress.sent is not False)
        return RequestTimeoutError(attrs.evolve(problem, phase="attempt"))

    async def _outcome(self, call: _Call[T], response: TransportResponse | KatapultError) -> Decoded[T] | KatapultError:
        """Return the decoded response, or the error that a response without a usable result becomes."""
        if isinstance(response, KatapultError):
            return response
        if _LOG.isEnabledFor(logging.DEBUG):
            target = without_secrets(call.request.shown_target, (call.credentials.token,))
            _LOG.debug("%s %s: %s", call.request.endpoint.method, target, response.status)
        if response.status not in _SUCCESS:
            return call.context().error(response)
        endpoint, body = call.request.endpoint, response.body
        if response.status == _NO_CONTENT and endpoint.type is EmptyResponse:
            body = b"{}"
        invalid: DecodingError | None = None
        try:
            if len(body) > STEP and needs_steps(endpoint, body):
                return await self._lifetime.run(decode_in_steps(endpoint, body), ends_at=call.ends_at)
            return decode(endpoint, body)
        except DecodingError as error:
            invalid = error.with_traceback(None)
        except ExpiredError:
            pass
        if invalid is None:
            raise self._expired(call, sent=True)
        return call.context().invalid_body(response, invalid)

    def _settle(
        self,
        call: _Call[T],
        progress: Progress,
        response: TransportResponse | KatapultError | None,
        outcome: Decoded[T] | KatapultError | None,
    ) -> None:
        """Report an attempt to the rate limiter and the circuit breaker, however it ended."""
        limiter, permit = call.credentials.limiter, call.permit
        if isinstance(response, TransportResponse):
            if isinstance(outcome, RateLimitReachedError):
                call.refused = permit
                limiter.responded(permit, _headers_of_refusal(response, outcome))
                call.failure_counts().own_refusals = permit.own_refusals
            else:
                call.refused = None
                limiter.responded(permit, RateLimitHeaders.read(response.headers))
        elif progress.sent is False:
            limiter.unsent(permit)
        else:
            limiter.lost(permit)
        if self._breakers.has_failures or not isinstance(outcome, Decoded):
            self._report_to_breaker(call, outcome)

    def _report_to_breaker(self, call: _Call[T], outcome: Decoded[T] | KatapultError | None) -> None:
        """Report to the circuit breaker how an attempt ended."""
        permission = call.permission or self._breakers.ordinary_permission(call.request.endpoint.route)
        match outcome:
            case TransportError() | BadResponseError() | APIError() if blames_server(outcome):
                self._mark_suspect(call, permission, outcome)
                self._breakers.failed(permission, outcome, call=None if call.is_suspect else call)
                self._count_failure(call, permission, outcome)
            case Decoded() | APIError() | BadResponseError():
                self._breakers.succeeded(permission)
            case _:
                self._breakers.dropped(permission)

    def _mark_suspect(self, call: _Call[T], permission: Permission, failure: RequestError) -> None:
        """Record whether the endpoint worked for others while a call failed, as `circuit_breaker` explains."""
        if isinstance(failure, RequestTimeoutError):
            route, sent_at = call.request.endpoint.route, call.permit.granted_at
            call.is_suspect = call.is_suspect or call.credentials.limiter.has_accepted_after(route, sent_at)
        call.is_suspect = call.is_suspect or call.succeeded_count not in (None, permission.succeeded_count)

    def _count_failure(self, call: _Call[T], permission: Permission, failure: RequestError) -> None:
        """Count a failure as one of the call or of the endpoint, and let a stuck batch try another item."""
        if call.limits.priority is FOREGROUND:
            call.failure_counts().endpoint_failures += permission.probe  # the calls that do not probe wait as long
        if call.limits.priority is BATCH:
            several_fail = self._breakers.fails_for_several(permission)
            no_success_between = permission.succeeded_count == call.succeeded_count
            endpoint_fails = no_success_between and (several_fail or not call.is_suspect)
            counts = call.failure_counts()
            counts.endpoint_failures += endpoint_fails
            counts.may_be_endpoint_failure = endpoint_fails or not call.is_suspect
            is_slow = call.attempts >= self._retry.attempts or isinstance(failure, RequestTimeoutError)
            if endpoint_fails and is_slow and call.limits.on_stuck is not None:
                call.is_last = not call.limits.on_stuck() and not several_fail
            call.succeeded_count = permission.succeeded_count
            counts.outage_is_over_limit = call.clock() - permission.failing_since >= self._outage_timeout(call)

    def _outage_timeout(self, call: _Call[T]) -> float:
        if self._retry.outage_timeout is not None:
            return self._retry.outage_timeout
        return BATCH_OUTAGE_TIMEOUT if call.limits.priority is BATCH and not call.is_last else OUTAGE_TIMEOUT

    def _report_response(
        self, call: _Call[T], response: TransportResponse | KatapultError | None, *, seconds: float
    ) -> None:
        whole = response if isinstance(response, TransportResponse) else None
        notice = ResponseNotice(
            method=call.request.endpoint.method,
            path=call.request.endpoint.path,
            status=None if whole is None else whole.status,
            request_id=None if whole is None else whole.headers.get("X-Request-Id"),
            attempt=call.attempts,
            seconds=seconds,
        )
        if self._on_response is not None:
            _call_hook(self._on_response, notice)

    async def _admit(self, call: _Call[T]) -> None:
        """Wait until neither the circuit breaker nor the rate limit of the present token holds the attempt back."""
        while True:
            call.activity = "the end of an outage"
            call.credentials = self._credentials.present(self._lifetime.loop())
            limiter = call.credentials.limiter
            permission = await self._breakers.permission(
                call.request.endpoint.route,
                idempotent=call.request.endpoint.idempotent,
                priority=call.limits.priority,
                timeout=self._outage_timeout(call),
            )
            if permission is None:
                raise self._outage_error(call)
            permit: Permit | None = None
            admitted = False
            try:
                permit = await self._wait_for_permit(limiter, call)
                # Meanwhile the circuit breaker may have opened, or the token may have been replaced.
                is_open = self._breakers.is_open_for(permission)
                admitted = not is_open and call.credentials.token == self._credentials.token()
                if admitted:
                    call.permit, call.permission = permit, permission
                    return
            finally:
                if not admitted:
                    self._breakers.dropped(permission)
                    if permit is not None:
                        limiter.unsent(permit)

    async def _wait_for_permit(self, limiter: RateLimiter, call: _Call[T]) -> Permit:
        """Wait in the limiter's queue, at the place of the refused attempt if there was one."""
        call.activity = "the rate limit"
        began_at = call.clock()
        longest = min(call.max_wait, call.ends_at - began_at)
        again, call.refused = call.refused, None
        if call.scope is not None:
            longest = min(longest, call.scope.wait_left(began_at))
            call.scope.begin_wait(began_at)
        try:
            return await limiter.acquire(
                priority=call.limits.priority,
                max_wait=None if longest == math.inf else max(0.0, longest),
                route=call.request.endpoint.route,
                slots=self._slots,
                again=again,
            )
        finally:
            call.max_wait -= call.clock() - began_at
            if call.scope is not None:
                call.scope.end_wait(call.clock())

    async def _before_deadline(self, call: _Call[T], wait: Coroutine[object, object, W]) -> W:
        """Return the result of a wait; raise if the deadline passes, or the client is closed, before the wait ends."""
        try:
            return await self._lifetime.run(wait, ends_at=call.ends_at)
        except ExpiredError:
            pass
        raise self._expired(call, sent=False)

    def _expired(self, call: _Call[T], *, sent: bool) -> KatapultError:
        """Return the error of a call that was ended by its deadline, or by closing the client."""
        if self._lifetime.closing:
            return ClientClosedError(f"the client was closed while a call waited for {call.activity}")
        text = f"not done within {call.timeout:g} s, while waiting for {call.activity}"
        problem = call.context().problem(text, sent=sent)
        return RequestTimeoutError(attrs.evolve(problem, phase="call"))

    def _outage_error(self, call: _Call[T]) -> RequestError:
        """Return the error of a call that was not sent because of an outage. Its class is that of the last failure."""
        what, seconds, last = self._breakers.present_outage(call.request.endpoint.route)
        text = f"not sent, since {what} failed for {seconds:.0f} s, the last with: {last.description}"
        problem = attrs.evolve(
            call.context().problem(text, sent=False),
            status=last.problem.status,
            code=last.problem.code,
            detail=last.problem.detail,
            reason=last.problem.reason,
            phase=last.problem.phase,
            retry_after=last.problem.retry_after,
            certificate=last.problem.certificate,
            outage=seconds,
        )
        return type(last)(problem)


def _call_hook(hook: Callable[[T], object], notice: T) -> None:
    """Call a hook of the user; an exception in it is logged and changes nothing else."""
    try:
        hook(notice)
    except Exception:  # noqa: BLE001 # foreign code: its bug must not change the outcome of a call
        _LOG.exception("the hook %r failed", hook)


def _headers_of_refusal(response: TransportResponse, refusal: RateLimitReachedError) -> RateLimitHeaders:
    """Return what a 429 reports about the rate limit."""
    return RateLimitHeaders.read(
        response.headers,
        refused=True,
        total_permitted=refusal.total_permitted,
        from_katapult=refusal.code is not None,
        retry_after=refusal.problem.retry_after,
    )


def _report_outage(outage: Outage, hook: Callable[[Outage], object] | None) -> None:
    what = outage.endpoint or "every endpoint in use"
    if outage.until is None:
        _LOG.info("outage: %s fails; only probes are sent, the last failure is: %s", what, outage.last_error)
    else:
        _LOG.info("outage: %s works again after %.0f s", what, outage.until - outage.since)
    if hook is not None:
        _call_hook(hook, outage)


def _log_pause(pause: RateLimitPause) -> None:
    _LOG.info("rate limit: %s (%s of %s requests left)", pause, pause.remaining, pause.permitted)
