"""The pictures of the README, drawn with matplotlib: each as two SVG files, for light and for dark pages."""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from tests.benchmarks.ratios import Ratio

if TYPE_CHECKING:  # matplotlib takes half a second to import, and every worker of the tests imports this module
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Library", "Theme", "makespans", "ratios", "requests_over_time", "save"]

SCENARIOS: Final = ("one process", "one process, clock 20 s off", "4 processes, one token")
LONGEST: Final = 4.0
"""The ratio at which a bar is broken off; its number shows how long it is."""


@attrs.frozen(kw_only=True)
class Theme:
    """Colors for one kind of page."""

    name: str
    text: str
    lines: str
    series: tuple[str, str, str]
    """Colors that people with any color vision can distinguish, even in grey."""
    refused: str
    background: str


LIGHT: Final = Theme(
    name="light",
    text="#1f2328",
    lines="#8c959f",
    series=("#0b5cad", "#6ba6dd", "#b8860b"),
    refused="#c8321f",
    background="#ffffff",
)
DARK: Final = Theme(
    name="dark",
    text="#e6edf3",
    lines="#7d8590",
    series=("#79b8ff", "#3f6f9f", "#e3b341"),
    refused="#ff7b72",
    background="#0d1117",
)

Draw = Callable[["Figure", Theme], None]
"""Draws a picture."""


@attrs.frozen(kw_only=True)
class Library:
    """A library that runs a batch in each of the `SCENARIOS`."""

    name: str
    times: tuple[float, float, float]
    """The makespans, as multiples of the shortest possible ones."""


def save(draw: Draw, path: Path, *, size: tuple[float, float]) -> list[Path]:
    """Draw a picture for light and for dark pages, and return the two files.

    Args:
        draw: draws it.
        path: the files without their end: ``-light.svg`` and ``-dark.svg`` are added.
        size: width and height in inches.
    """
    import matplotlib as mpl  # noqa: PLC0415 # see the top
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415 # likewise
    from matplotlib.figure import Figure  # noqa: PLC0415 # likewise

    files = []
    for theme in (LIGHT, DARK):
        with mpl.rc_context(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": path.name,  # the same picture has the same bytes
                "font.family": "sans-serif",
                "text.color": theme.text,
                "axes.labelcolor": theme.text,
                "axes.edgecolor": theme.lines,
                "xtick.color": theme.text,
                "ytick.color": theme.text,
                "figure.facecolor": theme.background,
                "axes.facecolor": theme.background,
            }
        ):
            figure = Figure(figsize=size, layout="constrained")
            FigureCanvasSVG(figure)
            draw(figure, theme)
            file = path.with_name(f"{path.name}-{theme.name}.svg")
            figure.savefig(file, metadata={"Date": None})
            files.append(file)
    return files


def makespans(libraries: Sequence[Library]) -> Draw:
    """Return a picture of how long a batch takes with each library: a group of bars for each of them."""

    def draw(figure: "Figure", theme: Theme) -> None:
        axes = figure.subplots()
        height = 0.8 / len(SCENARIOS)
        for index, (scenario, color) in enumerate(zip(SCENARIOS, theme.series, strict=True)):
            values = [library.times[index] for library in libraries]
            places = [row + (index - 1) * height for row in range(len(libraries))]
            bars = axes.barh(places, values, height=height * 0.9, color=color, label=scenario)
            axes.bar_label(bars, labels=[f"{value:.2f}" for value in values], padding=3, fontsize=8, color=theme.text)
        axes.set_yticks(range(len(libraries)), [library.name for library in libraries])
        axes.invert_yaxis()
        axes.axvline(1.0, color=theme.text, linewidth=1, linestyle=(0, (3, 3)))
        axes.set_xlim(0, 2.0)
        axes.set_xlabel("time of a batch of 2.5 windows / shortest possible time")
        _legend(figure, axes)
        _plain(axes)

    return draw


def requests_over_time(runs: Mapping[str, Sequence[tuple[float, int]]], *, window: float, first_reset: float) -> Draw:
    """Return a picture of the requests of each library in each second.

    Args:
        runs: for each name, the second in which each request was counted, and the status of its response.
        window: seconds between two resets of the server's budget.
        first_reset: seconds from the start of the runs to the first reset.
    """

    def draw(figure: "Figure", theme: Theme) -> None:
        from matplotlib.patches import Patch  # noqa: PLC0415 # see the top

        panels = figure.subplots(len(runs), sharex=True, sharey=True)
        end = max(second for counted in runs.values() for second, _ in counted)
        for axes, (name, counted) in zip(panels, runs.items(), strict=True):
            for color, sign, refused in ((theme.series[0], 1, False), (theme.refused, -1, True)):
                seconds = Counter(int(second) for second, status in counted if (status == 429) is refused)
                axes.bar(
                    [second + 0.5 for second in seconds],
                    [sign * number for number in seconds.values()],
                    width=1.0,
                    color=color,
                )
            reset = first_reset
            while reset < end:
                axes.axvline(reset, color=theme.lines, linewidth=1, linestyle=(0, (3, 3)))
                reset += window
            axes.axhline(0, color=theme.lines, linewidth=1)
            axes.set_yscale("symlog", linthresh=10)
            axes.set_yticks([-100, 0, 10, 100, 1000], ["100", "0", "10", "100", "1000"])
            axes.set_title(f"{name}: {max(second for second, _ in counted):.0f} s", loc="left", fontsize=10)
            _plain(axes)
        panels[-1].set_xlabel("seconds; dashed: a new window of the server begins")
        figure.supylabel("requests in a second", fontsize=10)
        kinds = [Patch(color=theme.series[0], label="accepted"), Patch(color=theme.refused, label="refused (429)")]
        figure.legend(handles=kinds, loc="outside upper right", ncols=len(kinds), frameon=False, fontsize=9)

    return draw


def ratios(measured: Sequence[Ratio]) -> Draw:
    """Return a picture of processor times relative to the same work by hand: a group of bars for each kind of work.

    A bar that is too long is broken off.
    """
    ours = [ratio.goal is not None for ratio in measured]  # other libraries have no goal
    groups_begun = itertools.accumulate(1 if is_ours else 0 for is_ours in ours)
    # a gap before each group, which begins with this library
    places = [row + 0.7 * groups for row, groups in enumerate(groups_begun)]

    def draw(figure: "Figure", theme: Theme) -> None:
        axes = figure.subplots()
        for label, color, wanted in (("katapult_async", theme.series[0], True), ("others", theme.series[2], False)):
            rows = [row for row, is_ours in enumerate(ours) if is_ours is wanted]
            lengths = [min(measured[row].value, LONGEST) for row in rows]
            axes.barh([places[row] for row in rows], lengths, height=0.8, color=color, label=label)
        for place, ratio in zip(places, measured, strict=True):
            length = min(ratio.value, LONGEST)
            end = (max(length, ratio.goal or 0.0), place)
            text = f"{ratio.value:.2f}"
            axes.annotate(text, end, xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
            if ratio.value > LONGEST:  # two slanted lines through the bar
                slant = [place + 0.5, place - 0.5]
                axes.plot([LONGEST - 0.2, LONGEST - 0.1], slant, color=theme.background, linewidth=3)
            if ratio.goal is not None:
                axes.plot([ratio.goal] * 2, [place - 0.5, place + 0.5], color=theme.text, linewidth=1.5)
        axes.plot([], [], color=theme.text, linewidth=1.5, label="goal")
        names = [ratio.name if ratio.goal is not None else ratio.name.partition(":")[0] for ratio in measured]
        axes.set_yticks(places, names, fontsize=8)
        axes.invert_yaxis()
        axes.axvline(1.0, color=theme.lines, linewidth=1, linestyle=(0, (3, 3)))
        axes.set_xlim(0, LONGEST + 0.4)
        axes.set_xlabel("processor time / processor time of the same work by hand")
        _legend(figure, axes)
        _plain(axes)

    return draw


def _legend(figure: "Figure", axes: "Axes") -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False, fontsize=9)


def _plain(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
