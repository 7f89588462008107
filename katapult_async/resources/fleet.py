"""The fleet: the network interfaces of all virtual machines in all organizations that a token can see."""

import collections
import copy
import typing
from collections.abc import AsyncIterator
from typing import Self

import attrs

from katapult_async.batch import Batch, Failed, Succeeded
from katapult_async.call_limits import CallLimits
from katapult_async.core import lazy_classes
from katapult_async.errors import (
    AuthenticationError,
    ClientClosedError,
    IncompleteListError,
    KatapultError,
    raises_usage_error,
)
from katapult_async.models.lookups import SubDomain
from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface
from katapult_async.models.virtual_machines import VirtualMachine
from katapult_async.options import CallOptions
from katapult_async.resources.organizations import Organizations
from katapult_async.resources.resource import is_gone
from katapult_async.resources.virtual_machine_network_interfaces import VirtualMachineNetworkInterfaces
from katapult_async.resources.virtual_machines import VirtualMachines


class Fleet:
    """All network interfaces that the token can see: enter it, then iterate over it.

    ::

        async with katapult.fleet() as interfaces:
            async for interface in interfaces: ...

    Katapult has no list of all interfaces. So a fleet lists the organizations, their virtual machines, and the
    interfaces of each machine: of several machines at a time, with the priority of a batch. Interfaces come in the
    order of the responses. Each has its ``virtual_machine``, with the fields of the list of virtual machines.
    ``machines`` is the number of virtual machines whose interfaces were requested so far.

    A virtual machine or organization that is deleted or put into the trash after it was listed is skipped, and counted
    in ``vanished``. If a list of machines or interfaces fails for another reason, its error is kept in ``failures``,
    and the iteration continues; at its end it raises `IncompleteListError`. It raises at once the error of the
    list of organizations, that of the list of machines of the ``organization`` that the caller gave, and an error that
    every request would meet (a rejected token).
    """

    def __init__(
        self,
        caller: "lazy_classes.Caller",
        *,
        organization: str | SubDomain | None,
        concurrency: int,
        options: CallOptions,
    ) -> None:
        self._organizations = Organizations(caller)
        self._virtual_machines = VirtualMachines(caller)
        self._interfaces = VirtualMachineNetworkInterfaces(caller)
        self._organization = organization
        self._options = options
        self._batch = Batch(
            self._interfaces_of, self._machines(), concurrency=concurrency, limits=CallLimits(), limiter=caller.limiter
        )
        self._ready: collections.deque[VirtualMachineNetworkInterface] = collections.deque()
        self.machines: int = 0
        """Virtual machines whose interfaces were requested so far."""

        self.vanished: int = 0
        """Virtual machines and organizations that were deleted, or put into the trash, after they were listed."""

        self.failures: list[Failed[str]] = []
        """Organizations and virtual machines, by id, whose contents could not be listed, with the error."""

    async def __aenter__(self) -> Self:
        await self._batch.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._batch.__aexit__()

    if not typing.TYPE_CHECKING:  # type checkers find these mistakes themselves
        __iter__ = __await__ = raises_usage_error(
            "a fleet is entered and iterated: async with ... as interfaces, then async for interface in interfaces"
        )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> VirtualMachineNetworkInterface:
        while not self._ready:
            match await anext(self._batch, None):
                case Succeeded(value=interfaces):
                    self._ready.extend(interfaces)
                case Failed(key=machine, error=error):
                    if self._batch.stopped_by is not None:
                        # A copy: the traceback of the original would refer to this frame, and so to the original.
                        raise copy.copy(self._batch.stopped_by)
                    self._add_failure(machine.id, error)
                case None if self.failures:  # an incomplete fleet shall not look complete
                    first = self.failures[0]
                    raise IncompleteListError(
                        f"organizations or machines that could not be listed: {len(self.failures)}; the first is"
                        f" {first.key}: {first.error}; `failures` has all of them, and all others were listed"
                    )
                case None:
                    raise StopAsyncIteration
        return self._ready.popleft()

    async def _machines(self) -> AsyncIterator[VirtualMachine]:
        if self._organization is not None:
            async for machine in self._virtual_machines.list(organization=self._organization, **self._options):
                yield machine
            return
        async for organization in self._organizations.list(**self._options):
            try:
                async for machine in self._virtual_machines.list(organization=organization.id, **self._options):
                    yield machine
            except (AuthenticationError, ClientClosedError):  # every other list would fail too
                raise
            except KatapultError as error:
                self._add_failure(organization.id, error)

    async def _interfaces_of(self, machine: VirtualMachine) -> list[VirtualMachineNetworkInterface]:
        self.machines += 1
        interfaces = await self._interfaces.list(virtual_machine=machine.id, **self._options)
        return [attrs.evolve(interface, virtual_machine=machine) for interface in interfaces]

    def _add_failure(self, key: str, error: KatapultError) -> None:
        """Add a failure, or count an object that is deleted or in the trash."""
        if is_gone(error):
            self.vanished += 1
        else:
            self.failures.append(Failed(key, error))
