"""The table: every operation that the sandbox knows, with the scopes that the documentation gives it."""

from . import (
    data_centers,
    interface_addresses,
    ip_addresses,
    network_interfaces,
    networks,
    organizations,
    tasks,
    virtual_machines,
    virtual_networks,
)
from .operation import Operation

_ORGANIZATIONS = ("organizations:read",)
_MACHINES = ("virtual_machines", "virtual_machines:read")
_INTERFACES = ("virtual_machines", "virtual_machines:network_interfaces")
_ADDRESSES = ("ip_addresses", "ip_addresses:read")
_NETWORKS = ("virtual_networks", "virtual_networks:read")

_ORGANIZATION = "/organizations/:organization"
_MACHINE = "/virtual_machines/:virtual_machine"
_INTERFACE = "/virtual_machine_network_interfaces/:virtual_machine_network_interface"
_ADDRESS = "/ip_addresses/:ip_address"
_NETWORK = "/virtual_networks/:virtual_network"
_CENTER = "/data_centers/:data_center"

OPERATIONS = (
    Operation("GET", "/organizations", _ORGANIZATIONS, organizations.list_all),
    Operation("GET", _ORGANIZATION, _ORGANIZATIONS, organizations.get),
    Operation("GET", "/data_centers", (), data_centers.list_all),
    Operation("GET", _CENTER, (), data_centers.get),
    Operation("GET", f"{_CENTER}/default_network", (), data_centers.get_default_network),
    Operation("GET", "/networks/:network", (), networks.get),
    Operation("GET", f"{_ORGANIZATION}/available_networks", (), networks.list_available),
    Operation("GET", f"{_ORGANIZATION}/network_speed_profiles", (), networks.list_speed_profiles),
    Operation("GET", f"{_ORGANIZATION}/virtual_networks", _NETWORKS, virtual_networks.list_all),
    Operation("POST", f"{_ORGANIZATION}/virtual_networks", ("virtual_networks",), virtual_networks.create),
    Operation("GET", _NETWORK, _NETWORKS, virtual_networks.get),
    Operation("PATCH", _NETWORK, ("virtual_networks",), virtual_networks.update),
    Operation("DELETE", _NETWORK, ("virtual_networks",), virtual_networks.delete),
    Operation("GET", f"{_ORGANIZATION}/virtual_machines", _MACHINES, virtual_machines.list_all),
    Operation("GET", _MACHINE, _MACHINES, virtual_machines.get),
    Operation("POST", f"{_MACHINE}/allocate_ip", ("ip_addresses",), virtual_machines.allocate_ip),
    Operation("GET", f"{_MACHINE}/network_interfaces", _MACHINES, network_interfaces.list_all),
    Operation("POST", f"{_MACHINE}/network_interfaces", _INTERFACES, network_interfaces.create),
    Operation("GET", f"{_MACHINE}/networks/:network/interface", _MACHINES, network_interfaces.get_on_network),
    Operation("GET", _INTERFACE, _MACHINES, network_interfaces.get),
    Operation("DELETE", _INTERFACE, _INTERFACES, network_interfaces.delete),
    Operation("POST", f"{_INTERFACE}/attach", _INTERFACES, network_interfaces.attach),
    Operation("POST", f"{_INTERFACE}/detach", _INTERFACES, network_interfaces.detach),
    Operation(
        "PATCH", f"{_INTERFACE}/update_speed_profile", ("virtual_machines",), network_interfaces.update_speed_profile
    ),
    Operation("GET", f"{_INTERFACE}/available_ips/:address_version", _ADDRESSES, interface_addresses.list_available),
    Operation("POST", f"{_INTERFACE}/allocate_ip", ("ip_addresses",), interface_addresses.allocate),
    Operation("POST", f"{_INTERFACE}/allocate_new_ip", ("ip_addresses",), interface_addresses.allocate_new),
    Operation("GET", f"{_ORGANIZATION}/ip_addresses", _ADDRESSES, ip_addresses.list_all),
    Operation("POST", f"{_ORGANIZATION}/ip_addresses", ("ip_addresses",), ip_addresses.create),
    Operation("GET", _ADDRESS, _ADDRESSES, ip_addresses.get),
    Operation("PATCH", _ADDRESS, ("ip_addresses",), ip_addresses.update),
    Operation("DELETE", _ADDRESS, ("ip_addresses",), ip_addresses.delete),
    Operation("POST", f"{_ADDRESS}/unallocate", ("ip_addresses",), ip_addresses.unallocate),
    Operation("GET", "/tasks/:task", ("tasks", "tasks:read"), tasks.get),
)
"""Every operation the sandbox knows, with method, path, scopes (operations of Core API v1) and what it does."""
