"""Who else spends the token's budget, and how much of it to leave to them. Arithmetic only."""

import math

__all__ = ["FairShare"]

MEMORY = 0.5
"""Weight of a window's figures in the next window, and its square in the one after."""

LARGEST_RESERVE = 0.5
"""No reserve exceeds this part of the permitted requests: a fair share between a batch and everybody else."""

GAIN = 1 / 3
"""Part of what is left that all processes together may have under way; less than 1/e, see `window`."""

LOOKS = 0.25
"""While requests are held back one goes out now and then, which shows how fast others spend: whenever the time
watched has grown by this part, and more rarely when little is left."""

LOOK_COST = 10
"""Requests left at which looks come another whole time watched apart."""


class FairShare:
    """Foreign requests, own requests and foreground calls, counted over the recent windows.

    Inside a window the foreign use is known as an interval: the server's counter says how much was spent, and
    of the own requests under way some may be in that count already. Both ends meet when none is under way.
    """

    __slots__ = ("_foreground", "_foreign", "_lived", "_own", "_watched", "_window")

    def __init__(self, *, window: float) -> None:
        self._window = window
        self._foreign = 0.0
        self._own = 0.0
        self._watched = 0.0
        self._foreground = 0.0
        self._lived = 0.0

    def called(self) -> None:
        """Count one foreground call of this process."""
        self._foreground += 1.0

    def hear(self, *, foreign: int, own: int, watched: float) -> None:
        """Close the books of a window: ``foreign`` requests beside ``own`` ones within ``watched`` seconds."""
        self._foreign += foreign
        self._own += own
        self._watched += watched

    def age(self, windows: int, *, lived: float) -> None:
        """Add the seconds that passed, and let the past count less: once for each window."""
        kept = MEMORY**windows
        self._foreign *= kept
        self._own *= kept
        self._watched *= kept
        self._foreground *= kept
        self._lived = (self._lived + lived) * kept

    def share(self, *, foreign: int, own: int) -> float:
        """Return the part of all requests that is this process's own: 1 when nobody else was seen."""
        others = self._foreign + foreign
        if others < 1:
            return 1.0
        mine = max(1.0, self._own + own)
        return mine / (mine + others)

    def taper(self, share: float, remaining: int) -> float:
        """Return the number of requests under way at which to send no more for now."""
        return max(1.0, share * remaining * GAIN)

    def stop_at(self, share: float) -> int:
        """Return the count below which what is left belongs to the others."""
        return round(1.0 / share)

    def ample(self, room: int, permitted: int) -> bool:
        """Return whether so much is left that no reserve can touch it."""
        return room - 1 >= permitted * LARGEST_RESERVE

    def until_look(self, watched: float, room: int) -> float:
        """Return the seconds from the last answer to the next look."""
        return watched * (LOOKS + LOOK_COST / room)

    def free_at(
        self,
        now: float,
        *,
        room: int,
        permitted: int,
        least: int,
        most: int,
        watched: float,
        lived: float,
        ends_at: float,
        endless: bool,
    ) -> float:
        """Return from when on one of the requests left is the batch's own; ``now`` or earlier: already.

        Args:
            now: monotonic seconds, as all times here.
            room: requests left.
            permitted: requests that a window permits.
            least: foreign requests in this window that are proven.
            most: the same, if no own request under way was counted yet.
            watched: seconds of this window in which use was visible.
            lived: seconds since the window began.
            ends_at: the earliest end of the window.
            endless: whether the batch outlasts this window. Then what is held back costs nothing, because the
                batch waits for the next window anyway, and the doubt goes to the neighbours.
        """
        rate = self._rate(permitted, least, most, watched, endless=endless)
        if endless:
            rate += _at_most(self._foreground) / max(self._lived + lived, 1e-3)
        else:
            rate += max(0.0, self._foreground - 1.0) / self._window
        # the reserve, rate * (time left), leaves room for one more; and one of less than 1 request is none
        return ends_at - max(room - 1, 1) / rate if rate else now

    def _rate(self, permitted: int, least: int, most: int, watched: float, *, endless: bool) -> float:
        """Return how many foreign requests a second to reckon with."""
        seen = max(self._watched + watched, 1e-3)
        proven = self._foreign + least
        if proven >= permitted / self._window * seen:
            return 0.0  # they sprint, as a batch does: what would be left to them they take now
        if endless:
            return _at_most(self._foreign + max(0, most)) / seen
        sure = max(0.0, proven - 1.0)
        return (sure + 2.0 * math.sqrt(sure)) / seen


def _at_most(seen: float) -> float:
    """Return what ``seen`` events may stand for: a Poisson mean above it by three standard deviations."""
    return seen + 1.0 + 3.0 * math.sqrt(seen + 1.0)
