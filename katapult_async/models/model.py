"""The base of all objects that Katapult returns."""

import attrs


@attrs.frozen(repr=False)
class Model:
    """An object of Katapult, or a part of one.

    Its repr has the fields that differ from their defaults: most fields of an object in a list are None. Secrets are
    not shown.
    """

    def __repr__(self) -> str:
        shown = [
            f"{field.name}={(field.repr if callable(field.repr) else repr)(value)}"
            for field in attrs.fields(type(self))
            if field.repr and (value := getattr(self, field.name)) != field.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"
