"""Address lists.

Core API v1: get:address_lists, get:organization_address_lists, post:organization_address_lists, get:address_list,
patch:address_list, delete:address_list.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Unpack

import attrs

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.address_lists import AddressList
from katapult_async.models.lookups import SubDomain
from katapult_async.models.unset import UNSET, Unset
from katapult_async.models.virtual_machines import Annotation
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import ADDRESS_LIST, ORGANIZATION
from katapult_async.resources.resource import Resource, calls


@attrs.frozen(kw_only=True)
class _AddressListResponse:
    """The whole response of the operations on one address list."""

    address_list: AddressList
    annotations: tuple[Annotation, ...] = ()


_OF: Final = "/organizations/organization/address_lists"
_ONE: Final = "/address_lists/address_list"
_REFS: Final = (ADDRESS_LIST,)
_WRITE: Final = ("address_lists",)
_READ: Final = (*_WRITE, "address_lists:read")

LIST_GLOBAL: Final = Endpoint(
    path="/address_lists", answer="address_lists", type=list[AddressList], paginated=True, scopes=_READ
)
LIST: Final = Endpoint(
    path=_OF, answer="address_lists", type=list[AddressList], paginated=True, refs=(ORGANIZATION,), scopes=_READ
)
CREATE: Final = Endpoint(
    method="POST", path=_OF, answer=None, type=_AddressListResponse, refs=(ORGANIZATION,), scopes=_WRITE
)
GET: Final = Endpoint(path=_ONE, answer=None, type=_AddressListResponse, refs=_REFS, scopes=_READ)
# Safe to repeat: it sets values, and a second request sets the same ones.
UPDATE: Final = Endpoint(
    method="PATCH", path=_ONE, answer=None, type=_AddressListResponse, refs=_REFS, scopes=_WRITE, idempotent=True
)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer="address_list", type=AddressList, refs=_REFS, scopes=_WRITE)


class AddressLists(Resource):
    """Address lists: IP addresses and networks that rules can name. Reached as ``katapult.address_lists``."""

    @calls(LIST_GLOBAL)
    def list_global(self, **options: Unpack[CallOptions]) -> Pages[AddressList]:
        """Return the address lists of Katapult, which every organization can use, without their entries."""
        return self._list(LIST_GLOBAL, **options)

    @calls(LIST)
    def list(
        self,
        *,
        organization: str | SubDomain,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> Pages[AddressList]:
        """Return the address lists of an organization, without their entries.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only address lists with these annotations, by key.
        """
        return self._list(LIST, organization=organization, annotations=annotations, **options)

    @calls(CREATE)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> AddressList:
        """Create an empty address list and return it. Entries are added with ``address_list_entries``.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            annotations: annotations, by key.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        response = await self._call(
            CREATE, organization=organization, properties={"name": name}, annotations=annotations, **options
        )
        return attrs.evolve(response.address_list, annotations=response.annotations)

    @calls(GET)
    async def get(self, address_list: str, **options: Unpack[CallOptions]) -> AddressList:
        """Return an address list with its entries and annotations.

        Args:
            address_list: id of the address list, ``adlst_...``.
        """
        response = await self._call(GET, address_list=address_list, **options)
        return attrs.evolve(response.address_list, annotations=response.annotations)

    @calls(UPDATE)
    async def update(
        self,
        address_list: str,
        *,
        name: str | Unset = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> AddressList:
        """Change an address list and return it. An argument that is left out stays as it is.

        Args:
            address_list: id of the address list, ``adlst_...``.
            name: display name.
            annotations: annotations, by key.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        response = await self._call(
            UPDATE, address_list=address_list, properties={"name": name}, annotations=annotations, **options
        )
        return attrs.evolve(response.address_list, annotations=response.annotations)

    @calls(DELETE)
    async def delete(self, address_list: str, **options: Unpack[CallOptions]) -> AddressList | None:
        """Delete an address list with its entries, and return it as it was.

        None if an attempt whose response was lost deleted it.

        Args:
            address_list: id of the address list, ``adlst_...``.
        """
        return await self._delete(DELETE, address_list=address_list, **options)
