"""All models, which `katapult_async.models` shows as its own."""

from katapult_async.models.address_lists import AddressList, AddressListEntry, AddressListItem
from katapult_async.models.certificates import Certificate
from katapult_async.models.data_centers import Country, CountryState, DataCenter, Zone
from katapult_async.models.disks import (
    Disk,
    DiskAssignment,
    DiskInstallation,
    DiskInstallationAttribute,
    DiskIOProfile,
    DiskTask,
    DiskTemplate,
    DiskTemplateField,
    DiskTemplateSpec,
    DiskTemplateVersion,
    LatestDiskTemplateVersion,
    TrashedDisk,
    VirtualMachineDisk,
)
from katapult_async.models.dns import DNSRecord, DNSRecordContent, DNSRecordContents, DNSZone
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
from katapult_async.models.load_balancers import (
    LoadBalancer,
    LoadBalancerResource,
    LoadBalancerRule,
    LoadBalancerTarget,
    LoadBalancerWeight,
)
from katapult_async.models.lookups import (
    FQDN,
    APIReference,
    DomainName,
    ISOCode,
    ISOCode2,
    ISOCode3,
    ObjectID,
    Permalink,
    SubDomain,
)
from katapult_async.models.networks import AvailableNetworks, Network, NetworkSpeedProfile, VirtualNetwork
from katapult_async.models.organizations import Currency, Organization
from katapult_async.models.security_groups import SecurityGroup, SecurityGroupRule
from katapult_async.models.ssh_keys import SSHKey
from katapult_async.models.tasks import Task, TaskStatus
from katapult_async.models.trash_objects import TrashObject
from katapult_async.models.unset import UNSET, Unset
from katapult_async.models.virtual_machine_builds import (
    ConsoleSession,
    VirtualMachineBuild,
    VirtualMachineBuildState,
)
from katapult_async.models.virtual_machine_network_interfaces import (
    AddressQuery,
    InterfaceTask,
    VirtualMachineNetworkInterface,
)
from katapult_async.models.virtual_machines import (
    Annotation,
    Tag,
    TrashedVirtualMachine,
    VirtualMachine,
    VirtualMachineAddress,
    VirtualMachineGroup,
    VirtualMachineState,
)

__all__ = [
    "FQDN",
    "GPU",
    "UNSET",
    "APIReference",
    "AddressList",
    "AddressListEntry",
    "AddressListItem",
    "AddressQuery",
    "AddressVersion",
    "Allocation",
    "AllocationTarget",
    "Annotation",
    "AttachedISO",
    "Attachment",
    "AvailableNetworks",
    "Certificate",
    "ConsoleSession",
    "Country",
    "CountryState",
    "Currency",
    "DNSRecord",
    "DNSRecordContent",
    "DNSRecordContents",
    "DNSZone",
    "DataCenter",
    "Disk",
    "DiskAssignment",
    "DiskIOProfile",
    "DiskInstallation",
    "DiskInstallationAttribute",
    "DiskTask",
    "DiskTemplate",
    "DiskTemplateField",
    "DiskTemplateSpec",
    "DiskTemplateVersion",
    "DomainName",
    "GPUType",
    "Hypervisor",
    "IPAddress",
    "ISOCode",
    "ISOCode2",
    "ISOCode3",
    "InterfaceTask",
    "LatestDiskTemplateVersion",
    "LoadBalancer",
    "LoadBalancerResource",
    "LoadBalancerRule",
    "LoadBalancerTarget",
    "LoadBalancerWeight",
    "Network",
    "NetworkSpeedProfile",
    "ObjectID",
    "OperatingSystem",
    "Organization",
    "Package",
    "PackageGroup",
    "Permalink",
    "SSHKey",
    "SecurityGroup",
    "SecurityGroupRule",
    "SubDomain",
    "Subnet",
    "Tag",
    "Task",
    "TaskStatus",
    "TrashObject",
    "TrashedDisk",
    "TrashedVirtualMachine",
    "Unset",
    "VirtualMachine",
    "VirtualMachineAddress",
    "VirtualMachineBuild",
    "VirtualMachineBuildState",
    "VirtualMachineDisk",
    "VirtualMachineGroup",
    "VirtualMachineNetworkInterface",
    "VirtualMachineState",
    "VirtualNetwork",
    "Zone",
]
