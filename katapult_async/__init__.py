"""An asyncio client for the Katapult cloud API.

The public names are those of `_public`. They are imported when the first of them is used, so that the command's
``--help``, and pytest runs that only load the plugin, do not wait for aiohttp.

- `client`: the client; `resources`: its methods; `batch`: many calls; `models`: the results; `errors`.
- Settings: `config` of a client, `options` of a call, `call_limits` that several calls share, `environment` variables.
- `core`: the steps of a call; `rate_limit`: when the next request may be sent; `http`: sends one request.
- `cli`: the command; `sandbox`: the simulated cloud; for tests: `pytest_plugin`, and `testing` of transports.
- `lazy_names`: names that are imported when they are used; `similar_names`: suggestions for an unknown name; `version`;
  `pyinstaller`: hooks.
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
