"""The public names of `katapult_async.resources`: every resource, the fleet, and what describes a new machine."""

from katapult_async.resources.address_list_entries import AddressListEntries as AddressListEntries
from katapult_async.resources.address_lists import AddressLists as AddressLists
from katapult_async.resources.api_tokens import APITokens as APITokens
from katapult_async.resources.certificates import Certificates as Certificates
from katapult_async.resources.countries import Countries as Countries
from katapult_async.resources.country_states import CountryStates as CountryStates
from katapult_async.resources.currencies import Currencies as Currencies
from katapult_async.resources.data_centers import DataCenters as DataCenters
from katapult_async.resources.disk_backup_policies import (
    DiskBackupInterval as DiskBackupInterval,
    DiskBackupPolicies as DiskBackupPolicies,
)
from katapult_async.resources.disk_io_profiles import DiskIOProfiles as DiskIOProfiles
from katapult_async.resources.disk_templates import DiskTemplates as DiskTemplates
from katapult_async.resources.disks import Disks as Disks
from katapult_async.resources.dns_records import DNSRecords as DNSRecords, DNSRecordType as DNSRecordType
from katapult_async.resources.dns_zones import DNSZones as DNSZones
from katapult_async.resources.file_storage_volumes import FileStorageVolumes as FileStorageVolumes
from katapult_async.resources.fleet import Fleet as Fleet
from katapult_async.resources.gpu_types import GPUTypes as GPUTypes
from katapult_async.resources.ip_addresses import IPAddresses as IPAddresses
from katapult_async.resources.load_balancer_rules import LoadBalancerRules as LoadBalancerRules
from katapult_async.resources.load_balancers import LoadBalancers as LoadBalancers
from katapult_async.resources.managed_organizations import ManagedOrganizations as ManagedOrganizations
from katapult_async.resources.network_speed_profiles import NetworkSpeedProfiles as NetworkSpeedProfiles
from katapult_async.resources.networks import Networks as Networks
from katapult_async.resources.new_virtual_machine_parts import (
    NewDisk as NewDisk,
    NewNetworkInterface as NewNetworkInterface,
)
from katapult_async.resources.object_storage_access_keys import ObjectStorageAccessKeys as ObjectStorageAccessKeys
from katapult_async.resources.object_storage_accounts import ObjectStorageAccounts as ObjectStorageAccounts
from katapult_async.resources.object_storage_buckets import ObjectStorageBuckets as ObjectStorageBuckets
from katapult_async.resources.operating_systems import OperatingSystems as OperatingSystems
from katapult_async.resources.organizations import Organizations as Organizations
from katapult_async.resources.resource import Resource as Resource
from katapult_async.resources.security_group_rules import SecurityGroupRules as SecurityGroupRules
from katapult_async.resources.security_groups import SecurityGroups as SecurityGroups
from katapult_async.resources.ssh_keys import SSHKeys as SSHKeys
from katapult_async.resources.tags import Tags as Tags
from katapult_async.resources.tasks import Tasks as Tasks
from katapult_async.resources.trash_objects import TrashObjects as TrashObjects
from katapult_async.resources.users import Users as Users
from katapult_async.resources.virtual_machine_builds import VirtualMachineBuilds as VirtualMachineBuilds
from katapult_async.resources.virtual_machine_groups import VirtualMachineGroups as VirtualMachineGroups
from katapult_async.resources.virtual_machine_network_interfaces import (
    VirtualMachineNetworkInterfaces as VirtualMachineNetworkInterfaces,
)
from katapult_async.resources.virtual_machine_packages import VirtualMachinePackages as VirtualMachinePackages
from katapult_async.resources.virtual_machine_spec import VirtualMachineSpec as VirtualMachineSpec
from katapult_async.resources.virtual_machines import VirtualMachines as VirtualMachines
from katapult_async.resources.virtual_networks import VirtualNetworks as VirtualNetworks
from katapult_async.resources.zones import Zones as Zones
