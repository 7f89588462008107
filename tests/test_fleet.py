"""The fleet, against a scripted server whose objects are in dicts."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Unpack
from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest

from katapult_async import Fleet, SubDomain, VirtualMachine
from katapult_async.config import RetryPolicy
from katapult_async.errors import (
    AuthenticationError,
    IncompleteListError,
    KatapultError,
    NotAcceptableError,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RequestTimeoutError,
    ServiceUnavailableError,
)
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.options import CallOptions
from katapult_async.resources.resource import is_gone
from tests.freed_frames import frees_its_awaiter

from .bodies import pagination
from .scripted_transport import BASE_URL, ScriptedTransport, Step, caller_of, gives, hangs, now, refuses

pytestmark = pytest.mark.looptime

GONE = refuses(404, "virtual_machine_not_found")
TRASHED = refuses(406, "object_in_trash")
DOWN = refuses(503, "service_unavailable")
SUSPENDED = refuses(403, "organization_suspended")
REJECTED = refuses(403, "invalid_api_token")


@attrs.define
class Server:
    """Virtual machines by organization, and interfaces by virtual machine; or a scripted step in place of a list."""

    organizations: dict[str, list[str] | Step]
    interfaces: dict[str, list[str] | Step] = attrs.Factory(dict)
    organizations_step: Step | None = None
    """In place of the list of organizations."""

    requested: list[str] = attrs.Factory(list)

    async def respond(self, request: TransportRequest) -> TransportResponse:
        url = urlsplit(request.url.removeprefix(BASE_URL))
        _, *rest = url.path.split("/")
        named = parse_qsl(url.query)[0][1] if url.query else ""
        self.requested.append(named)
        match rest:
            case ["organizations"]:
                listed = self.organizations_step or gives(
                    {"organizations": [{"id": organization} for organization in self.organizations]}
                )
            case ["organizations", "organization", "virtual_machines"]:
                listed = self._listed("virtual_machines", self.organizations[named])
            case _:
                default = [f"vmnet_of_{named}"]
                listed = self._listed("virtual_machine_network_interfaces", self.interfaces.get(named, default))
        return await listed(request)

    @staticmethod
    def _listed(field: str, ids: list[str] | Step) -> Step:
        if not isinstance(ids, list):
            return ids
        return gives({field: [{"id": object_id} for object_id in ids], "pagination": pagination(1, total=len(ids))})


def fleet_of(
    server: Server,
    *,
    organization: str | SubDomain | None = None,
    concurrency: int = 3,
    **options: Unpack[CallOptions],
) -> Fleet:
    caller = caller_of(ScriptedTransport((server.respond,)), retry=RetryPolicy(attempts=1))
    caller._lifetime.open()  # a caller that is open, without a call of `open`: the transport needs none
    return Fleet(caller, organization=organization, concurrency=concurrency, options=options)


async def ids_of(fleet: Fleet) -> list[str]:
    async with fleet as interfaces:
        return sorted([interface.id async for interface in interfaces])


async def ids_before_the_error(fleet: Fleet) -> list[str]:
    """Return the ids of the interfaces that come before the `IncompleteListError`."""
    ids: list[str] = []

    async def collect() -> None:
        async with fleet as interfaces:
            async for interface in interfaces:
                ids.append(interface.id)  # noqa: PERF401 # what came before an error is kept

    with pytest.raises(
        IncompleteListError, match="organizations or machines that could not be listed: 1; the first is "
    ):
        await collect()
    return sorted(ids)


async def test_fleet_yields_every_interface_of_all_organizations_once() -> None:
    server = Server(
        {"org_1": ["vm_1", "vm_2"], "org_2": [], "org_3": ["vm_3"]},
        {"vm_1": ["vmnet_1", "vmnet_2"], "vm_2": [], "vm_3": ["vmnet_3"]},
    )
    fleet = fleet_of(server)
    assert await ids_of(fleet) == ["vmnet_1", "vmnet_2", "vmnet_3"]
    assert (fleet.machines, fleet.vanished, fleet.failures) == (3, 0, [])
    assert sorted(server.requested) == ["", "org_1", "org_2", "org_3", "vm_1", "vm_2", "vm_3"]


async def test_every_interface_has_its_virtual_machine() -> None:
    async with fleet_of(Server({"org_1": ["vm_1", "vm_2"]})) as interfaces:
        machines = {interface.id: interface.virtual_machine async for interface in interfaces}
    assert machines == {"vmnet_of_vm_1": VirtualMachine(id="vm_1"), "vmnet_of_vm_2": VirtualMachine(id="vm_2")}


@pytest.mark.parametrize("organization", ["org_2", SubDomain("org_2")])
async def test_one_organization_is_listed_without_the_others(organization: str | SubDomain) -> None:
    server = Server({"org_1": ["vm_1"], "org_2": ["vm_2"]})
    assert await ids_of(fleet_of(server, organization=organization)) == ["vmnet_of_vm_2"]
    assert server.requested == ["org_2", "vm_2"]


@pytest.mark.parametrize("gone", [GONE, TRASHED])
async def test_virtual_machine_deleted_after_it_was_listed_is_skipped_and_counted(gone: Step) -> None:
    fleet = fleet_of(Server({"org_1": ["vm_1", "vm_2", "vm_3"]}, {"vm_2": gone}))
    assert await ids_of(fleet) == ["vmnet_of_vm_1", "vmnet_of_vm_3"]
    assert (fleet.machines, fleet.vanished, fleet.failures) == (3, 1, [])


async def test_organization_deleted_after_it_was_listed_is_skipped_and_counted() -> None:
    fleet = fleet_of(Server({"org_1": refuses(404, "organization_not_found"), "org_2": ["vm_2"]}))
    assert await ids_of(fleet) == ["vmnet_of_vm_2"]
    assert (fleet.machines, fleet.vanished, fleet.failures) == (1, 1, [])


@pytest.mark.parametrize(("refused", "kind"), [(SUSPENDED, PermissionDeniedError), (DOWN, ServiceUnavailableError)])
async def test_organization_that_cannot_be_listed_is_a_failure_and_the_others_follow(
    refused: Step, kind: type[KatapultError]
) -> None:
    fleet = fleet_of(Server({"org_1": refused, "org_2": ["vm_2"]}))
    assert await ids_before_the_error(fleet) == ["vmnet_of_vm_2"]
    [failure] = fleet.failures
    assert (failure.key, type(failure.error)) == ("org_1", kind)


async def test_machine_that_cannot_be_listed_is_kept_as_a_failure_and_the_others_follow() -> None:
    fleet = fleet_of(Server({"org_1": ["vm_1", "vm_2", "vm_3"]}, {"vm_2": DOWN}))
    assert await ids_before_the_error(fleet) == ["vmnet_of_vm_1", "vmnet_of_vm_3"]
    [failure] = fleet.failures
    assert (failure.key, type(failure.error)) == ("vm_2", ServiceUnavailableError)
    assert fleet.vanished == 0


async def test_chosen_organization_that_cannot_be_listed_raises_its_error() -> None:
    for refused, kind in [(GONE, NotFoundError), (SUSPENDED, PermissionDeniedError)]:
        with pytest.raises(kind):
            await ids_of(fleet_of(Server({"org_1": refused}), organization="org_1"))


@pytest.mark.parametrize(("refused", "kind"), [(REJECTED, AuthenticationError), (DOWN, ServiceUnavailableError)])
async def test_failed_list_of_organizations_raises_its_error(refused: Step, kind: type[KatapultError]) -> None:
    with pytest.raises(kind):
        await ids_of(fleet_of(Server({}, organizations_step=refused)))


async def test_token_rejected_for_the_machines_of_an_organization_raises_its_error() -> None:
    with pytest.raises(AuthenticationError):
        await ids_of(fleet_of(Server({"org_1": REJECTED, "org_2": ["vm_2"]})))


async def test_token_rejected_for_two_machines_in_a_row_raises_its_error() -> None:
    server = Server({"org_1": ["vm_1", "vm_2", "vm_3", "vm_4"]}, {"vm_2": REJECTED, "vm_3": REJECTED})
    with pytest.raises(AuthenticationError):
        await ids_of(fleet_of(server, concurrency=1))


@pytest.mark.parametrize(
    "server",
    [
        Server({"org_1": ["vm_1", "vm_2", "vm_3"]}, {"vm_2": REJECTED, "vm_3": REJECTED}),
        Server({"org_1": ["vm_1", "vm_2"]}, {"vm_2": DOWN}),
        Server({}, organizations_step=DOWN),
    ],
    ids=["token rejected", "incomplete", "no organizations"],
)
async def test_frame_that_iterated_a_failed_fleet_is_freed_without_the_garbage_collector(server: Server) -> None:
    assert await frees_its_awaiter(lambda: ids_of(fleet_of(server, concurrency=1)), failing_with=KatapultError)


async def test_token_rejected_for_one_machine_is_kept_as_a_failure() -> None:
    fleet = fleet_of(Server({"org_1": ["vm_1", "vm_2", "vm_3"]}, {"vm_2": REJECTED}), concurrency=1)
    assert await ids_before_the_error(fleet) == ["vmnet_of_vm_1", "vmnet_of_vm_3"]


async def test_leaving_the_iteration_early_ends_its_requests() -> None:
    server = Server({f"org_{number}": [f"vm_{number}"] for number in range(50)})
    async with fleet_of(server, concurrency=2) as interfaces:
        async for interface in interfaces:
            assert interface.id.startswith("vmnet_of_vm_")
            break
    requests = len(server.requested)
    await asyncio.sleep(1000.0)
    assert len(server.requested) == requests < 20


async def test_fleet_that_is_left_early_leaves_no_generator_to_the_garbage_collector() -> None:
    collected: list[object] = []
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=collected.append)
    try:
        async with fleet_of(Server({"org_1": ["vm_1", "vm_2", "vm_3"]}), concurrency=1) as interfaces:
            await anext(interfaces)
        gc.collect()
    finally:
        sys.set_asyncgen_hooks(*hooks)
    assert collected == []


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        (lambda problem: NotFoundError(attrs.evolve(problem, code="virtual_machine_not_found")), True),
        (lambda problem: NotFoundError(attrs.evolve(problem, code="route_not_found")), False),
        (NotFoundError, False),  # a 404 without a code comes from a proxy
        (lambda problem: NotAcceptableError(attrs.evolve(problem, code="object_in_trash")), True),
        (lambda problem: NotAcceptableError(attrs.evolve(problem, code="task_queueing_error")), False),
        (PermissionDeniedError, False),
        (lambda problem: NotAttemptedError(str(problem)), False),
    ],
)
def test_only_deleted_and_trashed_objects_count_as_gone(
    error: Callable[[Problem], KatapultError], *, gone: bool
) -> None:
    assert is_gone(error(Problem(method="GET", path="/x", description="no", status=404))) is gone


async def test_timeout_bounds_each_machine_and_the_others_are_listed() -> None:
    began_at = now()
    fleet = fleet_of(Server({"org_1": ["vm_1", "vm_2", "vm_3"]}, {"vm_2": hangs}), timeout=2.5)
    assert await ids_before_the_error(fleet) == ["vmnet_of_vm_1", "vmnet_of_vm_3"]
    assert now() - began_at == pytest.approx(2.5)
    [failure] = fleet.failures
    assert failure.key == "vm_2"
    assert isinstance(failure.error, RequestTimeoutError)


async def test_timeout_bounds_each_page_of_machines() -> None:
    began_at = now()
    fleet = fleet_of(Server({"org_1": hangs, "org_2": ["vm_2"]}), timeout=2.5)
    assert await ids_before_the_error(fleet) == ["vmnet_of_vm_2"]
    assert now() - began_at == pytest.approx(2.5)
    assert [failure.key for failure in fleet.failures] == ["org_1"]
