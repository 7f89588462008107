"""API tokens. The sandbox accepts them like its own, with their scopes and networks, until they expire."""

from katapult_async.sandbox.documented_operations import SCOPES
from katapult_async.sandbox.errors import Problems
from katapult_async.sandbox.models import APIToken
from katapult_async.sandbox.store import Store
from katapult_async.sandbox.tokens import network

from .crud import Crud
from .operation import operation


def _problems(_: Store, token: APIToken) -> Problems:
    return {
        "Scopes is not included in the list": not SCOPES.issuperset(token.scopes),
        "Authorized ip addresses is invalid": None in map(network, token.authorized_ip_addresses),
    }


def _show_secret(_: Store, token: APIToken) -> APIToken:
    return token.changed(secret=token.value)


@operation("POST", "/api_tokens/:api_token/regenerate_secret")
def regenerate_secret(store: Store, token: APIToken) -> APIToken:
    """Core API v1: post:api_token_regenerate_secret. The old secret becomes invalid."""
    # `APIToken.value` depends on the generation.
    return _show_secret(store, store.change(token, generation=token.generation + 1))


API_TOKENS = Crud(model=APIToken, check=_problems, on_create=_show_secret)
