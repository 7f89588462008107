"""The operations whose requests are not sent a second time after a lost response, each with the reason."""

from typing import Final

import pytest

from .library import ENDPOINTS

_NIC: Final = "/virtual_machine_network_interfaces/virtual_machine_network_interface"
_MACHINE: Final = "/virtual_machines/virtual_machine"

CREATES: Final = "a second request would create a second object"
REFUSED: Final = "a second request would be refused, which hides that the first one was executed"
AFFECTS_OTHERS: Final = "a second request could undo what another client did after the first one"

SENT_ONCE: Final = {
    "PATCH /disks/disk": REFUSED,
    f"PATCH {_NIC}/update_speed_profile": REFUSED,
    "POST /address_lists/address_list/entries": CREATES,
    "POST /address_lists/address_list/entries/bulk": CREATES,
    "POST /disks/disk/assign": REFUSED,
    "POST /disks/disk/disk_backup_policies": CREATES,
    "POST /disks/disk/unassign": AFFECTS_OTHERS,
    "POST /dns_zones/dns_zone/records": CREATES,
    "POST /invalidate_linked_web_session": REFUSED,
    "POST /ip_addresses/ip_address/unallocate": AFFECTS_OTHERS,
    "POST /load_balancers/load_balancer/rules": CREATES,
    **{
        f"POST /organizations/organization/{kind}": CREATES
        for kind in (
            "address_lists",
            "api_tokens",
            "disks",
            "dns_zones",
            "file_storage_volumes",
            "ip_addresses",
            "load_balancers",
            "managed",
            "object_storage/object_storage_cluster",
            "object_storage/object_storage_cluster/access_keys",
            "object_storage/object_storage_cluster/buckets",
            "security_groups",
            "ssh_keys",
            "tags",
            "virtual_machine_groups",
            "virtual_machines/build",
            "virtual_machines/build_from_spec",
            "virtual_networks",
        )
    },
    "POST /organizations/organization/trash_objects/purge_all": AFFECTS_OTHERS,
    "POST /security_groups/security_group/rules": CREATES,
    "POST /trash_objects/trash_object/restore": AFFECTS_OTHERS,
    f"POST {_NIC}/allocate_ip": REFUSED,
    f"POST {_NIC}/allocate_new_ip": CREATES,
    f"POST {_NIC}/attach": REFUSED,
    f"POST {_NIC}/detach": REFUSED,
    f"POST {_MACHINE}/allocate_ip": REFUSED,
    f"POST {_MACHINE}/disk_backup_policies": CREATES,
    f"POST {_MACHINE}/network_interfaces": CREATES,
    f"POST {_MACHINE}/reset": AFFECTS_OTHERS,
}
"""The operations whose requests are sent once, each with its reason. All others are retried after a lost response."""


@pytest.mark.parametrize("name", ENDPOINTS)
def test_operation_is_idempotent_unless_a_second_request_could_do_harm(name: str) -> None:
    assert ENDPOINTS[name].idempotent is (name not in SENT_ONCE), SENT_ONCE.get(name)


def test_every_operation_that_is_sent_once_exists() -> None:
    assert SENT_ONCE.keys() <= ENDPOINTS.keys()
