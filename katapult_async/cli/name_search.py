"""Searches lists of objects: for the id of a machine or interface, and for names that are similar to an unknown one."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from katapult_async.cli.declarations import methods_of, reference_of
from katapult_async.cli.machine_names import FirstLabel, InterfaceName
from katapult_async.errors import KatapultError, NotFoundError, UsageError
from katapult_async.models.lookups import FQDN, Lookup, Permalink, SubDomain
from katapult_async.similar_names import did_you_mean

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface as Interface
    from katapult_async.models.virtual_machines import VirtualMachine

_SUGGESTION_SECONDS: Final = 10.0
"""Seconds that the suggestions for an unknown name may take before its error is shown without them."""

_TRASH_HINT: Final = "; machines in the trash are named by their full name or id"


class UnknownNameError(KatapultError):
    """Nothing that the token can see has this name."""


class NameSearch:
    """Finds ids by names, and names that are similar to an unknown one. It requests the lists when it needs them.

    Args:
        katapult: the client.
        organization: returns the organization to search in; None for all that the token can see.
    """

    def __init__(self, katapult: "KatapultClient", *, organization: Callable[[], str | SubDomain | None]) -> None:
        self._katapult = katapult
        self._organization = organization
        self._machines: list[VirtualMachine] | None = None

    async def id_of(self, value: Any) -> Any:
        """Return the id of a `FirstLabel` or `InterfaceName`, and any other value as it is.

        Raises:
            UnknownNameError: no machine, or no interface of the machine, has this name.
            UsageError: several have it.
        """
        match value:
            case FirstLabel():
                return await self._machine(value)
            case InterfaceName():
                return (await self.interface(value)).id
        return value

    async def _machine(self, name: FirstLabel, *, hint: str = _TRASH_HINT) -> str:
        """Return the id of a virtual machine. The error has the hint if no machine has this name."""
        if self._machines is None:
            async with self.suggestions({"organization": self._organization()}):
                self._machines = await self._objects("virtual_machine")
        names = {machine.id: machine.fqdn or machine.hostname or "" for machine in self._machines}
        label = name.first_label.casefold()
        match [machine_id for machine_id in names if _first_label(names[machine_id]) == label]:
            case [only]:
                return only
            case []:
                organization = self._organization()
                where = "" if organization is None else f" in {text_of(organization)}"
                suggestion = did_you_mean(label, names.values(), key=_first_label)
                raise UnknownNameError(f"no machine is named {name}{where}{hint}{suggestion}")
            case several:
                named = ", ".join(sorted(f"{names[machine_id]} ({machine_id})" for machine_id in several))
                raise UsageError(f"{len(several)} machines are named {name}: {named}")

    async def interface(self, name: InterfaceName) -> "Interface":
        """Return a network interface, with its virtual machine if the machines were listed to find it.

        Raises:
            UnknownNameError: the machine is not known, or has no such interface.
            UsageError: several machines or interfaces have this name.
        """
        machine = name.machine
        if isinstance(machine, FirstLabel):
            hint = "; name an interface by MACHINE/NETWORK, or by its id (vmnet_...)"
            machine = await self._machine(machine, hint=hint)
        nics, network = self._katapult.virtual_machine_network_interfaces, name.network
        async with self.suggestions({"virtual_machine": machine}):
            interfaces = await nics.list(virtual_machine=machine)
        matching = interfaces if network is None else _on_network(network, interfaces)
        if network is not None and not matching and " " not in network:  # perhaps a permalink, which a list omits
            with contextlib.suppress(NotFoundError):
                # Katapult returns one interface, even if the machine has several on the network
                reported = await nics.find(virtual_machine=machine, network=Permalink(network))
                network_id = "" if reported.network is None else reported.network.id
                matching = _on_network(network_id, interfaces) or [reported]
        subject = name.interface_name.partition("/")[0]
        on = f" on {network}" if network else ""
        match matching:
            case [only]:
                listed = next((known for known in self._machines or () if known.id == machine), only.virtual_machine)
                return attrs.evolve(only, virtual_machine=listed)
            case []:
                others = f"; it has {_listed(interfaces)}" if interfaces else ""
                raise UnknownNameError(f"{subject} has no interface{on}{others}")
        raise UsageError(f"{subject} has {len(matching)} interfaces{on}; name one by its id: {_listed(matching)}")

    @contextlib.asynccontextmanager
    async def suggestions(self, arguments: Mapping[str, Any]) -> AsyncGenerator[None]:
        """Add suggestions to the error if Katapult does not find a name among the arguments while the block runs."""
        try:
            yield
        except NotFoundError as error:
            suggestion = await self._suggestion(arguments)
            if not suggestion:
                raise
            description = error.problem.description.rstrip(".") + suggestion
            raise type(error)(attrs.evolve(error.problem, description=description)) from error

    async def _suggestion(self, arguments: Mapping[str, Any]) -> str:
        """Return names that are similar to the first unknown one; "" if there are none, or if they cannot be listed."""
        with contextlib.suppress(KatapultError, TimeoutError):  # the first error is the one to show
            async with asyncio.timeout(_SUGGESTION_SECONDS):
                return await self._similar_names(arguments)
        return ""

    async def _similar_names(self, arguments: Mapping[str, Any]) -> str:
        lookups = [(name, value) for name, value in arguments.items() if isinstance(value, Lookup)]
        # the organization first: if it is unknown, nothing in it can be listed
        for parameter, lookup in sorted(lookups, key=lambda item: item[0] != "organization"):
            field = attrs.fields(type(lookup))[0].name
            names = {getattr(obj, field, None) or "" for obj in await self._objects(parameter)} - {""}
            if text_of(lookup) not in names:
                key = _first_label if isinstance(lookup, FQDN) else str.casefold
                return did_you_mean(key(text_of(lookup)), names, key=key)
        return ""

    async def _objects(self, parameter: str) -> list[Any]:
        """Return all objects that a parameter can name."""
        reference = reference_of(parameter)
        list_objects = getattr(getattr(self._katapult, reference.resource), reference.lister)
        if "organization" in methods_of(reference.resource)[reference.lister].parameters:
            given = self._organization()
            owners = [given] if given else [visible.id async for visible in self._katapult.organizations.list()]
            results = [await list_objects(organization=owner) for owner in owners]
        else:
            results = [await list_objects()]
        return [*itertools.chain(*map(objects_in, results))]


def text_of(value: object) -> str:
    """Return an id, an address, or the text of a lookup."""
    return str(attrs.astuple(value)[0] if isinstance(value, Lookup) else value)


def objects_in(result: Any) -> list[Any]:
    """Return the objects in the result of a method: in a list, or in an object that has only lists."""
    return result if isinstance(result, list) else [*itertools.chain(*attrs.astuple(result, recurse=False))]


def _first_label(name: str) -> str:
    return name.partition(".")[0].casefold()


def _on_network(text: str, interfaces: Iterable["Interface"]) -> list["Interface"]:
    """Return the interfaces on the networks that have a text as their id or name, in upper or lower case."""
    return [interface for interface in interfaces if text.casefold() in map(str.casefold, _names_of_network(interface))]


def _listed(interfaces: Iterable["Interface"]) -> str:
    """Return the ids of interfaces with the names of their networks. Interfaces without a network are left out."""
    pairs = ((interface.id, _names_of_network(interface)) for interface in interfaces)
    return ", ".join(sorted(f"{interface_id} on {names[0]}" for interface_id, names in pairs if names))


def _names_of_network(interface: "Interface") -> list[str]:
    """Return the name and the id of the network or virtual network of an interface, as far as they are known."""
    network = interface.network or interface.virtual_network
    return [] if network is None else [name for name in (network.name, network.id) if name]
