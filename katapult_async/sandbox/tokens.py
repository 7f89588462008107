"""Tokens, what each may do, and the budget that each spends from."""

import random
import string
from collections.abc import Iterable

import attrs

from .errors import APIError
from .rate_limit import Bucket, Limit

_WITH_READ = (
    "address_lists",
    "api_tokens",
    "disk_backup_policies",
    "disk_templates",
    "disks",
    "dns",
    "file_storage_volumes",
    "ip_addresses",
    "load_balancers",
    "object_storage",
    "security_groups",
    "tags",
    "virtual_machine_groups",
    "virtual_machines",
    "virtual_networks",
)
_SINGLE = (
    "certificates:read",
    "managed_organizations",
    "managed_organizations:delete",
    "organizations:read",
    "organizations:delete",
    "tasks:read",
    "trash_objects:read",
    "trash_objects:purge",
    "trash_objects:restore",
    "virtual_machines:power_actions",
    "virtual_machines:console",
    "virtual_machines:authorized_keys",
    "virtual_machines:network_interfaces",
)
# These four stand beside operations only, not in the list of scopes that OAuth2 clients can ask for.
_UNLISTED = ("certificates", "security_group", "tasks", "virtual_machine_packages:read")
SCOPES = frozenset([*_WITH_READ, *(f"{name}:read" for name in _WITH_READ), *_SINGLE, *_UNLISTED])
"""Every scope that Core API v1 names."""

_REVOCATIONS = ("invalid_api_token", "unauthorized_network_for_api_token", "invalid_capabilities_token")
_VALUE = string.ascii_letters + string.digits


@attrs.define(kw_only=True)
class Token:
    """One token that the sandbox knows."""

    value: str = attrs.field(repr=False)
    scopes: frozenset[str]
    bucket: Bucket
    revoked_as: str | None = None
    """The code it is refused with; None while it works."""

    def check(self, *, address: str) -> None:
        """Raise the error of a revoked token.

        Args:
            address: where the request came from.

        Raises:
            APIError: the token was revoked.
        """
        match self.revoked_as:
            case None:
                return
            case "invalid_api_token" as code:
                raise APIError(code, detail={"details": None})
            case "unauthorized_network_for_api_token" as code:
                raise APIError(code, detail={"ip_address": address})
            case code:
                raise APIError(code)

    def check_scope(self, any_of: tuple[str, ...]) -> None:
        """Raise the error of a token without any of the scopes; an empty tuple lets every token pass.

        Raises:
            APIError: none of the scopes was granted.
        """
        if any_of and self.scopes.isdisjoint(any_of):
            raise APIError("scope_not_granted", detail={"scopes": list(any_of)})


class TokenStore:
    """Every token of one sandbox. The first, ``main``, has every scope and shares its budget with strangers."""

    def __init__(self, *, limit: Limit, foreign_use: float, rng: random.Random) -> None:
        self._limit = limit
        self._rng = rng
        self._tokens: dict[str, Token] = {}
        self.anonymous = Bucket(limit)
        """The budget of requests without a token that the sandbox knows."""
        self.main = self.issue(scopes=None)
        self.main.bucket.foreign_use = foreign_use

    def issue(self, *, scopes: Iterable[str] | None) -> Token:
        """Make a token; None grants every scope.

        Raises:
            ValueError: Core API v1 has no such scope.
        """
        granted = SCOPES if scopes is None else frozenset(scopes)
        if unknown := granted - SCOPES:
            raise ValueError(f"no such scopes: {', '.join(sorted(unknown))}")
        value = "sandbox_" + "".join(self._rng.choices(_VALUE, k=32))
        token = Token(value=value, scopes=granted, bucket=Bucket(self._limit))
        self._tokens[value] = token
        return token

    def revoke(self, value: str, *, code: str) -> None:
        """Refuse this token with this code from now on.

        Raises:
            ValueError: the sandbox issued no such token, or tokens are never refused with that code.
        """
        if code not in _REVOCATIONS:
            raise ValueError(f"a token is refused with one of {', '.join(_REVOCATIONS)}, not {code}")
        if value not in self._tokens:
            raise ValueError("this sandbox issued no such token")
        self._tokens[value].revoked_as = code

    def find(self, authorization: str | None) -> Token | APIError:
        """Return the token of an Authorization header, or the error of a header without one."""
        scheme, _, value = (authorization or "").partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value:
            return APIError("missing_api_token")
        token = self._tokens.get(value)
        return APIError("invalid_api_token", detail={"details": None}) if token is None else token
