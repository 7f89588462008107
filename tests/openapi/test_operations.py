"""Every operation agrees with the table of the OpenAPI document, and its method returns the whole response."""

import re
import typing
from typing import Any

import attrs
import pytest

from katapult_async import models
from katapult_async.core.decoding import decode
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.error_mapping import RequestContext
from katapult_async.errors import APIError
from katapult_async.http.transport import TransportResponse
from katapult_async.models import AddressVersion
from katapult_async.models.field_names import json_name
from katapult_async.models.lookups import Lookup
from tests.bodies import encoded, error_body
from tests.public_names import MODEL_NAMES
from tests.resources.calls import json_of

from .comparison import BY_CODE, BY_STATUS, NOT_IN_MODELS, differences, fields_of_response
from .document import table
from .library import ENDPOINTS, METHODS, result_of
from .samples import sample
from .uses import USES

TABLE = table()
EVERYWHERE = TABLE["everywhere"]
OPERATIONS = {name: facts for name, facts in TABLE.items() if name != "everywhere"}

UNDOCUMENTED = {
    "FileStorageVolume": {"technology_generation"},  # recorded since August 2026
    "TypedObject": {"type", "value"},  # the recorded form, see `comparison.NOT_IN_MODELS`
    # All below: recorded since July 2026.
    "IPAddress": {"subnet"},
    "VirtualMachineAddress": {"subnet"},
    "Organization": {"uuid"},
    "VirtualMachine": {"suspended", "suspended_at"},
}
"""Fields of models that the document does not have."""

NEVER_DOCUMENTED = {"Address", "AnyObject", "Model", "Subnet"}
"""Models of objects that no documented response has, and the bases of others."""

CALLER_MODELS = {"AddressListItem", "AddressQuery", *(kind.__name__ for kind in typing.get_args(Lookup))}
"""Models that callers pass and that no response contains."""


LISTS_OF_ONE = {"GET /certificates/certificate"}
"""Operations that return one object, requested by its id, and whose response is documented as a list."""


def documented_response(name: str) -> Any:
    return sample(OPERATIONS[name].get("response", {}), items=1 if name in LISTS_OF_ONE else 2)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_does_not_differ_from_the_table(name: str) -> None:
    assert list(differences(name, OPERATIONS[name])) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_documented_response_is_decoded_with_all_its_fields(name: str) -> None:
    endpoint = ENDPOINTS[name]
    body = documented_response(name)
    if isinstance(body, str):
        assert decode(endpoint, body.encode()).value == body
        return
    for operation, path in NOT_IN_MODELS:
        if operation == name:
            _remove(result_in(body, endpoint), path)
    assert json_of(decode(endpoint, encoded(body)).value) == json_of(result_in(body, endpoint))


def result_in(body: Any, endpoint: Endpoint[Any]) -> Any:
    """Return the part of a response that is the result: a field, with the fields beside it that belong to it."""
    if endpoint.answer is None:
        return body
    result = body[endpoint.answer]
    beside = {name: body[name] for name in endpoint.beside if name in body}
    return {**result, **beside} if beside else result


def _remove(body: Any, path: str) -> None:
    first, _, rest = path.partition(".")
    for item in body if isinstance(body, list) else [body]:
        if rest:
            _remove(item[first], rest)
        else:
            del item[first]


@pytest.mark.parametrize("name", OPERATIONS)
def test_method_returns_the_type_that_it_is_annotated_with(name: str) -> None:
    method = METHODS[name]
    body = documented_response(name)
    value = result_of(method, USES[name][0], body=body.encode() if isinstance(body, str) else encoded(body))
    annotated = typing.get_type_hints(method.function)["return"]
    if "Pages" in str(annotated):
        assert len(value) == 2
        [annotated] = typing.get_args(annotated)
        assert all(isinstance(item, annotated) for item in value)
    elif "list[" in str(annotated):
        assert isinstance(value, list)
    else:
        assert isinstance(value, annotated or type(None))


def test_every_documented_error_is_raised_as_its_class() -> None:
    rows = [
        (name, status, code)
        for name, facts in OPERATIONS.items()
        for errors in (EVERYWHERE["errors"], facts.get("errors", {}))
        for status, codes in errors.items()
        for code in codes
    ]
    for name, status, code in rows:
        context = RequestContext(request=Request(endpoint=ENDPOINTS[name]))
        for body in (error_body(code), error_body(code)["error"]):  # as it is recorded, and as it is documented
            error = context.error(TransportResponse(status=int(status), headers={}, body=encoded(body)))
            assert isinstance(error, APIError)
            assert type(error) is BY_CODE.get(code, BY_STATUS[status]), (name, code)
            assert (error.status, error.code) == (int(status), code)


def test_undocumented_fields_of_models_are_the_listed_ones() -> None:
    documented: dict[type[Any], set[str]] = {}
    for name, facts in OPERATIONS.items():
        shape = facts.get("response", {})
        if isinstance(shape, dict):
            for field in fields_of_response(ENDPOINTS[name], shape):
                names = documented.setdefault(field.model, set())
                if field.kind is not None:
                    names.add(field.path.rpartition(".")[2])
    public = {kind for kind in documented if kind.__name__ in MODEL_NAMES}
    undocumented = {
        kind.__name__: {json_name(field) for field in attrs.fields(kind)} - documented[kind] for kind in public
    }
    assert {name: fields for name, fields in undocumented.items() if fields} == UNDOCUMENTED
    every_model = {name for name in MODEL_NAMES if attrs.has(getattr(models, name))}
    assert every_model - CALLER_MODELS - {kind.__name__ for kind in public} == NEVER_DOCUMENTED


def test_address_versions_are_the_documented_ones() -> None:
    versions = set(re.findall(r"'(?:version|address_version)\*': 'string=([^']*)'", str(OPERATIONS)))
    assert versions == {"|".join(AddressVersion)}
