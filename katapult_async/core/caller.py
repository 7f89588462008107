"""One call from its beginning to its end: admission, sending, decoding, and the retries in between.

Each attempt waits for the circuit breaker and the rate limiter, is sent once, and ends in a value or in one error. The
first attempt runs without tenacity. After a failure, tenacity decides by the strategies of `retry` whether there is
another.
"""

import asyncio
import contextlib
import functools
import logging
import math
import random
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

import attrs
import tenacity

from katapult_async.call_limits import SINGLE, CallLimits, SharedLimits, current_limits, current_shared_limits
from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts, check_seconds
from katapult_async.core import validation
from katapult_async.core.breaker_queue import CircuitBreakers
from katapult_async.core.call_state import Call
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.core.credentials_and_headers import CredentialsSource
from katapult_async.core.deadlines import ExpiredError, Lifetime
from katapult_async.core.decoding import Decoded, decode
from katapult_async.core.decoding_errors import DecodingError
from katapult_async.core.endpoints import EmptyResponse, Request
from katapult_async.core.failure_attribution import FailureAttribution, shows_server_failure
from katapult_async.core.hooks import Hooks, ResponseNotice, RetryNotice, call_hook
from katapult_async.core.log import LOG, log_wait
from katapult_async.core.redaction import masking, printable, url_without_secret_values
from katapult_async.core.retry import RetryStrategies, is_503_of_proxy, is_transient
from katapult_async.core.stepwise_decoding import STEP, decode_in_steps, needs_steps
from katapult_async.errors import (
    APIError,
    BadResponseError,
    ClientClosedError,
    KatapultError,
    RateLimitReachedError,
    RateLimitWaitError,
    RequestError,
    TransportError,
    raises_usage_error,
)
from katapult_async.http.transport import (
    SUCCESS,
    Progress,
    Transport,
    TransportFailure,
    TransportRequest,
    TransportResponse,
)
from katapult_async.options import CallOptions, check_options
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.registry import RateLimiterRegistry

T = TypeVar("T")
W = TypeVar("W")

_NO_CONTENT: Final = 204
_END_OF_OUTAGE: Final = "the end of an outage"


class _LimiterUnavailableError(ClientClosedError, AttributeError):
    """The client is not open. Code that inspects it, such as a mock, expects an `AttributeError` from a property."""


class Caller:
    """Makes the calls of one client."""

    def __init__(
        self,
        *,
        transport: Transport,
        token: str | Callable[[], str],
        base_url: str,
        user_agent: str,
        timeouts: Timeouts,
        retry: RetryPolicy,
        rate_limit: RateLimitPolicy,
        hooks: Hooks,
    ) -> None:
        self._transport = transport
        self._base_url = base_url
        self._attempt_timeout = timeouts.attempt
        self._policy = retry
        self._default_limits = CallLimits(priority=SINGLE, max_wait=rate_limit.max_wait, timeout=timeouts.call)
        self._hooks = hooks
        self._lifetime = Lifetime()
        self._limiters = RateLimiterRegistry(
            origin=validation.origin(base_url),
            policy=rate_limit,
            log_wait=log_wait,
            on_wait=functools.partial(call_hook, hooks.on_wait),
        )
        self._credentials = CredentialsSource(token, user_agent=user_agent, limiters=self._limiters)
        self.breakers: CircuitBreakers = CircuitBreakers(retry, on_outage=hooks.report_outage)
        """The circuit breakers of the client's endpoints and host."""

        self._failure_attribution = FailureAttribution(retry, self.breakers)
        self._slots = Slots(rate_limit.max_in_flight)

    __reduce__: Callable[..., NoReturn] = raises_usage_error(
        "a client belongs to one event loop: make one in each process, in place of a copy"
    )

    async def open(self) -> None:
        """Open the client in the running event loop, with its transport."""
        self._lifetime.open()
        try:
            text = "the client was closed while it was opened"
            await self._lifetime.run(self._transport.open(), ends_at=math.inf, expired=lambda: ClientClosedError(text))
        except BaseException:
            self._lifetime.cancel_open()
            raise

    async def close(self) -> None:
        """End every call that runs or waits with `ClientClosedError`, then close the transport."""
        try:
            await self._lifetime.close()
        finally:
            if self._lifetime.closing:  # False in an event loop other than the client's, where nothing may be closed
                self._limiters.forget()
                await self._transport.aclose()

    async def call(
        self,
        request: Request[T],
        *,
        contradiction: Callable[[Decoded[T]], str | None] | None = None,
        max_wait: float | None = None,
        timeout: float | None = None,
    ) -> Decoded[T]:
        """Return the decoded response to a request.

        Args:
            request: the endpoint with its arguments.
            contradiction: returns in one sentence how a decoded response contradicts the request or another response;
                None if it does not. A contradiction is a `BadResponseError`.
            max_wait: seconds that the call may wait for the rate limit; None for the limit of its block or the client.
            timeout: seconds that the whole call may take; None for the limit of its block or the client.

        Raises:
            UsageError: a limit is not a number of seconds.
            KatapultError: why the call failed.
        """
        shared = current_shared_limits()
        limits = self._default_limits if shared is None else shared.limits
        max_wait = limits.max_wait if max_wait is None else check_seconds("max_wait", max_wait)
        timeout = limits.timeout if timeout is None else check_seconds("timeout", timeout)
        clock = self._lifetime.loop().time
        began_at = clock()
        ends_at = began_at + timeout
        if shared is not None and shared.ends_at < ends_at:
            ends_at, timeout = shared.ends_at, shared.timeout
        call = Call(
            request=request,
            clock=clock,
            timeout=timeout,
            ends_at=ends_at,
            max_wait=max_wait,
            limits=limits,
            shared=shared,
            contradiction=contradiction,
        )
        try:
            outcome = await self._attempt(call, began_at)
            if isinstance(outcome, RequestError):
                outcome = await self._retry(call, outcome)
        except KatapultError as error:
            outcome = error.with_traceback(None)  # the traceback refers to frames that refer to the call
        except StopAsyncIteration as error:  # it would end the iteration over a list
            text = "the transport, the token function or a retry strategy raised StopAsyncIteration"
            raise RuntimeError(text) from error
        if isinstance(outcome, Decoded):
            return outcome
        try:
            raise outcome
        finally:
            # The error's traceback refers to this frame: the cycle with the error would keep the callers' frames alive,
            # and limits would keep their batch alive.
            del outcome, call, shared, limits

    def time(self) -> float:
        """Return the current time, on the clock of the event loop."""
        return self._lifetime.loop().time()

    def shared_limits(self, options: CallOptions) -> SharedLimits:
        """Return the limits of a block of calls: the options bound all its calls together."""
        overrides: dict[str, Any] = {**check_options(options)}
        return SharedLimits(attrs.evolve(current_limits() or self._default_limits, **overrides))

    # Not `staticmethod(is_transient)`: type checkers do not agree on the type of such an attribute.
    def is_transient(self, error: KatapultError) -> bool:
        """Return whether the same request could succeed later; False for an error of the rate limit."""
        return is_transient(error)

    async def pause(self, seconds: float) -> None:
        """Wait between calls; closing the client ends the wait with `ClientClosedError`."""
        text = "the client was closed during a wait between two calls"
        await self._lifetime.run(asyncio.sleep(seconds), ends_at=math.inf, expired=lambda: ClientClosedError(text))

    def printable(self, text: str) -> str:
        """Return a text of the server made safe for an error: one line, without the token."""
        return printable(text, masked=masking(self._credentials.token()))

    def limiter(self) -> RateLimiter:
        """Return the rate limiter of the current token."""
        try:
            return self._limiters.of(self._credentials.token(), self._lifetime.loop())
        except ClientClosedError as error:
            raise _LimiterUnavailableError(str(error)) from None

    async def _attempt(self, call: Call[T], began_at: float) -> Decoded[T] | KatapultError:
        """Wait for admission, send once, and return the decoded response or what went wrong.

        Raises:
            KatapultError: what ends the call in any case, such as its deadline.
        """
        call.credentials = credentials = self._credentials.fixed or self._credentials.current(self._lifetime.loop())
        permit: Permit | None = None
        route = call.request.endpoint.route
        is_open = self.breakers.has_failures and self.breakers.is_open(route)
        # An attempt that need not wait gets its permit here. All others wait in `_admit`.
        if call.refused_permit is None and not is_open and began_at < call.ends_at:
            permit = credentials.limiter.acquire_nowait(
                priority=call.limits.priority, route=route, slots=self._slots, batch=call.limits.batch
            )
        if permit is None:
            await self._before_deadline(call, self._admit(call))
            began_at = call.clock()
        else:
            call.permit, call.probed = permit, None
        call.attempts += 1
        call.waits_for = "Katapult's response"
        progress = Progress()
        response: TransportResponse | None = None
        outcome: Decoded[T] | KatapultError | None = None
        try:
            result = await self._send(call, progress, began_at + self._attempt_timeout)
            if isinstance(result, KatapultError):
                outcome = result
            else:
                response = result
                outcome = await self._decode(call, response)
        finally:
            self._report_attempt(call, progress, response, outcome)
            if self._hooks.on_response is not None:
                self._report_response(call, response, outcome, seconds=call.clock() - began_at)
        return outcome

    async def _admit(self, call: Call[T]) -> None:
        """Wait until neither the circuit breaker nor the rate limit of the current token holds the attempt back."""
        checks_token = True
        while True:
            call.waits_for = _END_OF_OUTAGE
            call.credentials = self._credentials.current(self._lifetime.loop())
            call.probed = await self._end_of_outage(call)
            with contextlib.ExitStack() as undo:  # gives back probe and permit, unless the attempt is admitted
                undo.callback(self.breakers.release_probe, call.probed)
                call.permit = await self._wait_for_permit(call)
                undo.callback(call.credentials.limiter.unsent, call.permit)
                # Meanwhile the circuit breaker may have opened, or the token may have been replaced.
                is_open = call.probed is None and self.breakers.is_open(call.route)
                is_replaced = checks_token and call.credentials.token != self._credentials.token()
                if not is_open and not is_replaced:
                    undo.pop_all()
                    return
            checks_token = not is_replaced  # not twice in a row: a function may return another token each time

    async def _end_of_outage(self, call: Call[T]) -> CircuitBreaker | None:
        """Wait for the circuit breaker; return the one that the attempt probes, None if it is not a probe."""
        with contextlib.suppress(TimeoutError):
            return await self.breakers.wait(
                call.route,
                idempotent=call.request.endpoint.idempotent,
                priority=call.limits.priority,
                timeout=self._failure_attribution.outage_timeout(call),
            )
        raise call.outage_error(*self.breakers.current_outage(call.route))

    async def _wait_for_permit(self, call: Call[T]) -> Permit:
        """Wait in the limiter's queue, at the place of the refused attempt if there was one."""
        call.waits_for = "the rate limit"
        began_at = call.clock()
        longest = min(call.max_wait - call.waited, call.ends_at - began_at)
        refused_permit, call.refused_permit = call.refused_permit, None
        if call.shared is not None:
            longest = min(longest, call.shared.wait_left(began_at))
            call.shared.count_waiting(began_at, 1)
        try:
            return await call.credentials.limiter.acquire(
                priority=call.limits.priority,
                max_wait=None if longest == math.inf else max(0.0, longest),
                route=call.route,
                slots=self._slots,
                batch=call.limits.batch,
                refused_permit=refused_permit,
            )
        except RateLimitWaitError as error:
            if error.wait.waited:
                error = RateLimitWaitError(attrs.evolve(error.wait, waited=call.waited + error.wait.waited))
            raise error from None
        finally:
            call.waited += call.clock() - began_at
            if call.shared is not None:
                call.shared.count_waiting(call.clock(), -1)

    async def _send(
        self, call: Call[T], progress: Progress, attempt_ends_at: float
    ) -> TransportResponse | KatapultError:
        """Send once, and return the response, or the error of an attempt without one."""
        # After a failure without a response, the other connections of the pool may be dead too. But if the failure was
        # that this machine had no file descriptor for a new connection, only a connection of the pool can be used.
        last = call.earlier[-1] if call.earlier else None
        pool_may_be_dead = isinstance(last, TransportError) and last.problem.failure != "local"
        target, credentials = call.request.target, call.credentials
        request = TransportRequest(  # no local variable has its URL or body: a traceback could show their secrets
            method=call.request.endpoint.method,
            url=type(target)(self._base_url + target),  # a `Secret` stays one
            # A copy for each request: a transport may add headers to it, such as those of a tracer.
            headers=dict(credentials.headers if call.request.body is None else credentials.headers_with_body),
            body=None if call.request.body is None else call.request.content,
            fresh_connection=call.limits.fresh_connection or pool_may_be_dead,
            progress=progress,
        )
        try:
            return await self._lifetime.run(self._transport.send(request), ends_at=min(attempt_ends_at, call.ends_at))
        except TransportFailure as error:
            progress.sent = error.sent
            return call.context().transport_error(error.with_traceback(None))
        except ExpiredError:
            pass
        if progress.sent is False:
            call.waits_for = "a connection"
        if self._lifetime.closing or call.ends_at <= attempt_ends_at:
            return self._expired(call, sent=progress.sent is not False)
        text = f"no whole response within {self._attempt_timeout:g} s"
        return call.timeout_error(text, phase="attempt", sent=progress.sent is not False)

    async def _decode(self, call: Call[T], response: TransportResponse) -> Decoded[T] | KatapultError:
        """Return the decoded response, or the error for a response without a usable result."""
        if LOG.logger.isEnabledFor(logging.DEBUG):
            target = masking(call.credentials.token)(url_without_secret_values(call.request.target))
            LOG.debug("%s %s: %s", call.request.endpoint.method, target, response.status)
        if response.status not in SUCCESS:
            return call.context().error(response)
        endpoint, body = call.request.endpoint, response.body
        if response.status == _NO_CONTENT and endpoint.type is EmptyResponse:
            body = b"{}"
        try:
            if len(body) > STEP and needs_steps(endpoint, body):
                # The error is raised, not returned: slow decoding is not a failure of the server.
                decoded = await self._before_deadline(call, decode_in_steps(endpoint, body), sent=True)
            else:
                decoded = decode(endpoint, body)
        except DecodingError as error:
            return call.context().invalid_body(response, error)
        contradiction = None if call.contradiction is None else call.contradiction(decoded)
        return decoded if contradiction is None else call.context().untrusted(response, contradiction)

    def _report_attempt(
        self,
        call: Call[T],
        progress: Progress,
        response: TransportResponse | None,
        outcome: Decoded[T] | KatapultError | None,
    ) -> None:
        """Report an attempt to the rate limiter and the circuit breakers, however it ended."""
        limiter, permit = call.credentials.limiter, call.permit
        headers: RateLimitHeaders | None = None
        try:  # a transport of the user may return something else, or malformed headers
            if isinstance(response, TransportResponse):
                if isinstance(outcome, RateLimitReachedError):
                    headers = RateLimitHeaders.of_refusal(response.headers, outcome)
                else:
                    # Most outcomes are no errors, so the function is not called for them.
                    from_proxy = isinstance(outcome, APIError) and is_503_of_proxy(outcome)
                    headers = RateLimitHeaders.read(response.headers, from_katapult=not from_proxy)
        finally:
            if headers is not None:
                limiter.responded(permit, headers)
            elif progress.sent is False:
                limiter.unsent(permit)
            else:
                limiter.lost(permit)
        if self.breakers.has_failures or not isinstance(outcome, Decoded):  # otherwise every breaker is closed
            self._report_to_breakers(call, outcome)

    def _report_to_breakers(self, call: Call[T], outcome: Decoded[T] | KatapultError | None) -> None:
        """Report the outcome of an attempt to the circuit breakers, and record a failure for the next attempt."""
        permit = call.permit
        match outcome:
            case RequestError() if shows_server_failure(outcome):
                call.refused_permit = permit if is_503_of_proxy(outcome) else None  # perhaps it is a refusal
                self._failure_attribution.record(call, outcome)
            case RateLimitReachedError():  # neither a success nor a failure of the endpoint, which it did not reach
                call.refused_permit, call.history.own_refusals = permit, permit.own_refusals
                call.history.refusals += 1
                self.breakers.release_probe(call.probed)
            case Decoded() | APIError() | BadResponseError():
                after_503 = call.history.possible_refusals > 0
                self.breakers.succeeded(call.route, sent_at=permit.granted_at, after_503=after_503)
            case _:
                self.breakers.release_probe(call.probed)

    def _report_response(
        self, call: Call[Any], response: TransportResponse | None, outcome: object, *, seconds: float
    ) -> None:
        if isinstance(outcome, RequestError):  # also that of a response that was cut
            status, request_id = outcome.problem.status, outcome.request_id
        else:
            status = None if response is None else response.status
            request_id = call.context().request_id(response)
        notice = ResponseNotice(
            method=call.request.endpoint.method,
            path=call.request.endpoint.path,
            status=status,
            request_id=request_id,
            attempt=call.attempts,
            seconds=seconds,
        )
        call_hook(self._hooks.on_response, notice)

    async def _retry(self, call: Call[T], failure: RequestError) -> Decoded[T] | KatapultError:
        """Make further attempts after a failed one, as long as the retry policy allows, and return the last outcome.

        The errors that tenacity gets were returned, not raised: the traceback of a raised error would refer to frames
        that refer to the error, which is a reference cycle.
        """
        controller = RetryStrategies(
            policy=self._policy,
            history=call.history,
            idempotent=call.request.endpoint.idempotent,
            time_left=lambda: call.ends_at - call.clock(),
            draw=random.random,
            is_token_replaced=lambda: call.credentials.token != self._credentials.token(),
        ).controller()
        controller.begin()
        state = tenacity.RetryCallState(controller, None, (), {})
        # A strategy of the user may count the seconds since the first attempt began.
        state.start_time -= call.clock() - call.permit.granted_at
        outcome: Decoded[T] | KatapultError = failure
        while isinstance(outcome, RequestError):
            state.set_exception((type(outcome), outcome, None))
            try:
                await controller.iter(retry_state=state)
            except RequestError as error:  # the outcome, because there is no further attempt
                LOG.debug("not tried again: %s", error)
                return error.with_traceback(None)
            finally:
                controller.iter_state.reset()  # its actions refer to the controller and to the error
            wait = state.upcoming_sleep
            call.add_earlier(outcome)
            self._hooks.report_retry(RetryNotice(error=outcome, wait=wait))
            state.prepare_for_next_attempt()
            call.waits_for = "the next attempt"
            if wait:
                await self._before_deadline(call, asyncio.sleep(wait))
            outcome = await self._attempt(call, call.clock())
        return outcome

    async def _before_deadline(self, call: Call[T], wait: Coroutine[object, object, W], *, sent: bool = False) -> W:
        """Return the result of a wait; raise if the deadline passes, or the client is closed, before the wait ends."""
        return await self._lifetime.run(wait, ends_at=call.ends_at, expired=lambda: self._expired(call, sent=sent))

    def _expired(self, call: Call[T], *, sent: bool) -> KatapultError:
        """Return the error of a call that was ended by its deadline, or by closing the client."""
        if self._lifetime.closing:
            return ClientClosedError(f"the client was closed while a call waited for {call.waits_for}")
        text = f"not done within {call.timeout:g} s, while waiting for {call.waits_for}"
        if call.waits_for == _END_OF_OUTAGE and self.breakers.is_open(call.route):
            text += f", whose last error is: {self.breakers.current_outage(call.route)[0].last_error.description}"
        return call.timeout_error(text, phase="call", sent=sent)
