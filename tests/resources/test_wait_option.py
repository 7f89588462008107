"""The option ``wait`` of methods that start a task: they return when the task has ended. In virtual time."""

import contextlib
import datetime
import enum
import json
from typing import Any

import pytest

from katapult_async import (
    FQDN,
    DisconnectedError,
    NotAcceptableError,
    NotFoundError,
    Permalink,
    RateLimitWaitError,
    ServerError,
    TaskFailedError,
    TaskTimeoutError,
    UsageError,
)
from katapult_async.call_limits import CallLimits, SharedLimits
from katapult_async.http.transport import TransportRequest
from katapult_async.models import TrashObject
from katapult_async.resources.disks import Disks
from katapult_async.resources.tasks import waits
from katapult_async.resources.virtual_machines import VirtualMachines
from tests.scripted_transport import ScriptedTransport, Step, breaks, gives, now, opened, refuses, requests_left

pytestmark = pytest.mark.looptime


def task(status: str) -> Step:
    return gives({"task": {"id": "task_1", "name": "Start virtual machine", "status": status}})


def machine(state: str) -> Step:
    return gives({"virtual_machine": {"id": "vm_1", "name": "Web", "state": state}, "annotations": []})


BUILD = {"id": "vmbuild_1", "state": "pending"}
BEGUN = gives({"task": {"id": "task_1"}, "virtual_machine_build": BUILD, "hostname": "web-1", "annotations": []})
COMPLETE = gives({"virtual_machine_build": BUILD | {"state": "complete", "virtual_machine": {"id": "vm_1"}}})


async def machines(*steps: Step) -> tuple[VirtualMachines, ScriptedTransport]:
    caller, transport = await opened(*steps)
    return VirtualMachines(caller), transport


def sent(requests: list[TransportRequest]) -> list[str]:
    """Return the method and the last segment of each request."""
    return [f"{request.method} {request.url.partition('?')[0].rpartition('/')[2]}" for request in requests]


def test_method_without_the_parameter_wait_is_returned_unchanged() -> None:
    assert waits(VirtualMachines.get) is VirtualMachines.get


async def test_start_without_wait_is_one_request() -> None:
    resource, transport = await machines(task("pending"))
    assert (await resource.start("vm_1")).status == "pending"
    assert sent(transport.requests) == ["POST start"]


@pytest.mark.parametrize("wait", [30, "no", None])
async def test_wait_that_is_not_a_bool_raises_usage_error_before_anything_is_sent(wait: Any) -> None:
    resource, transport = await machines(task("pending"))
    for call in (resource.start, resource.purge):
        with pytest.raises(UsageError, match=r"^wait must be True or False, not "):
            await call("vm_1", wait=wait)
    assert transport.requests == []


async def test_method_returns_when_the_task_is_completed_and_the_machine_has_the_wanted_state() -> None:
    resource, transport = await machines(
        task("pending"), task("running"), task("completed"), machine("starting"), machine("started")
    )
    assert (await resource.start("vm_1", wait=True)).status == "completed"
    assert sent(transport.requests) == ["POST start", *["GET task"] * 2, *["GET virtual_machine"] * 2]


async def test_network_failure_does_not_end_the_wait() -> None:
    failing = (refuses(503, "service_unavailable"), breaks(DisconnectedError))
    resource, _ = await machines(task("pending"), *failing * 4, task("completed"), *failing, machine("started"))
    assert (await resource.start("vm_1", wait=True)).status == "completed"


async def test_failed_task_or_machine_raises_task_failed_error() -> None:
    resource, _ = await machines(task("pending"), task("failed"))
    with pytest.raises(TaskFailedError, match=r"^task task_1 \(Start virtual machine\): its last status was 'failed'"):
        await resource.start("vm_1", wait=True)
    resource, _ = await machines(task("pending"), task("completed"), machine("failed"))
    with pytest.raises(TaskFailedError, match=r"^virtual machine vm_1 \(Web\): its last status was 'failed'"):
        await resource.start("vm_1", wait=True)


@pytest.mark.parametrize(("status", "error"), [("failed", TaskFailedError), ("running", TaskTimeoutError)])
async def test_error_of_the_task_of_a_new_disk_has_the_id_of_the_disk(
    status: str, error: type[TaskFailedError | TaskTimeoutError]
) -> None:
    begun = {"id": "task_1", "name": "Build disk", "status": "pending"}
    created = gives({"disk": {"id": "disk_1"}, "task": begun, "annotations": []})
    caller, _ = await opened(created, gives({"task": begun | {"status": status}}))
    with pytest.raises(
        error, match=rf"^task task_1 \(Build disk\) of disk_1: its last status was '{status}'"
    ) as caught:
        await Disks(caller).create(organization="org_1", name="d", size_in_gb=5, data_center="dc_1", wait=True)
    assert caught.value.task.object_id == "disk_1"


@pytest.mark.parametrize(
    ("steps", "subject"),
    [
        ((task("pending"), task("running")), "task task_1"),
        ((task("pending"), task("completed"), machine("shutting_down")), "virtual machine vm_1"),
    ],
)
async def test_one_timeout_covers_the_task_and_the_state(steps: tuple[Step, ...], subject: str) -> None:
    resource, _ = await machines(*steps)
    began_at = now()
    with pytest.raises(TaskTimeoutError, match=f"^{subject}"):
        await resource.shutdown("vm_1", wait=True, timeout=30.0)
    assert now() - began_at == pytest.approx(30.0)


@pytest.mark.parametrize(("batch", "seconds"), [(None, 600.0), (CallLimits(timeout=7.0), 7.0)])
async def test_default_timeout_of_a_wait_is_ten_minutes_or_the_timeout_of_the_batch(
    batch: CallLimits | None, seconds: float
) -> None:
    resource, _ = await machines(task("pending"))
    began_at = now()
    block: contextlib.AbstractContextManager[object] = SharedLimits(batch) if batch else contextlib.nullcontext()
    with block, pytest.raises(TaskTimeoutError):
        await resource.stop("vm_1", wait=True)
    assert now() - began_at == pytest.approx(seconds)


async def test_max_wait_bounds_the_waits_for_the_rate_limit_of_all_requests() -> None:
    running = gives({"task": {"id": "task_1", "status": "running"}}, headers=requests_left(0))
    steps = (task("pending"), running, task("completed"), machine("started"))
    resource, transport = await machines(*steps)
    with pytest.raises(RateLimitWaitError):
        await resource.start("vm_1", wait=True, max_wait=5.0)
    assert len(transport.requests) == 2
    resource, transport = await machines(*steps)
    await resource.start("vm_1", wait=True)
    assert len(transport.requests) == 4


async def test_build_waits_until_its_machine_is_started() -> None:
    resource, transport = await machines(BEGUN, COMPLETE, machine("starting"), machine("started"))
    built = await resource.build(
        organization="org_1", package=Permalink("rock-3"), data_center="dc_1", networks=["netw_1"], hostname="web-1"
    )
    assert (built.id, built.state) == ("vm_1", "started")
    begin, *rest = transport.requests
    assert sent(rest) == ["GET virtual_machine_build", *["GET virtual_machine"] * 2]
    assert json.loads(begin.body or b"") == {
        "organization": {"id": "org_1"},
        "xml": '<VirtualMachineSpec><DataCenter>dc_1</DataCenter><Resources><Package by="permalink">rock-3</Package>'
        "</Resources><NetworkInterfaces><NetworkInterface><Network>netw_1</Network>"
        '<IPAddressAllocation type="new"><Version>4</Version></IPAddressAllocation>'
        "</NetworkInterface></NetworkInterfaces><Hostname><Hostname>web-1</Hostname></Hostname></VirtualMachineSpec>",
    }


async def test_one_timeout_covers_a_whole_build() -> None:
    resource, _ = await machines(BEGUN, COMPLETE, machine("allocating"))
    began_at = now()
    with pytest.raises(TaskTimeoutError, match=r"^virtual machine vm_1 \(Web\): its last status was 'allocating'"):
        await resource.build(organization="org_1", package="vmpkg_1", zone="zone_1", timeout=30.0)
    assert now() - began_at == pytest.approx(30.0)


async def test_build_is_not_retried_after_a_lost_response() -> None:
    resource, transport = await machines(refuses(502, "x"))
    with pytest.raises(ServerError, match="Katapult may have done it"):
        await resource.build(organization="org_1", package="vmpkg_1", zone="zone_1")
    assert len(transport.requests) == 1


async def test_trash_of_an_object_in_the_trash_is_one_request_and_returns_its_trash_object() -> None:
    fields = {"id": "trsh_1", "keep_until": 1_900_000_000, "object_id": "vm_1", "object_type": "VirtualMachine"}
    resource, transport = await machines(refuses(406, "object_in_trash", detail={"trash_object": fields}))
    keep_until = datetime.datetime.fromtimestamp(1_900_000_000, datetime.UTC)
    assert await resource.trash("vm_1") == TrashObject(
        id="trsh_1", keep_until=keep_until, object_id="vm_1", object_type="VirtualMachine"
    )
    assert len(transport.requests) == 1


WITHOUT_TRASH_OBJECT = pytest.mark.parametrize(
    "detail", [None, {}, {"trash_object": None}, {"trash_object": {"id": 5}}]
)


class _Id(str, enum.Enum):  # noqa: UP042 # the str() of a StrEnum is its value
    WEB = "vm_1"


@pytest.mark.parametrize("machine_id", ["vm_1", _Id.WEB])
@WITHOUT_TRASH_OBJECT
async def test_trash_finds_an_object_in_the_trash_by_its_id_if_the_error_has_no_trash_object(
    detail: object, machine_id: str
) -> None:
    found = gives({"trash_object": {"id": "trsh_1", "object_id": "vm_1"}})
    resource, transport = await machines(refuses(406, "object_in_trash", detail=detail), found)
    assert await resource.trash(machine_id) == TrashObject(id="trsh_1", object_id="vm_1")
    assert transport.requests[1].url.endswith("/trash_objects/trash_object?trash_object%5Bobject_id%5D=vm_1")


async def test_trash_returns_none_if_the_object_has_left_the_trash() -> None:
    left = refuses(404, "trash_object_not_found")
    resource, _ = await machines(refuses(406, "object_in_trash", detail={}), left)
    assert await resource.trash("vm_1") is None


@WITHOUT_TRASH_OBJECT
async def test_trash_of_a_domain_name_raises_the_error_if_it_has_no_trash_object(detail: object) -> None:
    resource, transport = await machines(refuses(406, "object_in_trash", detail=detail))
    with pytest.raises(NotAcceptableError):
        await resource.trash(FQDN("web-1.acme.example"))
    assert len(transport.requests) == 1


async def test_purge_returns_none_if_its_second_request_finds_no_trash_object() -> None:
    in_trash = refuses(406, "object_in_trash", detail={"trash_object": {"id": "trsh_1"}})
    resource, transport = await machines(in_trash, refuses(404, "trash_object_not_found"))
    assert await resource.purge("vm_1") is None
    assert sent(transport.requests) == ["DELETE virtual_machine", "DELETE trash_object"]


@pytest.mark.parametrize("code", ["route_not_found", None])
async def test_purge_raises_a_404_that_does_not_mean_a_missing_machine(code: str | None) -> None:
    step = gives("<html>", status=404) if code is None else refuses(404, code)
    resource, _ = await machines(step)
    with pytest.raises(NotFoundError):
        await resource.purge("vm_1")
