"""Mistakes that the library or the sandbox finds in arguments, with the names that the arguments have in a shell."""

import re

import click


def usage_error(error: ValueError) -> click.UsageError:
    """Return an error about arguments with the names of the running command's options and arguments.

    In the text, the first occurrence of each parameter's name is replaced. What follows ``, not`` is a value, and stays
    as it is.
    """
    names = {
        parameter.name: parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.human_readable_name
        for parameter in click.get_current_context().command.params
    }
    rule, separator, value = str(error).partition(", not ")
    return click.UsageError(re.sub(r"\w+", lambda match: names.pop(match[0], match[0]), rule) + separator + value)
