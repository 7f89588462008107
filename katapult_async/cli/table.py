"""The layout of tables: columns where they fit, and otherwise one block for each record. No value is cut or broken."""

import os
import shutil
from collections.abc import Sequence
from typing import Any, Final, TextIO

import attrs
import click

from katapult_async.cli.messages import printable, understands_escapes

_GAP: Final = "   "
_GAPS: Final = (_GAP, "  ")  # between columns; the narrow one if the wide one does not fit
_DEFAULT_WIDTH: Final = 80  # columns of a terminal that does not say how many it has
_RIGHT_ALIGNED: Final = frozenset({"Free", "Free IPv4", "Free IPv6", "Interfaces", "Failed"})


@attrs.frozen(kw_only=True)
class Row:
    """One record of a table."""

    cells: tuple[str, ...]
    """Values, as the server sent them."""

    is_red: bool = False
    """Whether it is shown in red on a terminal with colors."""

    key: tuple[str, ...] = ()
    """What the rows of a table are sorted by."""


@attrs.frozen(kw_only=True)
class Screen:
    """The terminal, pipe or file that a table is laid out for."""

    width: int | None = None
    """Columns of characters; None for a pipe or a file, where every row is one line, so that grep works."""

    encoding: str = "utf-8"
    """Encoding of the stream; characters that it does not have are escaped."""

    colors: bool = False
    """Whether escape sequences may set colors."""

    @classmethod
    def of(cls, stream: TextIO) -> "Screen":
        """Return the properties of a stream. ``COLUMNS`` in the environment sets the width of every stream."""
        return cls(
            width=shutil.get_terminal_size((_DEFAULT_WIDTH if stream.isatty() else 0, 0)).columns or None,
            encoding=stream.encoding or "utf-8",
            colors=understands_escapes(stream) and not os.environ.get("NO_COLOR"),
        )

    def text(self, value: str) -> str:
        """Return a value as this screen can show it: without control characters."""
        return printable(value).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def styled(self, line: str, **style: Any) -> str:
        """Return a line in a style of `click.style`, if there are colors."""
        return click.style(line, **style) if self.colors and any(style.values()) else line


def table(rows: Sequence[Row], *, titles: Sequence[str], screen: Screen, header: bool = True) -> str:
    """Return records as lines of text: a row for each if the widest row fits, and otherwise a block for each.

    Args:
        rows: the records.
        titles: of the columns.
        screen: what the table is shown on.
        header: whether the titles are above the rows. Blocks have titles in any case.
    """
    titles = [screen.text(title) for title in titles]
    cells = [[screen.text(value) for value in row.cells] for row in rows]
    widths = [max(map(_width, column)) for column in zip(titles, *cells, strict=True)]
    totals = {gap: sum(widths) + len(gap) * (len(widths) - 1) for gap in _GAPS}
    gap = next((gap for gap in _GAPS if screen.width is None or totals[gap] <= screen.width), None)
    if gap is None:
        return "\n".join(block(row, titles=titles, screen=screen) for row in rows)
    dash = "─" if screen.text("─") == "─" else "-"
    # in a pipe the line of dashes would be read as a row
    dashes = [] if screen.width is None else [dash * totals[gap]]
    above = [screen.styled(_joined(titles, titles, widths, gap), bold=True), *dashes] if header else []
    lines = [_joined(line_cells, titles, widths, gap) for line_cells in cells]
    styled = [screen.styled(line, fg="red" if row.is_red else None) for line, row in zip(lines, rows, strict=True)]
    return "".join(f"{line}\n" for line in [*above, *styled])


def block(row: Row, *, titles: Sequence[str], screen: Screen) -> str:
    """Return one record as lines of text: a title and its value on one line, or on two if they do not fit on one."""
    titles = [screen.text(title) for title in titles]
    column = max(map(_width, titles), default=0)
    lines = []
    for title, cell in zip(titles, row.cells, strict=True):
        value = screen.text(cell)
        beside = f"{title}{' ' * (column - _width(title))}{_GAP}{value}" if value else title
        fits = not value or screen.width is None or _width(beside) <= screen.width
        lines += [beside] if fits else [title, f"  {value}"]
    return "".join(f"{screen.styled(line, fg='red' if row.is_red else None)}\n" for line in lines)


def _joined(cells: Sequence[str], titles: Sequence[str], widths: Sequence[int], gap: str) -> str:
    """Return the cells of one row, each as wide as its column, up to the last one that is not empty."""
    last = max((index for index, cell in enumerate(cells) if cell), default=-1)
    padded = []
    for index, (cell, title, width) in enumerate(zip(cells[: last + 1], titles, widths, strict=False)):
        padding = " " * (width - _width(cell))
        if title in _RIGHT_ALIGNED:
            padded.append(padding + cell)
        else:
            padded.append(cell if index == last else cell + padding)
    return gap.join(padded)


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 # few tables need it

    return cell_len(text)
