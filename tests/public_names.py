"""The names of ``__all__``, which the packages make from their imports when they run."""

import importlib
from typing import Final

PUBLIC_NAMES: Final[list[str]] = importlib.import_module("katapult_async").__all__
"""Those of the library."""

MODEL_NAMES: Final[list[str]] = importlib.import_module("katapult_async.models").__all__
"""Those of the models."""
