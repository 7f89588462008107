"""The example of a deployment: it runs, and what it makes is gone at the end, also after an error."""

import contextlib

import deployment
import pytest

from katapult_async import KatapultClient, UnprocessableError
from katapult_async.sandbox import Sandbox
from tests.sandbox.samples import snapshot


def made(sandbox: Sandbox) -> dict[str, set[str]]:
    """Return the ids of all objects but those that are kept: tasks, builds, and addresses of the organization."""
    kept = {"Task", "VirtualMachineBuild", "IPAddress"}
    ids: dict[str, set[str]] = {}
    for obj in snapshot(sandbox.store):
        if type(obj).__name__ not in kept:
            ids.setdefault(type(obj).__name__, set()).add(obj.id)
    return ids


async def test_it_prints_what_it_has_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    await deployment.main()
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("www.larch.example is 10.0.")
    assert first.endswith("which sends HTTP to web-1.larch.example (started)")
    assert (second, last) == ("front has 1 rule", "everything is taken down")


@pytest.mark.parametrize("failing", ["", "POST /core/v1/load_balancers/load_balancer/rules"])
async def test_everything_is_taken_down(failing: str) -> None:
    async with (
        Sandbox(task_duration=0.0) as sandbox,
        KatapultClient(sandbox.token, base_url=sandbox.base_url) as katapult,
    ):
        before = made(sandbox)
        if failing:
            sandbox.fail_next(code="validation_error", matching=failing)
        with pytest.raises(UnprocessableError) if failing else contextlib.nullcontext():
            async with contextlib.AsyncExitStack() as undo:
                await deployment.deploy(katapult, undo)
                assert made(sandbox) != before
        assert made(sandbox) == before
        assert all(address.load_balancer_id is None for address in sandbox.store.addresses)
