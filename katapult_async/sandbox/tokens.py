"""Tokens: which tokens are accepted, from which addresses and for which operations, and their rate limit counters.

The `Store` has all tokens, as `APIToken`. The scopes that an operation needs are in `documented_operations`.
"""

import ipaddress
import random
from collections import defaultdict
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from .documented_operations import SCOPES, DocumentedOperation
from .errors import APIError, require
from .identifiers import identifier
from .models import APIToken
from .rate_limit import Limit, RequestCounter
from .setting_checks import check
from .store import Store

_WRONG_NETWORK = "unauthorized_network_for_api_token"
_REVOCATIONS = ("invalid_api_token", _WRONG_NETWORK, "invalid_capabilities_token")


def check_token(token: APIToken, *, address: str) -> None:
    """Check that a token is valid and may be used from an address.

    Args:
        token: the token.
        address: IP address of the client.

    Raises:
        APIError: the token is not accepted.
    """
    code = token.revoked_as
    networks = [allowed for text in token.authorized_ip_addresses if (allowed := network(text)) is not None]
    if networks and not any(ipaddress.ip_address(address) in allowed for allowed in networks):
        code = _WRONG_NETWORK
    if code is not None:
        details = {_WRONG_NETWORK: {"ip_address": address}, "invalid_api_token": {"details": None}}
        raise APIError(code, detail=details.get(code))


def check_scope(token: APIToken, operation: DocumentedOperation) -> None:
    """Check that a token has one of the documented scopes of an operation. Some operations need none.

    Raises:
        APIError: the token has none of the scopes.
    """
    needed = operation.scopes
    require(not needed or not {*token.scopes}.isdisjoint(needed), "scope_not_granted", scopes=list(needed))


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Return an IP address or network as a network, or None for any other text."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


class TokenStore:
    """Issues the sandbox's own tokens, finds the token of each request, and has the counters of all tokens.

    The first token, ``main``, has all scopes. It is the only one that `Limit.foreign_use` applies to.
    """

    def __init__(self, *, store: Store, limit: Limit, rng: random.Random) -> None:
        self._store = store
        self._rng = rng
        # By the ids of tokens. All requests without a known token have the counter of the empty id.
        self._counters: defaultdict[str, RequestCounter] = defaultdict(lambda: RequestCounter(limit))
        self.main: APIToken = self.issue(scopes=None)
        self.counter(self.main).shared = True

    def issue(self, *, scopes: Iterable[str] | None, virtual_machine_id: str | None = None) -> APIToken:
        """Create a token; None grants all scopes.

        Raises:
            ValueError: a scope is unknown to Core API v1, or ``scopes`` is a string.
        """
        check("scopes", "a list", scopes, holds=not isinstance(scopes, str))
        granted = SCOPES if scopes is None else frozenset(scopes)
        if unknown := granted - SCOPES:
            raise ValueError(f"no such scopes: {', '.join(sorted(unknown))}")
        new = {"id": identifier("apitoken", rng=self._rng), "name": "Sandbox", "scopes": tuple(sorted(granted))}
        return self._store.add(APIToken, organization_id=None, virtual_machine_id=virtual_machine_id, **new)

    def revoke(self, value: str, *, code: str) -> None:
        """Reject all further requests with this token, with an error of this code.

        Raises:
            ValueError: the token is unknown, or the code is not an error of tokens.
        """
        check("the code", f"one of {', '.join(_REVOCATIONS)}", code, holds=code in _REVOCATIONS)
        own = self._store.all(APIToken, value=value, organization_id=None)
        if not own:
            raise ValueError("this sandbox issued no such token")
        self._store.change(own[0], revoked_as=code)

    def find(self, authorization: str | None) -> APIToken:
        """Return the token of an Authorization header.

        For a missing, unknown or expired token, this is a revoked token with an empty id and an empty value.
        """
        scheme, _, value = (authorization or "").partition(" ")
        value = value.strip()
        code = "invalid_api_token" if scheme.lower() == "bearer" and value else "missing_api_token"
        rejected = APIToken(id="", name="", organization_id=None, revoked_as=code)
        tokens = self._store.all(APIToken, value=value) if code == "invalid_api_token" else ()
        return next((obj for obj in tokens if obj.expires_at is None or obj.expires_at > self._store.now), rejected)

    def counter(self, token: APIToken) -> RequestCounter:
        """Return the counter of a token."""
        return self._counters[token.id]
