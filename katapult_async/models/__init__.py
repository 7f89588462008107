"""Models of what Katapult returns: frozen attrs classes, one for each kind of object.

Only what identifies an object is required, which is nearly always ``id``, and both parts of a pair such as `DiskTask`.
Every other field may be None, or an empty tuple, because responses omit documented fields. They have undocumented
fields too, which are ignored. Where the values of a field are listed with "so far", Katapult documents or sends these,
and may add others.

Importing a module of this package loads only the models that it needs. The first use of a name of the package itself,
such as ``models.Tag``, loads all models.
"""

import typing

if typing.TYPE_CHECKING:
    from katapult_async.models._public import *  # noqa: F403 # it has the models and no other names
else:  # hidden from type checkers, which would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Import all models, and return one."""
        if not name.startswith("__") or name == "__all__":
            import katapult_async.models._public as public  # noqa: PLC0415 # as late as possible

            names = {key: value for key, value in vars(public).items() if key[0].isalpha()}  # pytest adds "@pytest_ar"
            globals().update(names, __all__=sorted(names))
            if name in globals():
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
