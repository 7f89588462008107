"""The endpoints of the library, found in its modules, by the names that the table has for them."""

import importlib
import pkgutil
from typing import Any, Final

from katapult_async import resources
from katapult_async.core.endpoints import Endpoint

from . import document

FOUND: Final[list[Endpoint[Any]]] = [
    value
    for path in pkgutil.iter_modules(resources.__path__)
    for value in vars(importlib.import_module(f"{resources.__name__}.{path.name}")).values()
    if isinstance(value, Endpoint)
]
ENDPOINTS: Final = {f"{endpoint.method} {endpoint.path}": endpoint for endpoint in FOUND}
TABLE: Final = document.table()
EVERYWHERE: Final = TABLE["everywhere"]
OPERATIONS: Final = {name: facts for name, facts in TABLE.items() if name != "everywhere"}


def plain(name: str) -> str:
    """Return the name of a field without its marks."""
    return name.rstrip("*?[]")
