"""Address lists.

Core API v1: get:address_lists, get:organization_address_lists, post:organization_address_lists, get:address_list,
patch:address_list, delete:address_list.
"""

from collections.abc import Mapping
from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.address_lists import AddressList
from katapult_async.models.lookups import SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ADDRESS_LIST
from katapult_async.resources.resource import EMPTY, Resource

_ADDRESS_LISTS: Final = Operations(ADDRESS_LIST, AddressList, write=("address_lists",), beside=("annotations",))


class AddressLists(Resource):
    """Address lists: IP addresses and networks that rules can name. Reached as ``katapult.address_lists``."""

    @_ADDRESS_LISTS.list("/address_lists")
    def list_global(self, **options: Unpack[CallOptions]) -> Pages[AddressList]:
        """Return the address lists of Katapult, which every organization can use, without their entries."""

    @_ADDRESS_LISTS.list("/organizations/organization/address_lists")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[AddressList]:
        """Return the address lists of an organization, without their entries.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only address lists with these annotations, by key.
        """

    @_ADDRESS_LISTS.create("/organizations/organization/address_lists")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> AddressList:
        """Create an empty address list and return it. Entries are added with ``address_list_entries``.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_ADDRESS_LISTS.get()
    async def get(self, address_list: str, **options: Unpack[CallOptions]) -> AddressList:
        """Return an address list with its entries and annotations.

        Args:
            address_list: id of the address list, ``adlst_...``.
        """

    @_ADDRESS_LISTS.update()
    async def update(
        self,
        address_list: str,
        *,
        name: str | Unset = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> AddressList:
        """Change an address list and return it. A field whose argument is omitted stays as it is.

        Args:
            address_list: id of the address list, ``adlst_...``.
            name: display name.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_ADDRESS_LISTS.delete()
    async def delete(self, address_list: str, **options: Unpack[CallOptions]) -> AddressList | None:
        """Delete an address list with its entries, and return it as it was.

        Returns None if the response was lost and a retry did not find it.

        Args:
            address_list: id of the address list, ``adlst_...``.
        """
