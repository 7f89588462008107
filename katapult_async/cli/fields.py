"""Fields of a model by their paths. Pure."""

from collections.abc import Sequence

import click

from katapult_async.cli.declarations import Fields
from katapult_async.similar_names import did_you_mean


def fields_at(fields: Fields, names: Sequence[str]) -> Fields:
    """Return the fields inside of a field.

    Args:
        fields: those of the record.
        names: the names on the path to the field; empty for the record.

    Raises:
        click.BadParameter: one of them is not a field. The text names those that there are.
    """
    inside = fields
    for number, name in enumerate(names):
        before = ".".join(names[:number])
        if not inside:
            raise click.BadParameter(f"{before} has no fields")
        if name not in inside:
            where = f" in {before}" if before else ""
            known = f"{', '.join(inside)}{did_you_mean(name, inside)}"
            raise click.BadParameter(f"no field {name!r}{where}; the fields are {known}")
        inside = inside[name].fields
    return inside
