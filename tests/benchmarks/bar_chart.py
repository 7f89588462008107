"""Ratios as bars, as an SVG made by hand: ours and its peers against the work by hand."""

from collections.abc import Sequence

from tests.benchmarks.ratios import Ratio

__all__ = ["picture"]

WIDTH, ROW, LEFT, TOP = 760, 24, 400, 44
CAPTION = "Processor time of the same work by hand: 1. Shorter is faster."
STYLE = (
    "text{font:13px sans-serif;fill:#333}.small{font-size:11px;fill:#777}"
    ".ours{fill:#2a7de1}.peer{fill:#bbb}.one{stroke:#999;stroke-dasharray:3 3}"
)
WIDEST = 4.0
"""The ratio that fills the picture; a longer bar is cut, and its number tells."""


def picture(ratios: Sequence[Ratio]) -> str:
    """Draw a bar for each ratio; those without a goal are peers."""
    scale = (WIDTH - LEFT - 60) / WIDEST
    bottom = TOP + ROW * len(ratios)
    one = LEFT + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 16}" role="img">',
        f"<style>{STYLE}</style>",
        f'<text x="20" y="20">{CAPTION}</text>',
    ]
    for row, ratio in enumerate(ratios):
        y = TOP + ROW * row
        width = scale * min(ratio.value, WIDEST)
        kind = "peer" if ratio.goal is None else "ours"
        parts.append(f'<text class="small" x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{ratio.name}</text>')
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="16"/>')
        parts.append(f'<text class="small" x="{LEFT + width + 6:.1f}" y="{y + 12}">{ratio.value:.2f}</text>')
    parts.append(f'<line class="one" x1="{one:.1f}" x2="{one:.1f}" y1="{TOP - 10}" y2="{bottom}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
