"""Write the file that commands are derived from: ``python -m tests.cli``."""

from tests.cli.declared import FILE, text

FILE.write_text(text(), encoding="utf-8")
