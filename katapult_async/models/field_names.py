"""Fields of models that have another name in JSON, because Katapult's name is a keyword of Python (``global``)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

_KEY: Final = "katapult_async.name"


def named(name: str) -> Mapping[Any, Any]:
    """Return the metadata of a field that has another name in JSON: ``attrs.field(metadata=named("global"))``."""
    return MappingProxyType({_KEY: name})


def json_name(field: "attrs.Attribute[Any]") -> str:
    """Return the name that a field has in JSON."""
    return str(field.metadata.get(_KEY, field.name))
