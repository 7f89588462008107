"""Models of what Katapult returns: frozen attrs classes, one for each kind of object.

Only ``id`` is required, or whatever identifies the object. Every other field may be None, since responses omit
documented fields. They have undocumented fields too, which are ignored.
"""

from katapult_async.models.data_centers import Country, CountryState, DataCenter, Zone
from katapult_async.models.hardware import (
    GPU,
    AttachedISO,
    Attachment,
    GPUType,
    Hypervisor,
    OperatingSystem,
    Package,
    PackageGroup,
)
from katapult_async.models.ip_addresses import AddressVersion, Allocation, AllocationTarget, IPAddress, Subnet
from katapult_async.models.lookups import FQDN, Permalink, SubDomain
from katapult_async.models.networks import AvailableNetworks, Network, NetworkSpeedProfile, VirtualNetwork
from katapult_async.models.organizations import Currency, Organization
from katapult_async.models.tasks import Task, TaskStatus
from katapult_async.models.unset import UNSET, Unset
from katapult_async.models.virtual_machine_network_interfaces import (
    AddressQuery,
    InterfaceTask,
    VirtualMachineNetworkInterface,
)
from katapult_async.models.virtual_machines import (
    Annotation,
    Tag,
    VirtualMachine,
    VirtualMachineAddress,
    VirtualMachineGroup,
    VirtualMachineState,
)

__all__ = [
    "FQDN",
    "GPU",
    "UNSET",
    "AddressQuery",
    "AddressVersion",
    "Allocation",
    "AllocationTarget",
    "Annotation",
    "AttachedISO",
    "Attachment",
    "AvailableNetworks",
    "Country",
    "CountryState",
    "Currency",
    "DataCenter",
    "GPUType",
    "Hypervisor",
    "IPAddress",
    "InterfaceTask",
    "Network",
    "NetworkSpeedProfile",
    "OperatingSystem",
    "Organization",
    "Package",
    "PackageGroup",
    "Permalink",
    "SubDomain",
    "Subnet",
    "Tag",
    "Task",
    "TaskStatus",
    "Unset",
    "VirtualMachine",
    "VirtualMachineAddress",
    "VirtualMachineGroup",
    "VirtualMachineNetworkInterface",
    "VirtualMachineState",
    "VirtualNetwork",
    "Zone",
]
