"""The server's clock: an injected source of time plus an offset, and the Date header made from it."""

import email.utils
from collections.abc import Callable

import attrs

from . import validation


@attrs.define(kw_only=True)
class ServerClock:
    """What time the server believes it is."""

    source: Callable[[], float] = attrs.field()
    """Seconds since the Unix epoch, on the clock of whoever runs the sandbox."""
    offset: float = attrs.field(default=0.0)
    """Seconds that the server's clock runs ahead of the source; negative when it is late."""
    _second: int | None = attrs.field(default=None, init=False)
    _date: str = attrs.field(default="", init=False)

    @source.validator
    def _check_source(self, _: object, value: object) -> None:
        if not callable(value):
            text = f"clock must be callable without arguments, not {value!r}"
            raise ValueError(text)  # noqa: TRY004 - one kind of error for every wrong setting

    @offset.validator
    def _check_offset(self, _: object, value: object) -> None:
        validation.real("clock_offset", value)

    def now(self) -> float:
        """Return the server's time in seconds since the Unix epoch."""
        return self.source() + self.offset

    def date(self, now: float) -> str:
        """Return the Date header for a time of this clock: whole seconds, rounded down."""
        second = int(now // 1)
        if second != self._second:
            self._second = second
            self._date = email.utils.formatdate(second, usegmt=True)
        return self._date
