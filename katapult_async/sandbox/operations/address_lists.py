"""Address lists and their entries."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Arguments, Page
from katapult_async.sandbox.errors import validation_error
from katapult_async.sandbox.models import AddressList, AddressListEntry, Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, check_owner, operation, paginated, value


@operation("GET", "/address_lists", PAGE, scopes="address_lists address_lists:read")
def list_global(store: Store, page: Page) -> JSON:
    """Core API v1: get:address_lists. Only global lists."""
    address_lists = store.all(AddressList, organization_id=None)
    return paginated(store, page, "address_lists", address_lists, serializers.ADDRESS_LIST)


@value
def _added(arguments: Arguments) -> list[tuple[str, str]]:
    return [(item.text("address") or "", item.text("name") or "") for item in arguments.items("add")]


@value
def _removed(arguments: Arguments) -> list[str | None]:
    return [item.text("address") for item in arguments.items("remove")]


@operation("POST", "/address_lists/:address_list/entries/bulk", AddressList, _added, _removed, scopes="address_lists")
def change_entries(
    store: Store, address_list: AddressList, added: list[tuple[str, str]], removed: list[str | None]
) -> JSON:
    """Core API v1: post:address_list_entries_bulk."""
    check_owner(store, address_list)
    if not all(address for address, _ in added):
        raise validation_error("Address can't be blank")
    for entry in store.all(AddressListEntry, address_list_id=address_list.id):
        if entry.address in removed:
            store.remove(entry)
    for address, name in added:
        entry_id = store.new_id(AddressListEntry)
        store.put(AddressListEntry(id=entry_id, address_list_id=address_list.id, address=address, name=name))
    return {}


ADDRESS_LISTS = Crud(
    model=AddressList,
    parent=Organization,
    scope="address_lists",
    shape=serializers.ADDRESS_LIST_FULL,
    list_shape=serializers.ADDRESS_LIST,
    annotations=True,
    created=201,
)


ADDRESS_LIST_ENTRIES = Crud(
    model=AddressListEntry, parent=AddressList, segment="entries", scope="address_lists", created=201
)
