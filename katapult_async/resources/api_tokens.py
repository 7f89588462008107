"""API tokens.

Core API v1: get:organization_api_tokens, post:organization_api_tokens, patch:api_token, delete:api_token,
post:api_token_regenerate_secret.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.api_tokens import APIToken
from katapult_async.models.lookups import SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import API_TOKEN
from katapult_async.resources.resource import EMPTY, Resource

_API_TOKENS: Final = Operations(API_TOKEN, APIToken, write=("api_tokens",), beside=("annotations",))


class APITokens(Resource):
    """API tokens of organizations. Reached as ``katapult.api_tokens``."""

    @_API_TOKENS.list("/organizations/organization/api_tokens")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[APIToken]:
        """Return the API tokens of an organization, without their secrets.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only tokens with these annotations, by key.
        """

    @_API_TOKENS.create("/organizations/organization/api_tokens")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        scopes: Iterable[str] | None = None,
        authorized_ip_addresses: Iterable[str] | None = None,
        expires_at: datetime.datetime | None = None,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> APIToken:
        """Create an API token and return it with its secret, which no later response has.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            scopes: scopes of the token, such as ``virtual_machines:read``.
            authorized_ip_addresses: IP addresses and networks that the token may be used from; None for all.
            expires_at: when the token expires, with a time zone; None for never.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_API_TOKENS.update()
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
        """Change an API token and return it. A field whose argument is omitted stays as it is.

        Args:
            api_token: id of the token; never the token itself.
            name: display name.
            scopes: all scopes of the token, such as ``virtual_machines:read``.
            authorized_ip_addresses: all IP addresses and networks that the token may be used from; an empty list
                for no restriction.
            expires_at: when the token expires, with a time zone; None for never.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_API_TOKENS.delete()
    async def delete(self, api_token: str, **options: Unpack[CallOptions]) -> APIToken | None:
        """Delete an API token and return it with only its id and name.

        Returns None if the response was lost and a retry did not find it.

        Args:
            api_token: id of the token; never the token itself.

        Raises:
            UnprocessableError: the token cannot be deleted; ``detail`` lists the problems.
        """

    # Safe to repeat: nobody knows the secret of a lost response, and the next secret replaces it
    @_API_TOKENS.action("POST", "/regenerate_secret", idempotent=True)
    async def regenerate_secret(self, api_token: str, **options: Unpack[CallOptions]) -> APIToken:
        """Replace the secret of an API token and return the token with the new secret. The old one becomes invalid.

        Args:
            api_token: id of the token; never the token itself.

        Raises:
            UnprocessableError: the secret cannot be replaced; ``detail`` lists the problems.
        """
