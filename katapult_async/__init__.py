"""An asyncio client for the Katapult cloud API.

The public names are those of ``_public``. They are imported when the first of them is used, so that the command's
``--help``, and pytest runs that only load the plugin, do not wait for aiohttp.
"""

import typing

from katapult_async.version import __version__ as __version__

if typing.TYPE_CHECKING:
    from katapult_async._public import *  # noqa: F403 # it has the public names and no others
else:  # hidden from type checkers, which would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Import all public names, and return one."""
        if name == "KatapultClient":  # its module loads each resource when it is first used
            from katapult_async.client import KatapultClient  # noqa: PLC0415 # as late as possible

            return KatapultClient
        if not name.startswith("__") or name == "__all__":
            import katapult_async._public as public  # noqa: PLC0415 # as late as possible

            names = {key: value for key, value in vars(public).items() if key[0].isalpha()}  # pytest adds "@pytest_ar"
            globals().update(names, __all__=sorted([*names, "__version__"]))
            if name in globals():
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return the public names too, which may not have been imported yet."""
        return sorted({*globals(), *__getattr__("__all__")})
