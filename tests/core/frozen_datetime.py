"""The class that freezegun puts in the place of `datetime.datetime`, as far as types are concerned."""

import datetime
from typing import Final

REAL: Final = datetime.datetime


class _FrozenType(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, REAL)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, REAL)


class FrozenDatetime(datetime.datetime, metaclass=_FrozenType):
    """A subclass of the real class. For `isinstance` and `issubclass`, it is a superclass of the real class too."""
