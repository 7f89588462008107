"""What every model keeps to."""

import datetime
import importlib
import inspect
import pickle
import pkgutil
from typing import Any

import attrs
import pytest

from katapult_async import models
from katapult_async.models import (
    FQDN,
    UNSET,
    AddressQuery,
    AddressVersion,
    Attachment,
    Permalink,
    SubDomain,
    Unset,
    VirtualMachine,
)

MODELS: list[type[Any]] = [kind for name in models.__all__ if attrs.has(kind := getattr(models, name))]
SENT = [kind for kind in MODELS if kind not in (AddressQuery, FQDN, Permalink, SubDomain)]
MEANING: dict[str, set[str]] = {
    "IPAddress": {"id", "address"},
    "VirtualMachineAddress": {"address"},
    "Package": {"name"},
    "Annotation": {"key"},
    "InterfaceTask": {"virtual_machine_network_interface", "task"},
    "GPU": set(),  # Katapult documents that its id may be null
    "AvailableNetworks": set(),
    "Allocation": set(),
    "AllocationTarget": set(),
    "Attachment": set(),
}
"""What must be there for a thing to mean something, where that is not its id."""


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_is_frozen_slotted_and_hashable(kind: type[Any]) -> None:
    thing = kind(**{field.name: "x" for field in attrs.fields(kind) if field.default is attrs.NOTHING})
    assert not hasattr(thing, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(thing, attrs.fields(kind)[0].name, "y")
    assert hash(thing) == hash(pickle.loads(pickle.dumps(thing)))


@pytest.mark.parametrize("kind", SENT)
def test_only_the_id_and_what_gives_meaning_is_required(kind: type[Any]) -> None:
    required = {field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING}
    assert required == MEANING.get(kind.__name__, {"id"})


@pytest.mark.parametrize("kind", SENT)
def test_what_may_be_missing_is_none_or_an_empty_tuple(kind: type[Any]) -> None:
    for field in attrs.fields(attrs.resolve_types(kind)):
        if field.default is not attrs.NOTHING:
            assert field.default in (None, ())
            assert "None" in str(field.type) or "tuple" in str(field.type)


def test_the_root_password_is_kept_out_of_the_repr() -> None:
    machine = VirtualMachine(id="vm_1", initial_root_password="hunter2")
    assert "hunter2" not in repr(machine)
    assert "hunter2" not in str(machine)
    assert machine.initial_root_password == "hunter2"


def test_the_token_of_an_attachment_is_kept_out_of_the_repr() -> None:
    attachment = Attachment(url="https://cdn.example/icon.png", token="hunter2")
    assert "hunter2" not in repr(attachment)
    assert attachment.token == "hunter2"


def test_every_point_in_time_is_an_aware_datetime() -> None:
    fields = [field for kind in SENT for field in attrs.fields(attrs.resolve_types(kind))]
    times = [field for field in fields if "datetime" in str(field.type)]
    assert {field.name for field in times} == {field.name for field in fields if field.name.endswith("_at")}
    assert all(field.type == datetime.datetime | None for field in times)


def test_unset_is_one_value_that_is_neither_none_nor_equal_to_anything_else() -> None:
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET is Unset.UNSET
    assert UNSET not in (None, False, "", 0)
    assert repr(UNSET) == "UNSET"


def test_every_class_of_the_package_is_exported() -> None:
    modules = [
        importlib.import_module(f"{models.__name__}.{path.name}") for path in pkgutil.iter_modules(models.__path__)
    ]
    defined = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    assert defined | {"UNSET"} == set(models.__all__)


def test_a_query_is_the_interface_and_the_family() -> None:
    query = AddressQuery("vmnet_1", AddressVersion.IPV4)
    assert (query.interface_id, query.address_version) == ("vmnet_1", "ipv4")
    assert {query: 1}[AddressQuery("vmnet_1", AddressVersion.IPV4)] == 1
