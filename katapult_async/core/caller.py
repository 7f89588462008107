"""One call from beginning to end: limiter, send, problem, decide, decode. The only file that writes a log.

Each attempt waits for the token's rate-limit limiter, sends once, and ends in a value or in one error. The first
attempt runs by itself; tenacity comes in only when it has failed, and takes that failure for its first attempt.
"""

import asyncio
import logging
import math
import random
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs
import tenacity

from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts, check_seconds
from katapult_async.core.circuit_breaker import CircuitBreaker, Turn
from katapult_async.core.converter import UnreadableError, WrongShapeError
from katapult_async.core.deadlines import ExpiredError, Lifetime
from katapult_async.core.decoding import Decoded, decode_in_turns
from katapult_async.core.endpoints import Request
from katapult_async.core.responses import RequestContext, Response, printable
from katapult_async.core.retry import Attempts, GiveUp, Retry, blames_server, decide
from katapult_async.errors import (
    APIError,
    BadResponseError,
    ClientClosedError,
    KatapultError,
    RateLimitReachedError,
    RequestTimeoutError,
    TransportError,
)
from katapult_async.http.aiohttp_transport import HttpSession, Sending
from katapult_async.options import CallLimits, Priority, scoped_limits
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.registry import RateLimiterRegistry
from katapult_async.rate_limit.window import Permit, RateLimit, RateLimitPause
from katapult_async.secret import Secret

T = TypeVar("T")

_LOG = logging.getLogger("katapult_async")
_SUCCESS = range(200, 300)


@attrs.frozen(kw_only=True)
class RetryNotice:
    """What ``KatapultClient(on_retry=...)`` is told before a call tries again."""

    error: KatapultError
    """How the attempt failed: what was asked, what came back, and how many attempts there were."""

    wait: float
    """Seconds until the next attempt; the wait for the rate limit comes on top."""


@attrs.define
class _Call(Generic[T]):
    """How one call is going."""

    request: Request[T]
    max_wait: float
    """Seconds that are left of the wait for the rate limit."""

    ends_at: float
    """Deadline, on the loop's clock."""

    priority: Priority
    attempts: int = 0
    refusals: int = 0
    earlier: tuple[KatapultError, ...] = ()
    refused: Permit | None = None
    """The permit of a refused attempt, which keeps its place in the queue."""

    doing: str = "the rate limit"
    """What the call is waiting for, for the error of a deadline."""

    hopeless: bool = False
    """Whether the call lost patience with an outage."""

    pause: float = 0.0
    """Seconds before the next attempt, as decided."""

    def context(self, token: str) -> RequestContext:
        return RequestContext(request=self.request, attempts=self.attempts, earlier=self.earlier, hidden=token)


class Caller:
    """Makes the calls of one client."""

    def __init__(
        self,
        *,
        http: HttpSession,
        token: Callable[[], Secret],
        origin: str,
        timeouts: Timeouts,
        retry: RetryPolicy,
        rate_limit: RateLimitPolicy,
        on_wait: Callable[[RateLimitPause], object] | None,
        on_retry: Callable[[RetryNotice], object] | None,
    ) -> None:
        self._http = http
        self._token = token
        self._retry = retry
        self._limits = CallLimits(
            priority=Priority.FOREGROUND, max_wait=rate_limit.max_wait, timeout=timeouts.call
        )  # of calls outside a batch
        self._on_retry = on_retry
        self._lifetime = Lifetime()
        self._gates = RateLimiterRegistry(
            origin=origin,
            policy=rate_limit,
            on_pause=_log_pause,
            on_wait=None if on_wait is None else lambda pause: self._tell(on_wait, pause),
        )
        self._circuit = CircuitBreaker(retry)

    def open(self) -> None:
        """Begin, in the running loop."""
        self._lifetime.open()
        self._http.open()

    async def close(self) -> None:
        """End every call that runs or waits with `ClientClosedError`, then close the session."""
        try:
            await self._lifetime.close()
        finally:
            self._gates.forget()
            await self._http.close()

    async def call(self, request: Request[T], *, max_wait: float | None, timeout: float | None) -> Decoded[T]:
        """Return the decoded answer to a request.

        Args:
            request: what to ask.
            max_wait: seconds that the call may wait for the rate limit; None for the client's or batch's setting.
            timeout: seconds that the whole call may take; None for the client's or batch's setting.

        Raises:
            UsageError: a limit is no number of seconds.
            KatapultError: whatever ended the last attempt.
        """
        limits = scoped_limits() or self._limits
        max_wait = limits.max_wait if max_wait is None else check_seconds("max_wait", max_wait)
        timeout = limits.timeout if timeout is None else check_seconds("timeout", timeout)
        ends_at = self.time() + timeout
        call = _Call(request, max_wait, ends_at, limits.priority)
        try:
            return await self._lifetime.run(self._persevere(call), ends_at=ends_at)
        except ExpiredError:
            pass  # raised below, outside the handler: a chain to aiohttp's frames would lead to the token
        if self._lifetime.closing:
            raise ClientClosedError(f"the client was closed while a call waited for {call.doing}")
        said = f"not done within {timeout:g} s, while waiting for {call.doing}"
        raise RequestTimeoutError(attrs.evolve(call.context("").problem(said), phase="call"))

    def time(self) -> float:
        """Return the present time, on the clock of the loop."""
        return self._lifetime.loop().time()

    def ends_at(self, timeout: float | None) -> float:
        """Return the deadline of one or several calls; None stands for the client's or batch's setting."""
        limits = scoped_limits() or self._limits
        return self.time() + (limits.timeout if timeout is None else check_seconds("timeout", timeout))

    async def pause(self, seconds: float) -> None:
        """Wait between calls; closing the client ends it with `ClientClosedError`."""
        try:
            return await self._lifetime.run(asyncio.sleep(seconds), ends_at=math.inf)
        except ExpiredError:
            pass
        raise ClientClosedError("the client was closed while a call waited to ask again")

    def printable(self, text: str) -> str:
        """Return a server's words made safe for an error."""
        return printable(text, hidden=self._token())

    def rate_limit(self) -> RateLimit:
        """Return the rate limit of the present token as last heard."""
        return self.limiter().snapshot()

    def limiter(self) -> RateLimiter:
        """Return what a batch asks how soon its requests can be sent, and tells how many there will be."""
        self._lifetime.loop()
        return self._gate(self._token())

    async def _persevere(self, call: _Call[T]) -> Decoded[T]:
        """Try once, and go on after a failure for as long as `decide` says so."""
        try:
            return await self._attempt(call)
        except KatapultError as error:
            failure = error
        return await self._recover(call, failure)

    async def _recover(self, call: _Call[T], failure: KatapultError | None) -> Decoded[T]:
        """Go on after the failure of the first attempt."""

        async def attempt() -> Decoded[T]:
            nonlocal failure
            if failure is not None:
                first, failure = failure, None
                raise first
            return await self._attempt(call)

        retrying = tenacity.AsyncRetrying(
            retry=lambda state: self._is_worth_another(call, state),
            wait=lambda _: call.pause,
            stop=tenacity.stop_never,
            sleep=asyncio.sleep,
            reraise=True,
        )
        return await retrying(attempt)

    def _is_worth_another(self, call: _Call[T], state: tenacity.RetryCallState) -> bool:
        failure = state.outcome.exception() if state.outcome is not None else None
        if not isinstance(failure, KatapultError) or call.hopeless:
            return False
        if isinstance(failure, RateLimitReachedError):
            call.refusals += 1
        decision = decide(
            failure,
            Attempts(failures=call.attempts - call.refusals, refusals=call.refusals),
            idempotent=call.request.endpoint.idempotent,
            policy=self._retry,
            time_left=call.ends_at - self._lifetime.loop().time(),
            draw=random.random(),  # noqa: S311 # spreads clients out, guards nothing
        )
        match decision:
            case GiveUp(reason=reason):
                _LOG.debug("not tried again, since %s: %s", reason, failure)
                return False
            case Retry(wait=wait):
                _LOG.info("trying again in %.2f s after: %s", wait, failure)
                call.pause = wait
                call.doing = "the next attempt"
                call.earlier = (*call.earlier, failure)
                self._tell(self._on_retry, RetryNotice(error=failure, wait=wait))
                return True

    async def _attempt(self, call: _Call[T]) -> Decoded[T]:
        """Wait for leave to send, send once, tell limiter and circuit how it ended, and return the value or raise."""
        token, limiter, turn, permit = await self._admission(call)
        call.attempts += 1
        call.doing = "Katapult's answer"
        context = call.context(token)
        sending = Sending()
        answer: Response | None = None
        outcome: KatapultError | Decoded[T] | None = None
        try:
            answer = await self._http.send(context, token=token, sending=sending)
            self._note(answer, context, limiter, permit, call)
            outcome = await _decoded(context, answer, call.request)
        except KatapultError as error:
            outcome = error
            raise
        finally:
            if answer is None and sending.begun:
                limiter.lost(permit)
            elif answer is None:
                call.doing = "a free connection"
                limiter.unsent(permit)
            self._judge(turn, outcome)
        return outcome

    @staticmethod
    def _note(answer: Response, context: RequestContext, limiter: RateLimiter, permit: Permit, call: _Call[T]) -> None:
        """Tell log and limiter of an answer; raise the error that it stands for, if it is no success."""
        if _LOG.isEnabledFor(logging.DEBUG):  # the target is put together for it
            _LOG.debug("%s %s: %s", call.request.endpoint.method, call.request.target, answer.status)
        if answer.status in _SUCCESS:
            limiter.feed(permit, RateLimitHeaders.read(answer.headers))
            return
        refusal = context.refusal(answer)
        total = refusal.total_permitted if isinstance(refusal, RateLimitReachedError) else None
        call.refused = permit if isinstance(refusal, RateLimitReachedError) else None
        limiter.feed(
            permit, RateLimitHeaders.read(answer.headers, refused=call.refused is permit, total_permitted=total)
        )
        raise refusal

    async def _admission(self, call: _Call[T]) -> tuple[Secret, RateLimiter, Turn, Permit]:
        """Wait until neither an outage nor the rate limit stands in the way of the present token."""
        while True:
            token = self._token()
            limiter = self._gate(token)
            call.doing = "the end of an outage"
            turn = await self._circuit.turn()
            if turn is None:
                call.hopeless = True
                raise self._given_up(call)
            permit: Permit | None = None
            admitted = False
            try:
                permit = None if call.refused else limiter.acquire_nowait(priority=call.priority)
                waited = permit is None
                if permit is None:
                    permit = await self._wait_for(limiter, call)
                # While this one waited, everything may have begun to fail, or another token come.
                narrowed = self._circuit.narrow and not turn.probe
                admitted = not narrowed and (not waited or token == self._token())
                if admitted:
                    return token, limiter, turn, permit
            finally:
                if not admitted:
                    self._circuit.dropped(turn)
                    if permit is not None:
                        limiter.unsent(permit)

    def _given_up(self, call: _Call[T]) -> KatapultError:
        """Return the error of a call that lost patience with an outage: of the kind that the others met."""
        last = self._circuit.last_failure
        said = f"not sent, since every request has failed for {self._circuit.lasted():.0f} s"
        return type(last)(
            attrs.evolve(
                last.problem,
                arguments=call.context("").arguments,
                method=call.request.endpoint.method,
                path=call.request.endpoint.path,
                description=f"{said}, the last with: {last.description}",
                attempts=call.attempts,
                earlier=call.earlier,
                request_id=None,
            )
        )

    def _judge(self, turn: Turn, outcome: KatapultError | Decoded[T] | None) -> None:
        """Tell the circuit what an attempt says of the server: fit, failing, or nothing."""
        match outcome:
            case Decoded():
                self._circuit.succeeded()
            case TransportError() | BadResponseError() | APIError() if blames_server(outcome):
                self._circuit.failed(turn, outcome)
            case APIError() | BadResponseError():
                self._circuit.succeeded()
            case _:
                self._circuit.dropped(turn)

    async def _wait_for(self, limiter: RateLimiter, call: _Call[T]) -> Permit:
        """Wait in the limiter's queue, at the place of the refused attempt if there was one."""
        call.doing = "the rate limit"
        began_at = self.time()
        patience = min(call.max_wait, call.ends_at - began_at)
        again, call.refused = call.refused, None
        permit = await limiter.acquire(
            priority=call.priority, max_wait=None if patience == math.inf else max(0.0, patience), again=again
        )
        call.max_wait -= self.time() - began_at
        return permit

    def _gate(self, token: Secret) -> RateLimiter:
        return self._gates.of(token, self._lifetime.loop())

    @staticmethod
    def _tell(hook: Callable[[T], object] | None, notice: T) -> None:
        """Call a caller's hook; a bug in it is logged and changes nothing else."""
        if hook is None:
            return
        try:
            hook(notice)
        except Exception:  # noqa: BLE001 # a caller's bug in a hook must not change the outcome of a call
            _LOG.exception("the hook %r failed", hook)


async def _decoded(context: RequestContext, answer: Response, request: Request[T]) -> Decoded[T]:
    """Decode an answer; let others run between the parts of a large one."""
    distrust: BadResponseError
    turns = decode_in_turns(request.endpoint, answer.body)
    try:
        while True:
            try:
                next(turns)
            except StopIteration as end:
                decoded: Decoded[T] = end.value
                return decoded
            await asyncio.sleep(0)
    except (UnreadableError, WrongShapeError) as error:
        distrust = context.distrust(answer, error)
    raise distrust


def _log_pause(pause: RateLimitPause) -> None:
    said = "rate limit: %s; %d waiting for %.1f s (%s of %s requests left)"
    _LOG.info(said, pause.reason, pause.queued, pause.seconds, pause.remaining, pause.permitted)
