"""The rate limit of one token, as arithmetic: when may the next request be sent?

Knows no socket, event loop, clock, randomness or log. Times are monotonic seconds given by the caller, unless
a name says server or Unix.

TODO theory
"""

import enum
import math
from collections import deque
from collections.abc import Mapping

import attrs

from katapult_async.sansio.lateness import Lateness
from katapult_async.sansio.neighbours import Neighbours
from katapult_async.sansio.server_clock import ServerClock, unix_seconds

__all__ = ["Estimate", "Pause", "Priority", "RateLimit", "Report", "Shut", "ShutReason", "Ticket", "Window"]

COLD = 4
"""Requests under way at once while nothing is known about the budget."""

LARGEST_COUNT = 10**9
"""A header that names more requests than this is garbage."""

PATIENCE = 1.0
"""Seconds after which a silent first request of a window is joined by another."""

GRACE = 3.0
"""Seconds after a window's start in which "nothing left" means that the server has not started it yet.
The recordings show a reset at most about 1 s late."""

LOOKS = 0.25
"""While requests are held back, one goes out whenever the time watched has grown by this part: it shows how
fast others spend."""


class Priority(enum.IntEnum):
    """Who goes first: lower numbers do."""

    FOREGROUND = 0
    """A call that somebody awaits on its own, such as a web request."""

    BATCH = 1
    """One of many calls, of which none is urgent."""


class ShutReason(enum.StrEnum):
    """Why no request may be sent now."""

    SPENT = "spent"
    """The window's requests are used up."""

    REFUSED = "refused"
    """The server answered 429."""

    LATE = "late"
    """The next window should have started, and the server has not started it yet."""

    PROBING = "probing"
    """The first request of a new window is under way; its answer decides."""

    DRAINING = "draining"
    """Every request left is under way already."""

    SHARED = "shared"
    """Others use the token too; the last requests are spent a few at a time."""

    RESERVED = "reserved"
    """What is left is kept for foreground calls and other users of the token."""

    BUSY = "busy"
    """As many requests are under way as the policy allows."""


@attrs.frozen
class Report:
    """What one answer says about the rate limit. None stands for whatever it does not say, or says badly."""

    permitted: int | None = None
    """Requests that a window permits (``X-Ratelimit-Permitted``)."""

    remaining: int | None = None
    """Requests left when this one was counted (``X-Ratelimit-Remaining``)."""

    date: float | None = None
    """Unix seconds on the server's clock, cut to whole ones (``Date``)."""

    refused: bool = False
    """Whether the answer was 429 ``rate_limit_reached``."""

    total_permitted: int | None = None
    """Requests a minute, from the detail of a 429."""

    @classmethod
    def read(cls, headers: Mapping[str, str], *, refused: bool = False, total_permitted: int | None = None) -> "Report":
        """Read the headers of an answer, in whatever state they are."""
        date = headers.get("Date")
        return cls(
            _count(headers.get("X-Ratelimit-Permitted"), 1),
            _count(headers.get("X-Ratelimit-Remaining"), 0),
            None if date is None else unix_seconds(date),
            refused,
            total_permitted if total_permitted is not None and 0 < total_permitted <= LARGEST_COUNT else None,
        )


def _count(text: str | None, least: int) -> int | None:
    if text is None or not (text.isdecimal() and text.isascii() and len(text) <= len(str(LARGEST_COUNT))):
        return None
    number = int(text)
    return number if least <= number <= LARGEST_COUNT else None


@attrs.frozen(kw_only=True)
class RateLimit:
    """The rate limit as last heard."""

    permitted: int | None
    """Requests that one window permits; None before the first answer."""

    remaining: int | None
    """Requests left in the present window, less those under way; None before the first answer."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""

    resets_in: float | None
    """Seconds from now until the next window has surely started; None while unknown."""

    queued: int
    """Calls that wait for their turn."""

    in_flight: int
    """Requests under way."""


@attrs.frozen(kw_only=True)
class Pause:
    """The window shut while somebody was waiting."""

    reason: ShutReason
    """Why it shut."""

    seconds: float
    """Seconds until it reopens, as far as is known now."""

    queued: int
    """Calls that wait."""

    permitted: int | None
    """Requests that one window permits."""

    remaining: int | None
    """Requests left, as last heard."""

    resets_at: float | None
    """Start of the next window, in Unix seconds on the server's clock; None while that clock is unknown."""


@attrs.frozen(kw_only=True)
class Estimate:
    """How long a number of requests will take, as far as the rate limit decides."""

    requests: int
    """Requests still to be sent."""

    windows: int
    """Windows that they need, the present one included."""

    seconds: float
    """Seconds until the last of them can be sent. What the network takes comes on top."""


@attrs.frozen
class Shut:
    """No request may be sent now."""

    until: float
    """Monotonic time at which to ask again; infinite when only an answer can change anything."""

    reason: ShutReason
    """Why."""

    @property
    def closed(self) -> bool:
        """Whether the whole window is over, rather than its end near or its answers due."""
        return self.reason in {ShutReason.SPENT, ShutReason.REFUSED, ShutReason.LATE}


@attrs.define(eq=False)
class Ticket:
    """The right to send one request, now."""

    granted_at: float
    """Monotonic seconds."""

    trial: int
    """Which start of a window it belongs to; answers to requests of an earlier one only free their slot."""

    priority: Priority
    """Who asked."""

    order: int
    """Place in the queue, which a refused request keeps."""

    settled: bool = False
    """Whether its outcome is booked."""


class Window:
    """The present rate-limit window of one token."""

    def __init__(self, *, seconds: float, max_in_flight: int) -> None:
        self._seconds = seconds
        self._max_in_flight = max_in_flight
        self._grace = min(GRACE, seconds / 4)
        self._clock = ServerClock()
        self._neighbours = Neighbours(window=seconds)
        self.permitted: int | None = None
        self.remaining: int | None = None
        self.in_flight = 0
        self.episode = 0  # counts the windows that were seen open; a new shut is a shut in a new episode
        self._ghosts: deque[float] = deque()  # when requests were lost that may count against this window
        # the present window
        self._index = 0  # windows since the Unix epoch, on the server's clock
        self._due = -math.inf  # when to look for a new window
        self._retry_at = math.inf  # an earlier look, while the window is late or the clock unknown
        self._lateness = Lateness()
        self._backoffs = 0  # refusals in a row while the server's clock is unknown
        # what was heard since the last start
        self._trial = 0
        self._began_at = 0.0
        self._trial_in_flight = 0
        self._heard = False
        self._heard_at = 0.0  # when the answer came that set ``remaining``
        self._open = False  # whether the counter is seen to have started afresh
        self._refused = False
        self._base = 0  # what the counter showed at the start
        self._own = 0  # own requests since then
        self._older = 0  # own requests that were under way at the start

    # decisions

    def acquire(self, now: float, *, priority: Priority, order: int = 0, outstanding: int = 0) -> Ticket | Shut:
        """Grant one request, or say why not.

        Args:
            now: monotonic time.
            priority: who asks.
            order: place in the queue, kept on the ticket.
            outstanding: requests that the asking batch still has to send, as far as is known.
        """
        if now >= self._due:
            self._turn(now)
        shut = self._shut(now, priority, outstanding)
        if shut is not None:
            return shut
        self.in_flight += 1
        self._trial_in_flight += 1
        self._own += 1
        if priority is Priority.FOREGROUND:
            self._neighbours.called()
        return Ticket(now, self._trial, priority, order)

    def _shut(self, now: float, priority: Priority, outstanding: int) -> Shut | None:
        if self.in_flight >= self._max_in_flight:
            return Shut(math.inf, ShutReason.BUSY)
        if self.remaining is None:
            if self._heard or self.in_flight < COLD:
                return None
            return Shut(math.inf, ShutReason.PROBING)
        room = self.remaining - self.in_flight - len(self._ghosts)
        if room < 1:
            return self._spent(now)
        if priority is Priority.FOREGROUND or not (self._heard or self._trial_in_flight):
            return None
        return self._held_back(now, room, outstanding)

    def _spent(self, now: float) -> Shut | None:
        if not self._heard:
            allowed = 1 + int((now - self._began_at) / PATIENCE)
            if self._trial_in_flight < allowed:
                return None
            return Shut(self._began_at + allowed * PATIENCE, ShutReason.PROBING)
        if self.remaining and self.in_flight:
            return Shut(self._due, ShutReason.DRAINING)
        if self._retry_at < math.inf and self._clock.known:
            return Shut(self._due, ShutReason.LATE)
        return Shut(self._due, ShutReason.REFUSED if self._refused else ShutReason.SPENT)

    def _held_back(self, now: float, room: int, outstanding: int) -> Shut | None:
        permitted = self.permitted
        if permitted is None or self.remaining is None:
            return None
        low, high = self._foreign()
        endless = outstanding > room
        share = self._neighbours.share(foreign=low, own=self._own)
        if share < 1.0:
            due = share * self.remaining
            if endless and self.remaining < round(1.0 / share):
                return Shut(self._due, ShutReason.SHARED)
            if self.in_flight >= max(1.0, due / 3):
                return Shut(math.inf, ShutReason.SHARED)
        watched = self._heard_at - self._began_at
        ends_at = self._clock.perhaps((self._index + 1) * self._seconds) if self._clock.known else now
        reserve, falling = self._neighbours.reserve(
            permitted=permitted,
            low=low,
            high=high,
            watched=watched,
            lived=now - self._began_at,
            left=max(0.0, ends_at - now),
            endless=endless,
        )
        look_at = math.inf if self.in_flight else self._heard_at + watched * LOOKS
        if room - reserve >= 1 or now >= look_at:
            return None
        return Shut(min(ends_at - max(room - 1, 1) / falling, look_at), ShutReason.RESERVED)

    def _foreign(self) -> tuple[int, int]:
        spent = self._base - (self.remaining or 0)
        return spent - self._own - self._older, spent - self._own + self._trial_in_flight

    # reports

    def feed(self, ticket: Ticket, report: Report, *, now: float, jitter: float) -> None:
        """Book the answer to a request. ``jitter`` is a random number from 0 to 1. Only the first call counts."""
        if not self._settle(ticket):
            return
        date = report.date
        if date is not None:
            stepped = self._clock.hear(date, sent_at=ticket.granted_at, heard_at=now)
            if stepped or not self._heard:
                self._place(date, ticket, stepped=stepped)
        if ticket.trial == self._trial:
            self._believe(ticket, report, now, jitter)
        self._due = min(self._retry_at, self._turns_at())

    def lost(self, ticket: Ticket, *, now: float) -> None:
        """Book a request whose outcome nobody knows: spent, until a later request's answer shows the counter."""
        if self._settle(ticket) and ticket.trial == self._trial:
            self._ghosts.append(now)

    def unsent(self, ticket: Ticket) -> None:
        """Give back a request that was never sent."""
        if self._settle(ticket) and ticket.trial == self._trial:
            self._own -= 1

    def _settle(self, ticket: Ticket) -> bool:
        if ticket.settled:
            return False
        ticket.settled = True
        self.in_flight -= 1
        if ticket.trial == self._trial:
            self._trial_in_flight -= 1
        return True

    def _believe(self, ticket: Ticket, report: Report, now: float, jitter: float) -> None:
        ghosts = self._ghosts
        while ghosts and ghosts[0] <= ticket.granted_at:
            ghosts.popleft()
        permitted = report.permitted or report.total_permitted
        changed = permitted is not None and permitted != self.permitted
        if changed:
            self.permitted = permitted
        before = self.remaining
        after = 0 if report.refused else report.remaining
        if after is None:  # the answer does not say: count for ourselves
            if self.permitted is None:
                self._heard = True
                return
            after = (before if self._heard and before is not None else self.permitted) - 1
            after = max(after, 0)
        if not self._heard or before is None:
            self._heard = True
            if not report.refused and (2 * after > (self.permitted or 0) or (before is not None and after > before)):
                self._opened(ticket)
            self._base = self.permitted if self._open and before is not None and self.permitted else after + 1
            self._set(after, now)
        elif after > before and (ticket.granted_at >= self._heard_at or changed):
            self._restarted(ticket, after, now)
        elif after < before:
            self._set(after, now)
        else:
            return
        if after == 0:
            self._closed(ticket, refused=report.refused, now=now, jitter=jitter)

    def _set(self, remaining: int, now: float) -> None:
        self.remaining = remaining
        self._heard_at = now

    def _opened(self, ticket: Ticket) -> None:
        """The counter was seen to start afresh."""
        if self._clock.known:
            late = ticket.granted_at - self._clock.surely(self._index * self._seconds)
            if 0 <= late < self._grace:
                self._lateness.started(late)
            self._lateness.give_up()
        self._open = True
        self._refused = False
        self._backoffs = 0
        self._retry_at = math.inf
        self.episode += 1

    def _restarted(self, ticket: Ticket, remaining: int, now: float) -> None:
        """The counter rose between two requests of which one was sent after the other's answer: a new window."""
        index = math.floor(self._clock.latest(now) / self._seconds) if self._clock.known else self._index
        self._start(now, windows=max(0, index - self._index))
        self._index = max(index, self._index)
        self._heard = True
        self._opened(ticket)
        self._own = 1
        self._base = remaining + 1
        self._set(remaining, now)

    def _closed(self, ticket: Ticket, *, refused: bool, now: float, jitter: float) -> None:
        """Nothing is left."""
        self._refused = self._refused or refused
        if self._retry_at < math.inf:
            return
        if not self._clock.known:
            pace = self._seconds / (self.permitted or 1000)
            self._retry_at = now + min(self._seconds, pace * 2.0**self._backoffs) * (0.5 + jitter / 2)
            self._backoffs += 1
            return
        start = self._clock.surely(self._index * self._seconds)
        if self._open or now - start >= self._grace:
            return
        self._lateness.too_early(ticket.granted_at - start)
        self._retry_at = start + self._lateness.next_look(now - start)

    # time

    def _place(self, date: float, ticket: Ticket, *, stepped: bool) -> None:
        """Find the window in which an answer was written."""
        written_at = max(date, self._clock.earliest(ticket.granted_at))
        index = math.floor(written_at / self._seconds)
        if stepped or self.remaining is None:
            self._index = index

    def _turns_at(self) -> float:
        """Return when the next window has surely started."""
        if self._clock.known:
            return self._clock.surely((self._index + 1) * self._seconds) + self._lateness.first_look()
        return self._heard_at + self._seconds if self._heard else math.inf

    def _turn(self, now: float) -> None:
        """Start afresh: a new window, or another look for one that is late."""
        windows = 0
        if now >= self._turns_at():
            windows = 1
            if self._clock.known:  # after a long silence, more than one
                index = math.floor((self._clock.earliest(now) - self._lateness.first_look()) / self._seconds)
                windows = max(1, index - self._index)
            self._index += windows
        self._start(now, windows=windows)

    def _start(self, now: float, *, windows: int) -> None:
        low, _ = self._foreign()
        if self._open:
            self._neighbours.hear(foreign=low, own=self._own, watched=self._heard_at - self._began_at)
        self._neighbours.age(windows, lived=now - self._began_at)
        self._trial += 1
        self._began_at = now
        self._older = self.in_flight
        self._trial_in_flight = 0
        self._own = 0
        self._heard = False
        self._open = False
        self._retry_at = math.inf
        self._ghosts.clear()
        if windows:
            self._lateness.give_up()
        self._due = self._turns_at()

    # what people see

    def snapshot(self, now: float, *, queued: int) -> RateLimit:
        """Return the rate limit as of now."""
        resets_at = (self._index + 1) * self._seconds if self._clock.known else None
        left = None if self.remaining is None else max(0, self.remaining - self.in_flight - len(self._ghosts))
        return RateLimit(
            permitted=self.permitted,
            remaining=left,
            resets_at=resets_at,
            resets_in=None if self._due == math.inf else max(0.0, self._due - now),
            queued=queued,
            in_flight=self.in_flight,
        )

    def estimate(self, requests: int, now: float) -> Estimate:
        """Return how many windows and seconds ``requests`` more requests need."""
        room = math.inf if self.remaining is None else max(0, self.remaining - self.in_flight)
        if requests <= room or self.permitted is None:
            return Estimate(requests=requests, windows=1 if requests else 0, seconds=0.0)
        later = math.ceil((requests - room) / self.permitted)
        wait = max(0.0, min(self._due - now, self._seconds)) + (later - 1) * self._seconds
        return Estimate(requests=requests, windows=later + (1 if room else 0), seconds=wait)
