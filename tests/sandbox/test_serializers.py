"""Shapes: what of an object is in a response."""

import pytest

from katapult_async.sandbox import Store
from katapult_async.sandbox.kinds import MODELS, Object
from katapult_async.sandbox.models import AddressList, DiskTemplate, IPAddress, Organization, Zone
from katapult_async.sandbox.seed import Scale, seeded
from katapult_async.sandbox.serializers import serialize


@pytest.fixture
def store() -> Store:
    return seeded(Scale(machines=3, interfaces=5))


def test_nested_object_without_a_shape_has_id_name_and_permalink(store: Store) -> None:
    zone = store.all(Zone)[0]
    center = store.get(zone.data_center_id)
    shown = {"id": center.id, "name": center.name, "permalink": center.permalink}
    assert serialize(store, zone, "name data_center") == {"name": zone.name, "data_center": shown}


def test_star_is_the_shape_of_the_class_and_can_be_extended(store: Store) -> None:
    organization = store.organizations[0]
    whole = serialize(store, organization)
    assert whole.keys() >= {"name", "sub_domain", "infrastructure_domain", "vat_number", "country"}
    assert whole.keys().isdisjoint({"uuid", "country_id", "manager_id"})
    assert serialize(store, organization, "* uuid") == {**whole, "uuid": organization.uuid}


def test_what_the_sandbox_does_not_have_is_null(store: Store) -> None:
    organization, template = store.organizations[0], store.all(DiskTemplate)[0]
    assert serialize(store, organization, "vat_number phone_number") == {"vat_number": None, "phone_number": None}
    assert serialize(store, template, "size_in_gb") == {"size_in_gb": None}


def test_subnet_is_in_responses_about_ipv4_addresses_only(store: Store) -> None:
    shown = {address.subnet.version: serialize(store, address, "id subnet(version)") for address in store.addresses}
    assert shown[4]["subnet"] == {"version": 4}
    assert "subnet" not in shown[6]


def test_empty_shape_is_an_empty_object_and_an_absent_one_is_null(store: Store) -> None:
    assert serialize(store, store.all(Zone)[0], "data_center()") == {"data_center": {}}
    free = next(address for address in store.all(IPAddress) if address.free)
    assert serialize(store, free, "allocation(type)") == {"allocation": None}


def test_name_of_a_keyword_is_read_from_the_member_with_an_underscore(store: Store) -> None:
    shown = [serialize(store, obj, "name global") for obj in store.all(AddressList, organization_id=None)]
    assert shown == [{"name": "Sandbox monitoring", "global": True}]


def test_unknown_name_is_an_error(store: Store) -> None:
    with pytest.raises(AttributeError):
        serialize(store, store.all(Organization)[0], "colour")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_a_kind_hides_or_finds_by_exists(model: type[Object]) -> None:
    assert {*model.kind.hidden} <= {*model.fields}
    assert {*model.kind.null}.isdisjoint(model.fields)
    assert {*model.kind.keys, *model.kind.indexes} <= {*model.fields, *vars(model)}
