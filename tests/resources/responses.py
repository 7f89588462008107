"""Responses for tests: the shapes of recorded responses, with made-up values."""

from typing import Final

from tests.bodies import COUNTRY, DATA_CENTER, INTERFACE, IP_ADDRESS, LISTED_MACHINE, NETWORK, ORGANIZATION, Json

BRIEF_COUNTRY: Final[Json] = {"id": COUNTRY["id"], "name": COUNTRY["name"]}
BRIEF_DATA_CENTER: Final[Json] = {name: DATA_CENTER[name] for name in ("id", "name", "permalink")}
BRIEF_NETWORK: Final[Json] = NETWORK | {"data_center": BRIEF_DATA_CENTER}
VIRTUAL_NETWORK: Final[Json] = {"id": "vnet_Jk2Lm3Np4Qr5St6U", "name": "Inside", "data_center": DATA_CENTER}
SPEED_PROFILE: Final[Json] = {
    "id": "nsp_Ed3Cr4Fv5Tg6Bh7N",
    "name": "1 Gbps",
    "permalink": "1gbps",
    "upload_speed_in_mbit": 1000,
    "download_speed_in_mbit": None,
}
BRIEF_TASK: Final[Json] = {"id": "task_Vb6Nm7Qw8Er9Ty0U", "name": "Update speed profile", "status": "pending"}
TASK: Final[Json] = BRIEF_TASK | {
    "status": "running",
    "created_at": 1_712_345_678,
    "started_at": 1_712_345_679,
    "finished_at": None,
    "progress": 50,
}
ALLOCATION: Final[Json] = {"type": "VirtualMachine", "value": {"id": LISTED_MACHINE["id"], "name": "web-1"}}
ALLOCATED_ADDRESS: Final[Json] = IP_ADDRESS | {
    "allocation_id": LISTED_MACHINE["id"],
    "allocation_type": "VirtualMachine",
}
LISTED_ADDRESS: Final[Json] = {
    name: ALLOCATED_ADDRESS[name]
    for name in ("id", "address", "reverse_dns", "vip", "allocation_id", "allocation_type")
}
INTERFACE_WITHOUT_SPEED_PROFILE: Final[Json] = {name: INTERFACE[name] for name in INTERFACE if name != "speed_profile"}
"""An interface in a response that omits its speed profile."""

WHOLE_ORGANIZATION: Final[Json] = ORGANIZATION | {
    "uuid": "6f1c2f3e-8c1b-4f0e-9a65-0d4f1f0c7b11",
    "activated_at": 1_700_000_100,
    "billing_name": "Acme Ltd",
    "address1": "1 Main Street",
    "address2": "Upper Floor",
    "address3": None,
    "address4": None,
    "postcode": "101",
    "vat_number": None,
    "phone_number": None,
    "currency": {"id": "cur_Ab1Cd2Ef3Gh4Ij5K", "name": "Euro", "iso_code": "EUR", "symbol": "€"},
    "country": COUNTRY,
    "country_state": {
        "id": "ctst_Lm6No7Pq8Rs9Tu0V",
        "name": "Capital Region",
        "code": "1",
        "country": COUNTRY,
    },
}
_GPU_TYPE: Final[Json] = {
    "id": "gput_Wx1Yz2Ab3Cd4Ef5G",
    "name": "Example 40",
    "manufacturer": "Example",
    "memory_in_gb": 48,
    "memory_type": "GDDR6",
    "permalink": "example-40",
}
_PICTURE: Final[Json] = {
    "url": "https://files.example/icon.png",
    "file_name": "icon.png",
    "file_type": "image/png",
    "file_size": 512,
    "digest": "0f1e2d3c",
    "token": "not-a-real-one",
}
MACHINE: Final[Json] = LISTED_MACHINE | {
    "description": None,
    "initial_root_password": "not-a-real-one",
    "state": "started",
    "organization": WHOLE_ORGANIZATION,
    "group": {
        "id": "vmgrp_Hi6Jk7Lm8No9Pq0R",
        "name": "Web",
        "segregate": True,
        "auto_segregate": False,
        "created_at": 1_712_000_000,
    },
    "package": {
        "id": "vmpkg_St1Uv2Wx3Yz4Ab5C",
        "name": "ROCK-3",
        "permalink": "rock-3",
        "cpu_cores": 1,
        "ipv4_addresses": 1,
        "memory_in_gb": 3,
        "storage_in_gb": 25,
        "monthly_bandwidth_allowance_in_gb": None,
        "privacy": "public",
        "icon": _PICTURE,
        "use_dedicated_cpus": False,
        "group": {"id": "vmpkgrp_De6Fg7Hi8Jk9Lm0N", "name": "Rock"},
    },
    "attached_iso": {
        "id": "iso_Op1Qr2St3Uv4Wx5Y",
        "name": "Rescue",
        "operating_system": {"id": "os_Za6Bc7De8Fg9Hi0J", "name": "Example OS", "badge": _PICTURE},
    },
    "memory_in_gb": 3,
    "cpu_cores": 1,
    "use_dedicated_cpus": False,
    "gpu_type": _GPU_TYPE,
    "gpus": [
        {
            "id": None,
            "status": "detached",
            "pending_action": "attach",
            "available": True,
            "type": _GPU_TYPE | {"data_centers": [DATA_CENTER]},
        }
    ],
    "tags": [{"id": "tag_Kl1Mn2Op3Qr4St5U", "name": "web", "color": "light_blue", "created_at": 1_712_000_001}],
    "tag_names": ["web"],
    "ip_addresses": [ALLOCATED_ADDRESS],
    "hypervisor": {"id": "hv_Vw6Xy7Za8Bc9De0F", "name": "hv-1", "ip_address": "192.0.2.9"},
    "suspended": False,
    "suspended_at": None,
}
"""A virtual machine with every field."""
