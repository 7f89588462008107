"""The value of an argument that is not sent."""

import enum
from typing import Final


class Unset(enum.Enum):
    """Type of `UNSET`."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET
"""Default of an argument in an update: the field stays as it is. None clears the field, where None is allowed."""
