"""Models as dicts."""

import datetime
import json
from typing import Any

import attrs
import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    Annotation,
    ClientClosedError,
    ConnectError,
    Failed,
    IPAddress,
    Network,
    Outage,
    Problem,
    RateLimit,
    Tag,
    UsageError,
    VirtualMachine,
    VirtualMachineAddress,
    VirtualMachineState,
    to_dict,
)

CREATED_AT = datetime.datetime(2024, 4, 5, 19, 34, 38, tzinfo=datetime.UTC)
MACHINE = VirtualMachine(
    id="vm_1",
    created_at=CREATED_AT,
    state=VirtualMachineState.STARTED,
    ip_addresses=(VirtualMachineAddress(address="192.0.2.1", network=Network(id="netw_1", default=True)),),
    initial_root_password="hunter2",
    tags=(Tag(id="tag_1"),),
    annotations=(Annotation(key="role", value="web"),),
)


def test_dict_has_every_field_in_order_with_plain_values() -> None:
    assert to_dict(Network(id="netw_1")) == {
        "id": "netw_1",
        "name": None,
        "permalink": None,
        "data_center": None,
        "default": None,
    }
    plain: Any = to_dict(MACHINE)
    assert plain["created_at"] == "2024-04-05T19:34:38+00:00"
    assert (type(plain["state"]), plain["state"]) == (str, "started")
    assert plain["ip_addresses"][0]["network"]["default"] is True
    assert plain["annotations"] == [{"key": "role", "value": "web"}]
    assert plain["tags"][0] == {"id": "tag_1", "name": None, "color": None, "created_at": None}
    assert list(plain)[:3] == ["id", "name", "hostname"]


def test_dict_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(to_dict(MACHINE))) == to_dict(MACHINE)


def test_dict_of_a_failed_item_has_the_text_of_its_error() -> None:
    failed = Failed(AddressQuery("vmnet_1", AddressVersion.IPV6), ClientClosedError("the client is closed"))
    query = {"interface_id": "vmnet_1", "address_version": "ipv6"}
    assert json.loads(json.dumps(to_dict(failed))) == {"key": query, "error": "the client is closed"}


def test_dicts_of_the_rate_limit_and_of_an_outage_are_for_a_health_endpoint() -> None:
    limit = RateLimit(permitted=1000, remaining=7, resets_at=1.5e9, resets_in=2.5, queued=1, in_flight=0)
    assert json.loads(json.dumps(to_dict(limit))) == attrs.asdict(limit)
    problem = Problem(method="GET", path="/zones", description="no connection", attempts=1)
    outage = Outage(endpoint="GET /zones", since=1.5e9, until=None, last_error=ConnectError(problem))
    facts = {"endpoint": "GET /zones", "since": 1.5e9, "until": None, "last_error": str(outage.last_error)}
    assert json.loads(json.dumps(to_dict(outage))) == facts


@pytest.mark.parametrize("secrets", ["no", 1, None])
def test_secrets_argument_must_be_a_bool(secrets: Any) -> None:
    with pytest.raises(UsageError, match=r"^secrets must be True or False, not "):
        to_dict(MACHINE, secrets=secrets)


def test_secret_inside_another_model_is_masked_too() -> None:
    masked: Any = to_dict(MACHINE)
    shown: Any = to_dict(MACHINE, secrets=True)
    assert (masked["initial_root_password"], shown["initial_root_password"]) == ("***", "hunter2")
    assert "hunter2" not in json.dumps(masked)


def test_unknown_state_is_kept_as_text() -> None:
    assert to_dict(VirtualMachine(id="vm_1", state="asleep"))["state"] == "asleep"


@pytest.mark.parametrize("value", [None, "vm_1", 5, {}, [MACHINE], VirtualMachine, IPAddress])
def test_value_that_is_not_a_model_raises_usage_error(value: object) -> None:
    with pytest.raises(UsageError, match=r"^to_dict takes a model, such as a VirtualMachine, not "):
        to_dict(value)
