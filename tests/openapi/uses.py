"""For every covered operation, the method of the library that makes it, with every argument in every way."""

import ipaddress
from typing import Any, Final

import attrs

from katapult_async import FQDN, KatapultClient, Permalink, SubDomain

MACHINES: Final = ({"virtual_machine": "vm_1"}, {"virtual_machine": FQDN("web-1.acme.example")})
ORGANIZATIONS: Final = ({"organization": "org_1"}, {"organization": SubDomain("acme")})
DATA_CENTERS: Final = ({"data_center": "dc_1"}, {"data_center": Permalink("is-rey-01")})
NETWORKS: Final = ({"network": "netw_1"}, {"network": Permalink("public")})
PROFILES: Final = ({"speed_profile": "nsp_1"}, {"speed_profile": Permalink("1gbps")})
ADDRESSES: Final = ({"ip_address": "ip_1"}, {"ip_address": ipaddress.ip_address("198.51.100.7")})
INTERFACE: Final = {"interface_id": "vmnet_1"}
VIRTUAL_NETWORK: Final = {"virtual_network_id": "vnet_1"}


@attrs.frozen
class Use:
    """A method, and calls of it that together give every argument in every way."""

    resource: str
    method: str
    calls: tuple[dict[str, Any], ...] = ({},)

    def of(self, katapult: KatapultClient) -> Any:
        """Return the method of a client's resource."""
        return getattr(getattr(katapult, self.resource), self.method)


def every(*ways: tuple[dict[str, Any], ...], **rest: Any) -> tuple[dict[str, Any], ...]:
    """Return calls in which each argument comes in each of its ways at least once."""
    return tuple(
        {**{name: value for way in ways for name, value in way[min(at, len(way) - 1)].items()}, **rest}
        for at in range(max(map(len, ways)))
    )


_NIC: Final = "virtual_machine_network_interface"
_NICS: Final = f"{_NIC}s"
_OF_ORGANIZATION: Final = "/organizations/organization"
_MACHINE: Final = "/virtual_machines/virtual_machine"
_ADDRESS: Final = "/ip_addresses/ip_address"
_VIRTUAL: Final = "/virtual_networks/virtual_network"

USES: Final[dict[str, Use]] = {
    "GET /data_centers": Use("data_centers", "list"),
    "GET /data_centers/data_center": Use("data_centers", "get", DATA_CENTERS),
    "GET /data_centers/data_center/default_network": Use("data_centers", "default_network", DATA_CENTERS),
    "GET /networks/network": Use("networks", "get", NETWORKS),
    f"GET {_OF_ORGANIZATION}/available_networks": Use("networks", "available", ORGANIZATIONS),
    f"GET {_OF_ORGANIZATION}/network_speed_profiles": Use("network_speed_profiles", "list", ORGANIZATIONS),
    "GET /organizations": Use("organizations", "list"),
    "GET /organizations/organization": Use("organizations", "get", ORGANIZATIONS),
    "GET /tasks/task": Use("tasks", "get", ({"task_id": "task_1"},)),
    f"GET {_OF_ORGANIZATION}/ip_addresses": Use("ip_addresses", "list", every(ORGANIZATIONS, allocated=True)),
    f"POST {_OF_ORGANIZATION}/ip_addresses": Use(
        "ip_addresses", "create", every(ORGANIZATIONS, NETWORKS, version="ipv4", vip=True, label="front")
    ),
    f"GET {_ADDRESS}": Use("ip_addresses", "get", ADDRESSES),
    f"PATCH {_ADDRESS}": Use(
        "ip_addresses", "update", every(ADDRESSES, vip=True, label="front", reverse_dns="a.example")
    ),
    f"POST {_ADDRESS}/unallocate": Use("ip_addresses", "unallocate", ADDRESSES),
    f"DELETE {_ADDRESS}": Use("ip_addresses", "delete", ADDRESSES),
    f"GET {_OF_ORGANIZATION}/virtual_networks": Use("virtual_networks", "list", ORGANIZATIONS),
    f"POST {_OF_ORGANIZATION}/virtual_networks": Use(
        "virtual_networks", "create", every(ORGANIZATIONS, DATA_CENTERS, name="Inside")
    ),
    f"GET {_VIRTUAL}": Use("virtual_networks", "get", (VIRTUAL_NETWORK,)),
    f"PATCH {_VIRTUAL}": Use("virtual_networks", "update", ({**VIRTUAL_NETWORK, "name": "Inside"},)),
    f"DELETE {_VIRTUAL}": Use("virtual_networks", "delete", (VIRTUAL_NETWORK,)),
    f"GET {_OF_ORGANIZATION}/virtual_machines": Use(
        "virtual_machines", "list", every(ORGANIZATIONS, annotations={"role": "web"})
    ),
    f"GET {_MACHINE}": Use("virtual_machines", "get", MACHINES),
    f"POST {_MACHINE}/allocate_ip": Use("virtual_machines", "allocate_ip", every(MACHINES, ADDRESSES)),
    f"GET {_MACHINE}/network_interfaces": Use(_NICS, "list", MACHINES),
    f"POST {_MACHINE}/network_interfaces": Use(
        _NICS, "create", every(MACHINES, PROFILES, (*NETWORKS, {"virtual_network": "vnet_1"}))
    ),
    f"GET {_MACHINE}/networks/network/interface": Use(_NICS, "find", every(MACHINES, NETWORKS)),
    f"GET /{_NICS}/{_NIC}": Use(_NICS, "get", (INTERFACE,)),
    f"DELETE /{_NICS}/{_NIC}": Use(_NICS, "delete", (INTERFACE,)),
    f"GET /{_NICS}/{_NIC}/available_ips/address_version": Use(
        _NICS, "available_ips", ({**INTERFACE, "address_version": "ipv4"},)
    ),
    f"POST /{_NICS}/{_NIC}/allocate_ip": Use(_NICS, "allocate_ip", every(ADDRESSES, **INTERFACE)),
    f"POST /{_NICS}/{_NIC}/allocate_new_ip": Use(_NICS, "allocate_new_ip", ({**INTERFACE, "address_version": "ipv6"},)),
    f"POST /{_NICS}/{_NIC}/attach": Use(_NICS, "attach", (INTERFACE,)),
    f"POST /{_NICS}/{_NIC}/detach": Use(_NICS, "detach", (INTERFACE,)),
    f"PATCH /{_NICS}/{_NIC}/update_speed_profile": Use(_NICS, "update_speed_profile", every(PROFILES, **INTERFACE)),
}
