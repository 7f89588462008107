"""The pytest plugin: a sandbox and a client of it as fixtures, for the tests of programs that use this library.

::

    @pytest.mark.katapult_sandbox(permitted=50, faults=Faults(drop=0.1))
    async def test_report_names_every_interface(katapult_client, katapult_sandbox): ...

The marker takes the settings of `katapult_async.sandbox.Sandbox`, on a test, a class or a module. For each setting the
closest marker has precedence. The fixtures run in the event loop of pytest-asyncio's
``asyncio_default_fixture_loop_scope``. The tests must run in the same event loop.

Every pytest run of an environment with this library imports this file. So it imports the library, aiohttp and
pytest-asyncio only when a test uses a fixture.
"""

import functools
import inspect
import types
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.sandbox import Sandbox

_MARKER: Final = "katapult_sandbox"
_fail: Final = functools.partial(pytest.fail, pytrace=False)  # a mistake in a marker needs no traceback
_WINDOW: Final = 1.0  # seconds; a test should not wait for a full minute


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(permitted=..., window=..., faults=..., seed=..., machines=..., interfaces=...):"
        " settings of the test's Katapult sandbox; any keyword of katapult_async.sandbox.Sandbox",
    )
    fixture: Any = pytest.fixture  # without pytest-asyncio, _katapult_sandbox_settings fails the test
    if config.pluginmanager.has_plugin("asyncio"):
        import pytest_asyncio  # noqa: PLC0415 # optional; the plugin is loaded, so it is installed

        fixture = pytest_asyncio.fixture
    fixtures = types.ModuleType(f"{__name__}.fixtures")  # pytest collects fixtures of modules
    vars(fixtures).update(katapult_sandbox=fixture(katapult_sandbox), katapult_client=fixture(katapult_client))
    config.pluginmanager.register(fixtures, fixtures.__name__)


@pytest.fixture
def _katapult_sandbox_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of one test's sandbox."""
    if not request.config.pluginmanager.has_plugin("asyncio"):
        _fail(f"{_MARKER} needs pytest-asyncio in this run: pip install pytest-asyncio")
    from pytest_asyncio import is_async_test  # noqa: PLC0415 # only tests with the fixtures need it

    if not is_async_test(request.node) or request.node.get_closest_marker("anyio"):
        _fail(
            f"{_MARKER} runs in the event loop of the test, so {request.node.nodeid} must be `async def`, marked with"
            " pytest.mark.asyncio unless asyncio_mode is auto, and not marked with pytest.mark.anyio"
        )
    of_marker = next((marker.kwargs.get("loop_scope") for marker in request.node.iter_markers("asyncio")), None)
    of_test = of_marker or request.config.getini("asyncio_default_test_loop_scope")
    configured = request.config.getini("asyncio_default_fixture_loop_scope")
    of_fixtures = "function" if configured in (None, "", "fixture-scope") else configured
    if of_test != of_fixtures:  # calls would get no response
        _fail(
            f"{_MARKER} does not run in the event loop of {request.node.nodeid}:"
            f" set asyncio_default_fixture_loop_scope to {of_test}"
        )
    from katapult_async.sandbox import Sandbox  # noqa: PLC0415 # aiohttp takes a while to import

    known = inspect.signature(Sandbox).parameters
    settings: dict[str, Any] = {"window": _WINDOW}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        if unknown := [*map(repr, marker.args), *sorted(marker.kwargs.keys() - known)]:
            _fail(
                f"the marker {_MARKER} of {request.node.nodeid} takes settings of the sandbox by name;"
                f" unknown: {', '.join(unknown)}; settings: {', '.join(known)}"
            )
        settings |= marker.kwargs
    return settings


async def katapult_sandbox(
    request: pytest.FixtureRequest, _katapult_sandbox_settings: dict[str, Any]
) -> AsyncGenerator["Sandbox"]:
    """A running `Sandbox` on 127.0.0.1, one for each test, whose rate-limit windows last 1 s."""
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
    """An open client of the test's sandbox, which waits at most 0.1 s between attempts."""
    from katapult_async.client import KatapultClient  # noqa: PLC0415 # as above
    from katapult_async.config import RateLimitPolicy, RetryPolicy  # noqa: PLC0415 # as above

    async with KatapultClient(
        katapult_sandbox.token,
        base_url=katapult_sandbox.base_url,
        retry=RetryPolicy(wait_initial=0.01, wait_max=0.1),
        rate_limit=RateLimitPolicy(window=_katapult_sandbox_settings["window"]),
    ) as katapult:
        yield katapult
