"""The objects that operations name, and the lookups that identify them (Core API v1, lookup arguments)."""

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from katapult_async.core.endpoints import Ref
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

ADDRESS_LIST: Final = Ref("address_list")
ADDRESS_LIST_ENTRY: Final = Ref("address_list_entry")
CERTIFICATE: Final = Ref("certificate")
BUILD: Final = Ref("virtual_machine_build", parameter="build")
BUILD_PACKAGE: Final = Ref("package", by=(Permalink,))
ACCESS_KEY: Final = Ref("access_key")
API_TOKEN: Final = Ref("api_token")
BUCKET: Final = Ref("bucket", key="name")
CERTIFICATES: Final = Ref("certificates")
COUNTRY: Final = Ref("country", by=(ISOCode2, ISOCode3))
COUNTRY_STATE: Final = Ref("country_state")
CURRENCY: Final = Ref("currency", by=(ISOCode,))
DATA_CENTER: Final = Ref("data_center", by=(Permalink,))
DISK: Final = Ref("disk")
DISK_BACKUP_POLICY: Final = Ref("disk_backup_policy")
DISK_TEMPLATE: Final = Ref("disk_template", by=(Permalink,))
DISK_TEMPLATE_VERSION: Final = Ref("disk_template_version")
DNS_RECORD: Final = Ref("dns_record")
DNS_ZONE: Final = Ref("dns_zone", by=(DomainName,))
FILE_STORAGE_VOLUME: Final = Ref("file_storage_volume")
GPU_TYPE: Final = Ref("gpu_type", by=(Permalink,))
GROUP: Final = Ref("group")
INTERFACE: Final = Ref("virtual_machine_network_interface", parameter="interface_id")
IO_PROFILE: Final = Ref("io_profile", by=(Permalink,))
IP_ADDRESS: Final = Ref("ip_address", by=(IPv4Address, IPv6Address))
LOAD_BALANCER: Final = Ref("load_balancer", by=(APIReference,))
LOAD_BALANCER_RULE: Final = Ref("load_balancer_rule")
NETWORK: Final = Ref("network", by=(Permalink,))
OBJECT_STORAGE_CLUSTER: Final = Ref("object_storage_cluster", key="region", parameter="region")
OPERATING_SYSTEM: Final = Ref("operating_system")
ORGANIZATION: Final = Ref("organization", by=(SubDomain,))
PACKAGE: Final = Ref("virtual_machine_package", by=(Permalink,), parameter="package")
SECURITY_GROUP: Final = Ref("security_group")
SECURITY_GROUP_RULE: Final = Ref("security_group_rule")
SPEED_PROFILE: Final = Ref("speed_profile", by=(Permalink,))
SSH_KEY: Final = Ref("ssh_key")
TAG: Final = Ref("tag")
TASK: Final = Ref("task", parameter="task_id")
TRASH_OBJECT: Final = Ref("trash_object", by=(ObjectID,))
USER: Final = Ref("user")
VIRTUAL_MACHINE: Final = Ref("virtual_machine", by=(FQDN,))
VIRTUAL_MACHINE_GROUP: Final = Ref("virtual_machine_group")
VIRTUAL_NETWORK: Final = Ref("virtual_network")
ZONE: Final = Ref("zone", by=(Permalink,))
