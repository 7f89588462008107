"""Compare the library with an OpenAPI document: ``python -m tests.openapi DOCUMENT``.

Prints a line for each difference in operations, arguments, responses, scopes, paging and errors. The exit code is 0
without a difference, and 1 with some.
"""

import argparse
import sys
from pathlib import Path

from . import coverage, document, sandbox_table
from .comparison import all_differences
from .library import ENDPOINTS


def main() -> int:
    """Compare the library with a document, or write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.openapi", description=__doc__)
    parser.add_argument("document", nargs="?", type=Path, default=document.DOCUMENT, help="an OpenAPI document, JSON")
    parser.add_argument(
        "--write",
        action="store_true",
        help="write the tables of the document, the sandbox and coverage.tsv, and compare nothing",
    )
    arguments = parser.parse_args()
    api = document.Document.read(arguments.document)
    if arguments.write:
        table = api.table(ENDPOINTS)
        document.TABLE.write_text(document.text(table), encoding="utf-8")
        sandbox_table.TABLE.write_text(document.text(sandbox_table.sandbox_table(table)), encoding="utf-8")
        coverage.TABLE.write_text(coverage.text(), encoding="utf-8")
        return 0
    differences = list(all_differences(api))
    sys.stdout.write("".join(f"{difference}\n" for difference in differences))
    sys.stdout.write(
        f"{len(ENDPOINTS)} operations compared with version {api.version}: {len(differences)} differences\n"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
