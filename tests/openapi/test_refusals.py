"""Every documented refusal of every operation is a typed error, and every scope is the documented one."""

import inspect
import re
from typing import Final

import pytest

from katapult_async import KatapultClient, errors
from katapult_async.core.endpoints import Request
from katapult_async.core.responses import RequestContext
from katapult_async.errors import APIError
from katapult_async.http.transport import TransportResponse
from tests.bodies import encoded, refusal

from .endpoints import ENDPOINTS, EVERYWHERE, OPERATIONS
from .uses import USES

BY_STATUS: Final[dict[str, type[APIError]]] = {
    "403": errors.PermissionDeniedError,
    "404": errors.NotFoundError,
    "406": errors.NotAcceptableError,
    "409": errors.ConflictError,
    "422": errors.UnprocessableError,
    "429": errors.RateLimitReachedError,
    "503": errors.ServiceUnavailableError,
}
BY_CODE: Final[dict[str, type[APIError]]] = {
    "missing_api_token": errors.AuthenticationError,
    "invalid_api_token": errors.AuthenticationError,
    "invalid_capabilities_token": errors.AuthenticationError,
    "unauthorized_network_for_api_token": errors.AuthenticationError,
    "no_available_addresses": errors.ConflictError,
}
"""Refusals that are of another kind than their status says."""

ROWS: Final = [
    (name, int(status), code)
    for name, facts in OPERATIONS.items()
    for refusals in (EVERYWHERE["errors"], facts.get("errors", {}))
    for status, codes in refusals.items()
    for code in codes
]


def test_every_documented_refusal_of_every_operation_is_of_its_kind() -> None:
    for name, status, code in ROWS:
        asking = RequestContext(request=Request(endpoint=ENDPOINTS[name]))
        for body in (refusal(code), refusal(code)["error"]):  # as it is recorded, and as it is documented
            error = asking.error(TransportResponse(status=status, headers={}, body=encoded(body)))
            assert isinstance(error, APIError)
            assert type(error) is BY_CODE.get(code, BY_STATUS.get(str(status))), (name, code)
            assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_docstring_names_every_kind_of_refusal_that_its_operation_has_beyond_the_others(name: str) -> None:
    docstring = inspect.getdoc(USES[name].of(KatapultClient("t"))) or ""
    kinds = {
        BY_CODE.get(code, BY_STATUS[status]).__name__
        for status, codes in OPERATIONS[name].get("errors", {}).items()
        for code in codes
    }
    assert {kind for kind in kinds if f"{kind}:" not in docstring} == set()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_docstring_tells_a_scope_that_will_do(name: str) -> None:
    docstring = inspect.getdoc(USES[name].of(KatapultClient("t"))) or ""
    scopes = set(OPERATIONS[name].get("scopes", ()))
    told = set(re.findall(r"Scope\s+``([a-z_:]+)``", docstring))
    assert told <= scopes
    assert bool(told) is bool(scopes)
    assert ("Any token will do" in docstring) is (not scopes)
