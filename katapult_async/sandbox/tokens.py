"""Tokens: which tokens are accepted, from which addresses and for which operations, and their rate limit counters.

The scopes that an operation needs are in `documented_operations`.
"""

import ipaddress
import random
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

import attrs

from .documented_operations import SCOPES, DocumentedOperation
from .errors import APIError, require
from .identifiers import identifier
from .models import APIToken, Organization
from .rate_limit import Limit, RequestCounter
from .setting_checks import check
from .store import Store

_WRONG_NETWORK = "unauthorized_network_for_api_token"
_REVOCATIONS = ("invalid_api_token", _WRONG_NETWORK, "invalid_capabilities_token")


@attrs.define(kw_only=True)
class Token:
    """A token of the sandbox. A missing, unknown or expired token is treated like a revoked one."""

    value: str = attrs.field(repr=False)
    scopes: frozenset[str]
    counter: RequestCounter
    revoked_as: str | None = None
    """Error code of the token's requests after it was revoked; None while it is valid."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that the token may be used from; empty for all."""
    organization_id: str | None = None
    """The organization of a token that was created through the API. Other tokens have access to all organizations."""
    virtual_machine_id: str | None = None
    """Id of the virtual machine that the token belongs to."""

    def check(self, *, address: str) -> None:
        """Check that the token is valid and may be used from an address.

        Args:
            address: IP address of the client.

        Raises:
            APIError: the token is not accepted.
        """
        code = self.revoked_as
        if self.networks and not any(ipaddress.ip_address(address) in allowed for allowed in self.networks):
            code = _WRONG_NETWORK
        if code is not None:
            details = {_WRONG_NETWORK: {"ip_address": address}, "invalid_api_token": {"details": None}}
            raise APIError(code, detail=details.get(code))

    def has_access(self, organization: Organization | None) -> bool:
        """Return whether the token can be used for an organization; None stands for an object without an owner."""
        return organization is None or self.organization_id in (None, organization.id, organization.manager_id)

    def check_scope(self, operation: DocumentedOperation) -> None:
        """Check that the token has one of the documented scopes of an operation. Some operations need none.

        Raises:
            APIError: the token has none of the scopes.
        """
        needed = operation.scopes
        require(not needed or not self.scopes.isdisjoint(needed), "scope_not_granted", scopes=list(needed))


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Return an IP address or network as a network, or None for any other text."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


class TokenStore:
    """The tokens that the sandbox issued itself. Tokens that were created through its API are in the `Store`.

    The first, ``main``, has all scopes. It is the only one that `Limit.foreign_use` applies to.
    """

    def __init__(self, *, limit: Limit, rng: random.Random) -> None:
        self._limit = limit
        self._rng = rng
        self._tokens: dict[str, Token] = {}
        self._counters: dict[str, RequestCounter] = {}  # of tokens that were created through the API, by their ids
        self._anonymous = RequestCounter(limit)  # of requests without a known token
        self.main: Token = self.issue(scopes=None)
        self.main.counter.shared = True

    def issue(self, *, scopes: Iterable[str] | None, virtual_machine_id: str | None = None) -> Token:
        """Create a token; None grants all scopes.

        Raises:
            ValueError: a scope is unknown to Core API v1, or ``scopes`` is a string.
        """
        check("scopes", "a list", scopes, holds=not isinstance(scopes, str))
        granted = SCOPES if scopes is None else frozenset(scopes)
        if unknown := granted - SCOPES:
            raise ValueError(f"no such scopes: {', '.join(sorted(unknown))}")
        value = identifier("sandbox", rng=self._rng, length=32)
        counter = RequestCounter(self._limit)
        token = Token(value=value, scopes=granted, counter=counter, virtual_machine_id=virtual_machine_id)
        self._tokens[value] = token
        return token

    def revoke(self, value: str, *, code: str) -> None:
        """Reject all further requests with this token, with an error of this code.

        Raises:
            ValueError: the token is unknown, or the code is not an error of tokens.
        """
        check("the code", f"one of {', '.join(_REVOCATIONS)}", code, holds=code in _REVOCATIONS)
        if value not in self._tokens:
            raise ValueError("this sandbox issued no such token")
        self._tokens[value].revoked_as = code

    def find(self, authorization: str | None, *, store: Store) -> Token:
        """Return the token of an Authorization header.

        For a missing, unknown or expired token, this is a revoked token without a value.

        Args:
            authorization: value of the header.
            store: has the tokens that were created through the API.
        """
        scheme, _, value = (authorization or "").partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value:
            return self._rejected("missing_api_token")
        if (token := self._tokens.get(value)) is not None:
            return token
        for created in store.all(APIToken, value=value):
            if created.expires_at is None or created.expires_at > store.now:
                return Token(
                    value=value,
                    scopes=frozenset(created.scopes),
                    counter=self._counters.setdefault(created.id, RequestCounter(self._limit)),
                    networks=tuple(ipaddress.ip_network(ip, strict=False) for ip in created.authorized_ip_addresses),
                    organization_id=created.organization_id,
                )
        return self._rejected("invalid_api_token")

    def _rejected(self, code: str) -> Token:
        return Token(value="", scopes=frozenset(), counter=self._anonymous, revoked_as=code)
