"""The objects that operations name, and the lookups that identify them (Core API v1, lookup arguments).

Prefixes of ids are those of recorded responses. Ids of data centers have two prefixes, so `DATA_CENTER` has none.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
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

ACCESS_KEY: Final = Ref("access_key", id_prefix="objkey_")
ADDRESS_LIST: Final = Ref("address_list", id_prefix="adlst_")
ADDRESS_LIST_ENTRY: Final = Ref("address_list_entry", id_prefix="adlste_")
API_TOKEN: Final = Ref("api_token")
BUCKET: Final = Ref("bucket", key="name")
BUILD: Final = Ref("virtual_machine_build", id_prefix="vmbuild_", parameter="build")
BUILD_PACKAGE: Final = Ref("package", id_prefix="vmpkg_", by=(Permalink,))
CERTIFICATE: Final = Ref("certificate")
CERTIFICATES: Final = Ref("certificates")
COUNTRY: Final = Ref("country", id_prefix="ctry_", by=(ISOCode2, ISOCode3))
COUNTRY_STATE: Final = Ref("country_state")
CURRENCY: Final = Ref("currency", id_prefix="cur_", by=(ISOCode,))
DATA_CENTER: Final = Ref("data_center", by=(Permalink,))
DISK: Final = Ref("disk", id_prefix="disk_")
DISK_BACKUP_POLICY: Final = Ref("disk_backup_policy")
DISK_TEMPLATE: Final = Ref("disk_template", id_prefix="dtpl_", by=(Permalink,))
DISK_TEMPLATE_VERSION: Final = Ref("disk_template_version", id_prefix="dtv_")
DNS_RECORD: Final = Ref("dns_record")
DNS_ZONE: Final = Ref("dns_zone", by=(DomainName,))
FILE_STORAGE_VOLUME: Final = Ref("file_storage_volume", id_prefix="fsv_")
GPU_TYPE: Final = Ref("gpu_type", by=(Permalink,))
GROUP: Final = Ref("group", id_prefix="vmgrp_")
INTERFACE: Final = Ref("virtual_machine_network_interface", id_prefix="vmnet_", parameter="interface_id")
IO_PROFILE: Final = Ref("io_profile", id_prefix="diop_", by=(Permalink,))
IP_ADDRESS: Final = Ref("ip_address", id_prefix="ip_", by=(IPv4Address, IPv6Address))
LOAD_BALANCER: Final = Ref("load_balancer", id_prefix="lb_", by=(APIReference,))
LOAD_BALANCER_RULE: Final = Ref("load_balancer_rule", id_prefix="lbrule_")
NETWORK: Final = Ref("network", id_prefix="netw_", by=(Permalink,))
OBJECT_STORAGE_CLUSTER: Final = Ref("object_storage_cluster", key="region", parameter="region")
OPERATING_SYSTEM: Final = Ref("operating_system", id_prefix="os_")
ORGANIZATION: Final = Ref("organization", id_prefix="org_", by=(SubDomain,))
PACKAGE: Final = Ref("virtual_machine_package", id_prefix="vmpkg_", by=(Permalink,), parameter="package")
SECURITY_GROUP: Final = Ref("security_group", id_prefix="sg_")
SECURITY_GROUP_RULE: Final = Ref("security_group_rule", id_prefix="sgr_")
SPEED_PROFILE: Final = Ref("speed_profile", id_prefix="nsp_", by=(Permalink,))
SSH_KEY: Final = Ref("ssh_key")
TAG: Final = Ref("tag", id_prefix="tag_")
TASK: Final = Ref("task", id_prefix="task_", parameter="task_id")
TRASH_OBJECT: Final = Ref("trash_object", id_prefix="trsh_", by=(ObjectID,))
USER: Final = Ref("user")
VIRTUAL_MACHINE: Final = Ref("virtual_machine", id_prefix="vm_", by=(FQDN,))
VIRTUAL_MACHINE_GROUP: Final = Ref("virtual_machine_group", id_prefix="vmgrp_")
VIRTUAL_NETWORK: Final = Ref("virtual_network", id_prefix="vnet_")
ZONE: Final = Ref("zone", id_prefix="zone_", by=(Permalink,))

# Both `BUILD_PACKAGE` and `PACKAGE` have the parameter ``package``: a build sends it under this name, other operations
# as ``virtual_machine_package``.
REFS: Final[Mapping[str, Ref]] = MappingProxyType(
    {ref.parameter: ref for ref in list(globals().values()) if isinstance(ref, Ref) and ref is not BUILD_PACKAGE}
)
"""The references of the parameters of methods, by the name of the parameter."""
