"""Where the operations on network interfaces are, and how they name one.

Core API v1: get:virtual_machine_network_interfaces, post:virtual_machine_network_interfaces,
get:virtual_machine_network_interface, get:v_m_n_i__v_m_n_i, delete:virtual_machine_network_interface, and
get:virtual_machine_network_interface_available_ips_address_version, post:..._allocate_ip, post:..._allocate_new_ip,
post:..._attach, post:..._detach, patch:..._update_speed_profile.
"""

from typing import Final

from katapult_async.core.endpoints import Endpoint
from katapult_async.core.validation import identifier, reference
from katapult_async.models.ip_addresses import IPAddress
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machine_network_interfaces import InterfaceTask, VirtualMachineNetworkInterface

_NAME: Final = "virtual_machine_network_interface"

_OF_MACHINE: Final = "/virtual_machines/virtual_machine/network_interfaces"
_ONE: Final = f"/virtual_machine_network_interfaces/{_NAME}"

LIST: Final = Endpoint(
    path=_OF_MACHINE,
    answer="virtual_machine_network_interfaces",
    type=list[VirtualMachineNetworkInterface],
    paginated=True,
)
CREATE: Final = Endpoint(method="POST", path=_OF_MACHINE, answer=_NAME, type=VirtualMachineNetworkInterface)
FIND: Final = Endpoint(
    path="/virtual_machines/virtual_machine/networks/network/interface",
    answer=_NAME,
    type=VirtualMachineNetworkInterface,
)
GET: Final = Endpoint(path=_ONE, answer=_NAME, type=VirtualMachineNetworkInterface)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer=_NAME, type=VirtualMachineNetworkInterface)
AVAILABLE_IPS: Final = Endpoint(
    path=f"{_ONE}/available_ips/address_version", answer="ip_addresses", type=list[IPAddress]
)
ALLOCATE_IP: Final = Endpoint(
    method="POST", path=f"{_ONE}/allocate_ip", answer=_NAME, type=VirtualMachineNetworkInterface
)
ALLOCATE_NEW_IP: Final = Endpoint(method="POST", path=f"{_ONE}/allocate_new_ip", answer="ip_address", type=IPAddress)
ATTACH: Final = Endpoint(method="POST", path=f"{_ONE}/attach", answer=None, type=InterfaceTask)
DETACH: Final = Endpoint(method="POST", path=f"{_ONE}/detach", answer=None, type=InterfaceTask)
UPDATE_SPEED_PROFILE: Final = Endpoint(method="PATCH", path=f"{_ONE}/update_speed_profile", answer="task", type=Task)


def named(interface_id: object) -> tuple[str, str]:
    """Return the query argument that names an interface."""
    return f"{_NAME}[id]", identifier("interface_id", interface_id)


def referred(interface_id: object) -> dict[str, object]:
    """Return the part of a body that names an interface."""
    return reference(_NAME, identifier("interface_id", interface_id))
