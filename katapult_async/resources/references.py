"""The objects that operations name, and the lookups that identify them (Core API v1, lookup arguments)."""

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from katapult_async.core.endpoints import Ref
from katapult_async.models.lookups import FQDN, Permalink, SubDomain

DATA_CENTER: Final = Ref("data_center", by=(Permalink,))
INTERFACE: Final = Ref("virtual_machine_network_interface", parameter="interface_id")
IP_ADDRESS: Final = Ref("ip_address", by=(IPv4Address, IPv6Address))
NETWORK: Final = Ref("network", by=(Permalink,))
ORGANIZATION: Final = Ref("organization", by=(SubDomain,))
PACKAGE: Final = Ref("virtual_machine_package", by=(Permalink,), parameter="package")
SPEED_PROFILE: Final = Ref("speed_profile", by=(Permalink,))
TASK: Final = Ref("task", parameter="task_id")
VIRTUAL_MACHINE: Final = Ref("virtual_machine", by=(FQDN,))
VIRTUAL_NETWORK: Final = Ref("virtual_network")
VIRTUAL_NETWORK_ID: Final = Ref("virtual_network", parameter="virtual_network_id")
