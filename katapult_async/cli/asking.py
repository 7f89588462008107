"""What a command was told beside its subject: how to write the answer, whom to ask, and whether to change anything."""

import os
from collections.abc import Mapping
from typing import Final

import attrs

from katapult_async.cli.fields import Plain, picked, plain

FORMATS: Final = ("table", "json", "jsonl", "csv", "yaml")
"""The output formats."""

_ROWS: Final = frozenset({"table", "csv"})


@attrs.define(kw_only=True)
class Asking:
    """The options that commands share. Mutable, for click hands them over one by one."""

    columns: tuple[str, ...] = ()
    """Paths of what rows show when nobody says it."""

    output_format: str = "table"
    """One of `FORMATS`."""

    fields: tuple[str, ...] | None = None
    """Paths of what to show; None for the columns of a row, and for everything where there are no rows."""

    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)
    """Where token and URL come from."""

    sandboxed: bool = False
    """Whether to ask a made-up cloud in this process."""

    window: float | None = None
    """Seconds of the server's rate-limit window; None for what is usual there."""

    dry_run: bool = False
    """Whether to show what would be sent instead of sending it."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Heads of the columns."""
        return self.columns if self.fields is None else self.fields

    def record(self, thing: object) -> dict[str, Plain]:
        """Return what is written of a thing."""
        if self.fields is None and self.output_format not in _ROWS:
            whole = plain(thing)
            return whole if isinstance(whole, dict) else {"value": whole}
        return {path: picked(thing, path) for path in self.titles}
