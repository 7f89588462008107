"""Builds: waiting for a build, in virtual time, and the texts of the errors."""

import pytest

from katapult_async import DisconnectedError, TaskFailedError, TaskTimeoutError, UnprocessableError
from katapult_async.resources.virtual_machine_builds import VirtualMachineBuilds
from tests.scripted_transport import Step, breaks, gives, now, opened, refuses

pytestmark = pytest.mark.looptime


def build(state: str, virtual_machine: object = None) -> Step:
    """Return a response that shows the build in a state."""
    shown = {"id": "vmbuild_1", "spec_xml": "<VirtualMachineSpec/>", "state": state, "virtual_machine": virtual_machine}
    return gives({"virtual_machine_build": shown, "annotations": [{"key": "role", "value": "web"}]})


COMPLETE = build("complete", {"id": "vm_1", "state": "starting"})


async def builds(*steps: Step) -> VirtualMachineBuilds:
    caller, _ = await opened(*steps)
    return VirtualMachineBuilds(caller)


@pytest.mark.parametrize(
    "before", [(), (build("draft"), build("pending"), build("building")), (breaks(DisconnectedError),)]
)
async def test_complete_build_has_its_machine_and_annotations(before: tuple[Step, ...]) -> None:
    complete = await (await builds(*before, COMPLETE)).wait("vmbuild_1")
    assert complete.virtual_machine is not None
    assert (complete.state, complete.virtual_machine.id, complete.annotations[0].key) == ("complete", "vm_1", "role")


async def test_complete_build_without_its_machine_is_requested_again() -> None:
    complete = await (await builds(build("complete"), COMPLETE)).wait("vmbuild_1")
    assert complete.virtual_machine is not None


async def test_error_of_a_failed_build_names_the_build() -> None:
    with pytest.raises(TaskFailedError, match=r"^build vmbuild_1: its last status was 'failed', after 0\.5 s; "):
        await (await builds(build("building"), build("failed"))).wait("vmbuild_1")


async def test_build_that_takes_too_long_raises_task_timeout_error() -> None:
    began_at = now()
    with pytest.raises(TaskTimeoutError, match=r"^build vmbuild_1: its last status was 'building'"):
        await (await builds(build("building"))).wait("vmbuild_1", timeout=30.0)
    assert now() - began_at == pytest.approx(30.0)


async def test_error_shows_neither_options_nor_the_specification() -> None:
    refused = await builds(refuses(422, "validation_error"))
    secret = {"root_password": "hunter2"}
    with pytest.raises(UnprocessableError) as first:
        await refused.create(organization="org_1", package="vmpkg_1", zone="zone_1", disk_template_options=secret)
    with pytest.raises(UnprocessableError) as second:
        await refused.create_from_spec(organization="org_1", xml="<Option>hunter2</Option>")
    for caught in (first, second):
        assert "hunter2" not in f"{caught.value} {caught.value.problem!r}"
        assert "***" in str(caught.value)
