"""Serializers: the names that an object has in a response, and their values."""

import pytest

from katapult_async.sandbox import Store
from katapult_async.sandbox.documented_operations import SCOPES, STATUSES, Shape, documented
from katapult_async.sandbox.kinds import MODELS, Object
from katapult_async.sandbox.models import AddressList, IPAddress, Organization, Tag, Zone
from katapult_async.sandbox.seed_data import Scale, seeded
from katapult_async.sandbox.serializers import serialize


@pytest.fixture
def store() -> Store:
    return seeded(Scale(machines=3, interfaces=5))


def test_nested_objects_have_the_names_of_their_shape(store: Store) -> None:
    zone = store.all(Zone)[0]
    center = store.get(zone.data_center_id)
    shape = Shape.of({"name*": "string", "data_center?": {"id": "string", "permalink": "string"}})
    shown = {"name": zone.name, "data_center": {"id": center.id, "permalink": center.permalink}}
    assert serialize(store, zone, shape) == shown
    assert serialize(store, [{"zones": (zone,)}], Shape.of({"zones[]": {"id": "string"}})) == [
        {"zones": [{"id": zone.id}]}
    ]


def test_object_without_a_shape_is_shown_as_in_the_response_about_a_single_object(store: Store) -> None:
    tag = store.all(Tag)[0]
    assert serialize(store, tag) == {"id": tag.id, "name": tag.name, "color": tag.color, "created_at": tag.created_at}


def test_name_that_the_sandbox_does_not_have_is_null_if_it_may_be_null(store: Store) -> None:
    organization = store.organizations[0]
    assert serialize(store, organization, Shape.of({"vat_number?": "string"})) == {"vat_number": None}
    with pytest.raises(AttributeError, match="Organization has no colour"):
        serialize(store, organization, Shape.of({"colour": "string"}))


def test_subnet_is_only_in_responses_about_ipv4_addresses(store: Store) -> None:
    shape = Shape.of({"subnet": {"version": "integer"}})
    shown = {address.subnet.version: serialize(store, address, shape) for address in store.all(IPAddress)}
    assert shown == {4: {"subnet": {"version": 4}}, 6: {}}


def test_empty_shape_is_an_empty_object_and_an_absent_object_is_null(store: Store) -> None:
    assert serialize(store, store.all(Zone)[0], Shape.of({"data_center": {}})) == {"data_center": {}}
    free = next(address for address in store.all(IPAddress) if address.free)
    assert serialize(store, free, Shape.of({"allocation": {"type": "string"}})) == {"allocation": None}


def test_name_that_is_a_python_keyword_is_read_from_the_member_with_an_underscore(store: Store) -> None:
    shape = Shape.of({"name": "string", "global": "boolean"})
    shown = [serialize(store, obj, shape) for obj in store.all(AddressList, organization_id=None)]
    assert shown == [{"name": "Sandbox monitoring", "global": True}]


def test_recorded_names_extend_or_replace_the_documented_names() -> None:
    assert "uuid" not in documented("GET", "/organizations/:organization").response.inside["organization"].names
    machine = documented("GET", "/virtual_machines/:virtual_machine").response.inside["virtual_machine"]
    assert "uuid" in machine.inside["organization"].names
    assert "hypervisor" not in machine.names
    assert {"suspended", "fqdn"} <= {*machine.names}


def test_documented_operation_has_its_status_and_scopes() -> None:
    creation = documented("POST", "/organizations/:organization/dns_zones")
    assert (creation.status, creation.scopes) == (201, ("dns",))
    assert (documented("GET", "/zones").status, documented("GET", "/zones").scopes) == (200, ())
    assert (STATUSES["rate_limit_reached"], STATUSES["ip_already_allocated"]) == (429, 422)
    assert "tags:read" in SCOPES


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_keys_and_indexes_of_a_kind_are_fields_or_properties(model: type[Object]) -> None:
    assert {*model.kind.keys, *model.kind.indexes} <= {*model.fields, *vars(model)}


def test_response_shows_no_field_that_is_not_documented(store: Store) -> None:
    shown = serialize(store, store.all(Organization)[0])
    assert shown.keys() >= {"name", "sub_domain", "infrastructure_domain", "vat_number", "country"}
    assert shown.keys().isdisjoint({"uuid", "country_id", "manager_id"})
