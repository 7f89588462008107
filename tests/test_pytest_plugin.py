"""The pytest plugin in separate pytest runs: its fixtures, modes and markers, and the messages of mistakes."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytest_plugins = ["pytester"]

ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = [
    program
    for program in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    if "katapult_client" in program
]


def run(pytester: pytest.Pytester, program: str, *arguments: str, mode: str = "auto") -> pytest.RunResult:
    """Run a test file in a separate pytest run in this process, with warnings as errors."""
    pytester.makeini(
        "[pytest]\n"
        "addopts = --strict-markers --strict-config -p no:looptime_plugin -p no:cacheprovider\n"
        f"asyncio_mode = {mode}\n"
        "asyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error"
    )
    pytester.makepyfile(test_theirs=program)
    return pytester.runpytest_inprocess(*arguments)


CALLS = """
    import asyncio, pytest
    from katapult_async import KatapultClient
    from katapult_async.sandbox import Sandbox

    {mark}
    async def test_client_calls_sandbox(katapult_client, katapult_sandbox):
        assert isinstance(katapult_client, KatapultClient) and isinstance(katapult_sandbox, Sandbox)
        [first, *_] = [organization async for organization in katapult_client.organizations.list()]
        assert first.id == katapult_sandbox.store.organizations[0].id
        assert katapult_sandbox.requests == 1
        assert katapult_sandbox.base_url.startswith("http://127.0.0.1:")
"""


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")])
def test_client_is_open_and_calls_the_sandbox(pytester: pytest.Pytester, mode: str, mark: str) -> None:
    run(pytester, CALLS.format(mark=mark), mode=mode).assert_outcomes(passed=1)


def test_plugin_can_also_be_named_in_a_conftest_or_on_the_command_line(pytester: pytest.Pytester) -> None:
    """Otherwise pytest ends with "Plugin already registered", as in elyra-ai/elyra#1468."""
    pytester.makeconftest("pytest_plugins = ['katapult_async.pytest_plugin']")
    run(pytester, CALLS.format(mark="")).assert_outcomes(passed=1)
    run(pytester, CALLS.format(mark=""), "-p", "katapult_async.pytest_plugin").assert_outcomes(passed=1)


def test_windows_last_a_second_and_retries_wait_at_most_a_tenth(pytester: pytest.Pytester) -> None:
    program = """
        async def test_settings(katapult_client, katapult_sandbox):
            await katapult_client.organizations.list()
            # Until the reset is certain: a second of the window, and one more, since Date has whole seconds.
            assert 0 < katapult_client.rate_limit.resets_in <= 2.0
            assert katapult_client._caller._policy.wait_max == 0.1
    """
    run(pytester, program).assert_outcomes(passed=1)


def test_client_from_the_environment_gets_short_waits_from_its_policies(pytester: pytest.Pytester) -> None:
    program = """
        from katapult_async import KatapultClient, RateLimitPolicy, RetryPolicy

        async def test_own_client(katapult_sandbox, monkeypatch):
            monkeypatch.setenv("KATAPULT_API_URL", katapult_sandbox.base_url)
            monkeypatch.setenv("KATAPULT_API_KEY", katapult_sandbox.token)
            retry, rate_limit = RetryPolicy(wait_max=0.1), RateLimitPolicy(window=1)
            notices = []
            async with KatapultClient.from_env(retry=retry, rate_limit=rate_limit, on_retry=notices.append) as katapult:
                katapult_sandbox.fail_next(times=2)
                assert await katapult.organizations.list()
                assert 0 < katapult.rate_limit.resets_in <= 2.0
            assert [notice.wait <= 0.1 for notice in notices] == [True, True]
    """
    run(pytester, program).assert_outcomes(passed=1)


@pytest.mark.parametrize("program", PROGRAMS)
def test_readme_program_runs(pytester: pytest.Pytester, program: str) -> None:
    assert run(pytester, program).ret == pytest.ExitCode.OK


DEPLOYMENT = """
    import pytest
    from katapult_async import Permalink, SubDomain

    async def deploy(katapult, hostname):
        machine = await katapult.virtual_machines.build(
            organization=SubDomain("larch"),
            data_center=Permalink("gb-london-1"),
            package=Permalink("small"),
            networks=[Permalink("gb-london-1/public-0")],
            hostname=hostname,
        )
        await katapult.load_balancers.create(
            organization=SubDomain("larch"),
            data_center=Permalink("gb-london-1"),
            name="front",
            resource_type="virtual_machines",
            resource_ids=[machine.id],
        )
        return machine

    @pytest.mark.katapult_sandbox(task_duration=0.0)
    async def test_deployment_has_a_machine_behind_a_load_balancer(katapult_client, katapult_sandbox):
        machine = await deploy(katapult_client, "web-9")
        assert machine.state == "started" and len(machine.ip_addresses) == 1
        [balancer] = await katapult_client.load_balancers.list(organization=SubDomain("larch"))
        assert balancer.resource_ids == (machine.id,)
        assert [machine.hostname for machine in katapult_sandbox.store.machines][-1] == "web-9"
"""


def test_user_can_test_a_whole_deployment(pytester: pytest.Pytester) -> None:
    run(pytester, DEPLOYMENT).assert_outcomes(passed=1)


def test_closest_marker_sets_the_settings_of_the_sandbox(pytester: pytest.Pytester) -> None:
    program = """
        import pytest
        from katapult_async.sandbox import Faults

        pytestmark = pytest.mark.katapult_sandbox(seed=4, machines=2, interfaces=3, permitted=30)

        def counts(sandbox):
            return len(sandbox.store.machines), len(sandbox.store.interfaces)

        async def permitted_after(client, calls):
            for _ in range(calls):
                organizations = [organization async for organization in client.organizations.list()]
            return client.rate_limit.permitted

        async def test_marker_of_module(katapult_client, katapult_sandbox):
            assert counts(katapult_sandbox) == (2, 3)
            assert await permitted_after(katapult_client, 1) == 30

        @pytest.mark.katapult_sandbox(machines=1, faults=Faults(service_unavailable=0.5))
        class TestClass:
            async def test_marker_of_class(self, katapult_client, katapult_sandbox):
                assert counts(katapult_sandbox) == (1, 3)
                assert await permitted_after(katapult_client, 5) == 30
                assert {record.status for record in katapult_sandbox.request_log} == {200, 503}

            @pytest.mark.katapult_sandbox(permitted=2, window=0.1, faults=Faults())
            async def test_marker_of_test(self, katapult_client, katapult_sandbox):
                assert counts(katapult_sandbox) == (1, 3)
                assert await permitted_after(katapult_client, 4) == 2
                assert len({record.at // 0.1 for record in katapult_sandbox.request_log}) > 1
                assert {record.status for record in katapult_sandbox.request_log} <= {200, 429}
    """
    run(pytester, program).assert_outcomes(passed=3)


def test_each_test_has_its_own_sandbox(pytester: pytest.Pytester) -> None:
    program = """
        import pytest

        @pytest.mark.parametrize("number", [1, 2])
        async def test_starts_with_seed_data(number, katapult_client, katapult_sandbox):
            assert katapult_sandbox.requests == 0
            assert len(katapult_sandbox.store.interfaces) == 100
            interface_id = katapult_sandbox.store.interfaces[0].id
            await katapult_client.virtual_machine_network_interfaces.get(interface_id)
            katapult_sandbox.store.remove(katapult_sandbox.store.get(interface_id))
    """
    run(pytester, program).assert_outcomes(passed=2)


def test_pending_calls_end_with_the_test(pytester: pytest.Pytester) -> None:
    program = """
        import asyncio, pytest
        from katapult_async import ClientClosedError
        from katapult_async.sandbox import Faults

        pending = []

        @pytest.mark.katapult_sandbox(faults=Faults(latency=30))
        async def test_leaves_call_pending(katapult_client, katapult_sandbox):
            interface_id = katapult_sandbox.store.interfaces[0].id
            pending.append(asyncio.create_task(katapult_client.virtual_machine_network_interfaces.get(interface_id)))
            while not katapult_sandbox.requests:
                await asyncio.sleep(0)

        def test_call_has_ended():
            assert isinstance(pending[0].exception(), ClientClosedError)
    """
    result = run(pytester, program)
    result.assert_outcomes(passed=2)
    assert result.stderr.lines == []


MISTAKES = {
    "@pytest.mark.katapult_sandbox(permited=5)\nasync def test_it(katapult_client): ...": (
        "the marker katapult_sandbox of test_theirs.py::test_it takes settings of the sandbox by name;"
        " unknown: permited; settings: machines, interfaces, *"
    ),
    "@pytest.mark.katapult_sandbox(5)\nasync def test_it(katapult_sandbox): ...": (
        "the marker katapult_sandbox of test_theirs.py::test_it takes settings of the sandbox by name;"
        " unknown: 5; settings: machines, interfaces, *"
    ),
    "@pytest.mark.katapult_sandbox(window=0)\nasync def test_it(katapult_client): ...": (
        "the marker katapult_sandbox of test_theirs.py::test_it: window must be above 0, not 0"
    ),
    "def test_it(katapult_client): ...": (
        "katapult_sandbox runs in the event loop of the test, so test_theirs.py::test_it must be `async def`,"
        " marked with pytest.mark.asyncio unless asyncio_mode is auto, and not marked with pytest.mark.anyio"
    ),
    "@pytest.mark.anyio\nasync def test_it(katapult_client): ...": (  # the marker in FastAPI's documentation
        "katapult_sandbox runs in the event loop of the test, so test_theirs.py::test_it[[]asyncio] must be"
        " `async def`, marked with pytest.mark.asyncio unless asyncio_mode is auto, and not marked with"
        " pytest.mark.anyio"
    ),
    "@pytest.mark.asyncio(loop_scope='module')\nasync def test_it(katapult_sandbox): ...": (
        "katapult_sandbox does not run in the event loop of test_theirs.py::test_it:"
        " set asyncio_default_fixture_loop_scope to module"
    ),
}


@pytest.mark.parametrize(
    ("code", "message"), MISTAKES.items(), ids=["unknown", "positional", "range", "synchronous", "anyio", "loop"]
)
def test_error_of_a_wrong_use_is_one_line_that_names_the_test(
    pytester: pytest.Pytester, code: str, message: str
) -> None:
    result = run(pytester, f"import pytest\n{code}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", message, "*short test summary*"], consecutive=True)


def test_error_without_pytest_asyncio_has_the_command_that_installs_it(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]")  # otherwise pytest reads the one in a folder above
    pytester.makepyfile("async def test_calls(katapult_client): ...")
    result = pytester.runpytest_inprocess("-p", "no:asyncio")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["katapult_sandbox needs pytest-asyncio in this run: pip install pytest-asyncio"])


def test_entry_point_is_registered() -> None:
    [entry_point] = [
        entry_point
        for entry_point in importlib.metadata.entry_points(group="pytest11")
        if entry_point.name.startswith("katapult_async")
    ]
    assert entry_point.name == entry_point.value == "katapult_async.pytest_plugin"


def test_plugin_module_imports_neither_asyncio_nor_the_client() -> None:
    program = (
        "import runpy, sys; runpy.run_path('katapult_async/pytest_plugin.py');"
        "print({'aiohttp', 'asyncio', 'katapult_async', 'pytest_asyncio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
