"""Annotations of objects."""

import attrs


@attrs.frozen(kw_only=True)
class Annotation:
    """An annotation: a key and a value on an object, for programs."""

    key: str
    """Name of the annotation."""

    value: str | None = None
    """Value of the annotation."""
