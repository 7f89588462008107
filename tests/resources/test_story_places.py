"""Stories of zones, countries, currencies and GPU types, against the sandbox over real sockets."""

from katapult_async import ISOCode, ISOCode2, ISOCode3, KatapultClient, Permalink


async def test_places_and_currencies_are_found_by_id_permalink_and_code(client: KatapultClient) -> None:
    for zone in await client.zones.list():
        assert zone.permalink is not None
        same_zone = await client.zones.get(Permalink(zone.permalink))
        assert same_zone.id == zone.id
        assert same_zone.data_center is not None
        assert same_zone.data_center.country is not None
    [britain, *_] = [country async for country in client.countries.list() if country.name == "United Kingdom"]
    by_code = [await client.countries.get(code) for code in (britain.id, ISOCode2("GB"), ISOCode3("GBR"))]
    assert by_code == [by_code[0]] * 3
    states = await client.country_states.list(country=ISOCode2("US"))
    california = await client.country_states.get(states[0].id)
    assert california.code == "CA"
    assert california.country is not None
    assert california.country.iso_code2 == "US"
    [pound] = await client.currencies.list()
    assert await client.currencies.get(ISOCode("GBP")) == await client.currencies.get(pound.id)


async def test_gpu_types_are_listed_for_a_data_center(client: KatapultClient) -> None:
    both = await client.gpu_types.list()
    assert [gpu_type.permalink for gpu_type in both] == ["example-40", "example-100"]
    assert await client.gpu_types.get(Permalink("example-40")) == both[0]
    first, second, *_ = await client.data_centers.list()
    for center, gpu_types in ((first, both), (second, both[1:])):
        listed = await client.gpu_types.list_of_data_center(center.id)
        assert [gpu_type.id for gpu_type in listed] == [gpu_type.id for gpu_type in gpu_types]
        assert all(
            center.id in [listed_center.id for listed_center in gpu_type.data_centers if listed_center is not None]
            for gpu_type in gpu_types
        )
