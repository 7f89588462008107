"""One row for every operation: calls of its method that together send every argument in every form."""

import datetime
import ipaddress
from typing import Any, Final

from katapult_async import (
    FQDN,
    AddressListItem,
    APIReference,
    DomainName,
    ISOCode,
    ISOCode2,
    ISOCode3,
    LoadBalancerWeight,
    NewDisk,
    ObjectID,
    Permalink,
    SubDomain,
)

Calls = tuple[dict[str, Any], ...]

ORGANIZATIONS: Final = ({"organization": "org_1"}, {"organization": SubDomain("acme")})
DATA_CENTERS: Final = ({"data_center": "dc_1"}, {"data_center": Permalink("is-rey-01")})
NETWORKS: Final = ({"network": "netw_1"}, {"network": Permalink("public")})
PROFILES: Final = ({"speed_profile": "nsp_1"}, {"speed_profile": Permalink("1gbps")})
MACHINES: Final = ({"virtual_machine": "vm_1"}, {"virtual_machine": FQDN("web-1.acme.example")})
PACKAGES: Final = ({"package": "vmpkg_1"}, {"package": Permalink("rock-3")})
ADDRESSES: Final = ({"ip_address": "ip_1"}, {"ip_address": ipaddress.ip_address("198.51.100.7")})
DISKS: Final = ({"disk": "disk_1"},)
IO_PROFILES: Final = ({"io_profile": "diop_1"}, {"io_profile": Permalink("unrestricted")})
TEMPLATES: Final = ({"disk_template": "dtpl_1"}, {"disk_template": Permalink("templates/debian-13")})
TRASH: Final = ({"trash_object": "trsh_1"}, {"trash_object": ObjectID("vm_1")})
BALANCERS: Final = ({"load_balancer": "lb_1"}, {"load_balancer": APIReference("front")})
COUNTRIES: Final = ({"country": "ctry_1"}, {"country": ISOCode2("GB")}, {"country": ISOCode3("GBR")})
INTERFACES: Final = ({"interface_id": "vmnet_1"},)
VIRTUAL_NETWORKS: Final = ({"virtual_network": "vnet_1"},)
ANNOTATIONS: Final = {"role": "web"}
ADDRESS: Final = {"address": "198.51.100.7", "name": "office"}
ZONES: Final = ({"dns_zone": "dnszone_1"}, {"dns_zone": DomainName("acme.example")})
RECORDS: Final = (
    {"type": "A", "content": "203.0.113.7"},
    {"type": "AAAA", "content": "2001:db8::7"},
    {"type": "ALIAS", "content": "web.acme.example"},
    {"type": "CAA", "content": "0 issue ca.example"},
    {"type": "CNAME", "content": "web.acme.example"},
    {"type": "HTTPRedirect", "content": "https://acme.example/ 301"},
    {"type": "IPS", "content": "203.0.113.7 203.0.113.8"},
    {"type": "MX", "content": "mail.acme.example"},
    {"type": "NS", "content": "ns1.example"},
    {"type": "PTR", "content": "web.acme.example"},
    {"type": "SOA", "content": ""},
    {"type": "SRV", "content": "10 443 web.acme.example"},
    {"type": "SSHFP", "content": "4 2 0123abcd"},
    {"type": "TXT", "content": "v=spf1 -all"},
    {"type": "VirtualMachine", "content": "vm_1"},
)
RECORD: Final = {"name": "www", "ttl": 60, "priority": 10}
POLICY: Final = {"retention": 7, "interval": "daily", "frequency": 1, "minute": 30, "time": 3}
DISK: Final = {
    "name": "data",
    "size_in_gb": 20,
    "bus_type": "scsi",
    "initial_file_system": "ext4",
    "storage_speed": "nvme",
    "attach": True,
    "attach_on_boot": True,
    "boot": False,
    "annotations": ANNOTATIONS,
}
SECURITY_GROUP: Final = {
    "name": "web",
    "allow_all_inbound": False,
    "allow_all_outbound": True,
    "associations": ["tag_1"],
    "annotations": ANNOTATIONS,
}
SECURITY_GROUP_RULE: Final = {
    "direction": "inbound",
    "protocol": "TCP",
    "action": "allow",
    "ports": "22",
    "targets": ["all:ipv4"],
    "notes": "SSH",
}
BALANCER: Final = {
    "name": "front",
    "api_reference": "front",
    "resource_type": "virtual_machines",
    "resource_ids": ["vm_1"],
    "https_redirect": True,
    "enable_weighting": True,
    "weights": [LoadBalancerWeight(virtual_machine_id="vm_1", weight=2)],
    "standby_vms": ["vm_2"],
    "annotations": ANNOTATIONS,
}
BALANCER_RULE: Final = {
    "algorithm": "round_robin",
    "destination_port": 8080,
    "listen_port": 443,
    "protocol": "HTTPS",
    "proxy_protocol": False,
    "backend_ssl": False,
    "passthrough_ssl": False,
    "certificates": ["cert_1"],
    "check_enabled": True,
    "check_fall": 2,
    "check_interval": 20,
    "check_path": "/health",
    "check_protocol": "HTTP",
    "check_rise": 2,
    "check_timeout": 5,
    "check_http_statuses": "2",
}

REGIONS: Final = ({"region": "uk-lon-1"},)
BUCKETS: Final = ({"bucket": "photos", "region": "uk-lon-1"},)
BUCKET: Final = {
    "name": "photos",
    "label": "Photos",
    "serve_static_site": True,
    "static_site_index": "index.html",
    "static_site_error": "error.html",
    "public_read": True,
    "public_list": False,
    "all_keys_read": False,
    "all_keys_write": False,
    "read_key_ids": ["objkey_1"],
    "write_key_ids": ["objkey_1"],
}
ACCESS_KEY: Final = {
    "name": "app",
    "all_buckets_read": True,
    "all_objects_read": False,
    "all_objects_write": False,
}
VOLUME: Final = {"name": "shared", "associations": ["vm_1"], "annotations": ANNOTATIONS}
API_TOKEN: Final = {
    "name": "ci",
    "scopes": ["tags"],
    "authorized_ip_addresses": ["198.51.100.0/24"],
    "expires_at": datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
    "annotations": ANNOTATIONS,
}


NEW_DISKS: Final = tuple(
    {
        "disks": [
            NewDisk(
                size_in_gb=20,
                name="data",
                system=True,
                storage_speed="nvme",
                io_profile=form["io_profile"],
                initial_file_system="ext4",
            )
        ]
    }
    for form in IO_PROFILES
)


def calls(*forms: Calls, **rest: Any) -> Calls:
    """Return calls in which each argument has each of its forms at least once.

    Args:
        forms: for each argument with several forms, such as an id and a permalink, a row of its forms.
        rest: arguments that are the same in all calls.
    """
    rows = []
    for number in range(max([1, *map(len, forms)])):
        arguments: dict[str, Any] = {}
        for form in forms:
            arguments |= form[min(number, len(form) - 1)]  # the last one again if this argument has fewer forms
        rows.append(arguments | rest)
    return tuple(rows)


_OF: Final = "/organizations/organization"
_MACHINE: Final = "/virtual_machines/virtual_machine"
_GROUP: Final = "/virtual_machine_groups/virtual_machine_group"
_NIC: Final = "/virtual_machine_network_interfaces/virtual_machine_network_interface"
_ACCOUNT: Final = f"{_OF}/object_storage/object_storage_cluster"
_BUCKET: Final = "/object_storage/object_storage_cluster/buckets/bucket"
_KEY: Final = "/object_storage/access_keys/access_key"

USES: Final[dict[str, Calls]] = {
    "GET /data_centers": calls(),
    "GET /data_centers/data_center": DATA_CENTERS,
    "GET /data_centers/data_center/default_network": DATA_CENTERS,
    "GET /networks/network": NETWORKS,
    f"GET {_OF}/available_networks": ORGANIZATIONS,
    f"GET {_OF}/network_speed_profiles": ORGANIZATIONS,
    "GET /organizations": calls(),
    "GET /organizations/organization": ORGANIZATIONS,
    "GET /tasks/task": calls(task_id="task_1"),
    f"GET {_OF}/ip_addresses": calls(ORGANIZATIONS, allocated=True),
    f"POST {_OF}/ip_addresses": calls(ORGANIZATIONS, NETWORKS, version="ipv4", vip=True, label="front"),
    "GET /ip_addresses/ip_address": ADDRESSES,
    "PATCH /ip_addresses/ip_address": calls(ADDRESSES, vip=True, label="front", reverse_dns="a.example"),
    "POST /ip_addresses/ip_address/unallocate": ADDRESSES,
    "DELETE /ip_addresses/ip_address": ADDRESSES,
    f"GET {_OF}/virtual_networks": ORGANIZATIONS,
    f"POST {_OF}/virtual_networks": calls(ORGANIZATIONS, DATA_CENTERS, name="Inside"),
    "GET /virtual_networks/virtual_network": VIRTUAL_NETWORKS,
    "PATCH /virtual_networks/virtual_network": calls(VIRTUAL_NETWORKS, name="Inside"),
    "DELETE /virtual_networks/virtual_network": VIRTUAL_NETWORKS,
    f"GET {_OF}/virtual_machines": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"GET {_MACHINE}": MACHINES,
    f"PUT {_MACHINE}/package": calls(MACHINES, PACKAGES),
    f"POST {_MACHINE}/allocate_ip": calls(MACHINES, ADDRESSES),
    f"GET {_MACHINE}/network_interfaces": MACHINES,
    f"POST {_MACHINE}/network_interfaces": calls(MACHINES, PROFILES, (*NETWORKS, {"virtual_network": "vnet_1"})),
    f"GET {_MACHINE}/networks/network/interface": calls(MACHINES, NETWORKS),
    f"PATCH {_MACHINE}": calls(
        MACHINES,
        ({"gpu_type": "gput_1"}, {"gpu_type": Permalink("example-40")}, {"gpu_type": None}),
        ({"group": "vmgrp_1"}, {"group": None}),
        name="web-1",
        hostname="web-1",
        description="first",
        tag_names=["web"],
        annotations=ANNOTATIONS,
    ),
    f"DELETE {_MACHINE}": MACHINES,
    f"POST {_MACHINE}/start": MACHINES,
    f"POST {_MACHINE}/stop": MACHINES,
    f"POST {_MACHINE}/shutdown": MACHINES,
    f"POST {_MACHINE}/reset": MACHINES,
    f"POST {_OF}/virtual_machines/build": calls(
        ORGANIZATIONS,
        DATA_CENTERS,
        PACKAGES,
        TEMPLATES,
        NETWORKS,
        NEW_DISKS,
        ({"zone": "zone_1"}, {"zone": Permalink("is-rey-01-a")}),
        disk_template_options={"locale": "en"},
        hostname="web-1",
        annotations=ANNOTATIONS,
    ),
    f"POST {_OF}/virtual_machines/build_from_spec": calls(
        ORGANIZATIONS, xml="<VirtualMachineSpec/>", annotations=ANNOTATIONS
    ),
    "GET /virtual_machines/builds/virtual_machine_build": calls(build="vmbuild_1"),
    f"POST {_MACHINE}/console_sessions": MACHINES,
    f"PUT {_MACHINE}/flexible_resources": calls(MACHINES, cpu_cores=2, memory_in_gb=4, use_dedicated_cpus=True),
    "GET /virtual_machine/authorized_keys": calls(),
    "GET /virtual_machine_packages": calls((*ORGANIZATIONS, {})),
    "GET /virtual_machine_packages/virtual_machine_package": PACKAGES,
    f"GET {_OF}/disk_templates": calls(ORGANIZATIONS, include_universal=True, operating_system="os_1"),
    "GET /disk_templates/disk_template": TEMPLATES,
    "GET /disk_templates/disk_template/versions": TEMPLATES,
    "GET /disk_template_versions/disk_template_version": calls(disk_template_version="dtv_1"),
    "GET /disk_template_versions/disk_template_version/spec": calls(disk_template_version="dtv_1"),
    "GET /operating_systems": calls(),
    "GET /operating_systems/operating_system": calls(operating_system="os_1"),
    f"GET {_OF}/tags": ORGANIZATIONS,
    f"POST {_OF}/tags": calls(ORGANIZATIONS, name="web", color="red"),
    "GET /tags/tag": calls(tag="tag_1"),
    "PATCH /tags/tag": calls(tag="tag_1", name="web", color="red"),
    "DELETE /tags/tag": calls(tag="tag_1"),
    f"GET {_OF}/ssh_keys": ORGANIZATIONS,
    f"POST {_OF}/ssh_keys": calls(ORGANIZATIONS, name="me", key="ssh-ed25519 AAAA"),
    "DELETE /ssh_keys/ssh_key": calls(ssh_key="key_1"),
    f"GET {_OF}/virtual_machine_groups": ORGANIZATIONS,
    f"POST {_OF}/virtual_machine_groups": calls(ORGANIZATIONS, name="web", segregate=True, auto_segregate=False),
    f"GET {_GROUP}": calls(virtual_machine_group="vmgrp_1"),
    f"PATCH {_GROUP}": calls(virtual_machine_group="vmgrp_1", name="web", segregate=True, auto_segregate=False),
    f"DELETE {_GROUP}": calls(virtual_machine_group="vmgrp_1"),
    f"GET {_OF}/trash_objects": ORGANIZATIONS,
    f"POST {_OF}/trash_objects/purge_all": ORGANIZATIONS,
    "GET /trash_objects/trash_object": TRASH,
    "POST /trash_objects/trash_object/restore": TRASH,
    "DELETE /trash_objects/trash_object": TRASH,
    f"GET {_OF}/disk_io_profiles": ORGANIZATIONS,
    f"GET {_OF}/disks": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"GET {_MACHINE}/disks": MACHINES,
    f"POST {_OF}/disks": calls(ORGANIZATIONS, DATA_CENTERS, IO_PROFILES, MACHINES, **DISK),
    "GET /disks/disk": DISKS,
    "PATCH /disks/disk": calls(DISKS, DATA_CENTERS, IO_PROFILES, MACHINES, **DISK),
    "DELETE /disks/disk": DISKS,
    "PUT /disks/disk/resize": calls(DISKS, size_in_gb=40, resize_method="online"),
    "PUT /disks/disk/io_profile": calls(DISKS, IO_PROFILES),
    "POST /disks/disk/assign": calls(DISKS, MACHINES),
    "POST /disks/disk/unassign": DISKS,
    "POST /disks/disk/attach": DISKS,
    "POST /disks/disk/detach": DISKS,
    f"GET {_OF}/security_groups": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"POST {_OF}/security_groups": calls(ORGANIZATIONS, **SECURITY_GROUP),
    "GET /security_groups/security_group": calls(security_group="sg_1"),
    "PATCH /security_groups/security_group": calls(security_group="sg_1", **SECURITY_GROUP),
    "DELETE /security_groups/security_group": calls(security_group="sg_1"),
    "GET /security_groups/security_group/rules": calls(security_group="sg_1"),
    "POST /security_groups/security_group/rules": calls(security_group="sg_1", **SECURITY_GROUP_RULE),
    "GET /security_groups/rules/security_group_rule": calls(security_group_rule="sgr_1"),
    "PATCH /security_groups/rules/security_group_rule": calls(security_group_rule="sgr_1", **SECURITY_GROUP_RULE),
    "DELETE /security_groups/rules/security_group_rule": calls(security_group_rule="sgr_1"),
    f"GET {_OF}/load_balancers": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"POST {_OF}/load_balancers": calls(ORGANIZATIONS, DATA_CENTERS, **BALANCER),
    "GET /load_balancers/load_balancer": BALANCERS,
    "PATCH /load_balancers/load_balancer": calls(BALANCERS, DATA_CENTERS, **BALANCER),
    "DELETE /load_balancers/load_balancer": BALANCERS,
    "GET /load_balancers/load_balancer/rules": BALANCERS,
    "POST /load_balancers/load_balancer/rules": calls(BALANCERS, **BALANCER_RULE),
    "GET /load_balancers/rules/load_balancer_rule": calls(load_balancer_rule="lbrule_1"),
    "PATCH /load_balancers/rules/load_balancer_rule": calls(load_balancer_rule="lbrule_1", **BALANCER_RULE),
    "DELETE /load_balancers/rules/load_balancer_rule": calls(load_balancer_rule="lbrule_1"),
    "GET /zones": calls(),
    "GET /zones/zone": ({"zone": "zone_1"}, {"zone": Permalink("uk-lon-01-a")}),
    "GET /countries": calls(),
    "GET /countries/country": COUNTRIES,
    "GET /countries/country/country_states": COUNTRIES,
    "GET /country_states/country_state": calls(country_state="ctryst_1"),
    "GET /currencies": calls(),
    "GET /currencies/currency": ({"currency": "cur_1"}, {"currency": ISOCode("GBP")}),
    "GET /gpu_types": calls(),
    "GET /gpu_types/gpu_type": ({"gpu_type": "gpu_1"}, {"gpu_type": Permalink("example-40")}),
    "GET /data_centers/data_center/gpu_types": DATA_CENTERS,
    "GET /address_lists": calls(),
    f"GET {_OF}/address_lists": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"POST {_OF}/address_lists": calls(ORGANIZATIONS, name="offices", annotations=ANNOTATIONS),
    "GET /address_lists/address_list": calls(address_list="adlst_1"),
    "PATCH /address_lists/address_list": calls(address_list="adlst_1", name="offices", annotations=ANNOTATIONS),
    "DELETE /address_lists/address_list": calls(address_list="adlst_1"),
    "GET /address_lists/address_list/entries": calls(address_list="adlst_1"),
    "POST /address_lists/address_list/entries": calls(address_list="adlst_1", **ADDRESS),
    "POST /address_lists/address_list/entries/bulk": calls(
        address_list="adlst_1", add=[AddressListItem(**ADDRESS)], remove=[AddressListItem(**ADDRESS)]
    ),
    "GET /address_list_entries/address_list_entry": calls(address_list_entry="adlste_1"),
    "PATCH /address_list_entries/address_list_entry": calls(address_list_entry="adlste_1", **ADDRESS),
    "DELETE /address_list_entries/address_list_entry": calls(address_list_entry="adlste_1"),
    f"GET {_OF}/certificates": ORGANIZATIONS,
    "GET /certificates/certificate": calls(certificate="cert_1"),
    f"GET {_OF}/dns_zones": ORGANIZATIONS,
    f"POST {_OF}/dns_zones": calls(ORGANIZATIONS, name="acme.example", default_ttl=60, verified=True),
    f"GET {_OF}/dns_zones/nameservers": ORGANIZATIONS,
    "GET /dns_zones/dns_zone": ZONES,
    "PATCH /dns_zones/dns_zone": calls(ZONES, name="acme.example", default_ttl=60),
    "DELETE /dns_zones/dns_zone": ZONES,
    "POST /dns_zones/dns_zone/verify": ZONES,
    "GET /dns_zones/dns_zone/records": ZONES,
    "POST /dns_zones/dns_zone/records": calls(ZONES, RECORDS, **RECORD),
    "GET /dns_records/dns_record": calls(dns_record="dnsrec_1"),
    "PATCH /dns_records/dns_record": calls(RECORDS, dns_record="dnsrec_1", **RECORD),
    "DELETE /dns_records/dns_record": calls(dns_record="dnsrec_1"),
    f"GET {_OF}/disk_backup_policies": ORGANIZATIONS,
    "GET /disks/disk/disk_backup_policies": DISKS,
    f"GET {_MACHINE}/disk_backup_policies": calls(MACHINES, include_disks=True),
    "POST /disks/disk/disk_backup_policies": calls(DISKS, **POLICY),
    f"POST {_MACHINE}/disk_backup_policies": calls(MACHINES, **POLICY),
    "GET /disk_backup_policies/disk_backup_policy": calls(disk_backup_policy="dbp_1"),
    "PATCH /disk_backup_policies/disk_backup_policy": calls(disk_backup_policy="dbp_1", **POLICY),
    "DELETE /disk_backup_policies/disk_backup_policy": calls(disk_backup_policy="dbp_1"),
    "DELETE /disk_backup_policies/disk_backup_policy/schedule": calls(
        disk_backup_policy="dbp_1", timestamp=datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)
    ),
    f"GET {_NIC}": INTERFACES,
    f"DELETE {_NIC}": INTERFACES,
    f"GET {_NIC}/available_ips/address_version": calls(INTERFACES, address_version="ipv4"),
    f"POST {_NIC}/allocate_ip": calls(ADDRESSES, INTERFACES),
    f"POST {_NIC}/allocate_new_ip": calls(INTERFACES, address_version="ipv6"),
    f"POST {_NIC}/attach": INTERFACES,
    f"POST {_NIC}/detach": INTERFACES,
    f"PATCH {_NIC}/update_speed_profile": calls(PROFILES, INTERFACES),
    f"GET {_ACCOUNT}": calls(ORGANIZATIONS, REGIONS),
    f"POST {_ACCOUNT}": calls(ORGANIZATIONS, REGIONS),
    f"DELETE {_ACCOUNT}": calls(ORGANIZATIONS, REGIONS),
    f"POST {_ACCOUNT}/buckets": calls(ORGANIZATIONS, REGIONS, **BUCKET),
    f"GET {_BUCKET}": BUCKETS,
    f"PATCH {_BUCKET}": calls(BUCKETS, **BUCKET),
    f"DELETE {_BUCKET}": BUCKETS,
    f"GET {_BUCKET}/object": calls(BUCKETS, path="a/b.jpg"),
    f"POST {_BUCKET}/presigned_url": calls(BUCKETS, path="a/b.jpg", expiry_seconds=60),
    f"POST {_BUCKET}/revoke_presigned_urls": BUCKETS,
    f"GET {_OF}/object_storage/access_keys": ORGANIZATIONS,
    f"POST {_ACCOUNT}/access_keys": calls(ORGANIZATIONS, REGIONS, **ACCESS_KEY),
    f"GET {_KEY}": calls(access_key="objkey_1"),
    f"PATCH {_KEY}": calls(access_key="objkey_1", **ACCESS_KEY),
    f"DELETE {_KEY}": calls(access_key="objkey_1"),
    f"POST {_KEY}/generate_credentials": calls(access_key="objkey_1"),
    f"GET {_OF}/file_storage_volumes": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"POST {_OF}/file_storage_volumes": calls(ORGANIZATIONS, DATA_CENTERS, **VOLUME),
    "GET /file_storage_volumes/file_storage_volume": calls(file_storage_volume="fsv_1"),
    "PATCH /file_storage_volumes/file_storage_volume": calls(DATA_CENTERS, file_storage_volume="fsv_1", **VOLUME),
    "DELETE /file_storage_volumes/file_storage_volume": calls(file_storage_volume="fsv_1"),
    f"GET {_OF}/api_tokens": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"POST {_OF}/api_tokens": calls(ORGANIZATIONS, **API_TOKEN),
    "PATCH /api_tokens/api_token": calls(api_token="tok_1", **API_TOKEN),
    "DELETE /api_tokens/api_token": calls(api_token="tok_1"),
    "POST /api_tokens/api_token/regenerate_secret": calls(api_token="tok_1"),
    f"GET {_OF}/managed": calls(ORGANIZATIONS, annotations=ANNOTATIONS),
    f"POST {_OF}/managed": calls(ORGANIZATIONS, name="Shop", sub_domain="shop", annotations=ANNOTATIONS),
    "DELETE /managed_organizations/organization": ORGANIZATIONS,
    f"GET {_OF}/deletion_steps": ORGANIZATIONS,
    f"GET {_OF}/policy": ORGANIZATIONS,
    f"GET {_OF}/policy_limits": ORGANIZATIONS,
    f"GET {_OF}/prices": ORGANIZATIONS,
    f"GET {_OF}/users_with_access": ORGANIZATIONS,
    "GET /users/current": calls(),
    "POST /invalidate_linked_web_session": calls(),
}
