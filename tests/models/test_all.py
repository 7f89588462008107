"""What every model keeps to."""

import datetime
import inspect
import pickle
from typing import Any

import attrs
import pytest

from katapult_async import models
from katapult_async.models import FQDN, AddressQuery, AddressVersion, Permalink, SubDomain, VirtualMachine

MODELS: list[type[Any]] = [kind for name in models.__all__ if attrs.has(kind := getattr(models, name))]
SENT = [kind for kind in MODELS if kind not in (AddressQuery, FQDN, Permalink, SubDomain)]
MEANING = {"IPAddress": {"id", "address"}, "MachineAddress": {"address"}, "Package": {"name"}}


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


def test_every_time_is_aware() -> None:
    times = [
        field for kind in SENT for field in attrs.fields(attrs.resolve_types(kind)) if "datetime" in str(field.type)
    ]
    assert {field.name for field in times} == {"created_at", "activated_at"}
    assert all(field.type == datetime.datetime | None for field in times)


def test_every_class_of_the_package_is_exported() -> None:
    modules = [value for value in vars(models).values() if inspect.ismodule(value)]
    defined = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    assert defined == set(models.__all__)


def test_a_query_is_the_interface_and_the_family() -> None:
    query = AddressQuery("vmnet_1", AddressVersion.IPV4)
    assert (query.interface_id, query.address_version) == ("vmnet_1", "ipv4")
    assert {query: 1}[AddressQuery("vmnet_1", AddressVersion.IPV4)] == 1
