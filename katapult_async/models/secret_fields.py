"""Fields of models that Katapult documents as secrets."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

_KEY: Final = "katapult_async.secret"

SECRET: Final[Mapping[Any, Any]] = MappingProxyType({_KEY: True})
"""Metadata of a secret field: ``attrs.field(default=None, repr=False, metadata=SECRET)``."""


def is_secret(field: "attrs.Attribute[Any]") -> bool:
    """Return whether a field is a secret."""
    return bool(field.metadata.get(_KEY))
