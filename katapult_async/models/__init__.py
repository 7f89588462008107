"""The things that Katapult answers with: frozen attrs classes, one an object, no I/O.

Only ``id``, and what gives an object its meaning, is required. Everything else may be None, for real answers
leave out fields that are documented and bring others that are not; the latter are ignored.
"""

from katapult_async.models.data_centers import Country, DataCenter, Zone
from katapult_async.models.ip_addresses import AddressVersion, IPAddress, Subnet
from katapult_async.models.lookups import FQDN, Permalink, SubDomain
from katapult_async.models.networks import Network, NetworkSpeedProfile, VirtualNetwork
from katapult_async.models.organizations import Organization
from katapult_async.models.virtual_machine_network_interfaces import AddressQuery, VirtualMachineNetworkInterface
from katapult_async.models.virtual_machines import MachineAddress, Package, VirtualMachine, VirtualMachineState

__all__ = [
    "FQDN",
    "AddressQuery",
    "AddressVersion",
    "Country",
    "DataCenter",
    "IPAddress",
    "MachineAddress",
    "Network",
    "NetworkSpeedProfile",
    "Organization",
    "Package",
    "Permalink",
    "SubDomain",
    "Subnet",
    "VirtualMachine",
    "VirtualMachineNetworkInterface",
    "VirtualMachineState",
    "VirtualNetwork",
    "Zone",
]
