"""The resources of the API, one module each: endpoints as values, and short typed methods.

The first use of a name of the package itself, such as ``resources.Tags``, loads all resources.
"""

import typing

if typing.TYPE_CHECKING:
    from katapult_async.resources._public import *  # noqa: F403 # it has the resources and no other names
else:  # hidden from type checkers, which would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Import all resources, and return one."""
        if not name.startswith("__") or name == "__all__":
            import katapult_async.resources._public as public  # noqa: PLC0415 # as late as possible

            names = {key: value for key, value in vars(public).items() if key[0].isalpha()}  # pytest adds "@pytest_ar"
            globals().update(names, __all__=sorted(names))
            if name in globals():
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
