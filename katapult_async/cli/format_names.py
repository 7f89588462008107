"""The names of the output formats. The module `output` writes them."""

from typing import Final

FORMATS: Final = ("table", "json", "jsonl", "csv", "tsv", "yaml")
"""The output formats."""

FORMATS_OF_ROWS: Final = frozenset({"table", "csv", "tsv"})
"""Those that show some fields of a record, in columns, unless ``--fields`` names others."""

FORMATS_WITH_TITLES: Final = frozenset({"table", "csv"})
"""Those that begin with the titles of the columns."""
