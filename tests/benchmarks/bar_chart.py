"""The ratios of a run as a bar chart in SVG."""

from collections.abc import Sequence

from tests.benchmarks.ratios import Ratio

__all__ = ["bar_chart"]

WIDTH, ROW, LEFT, TOP = 800, 24, 440, 44
CAPTION = "Processor time relative to the same work by hand (1.0). Shorter is faster."
STYLE = (
    "text{font:13px sans-serif;fill:#333}.small{font-size:11px;fill:#777}"
    ".client{fill:#2a7de1}.peer{fill:#bbb}.one{stroke:#999;stroke-dasharray:3 3}"
)
MAX_RATIO = 4.0
"""The ratio that fills the chart; longer bars are cut, and their number shows the ratio."""


def bar_chart(ratios: Sequence[Ratio]) -> str:
    """Return a chart with a bar for each ratio; bars without a goal are peers."""
    scale = (WIDTH - LEFT - 60) / MAX_RATIO
    bottom = TOP + ROW * len(ratios)
    one = LEFT + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 16}" role="img">',
        f"<style>{STYLE}</style>",
        f'<text x="20" y="20">{CAPTION}</text>',
    ]
    for row, ratio in enumerate(ratios):
        y = TOP + ROW * row
        width = scale * min(ratio.value, MAX_RATIO)
        kind = "peer" if ratio.goal is None else "client"
        parts.append(f'<text class="small" x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{ratio.name}</text>')
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="16"/>')
        parts.append(f'<text class="small" x="{LEFT + width + 6:.1f}" y="{y + 12}">{ratio.value:.2f}</text>')
    parts.append(f'<line class="one" x1="{one:.1f}" x2="{one:.1f}" y1="{TOP - 10}" y2="{bottom}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
