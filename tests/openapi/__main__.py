"""Write the table of the covered operations anew: ``python -m tests.openapi --write``. Without it, only show it."""

import argparse
import sys

from .document import TABLE, made, table, text


def main() -> None:
    """Make the table of the operations that are named in the present one."""
    parser = argparse.ArgumentParser(prog="python -m tests.openapi", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write it to operations.json")
    new = text(made([name for name in table() if " " in name]))
    if parser.parse_args().write:
        TABLE.write_text(new, encoding="utf-8")
    else:
        sys.stdout.write(new)


if __name__ == "__main__":
    main()
