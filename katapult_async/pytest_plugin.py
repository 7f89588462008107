"""The pytest plugin: a sandbox and a client of it as fixtures, for the tests of programs that use this library.

::

    @pytest.mark.katapult_sandbox(permitted=50, faults=Faults(drop=0.1))
    async def test_the_report_names_every_interface(katapult_client, katapult_sandbox): ...

The marker takes the settings of `katapult_async.sandbox.Sandbox`, on a test, a class or a module; the closest one
wins, setting by setting. The fixtures run in the loop of pytest-asyncio's ``asyncio_default_fixture_loop_scope``: it
must be that of the tests, or nobody answers them.

Every pytest run where this library is installed imports this file, so it imports nothing of the library, aiohttp or
pytest-asyncio before a test asks for a fixture.
"""

import inspect
import types
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.sandbox import Sandbox

_Decorator = Callable[[Callable[..., AsyncGenerator[Any]]], object]

_MARKER: Final = "katapult_sandbox"
_WINDOW: Final = 1.0  # seconds: no test shall wait for Katapult's minute


def pytest_configure(config: pytest.Config) -> None:
    """Announce the marker, and offer the fixtures in the way that the plugins of this run can handle."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(permitted=..., window=..., faults=..., seed=..., machines=..., interfaces=...):"
        " settings of the test's Katapult sandbox; any keyword of katapult_async.sandbox.Sandbox",
    )
    fixture: _Decorator = pytest.fixture  # which leaves it to the settings to say what is missing
    if config.pluginmanager.has_plugin("asyncio"):
        import pytest_asyncio  # noqa: PLC0415 # it is loaded then, and may not be there otherwise

        fixture = pytest_asyncio.fixture
    fixtures = types.ModuleType(f"{__name__}.fixtures")  # pytest looks for fixtures in modules and classes
    vars(fixtures).update(katapult_sandbox=fixture(katapult_sandbox), katapult_client=fixture(katapult_client))
    config.pluginmanager.register(fixtures, fixtures.__name__)


@pytest.fixture
def _katapult_sandbox_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of one test's sandbox."""
    if not request.config.pluginmanager.has_plugin("asyncio"):
        pytest.fail(f"{_MARKER} needs pytest-asyncio in this run: pip install pytest-asyncio", pytrace=False)
    from pytest_asyncio import is_async_test  # noqa: PLC0415 # only users of the fixtures need it

    if not is_async_test(request.node):
        pytest.fail(
            f"{_MARKER} answers from the event loop of a test, so {request.node.nodeid} must be `async def`, and"
            " marked with pytest.mark.asyncio unless asyncio_mode is auto",
            pytrace=False,
        )
    from katapult_async.sandbox import Sandbox  # noqa: PLC0415 # aiohttp takes a while to import

    known = inspect.signature(Sandbox).parameters
    settings: dict[str, Any] = {"window": _WINDOW}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        if strange := [*map(repr, marker.args), *sorted(marker.kwargs.keys() - known)]:
            pytest.fail(
                f"the marker {_MARKER} of {request.node.nodeid} takes settings of the sandbox, by name, and"
                f" {', '.join(strange)} is none; there are {', '.join(known)}",
                pytrace=False,
            )
        settings |= marker.kwargs
    return settings


async def katapult_sandbox(
    request: pytest.FixtureRequest, _katapult_sandbox_settings: dict[str, Any]
) -> AsyncGenerator["Sandbox"]:
    """A Katapult sandbox of the test's own, which listens on 127.0.0.1; windows of its rate limit last 1 s."""
    from katapult_async.sandbox import Sandbox  # noqa: PLC0415 # aiohttp takes a while to import

    try:
        sandbox = Sandbox(**_katapult_sandbox_settings)
    except ValueError as error:
        text = f"the marker {_MARKER} of {request.node.nodeid}: {error}"
        raise pytest.fail.Exception(text, pytrace=False) from None
    async with sandbox:
        yield sandbox


async def katapult_client(
    katapult_sandbox: "Sandbox", _katapult_sandbox_settings: dict[str, Any]
) -> AsyncGenerator["KatapultClient"]:
    """An open client of the test's sandbox, which waits for a tenth of a second at most before it tries again."""
    from katapult_async.client import KatapultClient  # noqa: PLC0415 # as above
    from katapult_async.config import RateLimitPolicy, RetryPolicy  # noqa: PLC0415 # as above

    async with KatapultClient(
        katapult_sandbox.token,
        base_url=katapult_sandbox.base_url,
        retry=RetryPolicy(wait_initial=0.01, wait_max=0.1),
        rate_limit=RateLimitPolicy(window=_katapult_sandbox_settings["window"]),
    ) as katapult:
        yield katapult
