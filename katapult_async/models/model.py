"""The base of all objects that Katapult returns."""

import typing
from typing import Any

import attrs


@typing.dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(attrs.field,))
class _ModelType(type):
    """Makes an attrs class of every subclass of `Model`. It needs no decorator: attrs refuses a second one."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        model = super().__new__(cls, name, bases, namespace)
        # attrs makes each class again, with slots: that one is complete.
        is_complete = not bases or "__slots__" in namespace
        return model if is_complete else attrs.frozen(model, kw_only=True, repr=False)


@attrs.frozen(repr=False)  # from this decorator, mypy knows that models are attrs classes
class Model(metaclass=_ModelType):
    """An object of Katapult, or a part of one. Each subclass is a frozen attrs class, without a decorator.

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
