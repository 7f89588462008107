"""A simulated server that responds to the requests of a rate-limit window."""

import math

from katapult_async.call_limits import Priority
from katapult_async.rate_limit.headers import RateLimitHeaders
from katapult_async.rate_limit.max_in_flight import Slots
from katapult_async.rate_limit.permit import Permit
from katapult_async.rate_limit.wait_reasons import Denied
from katapult_async.rate_limit.window_admission import Window

MIDNIGHT = 1_767_225_600.0
OFFSET = MIDNIGHT + 30.0
"""Server time at monotonic 0: half a minute before the reset."""

BATCH, SINGLE = Priority.BATCH, Priority.SINGLE


def new_permit(priority: Priority) -> Permit:
    return Permit(priority, 0, "GET /a", Slots(100))


def acquire(window: Window, permit: Permit, now: float, *, to_send: int = 0) -> Permit | Denied:
    """Return the permit, granted for one request, or why it is denied."""
    denied = window.check(permit, now, to_send=lambda _: to_send)
    if denied is not None:
        return denied
    window.add_request(permit, now)
    return permit


class SimulatedServer:
    """A window, and the responses of a server whose clock is `OFFSET` ahead."""

    def __init__(self, *, seconds: float = 60.0, dated: bool = True) -> None:
        self.window = Window(seconds=seconds, random=lambda: 0.5)
        self.refused_alone: list[Permit] = []
        self.dated = dated

    def acquire(
        self, now: float, *, priority: Priority = SINGLE, to_send: int = 0, refused_permit: Permit | None = None
    ) -> Permit | Denied:
        permit = refused_permit or new_permit(priority)
        return acquire(self.window, permit, now, to_send=to_send)

    def granted(self, now: float, *, priority: Priority = SINGLE, to_send: int = 0) -> Permit:
        permit = self.acquire(now, priority=priority, to_send=to_send)
        assert isinstance(permit, Permit)
        return permit

    def denied(
        self, now: float, *, priority: Priority = SINGLE, to_send: int = 0, refused_permit: Permit | None = None
    ) -> Denied:
        denied = self.acquire(now, priority=priority, to_send=to_send, refused_permit=refused_permit)
        assert isinstance(denied, Denied)
        return denied

    def respond(
        self,
        permit: Permit,
        now: float,
        *,
        left: int | None,
        permitted: int | None = 100,
        refused: bool = False,
        total: int | None = None,
        ahead: float = 0.0,
    ) -> None:
        """Respond; the clock of the node that does so is ``ahead`` of the others."""
        date = float(math.floor(now - 0.01 + OFFSET + ahead)) if self.dated else None
        permit.refusals += 1 if refused else 0
        self.refused_alone += self.window.responded(
            permit, RateLimitHeaders(permitted, left, date, refused, total), now=now
        )

    def exchange(self, now: float, *, left: int | None, permitted: int | None = 100) -> None:
        self.respond(self.granted(now), now + 0.05, left=left, permitted=permitted)

    def spend(self) -> None:
        """Spend the window. The three responses also show the server's clock, to about 0.05 s."""
        self.exchange(0.0, left=99)
        self.exchange(0.94, left=98)
        self.exchange(1.0, left=0)

    @property
    def left(self) -> int | None:
        """Requests left 2 s after the start."""
        return self.window.snapshot(2.0).remaining
