"""What may be written where a person reads it: one line each, without control characters."""

import click


def printable(text: str) -> str:
    """Return text with everything escaped that would do more to a terminal than show a character."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def say(message: str) -> None:
    """Write one line to standard error."""
    click.echo(printable(message), err=True)


def say_error(message: str) -> None:
    """Write one line to standard error that says what went wrong."""
    say(f"error: {message}")
