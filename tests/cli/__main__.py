"""Write the file that commands are derived from: ``python -m tests.cli``."""

from tests.cli.declared import write

write()
