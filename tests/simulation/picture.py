"""Requests over time, as an SVG made by hand: good answers upwards, refusals below the line."""

from collections import Counter
from collections.abc import Mapping, Sequence

__all__ = ["picture"]

WIDTH, ROW, LEFT, TOP = 760, 96, 20, 44
CAPTION = "Requests a second, square-root scale; below the line: refused (429). Dashed: a new window begins."
BIN = 1.0
"""Seconds for each bar."""

STYLE = (
    "text{font:13px sans-serif;fill:#333}.small{font-size:11px;fill:#777}"
    ".good{fill:#2a7de1}.refused{fill:#d9480f}.turn{stroke:#bbb;stroke-dasharray:3 3}.base{stroke:#999}"
)


def picture(
    runs: Mapping[str, Sequence[tuple[float, int]]], *, window: float, first_reset: float, highest: float = 1000.0
) -> str:
    """Draw one row for each run.

    Args:
        runs: for each name, when each request was counted and the status of its answer.
        window: seconds between two starts of the server's budget.
        first_reset: seconds from the start of the runs to the first of them.
        highest: requests a second that fill a row.
    """
    longest = max(at for counted in runs.values() for at, _ in counted) + BIN
    scale = (WIDTH - 2 * LEFT) / longest
    bottom = TOP + ROW * len(runs)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 30}" role="img">',
        f"<style>{STYLE}</style>",
        f'<text x="{LEFT}" y="20">{CAPTION}</text>',
    ]
    turn = first_reset
    while turn < longest:
        x = LEFT + turn * scale
        parts.append(f'<line class="turn" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 10}" y2="{bottom}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{turn:g} s</text>')
        turn += window
    for row, (name, counted) in enumerate(runs.items()):
        base = TOP + ROW * row + 60
        parts.append(f'<text x="{LEFT}" y="{base - 44}">{name}: {counted[-1][0]:.0f} s</text>')
        for good, colour, sign in ((True, "good", -1), (False, "refused", 1)):
            bars = Counter(int(at / BIN) for at, status in counted if (status != 429) is good)
            for second, number in sorted(bars.items()):
                height = 40 * min(1.0, number / BIN / highest) ** 0.5
                y = base - height if sign < 0 else base
                parts.append(
                    f'<rect class="{colour}" x="{LEFT + second * BIN * scale:.1f}" y="{y:.1f}" '
                    f'width="{max(1.0, BIN * scale):.1f}" height="{height:.1f}"/>'
                )
        parts.append(f'<line class="base" x1="{LEFT}" x2="{WIDTH - LEFT}" y1="{base}" y2="{base}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
