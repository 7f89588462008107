"""The third state of an argument, beside a value and None."""

import enum
from typing import Final


class Unset(enum.Enum):
    """Type of `UNSET`: of an argument that is not sent, so that Katapult leaves the thing as it is."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET
"""Leave it as it is. None, where an argument takes it, clears it."""
