"""An asyncio client for the Katapult cloud API.

The public names are those of ``_public``. They are imported when the first of them is used, so that the command's
``--help``, and pytest runs that only load the plugin, do not wait for aiohttp.
"""

import typing

from katapult_async.lazy_names import lazy_names
from katapult_async.version import __version__ as __version__

if typing.TYPE_CHECKING:
    from katapult_async._public import *  # noqa: F403 # it has the public names and no others
else:  # hidden from type checkers: with a `__getattr__`, they would accept any name
    # The module of the client loads each resource when it is first used.
    __getattr__ = lazy_names(globals(), KatapultClient="katapult_async.client")
    del lazy_names

    def __dir__() -> list[str]:
        """Return the public names too, which may not have been imported yet."""
        return sorted({*globals(), *__getattr__("__all__")})
