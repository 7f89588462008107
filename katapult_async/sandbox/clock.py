"""The server's clock: a source of time plus an offset, and the Date header of a time."""

import email.utils
from collections.abc import Callable

import attrs

from . import validation


@attrs.define(kw_only=True)
class ServerClock:
    """The time on the server."""

    source: Callable[[], float] = attrs.field()
    """Returns the seconds since the Unix epoch on the clock of the process."""
    offset: float = attrs.field(default=0.0)
    """Seconds that the server's clock is ahead of the source; negative when it is behind."""
    _second: int | None = attrs.field(default=None, init=False)
    _date: str = attrs.field(default="", init=False)

    @source.validator
    def _check_source(self, _: object, value: object) -> None:
        if not callable(value):
            text = f"clock must be callable without arguments, not {value!r}"
            raise ValueError(text)  # noqa: TRY004 - a wrong setting is always a ValueError

    @offset.validator
    def _check_offset(self, _: object, value: object) -> None:
        validation.number("clock_offset", value)

    def now(self) -> float:
        """Return the server's time in seconds since the Unix epoch."""
        return self.source() + self.offset

    def date(self, now: float) -> str:
        """Return the Date header for a time of this clock, rounded down to a second."""
        second = int(now // 1)
        if second != self._second:
            self._second = second
            self._date = email.utils.formatdate(second, usegmt=True)
        return self._date
