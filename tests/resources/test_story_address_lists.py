"""Address lists and the places of the world, against the sandbox over real sockets."""

import pytest

from katapult_async import (
    AddressListItem,
    ISOCode,
    ISOCode2,
    ISOCode3,
    KatapultClient,
    NotFoundError,
    Permalink,
    PermissionDeniedError,
    UnprocessableError,
)
from katapult_async.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("sandbox")


async def test_an_address_list_is_created_filled_and_deleted(sandbox: Sandbox, client: KatapultClient) -> None:
    lists, entries = client.address_lists, client.address_list_entries
    organization = sandbox.store.organizations[0].id
    offices = await lists.create(organization=organization, name="Branches")
    assert (offices.name, offices.is_global, offices.entries, offices.annotations) == ("Branches", False, (), ())

    london = await entries.create(address_list=offices.id, address="198.51.100.0/24", name="London")
    assert (await entries.update(london.id, address="203.0.113.0/24")).name == "London"
    await entries.bulk(
        offices.id,
        add=[AddressListItem(address="198.51.100.7", name="Leeds"), AddressListItem(address="2001:db8::/32", name="x")],
        remove=[AddressListItem(address="203.0.113.0/24")],
    )
    addresses = {each.address for each in await entries.list(address_list=offices.id)}
    assert addresses == {each.address for each in (await lists.get(offices.id)).entries}
    assert addresses == {"198.51.100.7", "2001:db8::/32"}
    with pytest.raises(NotFoundError):
        await entries.get(london.id)
    with pytest.raises(UnprocessableError):
        await entries.create(address_list=offices.id, address=" ", name="nothing")

    leeds = next(each for each in await entries.list(address_list=offices.id) if each.name == "Leeds")
    assert await entries.delete(leeds.id) == leeds
    assert (await lists.update(offices.id, name="Offices")).name == "Offices"
    deleted = await lists.delete(offices.id)
    assert deleted is not None
    assert [each.name for each in deleted.entries] == ["x"]
    assert offices.id not in [each.id async for each in lists.list(organization=organization)]


async def test_a_global_address_list_is_read_and_not_changed(client: KatapultClient) -> None:
    [monitoring] = await client.address_lists.list_global()
    assert monitoring.is_global is True
    with pytest.raises(PermissionDeniedError):
        await client.address_lists.update(monitoring.id, name="Mine")


async def test_the_places_of_the_world_are_found_by_id_and_by_name(client: KatapultClient) -> None:
    for zone in await client.zones.list():
        assert zone.permalink is not None
        found = await client.zones.get(Permalink(zone.permalink))
        assert (found.id, found.data_center and found.data_center.country is not None) == (zone.id, True)
    [britain, *_] = [each async for each in client.countries.list() if each.name == "United Kingdom"]
    by_code = [await client.countries.get(code) for code in (britain.id, ISOCode2("GB"), ISOCode3("GBR"))]
    assert by_code == [by_code[0]] * 3
    states = await client.country_states.list(country=ISOCode2("US"))
    california = await client.country_states.get(states[0].id)
    assert (california.code, california.country and california.country.iso_code2) == ("CA", "US")
    [pound] = await client.currencies.list()
    assert await client.currencies.get(ISOCode("GBP")) == await client.currencies.get(pound.id)


async def test_a_data_center_has_graphics_processors(client: KatapultClient) -> None:
    both = await client.gpu_types.list()
    assert [each.permalink for each in both] == ["example-40", "example-100"]
    assert await client.gpu_types.get(Permalink("example-40")) == both[0]
    first, second, *_ = await client.data_centers.list()
    for center, gpu_types in ((first, both), (second, both[1:])):
        found = await client.gpu_types.list_of_data_center(center.id)
        assert [each.id for each in found] == [each.id for each in gpu_types]
        assert all(center.id in [it.id for it in each.data_centers if it is not None] for each in gpu_types)
