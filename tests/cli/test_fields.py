"""Fields of a record: plain values, paths to them, and errors that name the fields."""

import datetime

import click
import pytest

from katapult_async.cli.declarations import fields_of
from katapult_async.cli.field_paths import fields_at
from katapult_async.cli.plain_values import is_absent, plain, value_at
from katapult_async.models import (
    Annotation,
    DataCenter,
    InterfaceTask,
    IPAddress,
    Network,
    Organization,
    Tag,
    VirtualMachine,
    VirtualMachineAddress,
    VirtualMachineDisk,
    VirtualMachineState,
    Zone,
)
from katapult_async.models.serialization import Plain
from tests.cli.columns import derived_columns

MACHINE = VirtualMachine(
    id="vm_1",
    created_at=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
    state=VirtualMachineState.STARTED,
    zone=Zone(id="zone_1", data_center=DataCenter(id="dc_1", name="London")),
    ip_addresses=(
        VirtualMachineAddress(address="192.0.2.1", network=Network(id="netw_1")),
        VirtualMachineAddress(address="::1"),
    ),
    initial_root_password="hunter2",
    cpu_cores=2,
    suspended=False,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "vm_1"),
        ("state", "started"),
        ("cpu_cores", 2),
        ("suspended", False),
        ("name", None),
        ("created_at", "2026-01-02T03:04:05+00:00"),
        ("zone.data_center.name", "London"),
        ("organization.currency.symbol", None),
        ("ip_addresses.address", ["192.0.2.1", "::1"]),
        ("ip_addresses.network.id", ["netw_1", None]),
        ("annotations.key", []),
        ("initial_root_password", "hunter2"),
    ],
)
def test_value_at_a_path_is_plain(path: str, value: Plain) -> None:
    fields_at(fields_of("VirtualMachine"), path.split("."))
    assert value_at(MACHINE, path) == value


@pytest.mark.parametrize(
    ("value", "absent"),
    [(None, True), ([], True), ([None, []], True), ([None, "a"], False), ("", False), (0, False), (False, False)],
)
def test_value_is_absent_if_it_is_none_or_a_list_of_absent_values(value: Plain, *, absent: bool) -> None:
    assert is_absent(value) is absent


def test_record_has_every_field_in_order_except_secrets_and_absent_fields() -> None:
    record = plain(MACHINE)
    assert isinstance(record, dict)
    sent = [name for name in fields_of("VirtualMachine") if getattr(MACHINE, name) is not None]
    assert "initial_root_password" in sent
    assert list(record) == [name for name in sent if name != "initial_root_password"]
    assert isinstance(record["zone"], dict)
    assert record["zone"]["data_center"] == {"id": "dc_1", "name": "London"}


def test_empty_list_of_an_inner_object_is_left_out() -> None:
    """A response often has only the id and the name of an object inside another one."""
    assert plain(VirtualMachine(id="vm_1"), is_inside=True) == {"id": "vm_1"}
    record = plain(VirtualMachine(id="vm_1"))
    assert isinstance(record, dict)
    assert record["tags"] == []


def test_mapping_becomes_a_mapping_of_plain_values() -> None:
    assert plain({"annotation": Annotation(key="a", value="b")}) == {"annotation": {"key": "a", "value": "b"}}


@pytest.mark.parametrize(
    ("model", "path", "message"),
    [
        (Organization, "xyz", "no field 'xyz'; the fields are id, name, sub_domain, "),
        (
            IPAddress,
            "network.nam",
            "no field 'nam' in network; the fields are id, name, permalink, data_center, default; did you mean name?",
        ),
        (IPAddress, "address.text", "address has no fields"),
        (IPAddress, "", "no field ''; the fields are id, address, "),
    ],
)
def test_unknown_path_is_an_error_that_names_the_fields(model: type, path: str, message: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        fields_at(fields_of(model.__name__), path.split("."))
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("model", "brief", "columns"),
    [
        (Tag, True, "id name color created_at"),
        (Network, False, "id name permalink data_center.name default"),
        (Network, True, "id name permalink default"),
        (VirtualMachineDisk, True, "disk.id disk.name attach_on_boot boot state"),
        (
            InterfaceTask,
            False,
            "virtual_machine_network_interface.id virtual_machine_network_interface.name task.id task.name task.status",
        ),
    ],
)
def test_columns_are_derived_from_a_model(model: type, *, brief: bool, columns: str) -> None:
    assert " ".join(derived_columns(fields_of(model.__name__), brief=brief)) == columns
