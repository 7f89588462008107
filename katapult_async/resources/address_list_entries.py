"""Entries of address lists.

Core API v1: get:address_list_entries, post:address_list_entries, post:address_list_entries_bulk,
get:address_list_entry, patch:address_list_entry, delete:address_list_entry.
"""

from collections.abc import Iterable
from typing import Final, Unpack

from katapult_async.core.endpoints import EmptyResponse
from katapult_async.core.pagination import Pages
from katapult_async.models.address_lists import AddressListEntry, AddressListItem
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ADDRESS_LIST_ENTRY
from katapult_async.resources.resource import Resource

_ENTRIES: Final = Operations(ADDRESS_LIST_ENTRY, AddressListEntry, write=("address_lists",))


class AddressListEntries(Resource):
    """Entries of address lists. Reached as ``katapult.address_list_entries``."""

    @_ENTRIES.list("/address_lists/address_list/entries")
    def list(self, *, address_list: str, **options: Unpack[CallOptions]) -> Pages[AddressListEntry]:
        """Return the entries of an address list.

        Args:
            address_list: id of the address list, ``adlst_...``.
        """

    @_ENTRIES.create("/address_lists/address_list/entries")
    async def create(
        self, *, address_list: str, address: str, name: str | None = None, **options: Unpack[CallOptions]
    ) -> AddressListEntry:
        """Add an entry to an address list and return it.

        Args:
            address_list: id of the address list, ``adlst_...``.
            address: IP address or network, such as ``198.51.100.0/24``.
            name: name or comment.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_ENTRIES.get()
    async def get(self, address_list_entry: str, **options: Unpack[CallOptions]) -> AddressListEntry:
        """Return an entry.

        Args:
            address_list_entry: id of the entry, ``adlste_...``.
        """

    @_ENTRIES.update()
    async def update(
        self,
        address_list_entry: str,
        *,
        address: str | Unset = UNSET,
        name: str | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> AddressListEntry:
        """Change an entry and return it. A field whose argument is omitted stays as it is.

        Args:
            address_list_entry: id of the entry, ``adlste_...``.
            address: IP address or network, such as ``198.51.100.0/24``.
            name: name or comment.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_ENTRIES.delete()
    async def delete(self, address_list_entry: str, **options: Unpack[CallOptions]) -> AddressListEntry | None:
        """Remove an entry and return it as it was; None if the response was lost and a retry did not find it.

        Args:
            address_list_entry: id of the entry, ``adlste_...``.
        """

    @_ENTRIES.returning(None, EmptyResponse).create("/address_lists/address_list/entries/bulk", inside=None)
    async def bulk(
        self,
        address_list: str,
        *,
        add: Iterable[AddressListItem] | None = None,
        remove: Iterable[AddressListItem] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Add and remove many entries of an address list in one request.

        Args:
            address_list: id of the address list, ``adlst_...``.
            add: entries to add.
            remove: entries to remove, by their addresses.

        Raises:
            UnprocessableError: an entry is not valid; ``detail`` lists the problems.
        """
