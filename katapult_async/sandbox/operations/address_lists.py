"""Address lists and their entries."""

from collections.abc import Sequence

from katapult_async.sandbox.arguments import Arguments, present
from katapult_async.sandbox.errors import validation_error
from katapult_async.sandbox.models import AddressList, AddressListEntry
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import check_owner, operation, value


@operation("GET", "/address_lists", scopes="address_lists address_lists:read", lists=AddressList)
def list_global(store: Store) -> Sequence[AddressList]:
    """Core API v1: get:address_lists. Only global lists."""
    return store.all(AddressList, organization_id=None)


@value
def _added(arguments: Arguments) -> list[JSON]:
    return [present(item.values({"address": str, "name": str})) for item in arguments.items("add")]


@value
def _removed(arguments: Arguments) -> list[object]:
    return [item.read("address", str) for item in arguments.items("remove")]


@operation("POST", "/address_lists/:address_list/entries/bulk", AddressList, _added, _removed, scopes="address_lists")
def change_entries(store: Store, address_list: AddressList, added: list[JSON], removed: list[object]) -> JSON:
    """Core API v1: post:address_list_entries_bulk."""
    check_owner(store, address_list)
    if not all("address" in entry for entry in added):
        raise validation_error("Address can't be blank")
    for entry in store.all(AddressListEntry, address_list_id=address_list.id):
        if entry.address in removed:
            store.remove(entry)
    for values in added:
        store.add(AddressListEntry, address_list_id=address_list.id, **{"name": "", **values})
    return {}


ADDRESS_LISTS = Crud(model=AddressList, scope="address_lists", annotations=True, created=201)

ADDRESS_LIST_ENTRIES = Crud(model=AddressListEntry, scope="address_lists", created=201)
