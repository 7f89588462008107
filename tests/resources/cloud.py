"""A simulation of Katapult with one interface and a few addresses, in which a test plans how each request ends."""

from collections.abc import Coroutine, Iterable
from typing import Any, Final, Literal, TypeVar

from attrs import evolve

from katapult_async.errors import (
    APIError,
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RateLimitWait,
    RateLimitWaitError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    UnprocessableError,
)
from katapult_async.models import IPAddress, VirtualMachineNetworkInterface
from katapult_async.resources.allocation import Receiver, allocate_first_available

T = TypeVar("T")

AllocationOutcome = Literal[
    "succeeds",
    "response lost",
    "request lost",
    "late",
    "503",
    "502",
    "408",
    "unreadable",
    "no connection",
    "taken",
    "taken and lost",
    "repeated",
    "deleted",
    "forbidden",
    "of another network",
    "no room",
    "closed",
]
"""How an allocation request ends.

"late": the client's timeout ends; the server executes the request before the next check, or at the end of the test.
"taken": another client allocates the address first, and the request is refused. "taken and lost": the same, but the
response is lost. "repeated": the request is executed, but the response is a 429 of a proxy; the client's retry is
refused, since the address is allocated. "no room": the rate limit has no room before the deadline. "closed": the client
was closed.
"""

CheckOutcome = Literal["succeeds", "early", "taken before", "taken after", "fails", "no room", "closed"]
"""How a check of the interface ends. Late allocations are executed before it, unless it is "early" or "taken before".

"taken before", "taken after": another client allocates the requested address before or after the interface is read.
"""

INTERFACE_ID: Final = "vmnet_1"
EXISTING_ADDRESS_ID: Final = "ip_before"
"""An address that the interface has from the beginning."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("the coroutine waits")


class Cloud:
    """A simulated server: addresses, and what each of them is allocated to.

    Args:
        addresses: number of addresses, all of them free.
        allocations: how the allocation requests end, in their order; further requests succeed.
        checks: how the checks of the interface end, in their order; further checks succeed.
        seconds: time until the deadline.
        executes_in_pause: whether late allocations are executed in the next pause; else they are at the next check.
    """

    def __init__(
        self,
        *,
        addresses: int = 2,
        allocations: Iterable[AllocationOutcome] = (),
        checks: Iterable[CheckOutcome] = (),
        seconds: float = 600.0,
        executes_in_pause: bool = False,
    ) -> None:
        self.holders: dict[str, str | None] = {f"ip_{number}": None for number in range(addresses)}
        self.allocations = iter(allocations)
        self.checks = iter(checks)
        self.seconds = seconds
        self.executes_in_pause = executes_in_pause
        self.late_requests: list[str] = []
        self.requested: list[str] = []
        self.checked = 0
        self.pauses: list[float] = []

    @property
    def received(self) -> list[str]:
        """The addresses that the interface received."""
        return [address for address, holder in self.holders.items() if holder == "the interface"]

    def allocate(self) -> IPAddress:
        """Make one call of `allocate_first_available`."""
        receiver = Receiver(
            available=self.available_ips,
            allocate=self.allocate_ip,
            get=self.get,
            time_left=lambda: self.seconds,
            pause=self.pause,
        )
        return run(allocate_first_available(receiver, path="/available_ips", arguments=()))

    def execute_late_requests(self) -> None:
        """Execute the late allocations."""
        while self.late_requests:
            self.allocate_to(self.late_requests.pop(), "the interface")

    def allocate_to(self, address: str, holder: str) -> bool:
        """Allocate an address if it is free, and return whether it was."""
        if address in self.holders and self.holders[address] is None:
            self.holders[address] = holder
            return True
        return False

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds -= seconds
        assert self.seconds > 0, "the pause ended after the deadline"
        if self.executes_in_pause:
            self.execute_late_requests()

    async def available_ips(self) -> list[IPAddress]:
        return [IPAddress(id=address, address="198.51.100.1") for address in self.holders]

    async def allocate_ip(self, ip_address: str) -> None:
        self.requested.append(ip_address)
        allocation = next(self.allocations, "succeeds")
        match allocation:
            case "succeeds":
                self.allocate_or_refuse(ip_address)
                return
            case "taken":
                self.allocate_to(ip_address, "another client")
                self.allocate_or_refuse(ip_address)
                return
            case "deleted":
                self.holders.pop(ip_address, None)
                self.allocate_or_refuse(ip_address)
                return
            case "repeated":
                self.allocate_to(ip_address, "the interface")
                refused = problem(ip_address, status=422, code="ip_already_allocated")
                retried = RateLimitReachedError(problem(ip_address, status=429))
                raise UnprocessableError(evolve(refused, earlier=(retried,)))
            case "taken and lost":
                self.allocate_to(ip_address, "another client")
            case "late":
                self.late_requests.append(ip_address)
            case "response lost" | "unreadable" | "502":
                self.allocate_to(ip_address, "the interface")
        raise planned_error(allocation, problem(ip_address))

    def allocate_or_refuse(self, address: str) -> None:
        """Allocate an address to the interface, or raise the error of an address that is not available."""
        if self.allocate_to(address, "the interface"):
            return
        if address in self.holders:
            raise UnprocessableError(problem(address, status=422, code="ip_already_allocated"))
        raise NotFoundError(problem(address, status=404, code="ip_address_not_found"))

    async def get(self) -> VirtualMachineNetworkInterface:
        self.checked += 1
        check = next(self.checks, "succeeds")
        if check == "taken before":
            self.allocate_to(self.requested[-1], "another client")
        elif check != "early":
            self.execute_late_requests()
        if check not in {"succeeds", "early", "taken before", "taken after"}:
            raise planned_error(check, Problem(method="GET", path="/nic", description="planned", status=500))
        addresses = tuple(
            IPAddress(id=address_id, address="198.51.100.1") for address_id in [EXISTING_ADDRESS_ID, *self.received]
        )
        if check == "taken after":
            self.allocate_to(self.requested[-1], "another client")
        return VirtualMachineNetworkInterface(id=INTERFACE_ID, ip_addresses=addresses)


def problem(address: str, *, status: int | None = None, code: str | None = None) -> Problem:
    """Return the problem of a failed allocation."""
    arguments = (("virtual_machine_network_interface[id]", INTERFACE_ID), ("ip_address[id]", address))
    return Problem(
        method="POST", path="/allocate_ip", arguments=arguments, description="planned", status=status, code=code
    )


def address_id_in(error: KatapultError) -> str | None:
    """Return the id of the address that an error names."""
    request = getattr(error, "problem", None)
    return dict(request.arguments).get("ip_address[id]") if isinstance(request, Problem) else None


_LOST: Final = (DisconnectedError, {"status": None})
_ERRORS: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "no connection": (ConnectError, {"status": None, "sent": False}),
    "response lost": _LOST,
    "request lost": _LOST,
    "taken and lost": _LOST,
    "late": (RequestTimeoutError, {"phase": "read"}),
    "503": (ServiceUnavailableError, {"status": 503, "code": "service_unavailable"}),
    "502": (ServerError, {"status": 502}),
    "fails": (ServerError, {"status": 500}),
    "408": (APIError, {"status": 408}),
    "unreadable": (BadResponseError, {"reason": BadResponseReason.UNREADABLE}),
    "forbidden": (PermissionDeniedError, {"status": 403, "code": "permission_denied"}),
    "of another network": (UnprocessableError, {"status": 422, "code": "invalid_ip"}),
}
_NO_ROOM: Final = RateLimitWait(permitted=1000, remaining=0, resets_at=None, retry_after=9.0, max_wait=1.0)


def planned_error(name: str, request: Problem) -> KatapultError:
    """Return the error of a request that ends with an outcome, such as "502"."""
    if name == "no room":
        return RateLimitWaitError(_NO_ROOM)
    if name == "closed":
        return ClientClosedError("closed")
    kind, changes = _ERRORS[name]
    error: KatapultError = kind(evolve(request, **changes))
    return error
