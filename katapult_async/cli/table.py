"""Rows and columns as text: for a terminal in its width, for a pipe so that every row is one line."""

import io
import os
from collections.abc import Sequence
from typing import Final, TextIO

import rich.box
import rich.console
import rich.table
from rich.text import Text

from katapult_async.cli.messages import printable

_PIPE_WIDTH: Final = 100_000  # columns where no terminal sets them: no row is folded, so that grep works
_COMFORTABLE: Final = 80  # columns of a terminal; in fewer of them ids are folded too, for nothing is ever cut
_FEW: Final = 6  # columns of a table beside which there is room for a whole id
_ID_WIDTH: Final = 22  # characters: the longest of Katapult's ids, vmnet_ and 16
_IDS: Final = frozenset({"id", "interface_id", "Interface"})
_COUNTS: Final = frozenset({"Free"})


def rendered(rows: Sequence[Sequence[Text]], *, titles: Sequence[str] | None, stream: TextIO) -> str:
    """Return the text. Nothing is cut: what is too long for its column goes on below.

    Args:
        rows: one of them at least.
        titles: heads of the columns; None for two columns, of which the first says what the second one is.
        stream: where the text goes; in colour and as wide as the terminal if it is one.
    """
    text = io.StringIO()  # the console's own capture flushes the stream, whose failures would be no OutputError
    console = rich.console.Console(
        file=text,
        force_terminal=stream.isatty(),
        width=None if stream.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH,
        highlight=False,
    )
    table = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=titles is not None)
    roomy = titles is not None and len(titles) <= _FEW and console.width >= _COMFORTABLE
    for title, cells in zip(titles or ("", ""), zip(*rows, strict=True), strict=True):
        width = min(_ID_WIDTH, max(map(len, cells))) if title in _IDS and roomy else None
        table.add_column(title, overflow="fold", min_width=width, justify="right" if title in _COUNTS else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def literal(text: str, *, style: str = "") -> Text:
    """Return a cell that is taken as it is: no markup, no control characters."""
    return Text(printable(text), style=style)
