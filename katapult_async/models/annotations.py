"""Annotations of objects."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class Annotation(Model):
    """An annotation: a key and a value on an object, for programs."""

    key: str
    """Name of the annotation."""

    value: str | None = None
    """Value of the annotation."""
