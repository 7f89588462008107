"""The public names of `katapult_async.models`: all models."""

from katapult_async.models.address_lists import (
    AddressList as AddressList,
    AddressListEntry as AddressListEntry,
    AddressListItem as AddressListItem,
)
from katapult_async.models.annotations import Annotation as Annotation
from katapult_async.models.api_tokens import APIToken as APIToken
from katapult_async.models.attachments import Attachment as Attachment
from katapult_async.models.certificates import Certificate as Certificate
from katapult_async.models.console_sessions import ConsoleSession as ConsoleSession
from katapult_async.models.countries import Country as Country, CountryState as CountryState
from katapult_async.models.currencies import Currency as Currency
from katapult_async.models.data_centers import DataCenter as DataCenter, Zone as Zone
from katapult_async.models.disk_backup_policies import (
    DiskBackupPolicy as DiskBackupPolicy,
    DiskBackupSchedule as DiskBackupSchedule,
)
from katapult_async.models.disk_io_profiles import DiskIOProfile as DiskIOProfile
from katapult_async.models.disk_templates import (
    DiskTemplate as DiskTemplate,
    DiskTemplateField as DiskTemplateField,
    DiskTemplateSpec as DiskTemplateSpec,
    DiskTemplateVersion as DiskTemplateVersion,
    LatestDiskTemplateVersion as LatestDiskTemplateVersion,
)
from katapult_async.models.disks import (
    Disk as Disk,
    DiskAssignment as DiskAssignment,
    DiskInstallation as DiskInstallation,
    DiskInstallationAttribute as DiskInstallationAttribute,
    DiskTask as DiskTask,
    TrashedDisk as TrashedDisk,
    VirtualMachineDisk as VirtualMachineDisk,
)
from katapult_async.models.dns import (
    DNSRecord as DNSRecord,
    DNSRecordContent as DNSRecordContent,
    DNSRecordContents as DNSRecordContents,
    DNSZone as DNSZone,
)
from katapult_async.models.file_storage_volumes import (
    FileStorageVolume as FileStorageVolume,
    TrashedFileStorageVolume as TrashedFileStorageVolume,
)
from katapult_async.models.gpus import GPU as GPU, GPUType as GPUType
from katapult_async.models.ip_addresses import (
    Address as Address,
    AddressVersion as AddressVersion,
    IPAddress as IPAddress,
    Subnet as Subnet,
)
from katapult_async.models.load_balancers import (
    LoadBalancer as LoadBalancer,
    LoadBalancerRule as LoadBalancerRule,
    LoadBalancerWeight as LoadBalancerWeight,
)
from katapult_async.models.lookups import (
    FQDN as FQDN,
    APIReference as APIReference,
    DomainName as DomainName,
    ISOCode as ISOCode,
    ISOCode2 as ISOCode2,
    ISOCode3 as ISOCode3,
    ObjectID as ObjectID,
    Permalink as Permalink,
    SubDomain as SubDomain,
)
from katapult_async.models.model import Model as Model
from katapult_async.models.network_speed_profiles import NetworkSpeedProfile as NetworkSpeedProfile
from katapult_async.models.networks import (
    AvailableNetworks as AvailableNetworks,
    Network as Network,
    VirtualNetwork as VirtualNetwork,
)
from katapult_async.models.object_storage import (
    BucketAccessControlList as BucketAccessControlList,
    ObjectStorageAccessKey as ObjectStorageAccessKey,
    ObjectStorageAccount as ObjectStorageAccount,
    ObjectStorageBucket as ObjectStorageBucket,
    ObjectStorageObject as ObjectStorageObject,
    PresignedURL as PresignedURL,
    TrashedObjectStorageAccount as TrashedObjectStorageAccount,
)
from katapult_async.models.operating_systems import OperatingSystem as OperatingSystem
from katapult_async.models.organization_deletion import DeletionStep as DeletionStep, DeletionSteps as DeletionSteps
from katapult_async.models.organization_policies import (
    BalanceLimit as BalanceLimit,
    BalanceValue as BalanceValue,
    OrganizationFeatures as OrganizationFeatures,
    OrganizationLimits as OrganizationLimits,
    OrganizationPolicy as OrganizationPolicy,
    PolicyFeature as PolicyFeature,
    PolicyLimit as PolicyLimit,
    PolicyLimits as PolicyLimits,
    PolicyValue as PolicyValue,
)
from katapult_async.models.organization_prices import (
    OrganizationPrices as OrganizationPrices,
    Price as Price,
    PriceVariant as PriceVariant,
)
from katapult_async.models.organizations import Organization as Organization
from katapult_async.models.security_groups import SecurityGroup as SecurityGroup, SecurityGroupRule as SecurityGroupRule
from katapult_async.models.ssh_keys import SSHKey as SSHKey
from katapult_async.models.tags import Tag as Tag
from katapult_async.models.tasks import Task as Task, TaskStatus as TaskStatus
from katapult_async.models.trash_objects import TrashObject as TrashObject
from katapult_async.models.typed_objects import AnyObject as AnyObject, TypedObject as TypedObject
from katapult_async.models.unset_argument import UNSET as UNSET, Unset as Unset
from katapult_async.models.users import CurrentUser as CurrentUser, User as User, UserAccess as UserAccess
from katapult_async.models.virtual_machine_builds import (
    VirtualMachineBuild as VirtualMachineBuild,
    VirtualMachineBuildState as VirtualMachineBuildState,
)
from katapult_async.models.virtual_machine_groups import VirtualMachineGroup as VirtualMachineGroup
from katapult_async.models.virtual_machine_network_interfaces import (
    AddressQuery as AddressQuery,
    InterfaceTask as InterfaceTask,
    VirtualMachineNetworkInterface as VirtualMachineNetworkInterface,
)
from katapult_async.models.virtual_machine_packages import Package as Package, PackageGroup as PackageGroup
from katapult_async.models.virtual_machines import (
    AttachedISO as AttachedISO,
    Hypervisor as Hypervisor,
    TrashedVirtualMachine as TrashedVirtualMachine,
    VirtualMachine as VirtualMachine,
    VirtualMachineAddress as VirtualMachineAddress,
    VirtualMachineState as VirtualMachineState,
)
