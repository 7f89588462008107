"""Response bodies as Katapult sends them: the fields of recorded responses, with invented values."""

import json
import math
from typing import Any

Json = dict[str, Any]

COUNTRY: Json = {
    "id": "ctry_Qm4sWv81KzTn0aYb",
    "name": "Iceland",
    "iso_code2": "IS",
    "iso_code3": "ISL",
    "time_zone": "Atlantic/Reykjavik",
    "eu": False,
}
DATA_CENTER: Json = {
    "id": "dc_7Hn2XcVtLq9EwRsA",
    "name": "Reykjavik 1",
    "permalink": "is-rey-01",
    "country": COUNTRY,
}
NETWORK: Json = {
    "id": "netw_a1B2c3D4e5F6g7H8",
    "name": "Public",
    "permalink": "is-rey-01-public",
    "default": True,
    "data_center": DATA_CENTER,
}
SUBNET: Json = {
    "id": "sbnt_Zx9Yw8Vu7Ts6Rq5P",
    "address": "198.51.100.0",
    "gateway": "198.51.100.1",
    "mask": 24,
    "billable": True,
    "version": 4,
}
IP_ADDRESS: Json = {
    "id": "ip_Kd83jPq0WmZx5tRv",
    "address": "198.51.100.7",
    "reverse_dns": "7.100.51.198.example.com",
    "vip": False,
    "label": None,
    "address_with_mask": "198.51.100.7/24",
    "network": NETWORK,
    "subnet": SUBNET,
    "allocation_id": None,
    "allocation_type": None,
}
ORGANIZATION: Json = {
    "id": "org_Wq2Er4Ty6Ui8Op0A",
    "name": "Acme",
    "sub_domain": "acme",
    "infrastructure_domain": "acme.example",
    "created_at": 1_700_000_000,
    "activated_at": None,
    "suspended": False,
    "managed": False,
}
LISTED_MACHINE: Json = {
    "id": "vm_Mn5Bv6Cx7Zl8Kj9H",
    "name": "web-1",
    "hostname": "web-1",
    "fqdn": "web-1.acme.example",
    "created_at": 1_712_345_678,
    "zone": {
        "id": "zone_Gf4Ds3Aq2Wz1Xs0E",
        "name": "Zone A",
        "permalink": "is-rey-01-a",
        "data_center": {"id": DATA_CENTER["id"], "name": "Reykjavik 1", "permalink": "is-rey-01"},
    },
    "package": {"name": "ROCK-3"},
    "gpu_type": None,
    "ip_addresses": [{"address": "198.51.100.20"}],
}
LISTED_INTERFACE: Json = {
    "id": "vmnet_Pl0Ok9Ij8Uh7Yg6T",
    "name": "Public Network on web-1",
    "network": {"id": NETWORK["id"], "name": "Public"},
    "virtual_network": None,
    "ip_addresses": [{"id": "ip_Rf5Vt4Gb3Yh2Nu1J", "address": "198.51.100.20", "reverse_dns": "web-1.acme.example"}],
}
INTERFACE: Json = {
    **LISTED_INTERFACE,
    "virtual_machine": {"id": LISTED_MACHINE["id"], "name": "web-1"},
    "mac_address": "06:1c:5f:00:00:07",
    "state": "attached",
    "speed_profile": {"id": "nsp_Ed3Cr4Fv5Tg6Bh7N", "name": "1 Gbps", "permalink": "1gbps"},
}


def encoded(body: object) -> bytes:
    """Return a body as bytes of JSON."""
    return json.dumps(body).encode()


def available_ips_body(count: int, *, start: int = 0) -> Json:
    """Return the response body of ``available_ips`` with a number of addresses."""
    return {
        "ip_addresses": [
            IP_ADDRESS | {"id": f"ip_{number:016d}", "address": f"198.51.{number // 250}.{number % 250}"}
            for number in range(start, start + count)
        ]
    }


def pagination(page: int, *, total: int | None, per_page: int = 200) -> Json:
    """Return the ``pagination`` object of a list; a total of None makes it a large set."""
    pages = None if total is None else math.ceil(total / per_page)
    return {
        "current_page": page,
        "total_pages": pages,
        "total": total,
        "per_page": per_page,
        "large_set": total is None,
    }


def error_body(code: str, *, description: str | None = "As documented.", detail: object = None) -> Json:
    """Return the body of an error response, nested under ``error`` as in every recorded response."""
    return {"error": {"code": code, "description": description, "detail": {} if detail is None else detail}}
