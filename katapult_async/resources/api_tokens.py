"""API tokens.

Core API v1: get:organization_api_tokens, post:organization_api_tokens, patch:api_token, delete:api_token,
post:api_token_regenerate_secret.
"""

import datetime
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Unpack

import attrs

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.api_tokens import APIToken
from katapult_async.models.lookups import SubDomain
from katapult_async.models.unset import UNSET, Unset
from katapult_async.models.virtual_machines import Annotation
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import API_TOKEN, ORGANIZATION
from katapult_async.resources.resource import Resource, calls


@attrs.frozen(kw_only=True)
class _APITokenResponse:
    """The whole response of create and update."""

    api_token: APIToken
    annotations: tuple[Annotation, ...] = ()


_OF: Final = "/organizations/organization/api_tokens"
_ONE: Final = "/api_tokens/api_token"
_REFS: Final = (API_TOKEN,)
_WRITE: Final = ("api_tokens",)

LIST: Final = Endpoint(
    path=_OF,
    answer="api_tokens",
    type=list[APIToken],
    paginated=True,
    refs=(ORGANIZATION,),
    scopes=(*_WRITE, "api_tokens:read"),
)
CREATE: Final = Endpoint(
    method="POST", path=_OF, answer=None, type=_APITokenResponse, refs=(ORGANIZATION,), scopes=_WRITE
)
# Safe to repeat: it sets values, and a second request sets the same ones.
UPDATE: Final = Endpoint(
    method="PATCH", path=_ONE, answer=None, type=_APITokenResponse, refs=_REFS, scopes=_WRITE, idempotent=True
)
DELETE: Final = Endpoint(method="DELETE", path=_ONE, answer="api_token", type=APIToken, refs=_REFS, scopes=_WRITE)
REGENERATE_SECRET: Final = Endpoint(
    method="POST",
    path=f"{_ONE}/regenerate_secret",
    answer="api_token",
    type=APIToken,
    refs=_REFS,
    scopes=_WRITE,
    idempotent=True,  # nobody knows the secret of a lost response, and the next one replaces it
)


class APITokens(Resource):
    """API tokens of organizations. Reached as ``katapult.api_tokens``."""

    @calls(LIST)
    def list(
        self,
        *,
        organization: str | SubDomain,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> Pages[APIToken]:
        """Return the API tokens of an organization, without their secrets.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only tokens with these annotations, by key.
        """
        return self._list(LIST, organization=organization, annotations=annotations, **options)

    @calls(CREATE)
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        scopes: Iterable[str] | None = None,
        authorized_ip_addresses: Iterable[str] | None = None,
        expires_at: datetime.datetime | None = None,
        annotations: Mapping[str, str] = MappingProxyType({}),
        **options: Unpack[CallOptions],
    ) -> APIToken:
        """Create an API token and return it with its secret, which its repr omits and no later response has.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            scopes: its scopes, such as ``virtual_machines:read``.
            authorized_ip_addresses: IP addresses and networks that it may be used from; None for all.
            expires_at: when it stops to be valid, with a time zone; None for never.
            annotations: annotations, by key.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        properties = {
            "name": name,
            "scopes": scopes,
            "authorized_ip_addresses": authorized_ip_addresses,
            "expires_at": expires_at,
        }
        response = await self._call(
            CREATE, organization=organization, properties=properties, annotations=annotations, **options
        )
        return attrs.evolve(response.api_token, annotations=response.annotations)

    @calls(UPDATE)
    async def update(
        self,
        api_token: str,
        *,
        name: str | Unset = UNSET,
        scopes: Iterable[str] | Unset = UNSET,
        authorized_ip_addresses: Iterable[str] | Unset = UNSET,
        expires_at: datetime.datetime | Unset | None = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> APIToken:
        """Change an API token and return it. An argument that is left out stays as it is.

        Args:
            api_token: id of the token; never the token itself.
            name: display name.
            scopes: all its scopes, such as ``virtual_machines:read``.
            authorized_ip_addresses: all IP addresses and networks that it may be used from; an empty list for all.
            expires_at: when it stops to be valid, with a time zone; None for never.
            annotations: annotations, by key.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """
        properties = {
            "name": name,
            "scopes": scopes,
            "authorized_ip_addresses": authorized_ip_addresses,
            "expires_at": expires_at,
        }
        response = await self._call(
            UPDATE, api_token=api_token, properties=properties, annotations=annotations, **options
        )
        return attrs.evolve(response.api_token, annotations=response.annotations)

    @calls(DELETE)
    async def delete(self, api_token: str, **options: Unpack[CallOptions]) -> APIToken | None:
        """Delete an API token and return its id and name; None if an attempt whose response was lost deleted it.

        Args:
            api_token: id of the token; never the token itself.

        Raises:
            UnprocessableError: the token cannot be deleted; ``detail`` lists the problems.
        """
        return await self._delete(DELETE, api_token=api_token, **options)

    @calls(REGENERATE_SECRET)
    async def regenerate_secret(self, api_token: str, **options: Unpack[CallOptions]) -> APIToken:
        """Replace the secret of an API token and return it with the new one. The old secret is not valid any more.

        Args:
            api_token: id of the token; never the token itself.

        Raises:
            UnprocessableError: the secret cannot be replaced; ``detail`` lists the problems.
        """
        return await self._call(REGENERATE_SECRET, api_token=api_token, **options)
