"""The names in ``__all__``. The packages compute this list at run time, so mypy does not know it."""

import importlib
from typing import Final

PUBLIC_NAMES: Final[list[str]] = importlib.import_module("katapult_async").__all__
"""The public names of the library."""

MODEL_NAMES: Final[list[str]] = importlib.import_module("katapult_async.models").__all__
"""The names of the models."""
