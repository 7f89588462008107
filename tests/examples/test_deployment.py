"""The examples of a deployment: they run, and what they make is gone at the end, even after an error."""

import asyncio
import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import deployment
import pytest

from katapult_async import KatapultClient, UnprocessableError
from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.models import IPAddress, LoadBalancer
from tests.sandbox.samples import snapshot

from .conftest import EXAMPLES

pytestmark = pytest.mark.usefixtures("short_wait_steps")


def object_ids(sandbox: Sandbox) -> dict[str, set[str]]:
    """Return the ids of all objects, except for those that stay: tasks, builds, and addresses of the organization."""
    kept = {"Task", "VirtualMachineBuild", "IPAddress"}
    ids: dict[str, set[str]] = {}
    for obj in snapshot(sandbox.store):
        if type(obj).__name__ not in kept:
            ids.setdefault(type(obj).__name__, set()).add(obj.id)
    return ids


async def test_example_prints_what_it_has_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    await deployment.main()
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("www.larch.example is 10.0.")
    assert first.endswith("which sends HTTP to web-1.larch.example (started)")
    assert (second, last) == ("front has 1 rule", "all steps are undone")


@pytest.mark.parametrize("failing", ["", "POST /core/v1/load_balancers/load_balancer/rules"])
async def test_deployment_is_undone_at_its_end_and_after_an_error(failing: str) -> None:
    async with (
        Sandbox(task_duration=0.0) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult,
    ):
        before = object_ids(sandbox)
        if failing:
            sandbox.fail_next(code="validation_error", matching=failing)
        expected: Any = pytest.raises(UnprocessableError) if failing else contextlib.nullcontext()
        with expected:
            async with contextlib.AsyncExitStack() as undo:
                await deployment.deploy(katapult, undo)
                assert object_ids(sandbox) != before
        assert object_ids(sandbox) == before
        assert all(address.load_balancer_id is None for address in sandbox.store.all(IPAddress))


async def run_script(sandbox: Sandbox) -> tuple[int, list[str], list[str]]:
    """Run ``deployment.sh`` and return its exit code, and the lines of its output and its errors."""
    paths = (str(Path(sys.executable).parent), os.environ["PATH"])
    process = await asyncio.create_subprocess_exec(
        "bash",
        str(EXAMPLES / "deployment.sh"),
        env={
            "PATH": os.pathsep.join(paths),
            "KATAPULT_API_KEY": sandbox.token,
            "KATAPULT_API_URL": sandbox.base_url,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return process.returncode or 0, output.decode().splitlines(), errors.decode().splitlines()


@pytest.mark.slow
@pytest.mark.timeout(240)  # about twenty commands one after another
@pytest.mark.skipif(shutil.which("bash") is None, reason="the script needs bash")
async def test_script_of_commands_deploys_the_same_and_undoes_it() -> None:
    async with Sandbox(task_duration=0.0) as sandbox:
        before = object_ids(sandbox)
        code, output, errors = await run_script(sandbox)
        assert (code, [line for line in errors if not line.startswith("waiting for ")]) == (0, [])
        first, last = output
        assert first.startswith("www.larch.example is 10.0.")
        assert first.endswith("which sends HTTP to web-1.larch.example (started)")
        assert last == "all steps are undone"
        assert object_ids(sandbox) == before
        assert all(address.load_balancer_id is None for address in sandbox.store.all(IPAddress))


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(shutil.which("bash") is None, reason="the script needs bash")
async def test_script_of_commands_undoes_its_steps_when_a_command_fails() -> None:
    async with Sandbox(task_duration=0.0) as sandbox:
        before = object_ids(sandbox)
        sandbox.fail_next(code="validation_error", matching="POST /core/v1/organizations/organization/disks")
        code, output, errors = await run_script(sandbox)
        assert code != 0
        assert output == ["all steps are undone"]
        assert [line for line in errors if "validation_error" in line]
        assert object_ids(sandbox) == before


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(shutil.which("bash") is None, reason="the script needs bash")
async def test_script_of_commands_names_a_step_that_cannot_be_undone_and_undoes_the_others() -> None:
    async with Sandbox(task_duration=0.0) as sandbox:
        before = object_ids(sandbox)
        sandbox.fail_next(code="validation_error", matching="DELETE /core/v1/load_balancers/load_balancer")
        code, output, errors = await run_script(sandbox)
        left = sandbox.store.all(LoadBalancer)
        assert (code, len(output), len(left)) == (1, 1, 1)
        assert f"not undone: lbs delete {left[0].id} --yes" in errors
        sandbox.store.remove(left[0])
        assert object_ids(sandbox) == before
