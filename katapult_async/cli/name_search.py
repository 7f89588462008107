"""Search the lists of objects for the id of an object by its name, and for names that are similar to an unknown one.

`name_parsing` decides whether a text is an id, a name that Katapult looks up, or a name that is searched for here.
"""

import asyncio
import contextlib
import difflib
import inspect
import itertools
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from katapult_async.cli.declarations import reference_of
from katapult_async.cli.groups import GROUPS
from katapult_async.errors import KatapultError, NotFoundError, UsageError
from katapult_async.models.lookups import FQDN, Lookup, Permalink, SubDomain

if TYPE_CHECKING:
    from katapult_async.client import KatapultClient
    from katapult_async.models.virtual_machine_network_interfaces import VirtualMachineNetworkInterface
    from katapult_async.models.virtual_machines import VirtualMachine

_LABEL: Final = re.compile(r"[^\s./]{1,63}")  # RFC 1035 section 2.3.4
_MOST_SUGGESTIONS: Final = 3
_LEAST_LIKENESS: Final = 0.7  # difflib's ratio; db-1 and web-1 have 0.67
_SHORTEST_PART: Final = 3  # characters; a shorter text is in too many names
_SUGGESTION_SECONDS: Final = 10.0
"""Seconds that the suggestions for an unknown name may take before its error is shown without them."""


def _check_label(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    if not _LABEL.fullmatch(value) or not value.isprintable():
        raise UsageError(f"{attribute.name} must be 1 to 63 characters without a dot, not {value!r:.80}")


@attrs.frozen
class FirstLabel:
    """A virtual machine by the first label of its full domain name, such as ``web-1``."""

    first_label: str = attrs.field(validator=_check_label)

    def __str__(self) -> str:
        return self.first_label


@attrs.frozen
class InterfaceName:
    """A network interface: ``MACHINE/NETWORK``, or ``MACHINE`` if the machine has one interface."""

    interface_name: str

    def __attrs_post_init__(self) -> None:
        if not self.interface_name.isprintable() or self.network == "":
            raise UsageError(f"the name of an interface is MACHINE/NETWORK, not {self.interface_name!r:.80}")
        _ = self.machine  # a wrong name is an error now, not when it is used

    @property
    def machine(self) -> str | FQDN | FirstLabel:
        """The machine, by its id or a name.

        Raises:
            UsageError: it is neither.
        """
        text = self.interface_name.partition("/")[0]
        if text.startswith("vm_"):
            return text
        return FQDN(text) if "." in text else FirstLabel(text)

    @property
    def network(self) -> str | None:
        """The network, by its id, name or permalink; None if the text has no slash."""
        _, slash, network = self.interface_name.partition("/")
        return network if slash else None

    def __str__(self) -> str:
        return self.interface_name


class UnknownNameError(KatapultError):
    """Nothing that the token can see has this name."""


class AmbiguousNameError(UsageError):
    """Several objects have this name."""


class NameSearch:
    """Finds ids by names, and names that are like an unknown one. It fetches the lists when it needs them.

    Args:
        katapult: the client.
        organization: the organization to search in; None for all that the token can see.
    """

    def __init__(self, katapult: "KatapultClient", *, organization: str | SubDomain | None) -> None:
        self._katapult = katapult
        self._organization = organization
        self._machines: list[VirtualMachine] | None = None

    async def ids_of(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a method with ids in place of `FirstLabel` and `InterfaceName`."""
        return {name: await self.id_of(value) for name, value in arguments.items()}

    async def id_of(self, value: Any) -> Any:
        """Return the id of a `FirstLabel` or `InterfaceName`, and any other value as it is.

        Raises:
            UnknownNameError: no machine, or no interface of the machine, has this name.
            AmbiguousNameError: several have it.
        """
        match value:
            case FirstLabel():
                return await self._machine(value)
            case InterfaceName():
                return (await self.interface(value)).id
        return value

    async def _machine(self, name: FirstLabel, *, hint: str = "") -> str:
        """Return the id of a virtual machine. The hint ends the error if no machine has a name like it."""
        if self._machines is None:
            async with self.suggestions({"organization": self._organization}):
                self._machines = await self._objects("virtual_machine")
        names = {machine.id: machine.fqdn or machine.hostname or "" for machine in self._machines}
        label = name.first_label.casefold()
        match [machine_id for machine_id in names if _first_label(names[machine_id]) == label]:
            case [only]:
                return only
            case []:
                where = "" if self._organization is None else f" in {text_of(self._organization)}"
                suggestion = _did_you_mean(label, names.values(), key=_first_label)
                raise UnknownNameError(f"no machine is named {name}{where}{suggestion or hint}")
            case several:
                named = ", ".join(sorted(f"{names[machine_id]} ({machine_id})" for machine_id in several))
                raise AmbiguousNameError(f"{len(several)} machines are named {name}: {named}")

    async def interface(self, name: InterfaceName) -> "VirtualMachineNetworkInterface":
        """Return a network interface, with its virtual machine if the machines were listed to find it.

        Raises:
            UnknownNameError: the machine is not known, or has no such interface.
            AmbiguousNameError: several machines or interfaces have this name.
        """
        machine = name.machine
        if isinstance(machine, FirstLabel):
            hint = "; name an interface by MACHINE/NETWORK, or by its id (vmnet_...)"
            machine = await self._machine(machine, hint=hint)
        nics, network = self._katapult.virtual_machine_network_interfaces, name.network
        async with self.suggestions({"virtual_machine": machine}):
            interfaces = await nics.list(virtual_machine=machine)
        matching = interfaces if network is None else _on_network(network, interfaces)
        if not matching and network is not None and " " not in network:
            with contextlib.suppress(NotFoundError):  # a list omits permalinks of networks
                reported = await nics.find(virtual_machine=machine, network=Permalink(network))
                # Katapult returns one, also where the machine has several on the network
                if reported.network is not None:
                    matching = _on_network(reported.network.id, interfaces)
                matching = matching or [reported]
        subject = name.interface_name.partition("/")[0]
        on = f" on {network}" if network else ""
        match matching:
            case [only]:
                listed = next((known for known in self._machines or () if known.id == machine), only.virtual_machine)
                return attrs.evolve(only, virtual_machine=listed)
            case []:
                others = f"; it has {_listed(interfaces)}" if interfaces else ""
                raise UnknownNameError(f"{subject} has no interface{on}{others}")
        raise AmbiguousNameError(f"{subject} has {len(matching)} interfaces{on}: {_listed(matching)}")

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
        """Return names that are like the first unknown one; "" if there are none, or if they cannot be listed."""
        with contextlib.suppress(KatapultError, TimeoutError):  # the first error is the one to show
            async with asyncio.timeout(_SUGGESTION_SECONDS):
                # the organization first: an unknown one has no lists
                for parameter, lookup in sorted(arguments.items(), key=lambda item: item[0] != "organization"):
                    if not isinstance(lookup, Lookup):
                        continue
                    field = attrs.fields(type(lookup))[0].name
                    names = {getattr(obj, field, None) or "" for obj in await self._objects(parameter)} - {""}
                    if text_of(lookup) not in names:
                        key = _first_label if isinstance(lookup, FQDN) else str.casefold
                        return _did_you_mean(key(text_of(lookup)), names, key=key)
        return ""

    async def _objects(self, parameter: str) -> list[Any]:
        """Return all objects that a parameter can name."""
        resource = reference_of(parameter).resource
        [group] = [group for group in GROUPS if group.attribute == resource]
        method = next((name for name, command in group.renamed.items() if command == "list"), "list")
        list_objects = getattr(getattr(self._katapult, resource), method)
        if "organization" in inspect.signature(list_objects).parameters:
            results = [await list_objects(organization=organization) async for organization in self._organizations()]
        else:
            results = [await list_objects()]
        return [*itertools.chain(*map(objects_in, results))]

    async def _organizations(self) -> AsyncIterator[str | SubDomain]:
        if self._organization is not None:
            yield self._organization
        else:
            async for organization in self._katapult.organizations.list():
                yield organization.id


def text_of(value: object) -> str:
    """Return an id, an address, or the text of a lookup."""
    return str(attrs.astuple(value)[0] if isinstance(value, Lookup) else value)


def objects_in(result: Any) -> list[Any]:
    """Return the objects in the result of a method: in a list, or in an object that has only lists."""
    return result if isinstance(result, list) else [*itertools.chain(*attrs.astuple(result, recurse=False))]


def _first_label(name: str) -> str:
    return name.partition(".")[0].casefold()


def _on_network(
    text: str, interfaces: Iterable["VirtualMachineNetworkInterface"]
) -> list["VirtualMachineNetworkInterface"]:
    """Return the interfaces on the networks whose id or name is a text, in upper or lower case."""
    return [interface for interface in interfaces if text.casefold() in map(str.casefold, _names_of_network(interface))]


def _listed(interfaces: Iterable["VirtualMachineNetworkInterface"]) -> str:
    """Return the ids of interfaces with the names of their networks; without those on no network."""
    pairs = ((interface.id, _names_of_network(interface)) for interface in interfaces)
    return ", ".join(sorted(f"{interface_id} on {names[0]}" for interface_id, names in pairs if names))


def _names_of_network(interface: "VirtualMachineNetworkInterface") -> list[str]:
    """Return the name and the id of the network or virtual network of an interface, as far as they are known."""
    network = interface.network or interface.virtual_network
    return [] if network is None else [network.name, network.id] if network.name else [network.id]


def _did_you_mean(text: str, names: Iterable[str], *, key: Callable[[str], str]) -> str:
    """Return a question with some names like a text, the most similar first; "" if there are none.

    Args:
        text: the text, in the form that ``key`` returns.
        names: all names.
        key: returns the part of a name that is compared.
    """
    by_key: dict[str, list[str]] = {}
    for name in sorted(names):
        by_key.setdefault(key(name), []).append(name)
    keys = [text]
    if text not in by_key:
        longer = (known for known in by_key if len(text) >= _SHORTEST_PART and text in known)
        keys = [*difflib.get_close_matches(text, by_key, n=_MOST_SUGGESTIONS, cutoff=_LEAST_LIKENESS), *longer]
    similar = itertools.chain(*(by_key[known] for known in dict.fromkeys(keys)))
    shown = ", ".join(itertools.islice(similar, _MOST_SUGGESTIONS))
    return f"; did you mean {shown}?" if shown else ""


async def organization_or_only_one(
    katapult: "KatapultClient", given: "str | SubDomain | None", *, use_sandbox: bool
) -> "str | SubDomain":
    """Return the organization that was given, or the only one that the token can see.

    Args:
        katapult: the client.
        given: the organization that was given.
        use_sandbox: whether the server is a sandbox, for which KATAPULT_ORGANIZATION is ignored.

    Raises:
        click.UsageError: none was given, and the token sees none or several.
    """
    if given is not None:
        return given
    visible = [organization async for organization in katapult.organizations.list()]
    match visible:
        case [only]:
            return only.id
        case []:
            raise click.UsageError("the token sees no organization")
    names = ", ".join(organization.sub_domain or organization.id for organization in visible)
    choose = "choose one with --organization" + ("" if use_sandbox else " or KATAPULT_ORGANIZATION")
    raise click.UsageError(f"the token sees {len(visible)} organizations: {choose}: {names}")
