"""API tokens. The sandbox accepts them like its own, with their scopes and networks, until they expire."""

from collections.abc import Iterable

from katapult_async.sandbox.documentation import SCOPES, documented
from katapult_async.sandbox.models import APIToken
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store
from katapult_async.sandbox.tokens import network

from .crud import Crud
from .operation import operation, response

_REGENERATE = "/api_tokens/:api_token/regenerate_secret"


def _problems(_: Store, token: APIToken, __: Iterable[str]) -> Iterable[str]:
    if not SCOPES.issuperset(token.scopes):
        yield "Scopes is not included in the list"
    if None in map(network, token.authorized_ip_addresses):
        yield "Authorized ip addresses is invalid"


def _secret(_: Store, token: APIToken) -> JSON:
    return {"secret": token.value}


@operation("POST", _REGENERATE)
def regenerate_secret(store: Store, token: APIToken) -> JSON:
    """Core API v1: post:api_token_regenerate_secret. The old secret is not valid any more."""
    changed = store.change(token, generation=token.generation + 1)
    content = response(store, documented("POST", _REGENERATE).response, changed)
    content["api_token"] |= _secret(store, changed)
    return content


API_TOKENS = Crud(model=APIToken, check=_problems, on_create=_secret)
