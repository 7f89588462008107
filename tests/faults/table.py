"""All faults as one table: what happens, what the client makes of it, and how often it tries.

The tests go through it, and ``python -m tests.faults --table`` prints README.md beside this file.
"""

from pathlib import Path
from typing import Final

from . import bodies, error_responses, headers, misuse, network, protocol
from .fault import ATTEMPTS, Fault, Misuse, Right

FAULTS: Final[tuple[Fault, ...]] = (
    *network.FAULTS,
    *protocol.FAULTS,
    *error_responses.FAULTS,
    *bodies.FAULTS,
    *headers.FAULTS,
)
MISUSES: Final[tuple[Misuse, ...]] = misuse.MISUSES
ROWS: Final[tuple[Fault | Misuse, ...]] = (*FAULTS, *MISUSES)


DOCUMENT: Final = Path(__file__).parent / "README.md"

_PREFACE: Final = """# What can go wrong, and what the client makes of it

Printed by `python -m tests.faults --table` from the data that the tests go through, each row on asyncio and uvloop,
against a server of plain sockets. Attempts are those of an idempotent request; `RetryPolicy(attempts=5)` allows five.
"""


def markdown() -> str:
    """Return the table as Markdown, a section for each family."""
    lines = [_PREFACE]
    for family in dict.fromkeys(row.family for row in ROWS):
        lines += [f"### {family.capitalize()}", "", "| what happens | outcome | attempts |", "|---|---|---|"]
        for row in ROWS:
            if row.family is family:
                lines.append(f"| {_escaped(row.does)} | {_outcome(row)} | {_attempts(row)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


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
