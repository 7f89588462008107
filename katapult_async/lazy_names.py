"""Packages and modules that import names when they are used."""

import importlib
from collections.abc import Callable
from typing import Any


def lazy_names(namespace: dict[str, Any], **modules: str) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a package, or of a module. It imports a name, and returns what the name stands for.

    In a package, it imports all names of the package's module ``_public`` with the first of them.

    Args:
        namespace: the ``globals()`` of the package or module.
        modules: the modules of names that are imported alone.
    """
    package: str = namespace["__name__"]

    def find(name: str) -> object:
        """Import a name, or all public names, and return the one that is used."""
        if name in modules:
            return getattr(importlib.import_module(modules[name]), name)
        if "__path__" in namespace and (not name.startswith("__") or name == "__all__"):
            public = vars(importlib.import_module(f"{package}._public"))
            # Other keys are names that Python adds, such as `__file__`, and pytest's "@pytest_ar".
            names = {key: value for key, value in public.items() if key[0].isalpha() or key == "__version__"}
            namespace.update(names, __all__=sorted(names))
            if name in namespace:
                return namespace[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find
