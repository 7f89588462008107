"""Address lists and their entries."""

from collections.abc import Sequence

from katapult_async.sandbox.arguments import present
from katapult_async.sandbox.errors import validation_error
from katapult_async.sandbox.models import AddressList, AddressListEntry
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import check_owner, operation

Rows = Sequence[JSON]


@operation("GET", "/address_lists")
def list_global(store: Store) -> Sequence[AddressList]:
    """Core API v1: get:address_lists. Only global lists."""
    return store.all(AddressList, organization_id=None)


@operation("POST", "/address_lists/:address_list/entries/bulk")
def change_entries(store: Store, address_list: AddressList, add: Rows = (), remove: Rows = ()) -> JSON:
    """Core API v1: post:address_list_entries_bulk."""
    removed = {entry.get("address") for entry in remove}
    check_owner(store, address_list)
    if not all(entry.get("address") for entry in add):
        raise validation_error("Address can't be blank")
    for entry in store.all(AddressListEntry, address_list_id=address_list.id):
        if entry.address in removed:
            store.remove(entry)
    for new in add:
        store.add(AddressListEntry, address_list_id=address_list.id, **{"name": "", **present(new)})
    return {}


ADDRESS_LISTS = Crud(model=AddressList)

ADDRESS_LIST_ENTRIES = Crud(model=AddressListEntry)
