"""All faults as one table: what happens, what the client makes of it, and how often it tries.

The tests go through it, and ``python -m tests.faults --table`` prints it for the documentation.
"""

from typing import Final

from . import clock, data, misuse, network, protocol, refusals
from .outcomes import ATTEMPTS, Fault, Misuse, Right

FAULTS: Final[tuple[Fault, ...]] = (
    *network.FAULTS,
    *protocol.FAULTS,
    *refusals.FAULTS,
    *data.FAULTS,
    *clock.FAULTS,
)
MISUSES: Final[tuple[Misuse, ...]] = misuse.MISUSES
ROWS: Final[tuple[Fault | Misuse, ...]] = (*FAULTS, *MISUSES)


def markdown() -> str:
    """Return the table as Markdown, a section for each family."""
    lines: list[str] = []
    for family in dict.fromkeys(row.family for row in ROWS):
        lines += [f"### {family.capitalize()}", "", "| what happens | outcome | attempts |", "|---|---|---|"]
        for row in ROWS:
            if row.family is family:
                lines.append(f"| {_escaped(row.does)} | {_outcome(row)} | {_attempts(row)} |")
        lines.append("")
    return "\n".join(lines)


def _outcome(row: Fault | Misuse) -> str:
    if isinstance(row, Misuse):
        return f"`{row.kind.__name__}`"
    fails = row.outcome
    if isinstance(fails, Right):
        return "the right answer"
    particulars = [
        *([f"phase `{fails.phase}`"] if fails.phase else []),
        *([f"reason `{fails.reason}`"] if fails.reason else []),
    ]
    return ", ".join([f"`{fails.kind.__name__}`", *particulars])


def _attempts(row: Fault | Misuse) -> str:
    if isinstance(row, Misuse):
        return "0"
    return "all that are allowed" if row.outcome.attempts == ATTEMPTS else "1"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
