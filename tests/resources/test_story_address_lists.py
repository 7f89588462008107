"""Stories of address lists and their entries, against the sandbox over real sockets."""

import pytest

from katapult_async import (
    AddressListItem,
    KatapultClient,
    NotFoundError,
    PermissionDeniedError,
    UnprocessableError,
)
from katapult_async.sandbox import Sandbox


async def test_address_list_is_created_filled_and_deleted(sandbox: Sandbox, client: KatapultClient) -> None:
    lists, entries = client.address_lists, client.address_list_entries
    organization = sandbox.store.organizations[0].id
    offices = await lists.create(organization=organization, name="Branches")
    assert (offices.name, offices.is_global, offices.entries, offices.annotations) == ("Branches", False, (), ())

    # Add, change and remove entries.
    london = await entries.create(address_list=offices.id, address="198.51.100.0/24", name="London")
    assert (await entries.update(london.id, address="203.0.113.0/24")).name == "London"
    await entries.bulk(
        offices.id,
        add=[AddressListItem(address="198.51.100.7", name="Leeds"), AddressListItem(address="2001:db8::/32", name="x")],
        remove=[AddressListItem(address="203.0.113.0/24")],
    )
    addresses = {entry.address for entry in await entries.list(address_list=offices.id)}
    assert addresses == {entry.address for entry in (await lists.get(offices.id)).entries}
    assert addresses == {"198.51.100.7", "2001:db8::/32"}
    with pytest.raises(NotFoundError):
        await entries.get(london.id)
    with pytest.raises(UnprocessableError):
        await entries.create(address_list=offices.id, address=" ", name="nothing")

    # Delete an entry, rename the list, and delete it with its other entry.
    leeds = next(entry for entry in await entries.list(address_list=offices.id) if entry.name == "Leeds")
    assert await entries.delete(leeds.id) == leeds
    assert (await lists.update(offices.id, name="Offices")).name == "Offices"
    deleted = await lists.delete(offices.id)
    assert deleted is not None
    assert [entry.name for entry in deleted.entries] == ["x"]
    assert offices.id not in [listed.id async for listed in lists.list(organization=organization)]


async def test_global_address_list_is_read_and_not_changed(client: KatapultClient) -> None:
    [monitoring] = await client.address_lists.list_global()
    assert monitoring.is_global is True
    with pytest.raises(PermissionDeniedError):
        await client.address_lists.update(monitoring.id, name="Mine")
