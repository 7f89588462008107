"""Katapult's rate limit as a model: a counter that is reset at each window of the server's clock."""

import asyncio
import email.utils
import functools
import math
import random

import attrs

from tests.simulation.virtual_time import START

__all__ = ["Response", "Server", "ServerSettings"]

EPOCH = 1_767_225_600.0
"""Unix seconds at which a simulated server starts if its phase is 0: 2026-01-01. Each window used divides this number,
so that a window begins then."""


@attrs.frozen(kw_only=True)
class ServerSettings:
    """The settings of a simulated server."""

    permitted: int = 1000
    """Requests that a window permits."""
    window: float = 60.0
    """Seconds of a window."""
    phase: float = 0.3
    """Fraction of a window that has passed at the start."""
    late: float = 0.0
    """Seconds after its own ``:00`` at which the counter is reset."""
    late_varies: bool = False
    """Whether each window draws its delay from 0 to ``late``."""
    steps: tuple[tuple[float, float], ...] = ()
    """Steps of the clock: when, in seconds after the start, and by how many seconds."""
    unavailable: float = 0.0
    """Share of the requests with the status 503."""
    refused_counts: bool = False
    """Whether refused requests are counted too."""
    headers: bool = True
    """Whether responses have the counters ``X-Ratelimit-Permitted`` and ``X-Ratelimit-Remaining``."""
    headers_on_429: bool = True
    """Whether a 429 has them too."""
    date: bool = True
    """Whether responses have a ``Date``."""
    total_permitted: bool = True
    """Whether the detail of a 429 names the permitted requests."""


@attrs.frozen
class Response:
    """The response to one request."""

    status: int
    headers: dict[str, str]
    total_permitted: int | None
    """The permitted requests in the detail of a 429."""


@functools.lru_cache(maxsize=4)
def _date(second: int) -> str:
    return email.utils.formatdate(second, usegmt=True)


class Server:
    """The counter. Counts at the moment of `handle`."""

    def __init__(self, settings: ServerSettings, *, seed: int) -> None:
        self.settings = settings
        self._random = random.Random(f"server {seed}")
        self._offset = EPOCH + settings.phase * settings.window - START
        self._delays: dict[int, float] = {}
        self.index = self.index_at(START)
        self.used = 0  # requests that the current window has counted
        self.refused: dict[int, int] = {}  # requests refused in each window

    def clock(self, now: float) -> float:
        """Return what the server's clock shows."""
        return now + self._offset + sum(by for at, by in self.settings.steps if at <= now - START)

    def late(self, index: int) -> float:
        """Return how many seconds after its ``:00`` a window's counter is reset."""
        if not self.settings.late_varies:
            return self.settings.late
        if index not in self._delays:
            self._delays[index] = self._random.uniform(0.0, self.settings.late)
        return self._delays[index]

    def index_at(self, now: float) -> int:
        """Return the window whose budget is being spent."""
        clock = self.clock(now)
        index = math.floor(clock / self.settings.window)
        return index if clock - index * self.settings.window >= self.late(index) else index - 1

    def next_start(self, now: float) -> float:
        """Return when the next window starts, on the loop's clock: what only `InformedLimiter` knows."""
        index = self.index_at(now) + 1
        return now + index * self.settings.window + self.late(index) - self.clock(now)

    @property
    def left(self) -> int:
        self._reset()
        return max(0, self.settings.permitted - self.used)

    def _reset(self) -> None:
        index = self.index_at(asyncio.get_running_loop().time())
        if index != self.index:
            self.index = index
            self.used = 0

    def handle(self) -> Response:
        """Count one request and return its response."""
        self._reset()
        settings = self.settings
        refused = self.used >= settings.permitted
        if not refused or settings.refused_counts:
            self.used += 1
        if refused:
            self.refused[self.index] = self.refused.get(self.index, 0) + 1
        status = 200
        if refused:
            status = 429
        elif self._random.random() < settings.unavailable:
            status = 503
        now = asyncio.get_running_loop().time()
        headers = {}
        if settings.date:
            headers["Date"] = _date(math.floor(self.clock(now)))
        if settings.headers and (settings.headers_on_429 or not refused):
            headers["X-Ratelimit-Permitted"] = str(settings.permitted)
            headers["X-Ratelimit-Remaining"] = str(max(0, settings.permitted - self.used))
        total = settings.permitted if refused and settings.total_permitted else None
        return Response(status, headers, total)
