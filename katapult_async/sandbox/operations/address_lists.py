"""Address lists and their entries."""

from collections.abc import Sequence

from katapult_async.sandbox.errors import validation_error
from katapult_async.sandbox.kinds import Value
from katapult_async.sandbox.models import AddressList, AddressListEntry
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import check_owner, operation, properties


@operation("GET", "/address_lists")
def list_global(store: Store) -> Sequence[AddressList]:
    """Core API v1: get:address_lists. Only global lists."""
    return store.all(AddressList, organization_id=None)


class _Address(Value):
    """An address in the arguments."""

    address: str = ""


class _Entry(_Address):
    """An address with a name in the arguments."""

    name: str = ""


_CHANGES = properties({"add": tuple[_Entry, ...], "remove": tuple[_Address, ...]}, inside=None)


@operation("POST", "/address_lists/:address_list/entries/bulk", AddressList, _CHANGES)
def change_entries(store: Store, address_list: AddressList, changes: JSON) -> JSON:
    """Core API v1: post:address_list_entries_bulk."""
    added, removed = changes.get("add", ()), {entry.address for entry in changes.get("remove", ())}
    check_owner(store, address_list)
    if not all(entry.address for entry in added):
        raise validation_error("Address can't be blank")
    for entry in store.all(AddressListEntry, address_list_id=address_list.id):
        if entry.address in removed:
            store.remove(entry)
    for entry in added:
        store.add(AddressListEntry, address_list_id=address_list.id, address=entry.address, name=entry.name)
    return {}


ADDRESS_LISTS = Crud(model=AddressList)

ADDRESS_LIST_ENTRIES = Crud(model=AddressListEntry)
