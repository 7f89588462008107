"""Models of what Katapult returns: frozen attrs classes, one for each kind of object.

Only ``id`` is required, or whatever identifies the object. Every other field may be None, since responses omit
documented fields. They have undocumented fields too, which are ignored.

The models of a module load with that module; all of them load when the first name of this package is used.
"""

import typing

if typing.TYPE_CHECKING:
    from katapult_async.models._public import *  # noqa: F403 # its `__all__` says which names
    from katapult_async.models._public import __all__ as __all__
else:  # hidden from type checkers, which would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Import all models, and return one."""
        if not name.startswith("__") or name == "__all__":
            import katapult_async.models._public as public  # noqa: PLC0415 # the point of this function

            globals().update({each: getattr(public, each) for each in (*public.__all__, "__all__")})
            if name in globals():
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
