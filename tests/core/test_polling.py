"""Waiting for objects that Katapult provisions without a task, in virtual time, over a scripted transport."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable

import pytest

from katapult_async.config import RetryPolicy
from katapult_async.core.caller import Caller
from katapult_async.core.polling import wait
from katapult_async.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    TaskFailedError,
    TaskState,
    TaskTimeoutError,
    UnprocessableError,
)
from katapult_async.resources.file_storage_volumes import FileStorageVolumes
from katapult_async.resources.object_storage_access_keys import ObjectStorageAccessKeys
from katapult_async.resources.object_storage_accounts import ObjectStorageAccounts
from katapult_async.resources.object_storage_buckets import ObjectStorageBuckets
from katapult_async.resources.tasks import Tasks
from tests.freed_frames import without_garbage_collector
from tests.scripted_transport import UNAVAILABLE, Step, after, get_addresses, gives, now, opened, refuses

pytestmark = pytest.mark.looptime


def account(state: str) -> Step:
    """Return a response that shows the account in a state."""
    return gives({"object_storage_account": {"region": "uk-lon-1", "provisioning_state": state}})


PROVISIONING, PROVISIONED, FAILED = account("provisioning"), account("provisioned"), account("failed")


async def test_wait_goes_on_while_an_account_is_failed_for_a_moment() -> None:
    caller, _ = await opened(*[FAILED] * 6, PROVISIONED)  # the seventh request comes after 10.4 s
    provisioned = await ObjectStorageAccounts(caller).wait(organization="org_1", region="uk-lon-1")
    assert provisioned.provisioning_state == "provisioned"


async def test_account_that_stays_failed_ends_the_wait_after_15_seconds() -> None:
    caller, _ = await opened(PROVISIONING, *[FAILED] * 20)
    began_at = now()
    with pytest.raises(TaskFailedError) as caught:
        await ObjectStorageAccounts(caller).wait(organization="org_1", region="uk-lon-1")
    assert 15.0 <= now() - began_at < 25.0
    assert (caught.value.task.kind, caught.value.task.id) == ("object storage account", "uk-lon-1")
    assert str(caught.value).startswith("object storage account uk-lon-1: its last status was 'failed', after ")


async def test_wait_goes_on_while_katapult_refuses_the_account_as_not_provisioned() -> None:
    caller, _ = await opened(*[refuses(403, "object_storage_account_not_provisioned")] * 3, PROVISIONED)
    provisioned = await ObjectStorageAccounts(caller).wait(organization="org_1", region="uk-lon-1")
    assert provisioned.provisioning_state == "provisioned"


@pytest.mark.parametrize("last", [UNAVAILABLE, refuses(403, "permission_denied")])
async def test_function_that_a_failed_wait_called_is_freed_without_the_garbage_collector(last: Step) -> None:
    caller, _ = await opened(UNAVAILABLE, last, retry=RetryPolicy(attempts=1))

    async def fail() -> "weakref.ref[Callable[[str], object]]":
        async def request(_: str) -> None:
            await get_addresses(caller)

        with pytest.raises((TaskTimeoutError, PermissionDeniedError)):
            await wait(caller, request, TaskState(kind="task", id="task_1"), done="completed", options={"timeout": 9.0})
        return weakref.ref(request)

    with without_garbage_collector():
        assert (await asyncio.create_task(fail()))() is None


async def test_account_that_is_suspended_ends_the_wait_at_once() -> None:
    caller, transport = await opened(refuses(403, "object_storage_account_suspended"))
    with pytest.raises(PermissionDeniedError):
        await ObjectStorageAccounts(caller).wait(organization="org_1", region="uk-lon-1")
    assert len(transport.requests) == 1


async def test_refusal_whose_body_is_cut_at_every_attempt_ends_the_wait() -> None:
    cut = gives(b"{", status=401, headers={"Content-Type": "application/json"})
    caller, transport = await opened(*[cut] * 500)
    with pytest.raises(AuthenticationError):
        await Tasks(caller).wait("task_1")
    assert len(transport.requests) == RetryPolicy().attempts


async def test_account_that_does_not_exist_ends_the_wait_at_once() -> None:
    caller, transport = await opened(refuses(404, "object_storage_account_not_found"))
    with pytest.raises(NotFoundError):
        await ObjectStorageAccounts(caller).wait(organization="org_1", region="uk-lon-1")
    assert len(transport.requests) == 1


async def test_credentials_are_requested_until_the_key_is_provisioned() -> None:
    secret = {"id": "objkey_1", "s3_secret_access_key": "hunter2"}
    refused = refuses(422, "object_storage_provisioning_error")
    caller, _ = await opened(
        *[refused] * 12, gives({"object_storage_access_key": secret}), retry=RetryPolicy(attempts=2)
    )
    key = await ObjectStorageAccessKeys(caller).wait_for_credentials("objkey_1")
    assert key.s3_secret_access_key == "hunter2"


async def test_error_at_the_deadline_says_why_the_access_key_was_not_ready() -> None:
    refused = refuses(422, "object_storage_provisioning_error")
    caller, transport = await opened(*[refused] * 4, after(60.0, refused), retry=RetryPolicy(attempts=2))
    with pytest.raises(TaskTimeoutError) as caught:
        await ObjectStorageAccessKeys(caller).wait_for_credentials("objkey_1", timeout=5.0)
    assert isinstance(caught.value.__cause__, UnprocessableError)
    assert len(transport.requests) == 5


async def test_credentials_that_are_refused_for_another_reason_end_the_wait() -> None:
    caller, transport = await opened(refuses(422, "validation_error"))
    with pytest.raises(UnprocessableError):
        await ObjectStorageAccessKeys(caller).wait_for_credentials("objkey_1")
    assert len(transport.requests) == 1


async def test_undocumented_state_failed_of_a_bucket_ends_the_wait() -> None:
    caller, transport = await opened(gives({"object_storage_bucket": {"name": "photos", "state": "failed"}}))
    with pytest.raises(TaskFailedError, match=r"^object storage bucket photos: its last status was 'failed'"):
        await ObjectStorageBuckets(caller).wait("photos", region="uk-lon-1")
    assert len(transport.requests) == 1


async def test_bucket_that_is_not_configured_in_time_is_named_with_its_state() -> None:
    pending = gives({"object_storage_bucket": {"name": "photos", "state": "pending"}})
    caller, _ = await opened(*[pending] * 20)
    with pytest.raises(TaskTimeoutError, match=r"^object storage bucket photos: its last status was 'pending'"):
        await ObjectStorageBuckets(caller).wait("photos", region="uk-lon-1", timeout=5.0)


def task(status: str, **fields: object) -> Step:
    return gives({"task": {"id": "task_1", "status": status, **fields}})


async def test_task_that_ends_with_an_unknown_status_has_failed() -> None:
    caller, transport = await opened(task("queued"), task("cancelled", finished_at=1_700_000_000))
    with pytest.raises(TaskFailedError, match=r"^task task_1: its last status was 'cancelled'"):
        await Tasks(caller).wait("task_1")
    assert len(transport.requests) == 2


async def test_task_that_has_ended_but_shows_the_status_running_is_requested_again() -> None:
    caller, _ = await opened(task("running", finished_at=1_700_000_000), task("completed", finished_at=1_700_000_000))
    assert (await Tasks(caller).wait("task_1")).status == "completed"


WAITS: dict[str, tuple[Callable[[Caller], Awaitable[object]], str]] = {
    "object_storage_bucket": (lambda caller: ObjectStorageBuckets(caller).wait("b", region="r", timeout=5.0), "name"),
    "object_storage_access_key": (lambda caller: ObjectStorageAccessKeys(caller).wait("b", timeout=5.0), "id"),
    "file_storage_volume": (lambda caller: FileStorageVolumes(caller).wait("b", timeout=5.0), "id"),
}
"""For each kind of object: a function that waits for one, and the field that identifies the object."""


@pytest.mark.parametrize("kind", WAITS)
async def test_wait_goes_on_while_a_response_shows_no_state(kind: str) -> None:
    wait_for_object, key = WAITS[kind]
    done = "ready" if kind == "file_storage_volume" else "configured"
    caller, transport = await opened(
        gives({kind: {key: "b"}}), gives({kind: {key: "b", "state": None}}), gives({kind: {key: "b", "state": done}})
    )
    await wait_for_object(caller)
    assert len(transport.requests) == 3


@pytest.mark.parametrize("kind", WAITS)
async def test_object_that_never_shows_a_state_ends_the_wait_at_its_timeout(kind: str) -> None:
    wait_for_object, key = WAITS[kind]
    caller, _ = await opened(*[gives({kind: {key: "b"}})] * 20)
    with pytest.raises(TaskTimeoutError, match=rf"^{kind.replace('_', ' ')} b: its status is unknown, after 5\.0 s"):
        await wait_for_object(caller)
