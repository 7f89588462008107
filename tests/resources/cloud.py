"""A cloud of one interface and a few addresses, whose every request may go wrong in a planned way."""

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
from katapult_async.models import AddressVersion, IPAddress, VirtualMachineNetworkInterface
from katapult_async.resources.allocation import Receiver, allocate_first_available

T = TypeVar("T")

Turn = Literal[
    "proper",
    "lost after",
    "lost before",
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
"""What becomes of an allocation. A late one is carried out after its answer was given up, at the next look or
at the end; of those that are taken, somebody else gets the address first; a repeated one was carried out although a
proxy refused it with 429, and the client's own repetition finds the address allocated."""

Look = Literal["proper", "early", "taken before", "taken after", "fails", "no room", "closed"]
"""What becomes of a look at the interface. Late allocations are carried out before it, unless it is early itself or
somebody else takes the address before it."""

NIC: Final = "vmnet_1"
BEFORE: Final = "ip_before"
"""An address that the interface had before."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns that never really waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waited for something that does not come")


class Cloud:
    """What the allocation asks, and what it may know only by asking."""

    def __init__(
        self,
        *,
        addresses: int = 2,
        turns: Iterable[Turn] = (),
        looks: Iterable[Look] = (),
        seconds: float = 600.0,
        prompt: bool = False,
    ) -> None:
        self.holders: dict[str, str | None] = {f"ip_{number}": None for number in range(addresses)}
        self.turns = iter(turns)
        self.looks = iter(looks)
        self.seconds = seconds
        self.prompt = prompt  # whether what is late is carried out in the next pause
        self.late: list[str] = []
        self.asked: list[str] = []
        self.looked = 0
        self.pauses: list[float] = []

    @property
    def given(self) -> list[str]:
        """The addresses that the interface has now and had not before."""
        return [address for address, holder in self.holders.items() if holder == "ours"]

    def begin(self) -> IPAddress:
        """Make one call."""
        receiver = Receiver(
            interfaces=self, interface_id=NIC, max_wait=None, time_left=lambda: self.seconds, pause=self.pause
        )
        return run(allocate_first_available(receiver, address_version="ipv4"))

    def settle(self) -> None:
        """Carry out what is late."""
        while self.late:
            self.give(self.late.pop(), "ours")

    def give(self, address: str, holder: str) -> bool:
        if address in self.holders and self.holders[address] is None:
            self.holders[address] = holder
            return True
        return False

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds -= seconds
        assert self.seconds > 0, "it slept through its deadline"
        if self.prompt:
            self.settle()

    async def available_ips(
        self, interface_id: str, *, address_version: AddressVersion | str, max_wait: float | None, timeout: float
    ) -> list[IPAddress]:
        assert (interface_id, address_version, max_wait, timeout) == (NIC, "ipv4", None, self.seconds)
        return [IPAddress(id=address, address="198.51.100.1") for address in self.holders]

    async def allocate_ip(
        self, interface_id: str, *, ip_address: str, max_wait: float | None, timeout: float
    ) -> VirtualMachineNetworkInterface:
        assert (interface_id, max_wait, timeout) == (NIC, None, self.seconds)
        self.asked.append(ip_address)
        turn = next(self.turns, "proper")
        if turn in {"taken", "taken and lost"}:
            self.give(ip_address, "somebody")
        elif turn == "deleted":
            self.holders.pop(ip_address, None)
        elif turn == "late":
            self.late.append(ip_address)
        if turn == "repeated":
            self.give(ip_address, "ours")
            raise UnprocessableError(
                evolve(
                    problem(ip_address, status=422, code="ip_already_allocated"),
                    earlier=(RateLimitReachedError(problem(ip_address, status=429)),),
                )
            )
        if turn in {"proper", "taken", "deleted", "lost after", "unreadable", "502"}:
            given = self.give(ip_address, "ours")
            if turn in {"proper", "taken", "deleted"}:
                if given:
                    return VirtualMachineNetworkInterface(id=interface_id)
                code = "ip_already_allocated" if ip_address in self.holders else "ip_address_not_found"
                raise (UnprocessableError if code == "ip_already_allocated" else NotFoundError)(
                    problem(ip_address, status=422 if code == "ip_already_allocated" else 404, code=code)
                )
        raise trouble(turn, problem(ip_address))

    async def get(self, interface_id: str, *, max_wait: float | None, timeout: float) -> VirtualMachineNetworkInterface:
        assert (interface_id, max_wait, timeout) == (NIC, None, self.seconds)
        self.looked += 1
        look = next(self.looks, "proper")
        if look == "taken before":
            self.give(self.asked[-1], "somebody")
        elif look != "early":
            self.settle()
        if look not in {"proper", "early", "taken before", "taken after"}:
            raise trouble(look, Problem(method="GET", path="/nic", description="planned", status=500))
        addresses = tuple(IPAddress(id=each, address="198.51.100.1") for each in [BEFORE, *self.given])
        if look == "taken after":
            self.give(self.asked[-1], "somebody")
        return VirtualMachineNetworkInterface(id=interface_id, ip_addresses=addresses)


def problem(address: str, *, status: int | None = None, code: str | None = None) -> Problem:
    """Return what a failed allocation knows."""
    arguments = ((f"{NIC}[id]", NIC), ("ip_address[id]", address))
    return Problem(
        method="POST", path="/allocate_ip", arguments=arguments, description="planned", status=status, code=code
    )


def named(error: KatapultError) -> str | None:
    """Return the address that an error names."""
    known = getattr(error, "problem", None)
    return dict(known.arguments).get("ip_address[id]") if isinstance(known, Problem) else None


_LOST: Final = (DisconnectedError, {"status": None})
_TROUBLES: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "no connection": (ConnectError, {"status": None, "sent": False}),
    "lost after": _LOST,
    "lost before": _LOST,
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


def trouble(name: str, known: Problem) -> KatapultError:
    """Return the error of a planned trouble."""
    if name == "no room":
        return RateLimitWaitError(_NO_ROOM)
    if name == "closed":
        return ClientClosedError("closed")
    kind, changes = _TROUBLES[name]
    error: KatapultError = kind(evolve(known, **changes))
    return error
