"""Who else spends the token's budget, and how much of it to leave to them. Arithmetic only."""

import math

__all__ = ["Neighbours"]

MEMORY = 0.5
"""Weight of a window's figures in the next window, and its square in the one after."""

LARGEST_RESERVE = 0.5
"""No reserve exceeds this part of the permitted requests: a fair share between a batch and everybody else."""


def _at_most(seen: float) -> float:
    """Return what ``seen`` events may stand for: a Poisson mean above it by two standard deviations."""
    return seen + 1.0 + 2.0 * math.sqrt(seen + 1.0)


class Neighbours:
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
        self._foreign += max(0, foreign)
        self._own += own
        self._watched += max(0.0, watched)

    def age(self, windows: int, *, lived: float) -> None:
        """Add the seconds that passed, and let the past count less: once for each window."""
        self._lived += lived
        kept = MEMORY**windows
        self._foreign *= kept
        self._own *= kept
        self._watched *= kept
        self._foreground *= kept
        self._lived *= kept

    def share(self, *, foreign: int, own: int) -> float:
        """Return the part of all requests that is this process's own: 1 when nobody else was seen."""
        others = self._foreign + max(0, foreign)
        if others < 1:
            return 1.0
        mine = self._own + own
        return mine / (mine + others)

    def reserve(
        self, *, permitted: int, low: int, high: int, watched: float, lived: float, left: float, endless: bool
    ) -> tuple[float, float]:
        """Return the requests to leave unspent, and by how many a second that falls.

        Args:
            permitted: requests that a window permits.
            low: foreign requests in this window that are proven.
            high: the same, if no own request under way was counted yet.
            watched: seconds of this window in which use was visible.
            lived: seconds since the window began.
            left: seconds until the next window.
            endless: whether the batch outlasts this window. Then what is held back costs nothing, because the
                batch waits for the next window anyway, and the doubt goes to the neighbours.
        """
        seen = max(self._watched + watched, 1e-3)
        proven = self._foreign + max(0, low)
        if proven >= permitted / self._window * seen:
            rate = 0.0  # they sprint, as a batch does: what would be left to them they take now
        elif endless:
            rate = _at_most(self._foreign + max(0, high)) / seen
        else:
            rate = max(0.0, proven - 1.0) / seen
        if endless:
            rate += _at_most(self._foreground) / max(self._lived + lived, 1e-3)
        else:
            rate += max(0.0, self._foreground - 1.0) / self._window
        amount = min(rate * left, permitted * LARGEST_RESERVE)
        return (amount, rate) if amount >= 1.0 else (0.0, math.inf)
