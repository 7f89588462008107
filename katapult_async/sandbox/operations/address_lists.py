"""Entries of address lists."""

from collections.abc import Sequence

from katapult_async.sandbox.arguments import without_nulls
from katapult_async.sandbox.errors import Problems, require
from katapult_async.sandbox.models import AddressList, AddressListEntry
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store
from katapult_async.sandbox.tokens import network

from .crud import Crud
from .operation import operation

Rows = Sequence[JSON]

_INVALID = "Address is invalid"


@operation("POST", "/address_lists/:address_list/entries/bulk")
def change_entries(store: Store, address_list: AddressList, *, add: Rows = (), remove: Rows = ()) -> None:
    """Core API v1: post:address_list_entries_bulk."""
    require(all(entry.get("address") for entry in add), "validation_error", "Address can't be blank")
    require(all(network(entry["address"]) for entry in add), "validation_error", _INVALID)
    removed = {entry.get("address") for entry in remove}
    for entry in store.all(AddressListEntry, address_list):
        if entry.address in removed:
            store.remove(entry)
    for new in add:
        store.add(AddressListEntry, address_list, **without_nulls(new))


def _problems(_: Store, entry: AddressListEntry) -> Problems:
    return {_INVALID: network(entry.address) is None}


ENTRIES = Crud(model=AddressListEntry, check=_problems)
