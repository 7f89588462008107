"""Virtual machines: requests and results."""

import ipaddress

import pytest

from katapult_async import (
    FQDN,
    Annotation,
    KatapultClient,
    NotFoundError,
    PermissionDeniedError,
    SubDomain,
    UnprocessableError,
    UsageError,
    VirtualMachineState,
)
from tests.bodies import LISTED_MACHINE, Json, error_body, pagination
from tests.exchanges import BASE_URL, Exchanges
from tests.resources.calls import PAGED, Mistake, Row
from tests.resources.responses import ALLOCATED_ADDRESS, MACHINE

PATH = "/organizations/organization/virtual_machines"
ONE = "/virtual_machines/virtual_machine"
ANNOTATIONS: list[Json] = [{"key": "role", "value": "web"}, {"key": "odd", "value": None}]
CALLS = {
    "list, of virtual machines with some annotations": Row(
        call=lambda katapult: katapult.virtual_machines.list(
            organization="org_1", annotations={"role": "web", "a&b": "\u00fc="}
        ),
        path=PATH,
        query=[
            ("organization[id]", "org_1"),
            ("annotations[][key]", "role"),
            ("annotations[][value]", "web"),
            ("annotations[][key]", "a&b"),
            ("annotations[][value]", "\u00fc="),
            *PAGED,
        ],
        response={"virtual_machines": [LISTED_MACHINE], "pagination": pagination(1, total=1)},
        result=[LISTED_MACHINE],
    ),
    "get": Row(
        call=lambda katapult: katapult.virtual_machines.get("vm_1"),
        path=ONE,
        query=[("virtual_machine[id]", "vm_1")],
        response={"virtual_machine": MACHINE, "annotations": ANNOTATIONS},
        result=MACHINE | {"annotations": ANNOTATIONS},
    ),
    "get, by name and without annotations": Row(
        call=lambda katapult: katapult.virtual_machines.get(FQDN("web-1.acme.example")),
        path=ONE,
        query=[("virtual_machine[fqdn]", "web-1.acme.example")],
        response={"virtual_machine": MACHINE},
        result=MACHINE,
    ),
    "allocate_ip": Row(
        call=lambda katapult: katapult.virtual_machines.allocate_ip("vm_1", ip_address="ip_1"),
        method="POST",
        path=f"{ONE}/allocate_ip",
        body={"virtual_machine": {"id": "vm_1"}, "ip_address": {"id": "ip_1"}},
        response={"ip_address": ALLOCATED_ADDRESS},
        result=ALLOCATED_ADDRESS,
    ),
    "allocate_ip, by names": Row(
        call=lambda katapult: katapult.virtual_machines.allocate_ip(
            FQDN("web-1.acme.example"), ip_address=ipaddress.ip_address("198.51.100.7")
        ),
        method="POST",
        path=f"{ONE}/allocate_ip",
        body={"virtual_machine": {"fqdn": "web-1.acme.example"}, "ip_address": {"address": "198.51.100.7"}},
        response={"ip_address": ALLOCATED_ADDRESS},
        result=ALLOCATED_ADDRESS,
    ),
}
MISTAKES = [
    Mistake(
        lambda katapult: katapult.virtual_machines.list(organization="org_1", annotations={"role": 5}),  # type: ignore[dict-item] # the mistake
        "annotations[role] must be a string, not 5",
    ),
    Mistake(
        lambda katapult: katapult.virtual_machines.list(organization="org_1", annotations="role"),  # type: ignore[arg-type] # the mistake
        "annotations must be a mapping of names to values, not 'role'",
    ),
    Mistake(lambda katapult: katapult.virtual_machines.get("web-1.acme.example"), "virtual_machine must be an id"),
    Mistake(lambda katapult: katapult.virtual_machines.get("vm_1", timeout=-1), "timeout must be"),
    Mistake(
        lambda katapult: katapult.virtual_machines.wait("vm_1", state="running"),  # type: ignore[arg-type] # the mistake
        "state must be 'started' or 'stopped', not 'running'",
    ),
    Mistake(lambda katapult: katapult.virtual_machines.allocate_ip("", ip_address="ip_1"), "virtual_machine must be"),
    Mistake(lambda katapult: katapult.virtual_machines.allocate_ip("vm_1", ip_address="1.2"), "ip_address must be"),
    Mistake(
        lambda katapult: katapult.virtual_machines.allocate_ip("vm_1", ip_address="ip_1", max_wait=-1),
        "max_wait must be",
    ),
]


@pytest.mark.parametrize(
    ("sent", "state"),
    [("started", VirtualMachineState.STARTED), ("shutting_down", VirtualMachineState.SHUTTING_DOWN), ("new", "new")],
)
async def test_get_returns_a_known_state_as_enum_member_and_an_unknown_one_as_text(
    katapult: KatapultClient, exchanges: Exchanges, sent: str, state: VirtualMachineState | str
) -> None:
    body = {"virtual_machine": MACHINE | {"state": sent}, "annotations": ANNOTATIONS}
    exchanges.respond(f"{ONE}?virtual_machine%5Bid%5D=vm_1", body)
    machine = await katapult.virtual_machines.get("vm_1")
    assert (type(machine.state), machine.state) == (type(state), state)
    assert machine.annotations == (Annotation(key="role", value="web"), Annotation(key="odd"))
    assert "not-a-real-one" not in repr(machine)


@pytest.mark.parametrize("code", ["no_interface_available", "ip_already_allocated"])
async def test_address_that_cannot_be_allocated_is_unprocessable(
    katapult: KatapultClient, exchanges: Exchanges, code: str
) -> None:
    exchanges.respond(f"{ONE}/allocate_ip", error_body(code), status=422, method="POST")
    with pytest.raises(UnprocessableError) as caught:
        await katapult.virtual_machines.allocate_ip("vm_1", ip_address="ip_1")
    assert caught.value.problem.arguments == (("virtual_machine[id]", "vm_1"), ("ip_address[id]", "ip_1"))


@pytest.mark.parametrize(
    ("organization", "query"),
    [("org_1", "organization%5Bid%5D=org_1"), (SubDomain("acme"), "organization%5Bsub_domain%5D=acme")],
)
async def test_organization_of_a_list_is_an_id_or_sub_domain(
    katapult: KatapultClient, exchanges: Exchanges, organization: str | SubDomain, query: str
) -> None:
    target = f"{PATH}?{query}&page=1&per_page=200"
    exchanges.respond(target, {"virtual_machines": [LISTED_MACHINE], "pagination": pagination(1, total=1)})
    [machine] = [machine async for machine in katapult.virtual_machines.list(organization=organization)]
    assert machine.id == LISTED_MACHINE["id"]
    assert [request.url for request in exchanges.sent] == [BASE_URL + target]


@pytest.mark.parametrize("organization", ["", "org 1", None, 5, FQDN("web-1.acme.example")])
async def test_wrong_organization_of_a_list_raises_usage_error_at_once(
    katapult: KatapultClient, exchanges: Exchanges, organization: str
) -> None:
    with pytest.raises(UsageError, match=r"^organization must be "):
        katapult.virtual_machines.list(organization=organization)
    assert exchanges.sent == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "organization_not_found", NotFoundError),
        (403, "organization_suspended", PermissionDeniedError),
        (403, "organization_not_activated", PermissionDeniedError),
        (403, "scope_not_granted", PermissionDeniedError),
    ],
)
async def test_list_raises_the_documented_errors(
    katapult: KatapultClient,
    exchanges: Exchanges,
    status: int,
    code: str,
    kind: type[NotFoundError | PermissionDeniedError],
) -> None:
    target = f"{PATH}?organization%5Bid%5D=org_1&page=1&per_page=200"
    exchanges.respond(target, error_body(code), status=status)
    with pytest.raises(kind) as caught:
        _ = [machine async for machine in katapult.virtual_machines.list(organization="org_1")]
    assert (caught.value.code, caught.value.path) == (code, PATH)
