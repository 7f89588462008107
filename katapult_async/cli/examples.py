"""The end of a command's help. Imports nothing, for a shell that starts waits for `completion`."""


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines that the tests run."""
    return "\b\nExamples:\n" + "\n".join(f"  katapult-async {line}" for line in lines)
