"""The base of all objects that Katapult returns."""

import attrs


@attrs.frozen(repr=False)
class Model:
    """An object of Katapult, or a part of one.

    Its repr has the fields that differ from their defaults: most fields of an object in a list are None. Secrets are
    not shown.
    """

    def __repr__(self) -> str:
        values = ((field, getattr(self, field.name)) for field in attrs.fields(type(self)) if field.repr)
        shown = ", ".join(f"{field.name}={value!r}" for field, value in values if value != field.default)
        return f"{type(self).__name__}({shown})"
