"""One row for every operation: calls of its method that together send every argument in every form."""

import ipaddress
from typing import Any, Final

from katapult_async import FQDN, Permalink, SubDomain

Calls = tuple[dict[str, Any], ...]

ORGANIZATIONS: Final = ({"organization": "org_1"}, {"organization": SubDomain("acme")})
DATA_CENTERS: Final = ({"data_center": "dc_1"}, {"data_center": Permalink("is-rey-01")})
NETWORKS: Final = ({"network": "netw_1"}, {"network": Permalink("public")})
PROFILES: Final = ({"speed_profile": "nsp_1"}, {"speed_profile": Permalink("1gbps")})
MACHINES: Final = ({"virtual_machine": "vm_1"}, {"virtual_machine": FQDN("web-1.acme.example")})
PACKAGES: Final = ({"package": "vmpkg_1"}, {"package": Permalink("rock-3")})
ADDRESSES: Final = ({"ip_address": "ip_1"}, {"ip_address": ipaddress.ip_address("198.51.100.7")})
INTERFACES: Final = ({"interface_id": "vmnet_1"},)
VIRTUAL_NETWORKS: Final = ({"virtual_network_id": "vnet_1"},)
ANNOTATIONS: Final = {"role": "web"}


def every(*forms: Calls, **rest: Any) -> Calls:
    """Return calls in which each argument has each of its forms at least once."""
    return tuple(
        {**{name: value for form in forms for name, value in form[min(at, len(form) - 1)].items()}, **rest}
        for at in range(max([1, *map(len, forms)]))
    )


_OF: Final = "/organizations/organization"
_MACHINE: Final = "/virtual_machines/virtual_machine"
_NIC: Final = "/virtual_machine_network_interfaces/virtual_machine_network_interface"

USES: Final[dict[str, Calls]] = {
    "GET /data_centers": every(),
    "GET /data_centers/data_center": DATA_CENTERS,
    "GET /data_centers/data_center/default_network": DATA_CENTERS,
    "GET /networks/network": NETWORKS,
    f"GET {_OF}/available_networks": ORGANIZATIONS,
    f"GET {_OF}/network_speed_profiles": ORGANIZATIONS,
    "GET /organizations": every(),
    "GET /organizations/organization": ORGANIZATIONS,
    "GET /tasks/task": every(task_id="task_1"),
    f"GET {_OF}/ip_addresses": every(ORGANIZATIONS, allocated=True),
    f"POST {_OF}/ip_addresses": every(ORGANIZATIONS, NETWORKS, version="ipv4", vip=True, label="front"),
    "GET /ip_addresses/ip_address": ADDRESSES,
    "PATCH /ip_addresses/ip_address": every(ADDRESSES, vip=True, label="front", reverse_dns="a.example"),
    "POST /ip_addresses/ip_address/unallocate": ADDRESSES,
    "DELETE /ip_addresses/ip_address": ADDRESSES,
    f"GET {_OF}/virtual_networks": ORGANIZATIONS,
    f"POST {_OF}/virtual_networks": every(ORGANIZATIONS, DATA_CENTERS, name="Inside"),
    "GET /virtual_networks/virtual_network": VIRTUAL_NETWORKS,
    "PATCH /virtual_networks/virtual_network": every(VIRTUAL_NETWORKS, name="Inside"),
    "DELETE /virtual_networks/virtual_network": VIRTUAL_NETWORKS,
    f"GET {_OF}/virtual_machines": every(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"GET {_MACHINE}": MACHINES,
    f"PUT {_MACHINE}/package": every(MACHINES, PACKAGES),
    f"POST {_MACHINE}/allocate_ip": every(MACHINES, ADDRESSES),
    f"GET {_MACHINE}/network_interfaces": MACHINES,
    f"POST {_MACHINE}/network_interfaces": every(MACHINES, PROFILES, (*NETWORKS, {"virtual_network": "vnet_1"})),
    f"GET {_MACHINE}/networks/network/interface": every(MACHINES, NETWORKS),
    f"GET {_NIC}": INTERFACES,
    f"DELETE {_NIC}": INTERFACES,
    f"GET {_NIC}/available_ips/address_version": every(INTERFACES, address_version="ipv4"),
    f"POST {_NIC}/allocate_ip": every(ADDRESSES, INTERFACES),
    f"POST {_NIC}/allocate_new_ip": every(INTERFACES, address_version="ipv6"),
    f"POST {_NIC}/attach": INTERFACES,
    f"POST {_NIC}/detach": INTERFACES,
    f"PATCH {_NIC}/update_speed_profile": every(PROFILES, INTERFACES),
}
