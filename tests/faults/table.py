"""The fault table: every fault and misuse, the expected outcome, and the number of attempts.

The tests run every row. ``python -m tests.faults --table`` prints it as README.md beside this file.
"""

from pathlib import Path
from typing import Final

from . import bodies, error_responses, headers, misuse, network, protocol
from .fault import MAX_ATTEMPTS, Fault, Misuse, Succeeds

FAULTS: Final[tuple[Fault, ...]] = (
    *network.FAULTS,
    *protocol.FAULTS,
    *error_responses.FAULTS,
    *bodies.FAULTS,
    *headers.FAULTS,
)
FAULTS_BY_NAME: Final[dict[str, Fault]] = {fault.name: fault for fault in FAULTS}
MISUSES: Final[tuple[Misuse, ...]] = misuse.MISUSES
ROWS: Final[tuple[Fault | Misuse, ...]] = (*FAULTS, *MISUSES)

README: Final = Path(__file__).parent / "README.md"

_PREFACE: Final = """# What can go wrong, and how a call ends

`python -m tests.faults --table` prints this page from the table that the tests run: every row on asyncio and on uvloop,
against a server of plain sockets. The last column counts the attempts. "all" means as many as the retry policy allows:
by default five, and 30 if each is refused with 429. The request is idempotent unless the row names a POST.
"""

_TITLES: Final = {
    "network": "Network",
    "protocol": "HTTP protocol",
    "errors": "Error responses",
    "bodies": "Bodies",
    "headers": "Date and rate-limit headers",
    "misuse": "Mistakes in the calling code",
}


def markdown() -> str:
    """Return the table as Markdown, with a section for each family."""
    lines = [_PREFACE]
    for family in dict.fromkeys(row.family for row in ROWS):
        lines += [f"### {_TITLES[family]}", "", "| what happens | the call | attempts |", "|---|---|---|"]
        for row in ROWS:
            if row.family is family:
                lines.append(f"| {_escaped(row.description)} | {_outcome(row)} | {_attempts(row)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _outcome(row: Fault | Misuse) -> str:
    if isinstance(row, Misuse):
        return f"raises `{row.error.__name__}`"
    expected = row.expected
    if isinstance(expected, Succeeds):
        return "succeeds"
    parts = [f"raises `{expected.error.__name__}`"]
    if expected.phase:
        parts.append(f"phase `{expected.phase}`")
    if expected.reason:
        parts.append(f"reason `{expected.reason}`")
    return ", ".join(parts)


def _attempts(row: Fault | Misuse) -> str:
    if isinstance(row, Misuse):
        return "0"
    return "all" if row.expected.attempts == MAX_ATTEMPTS else "1"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
