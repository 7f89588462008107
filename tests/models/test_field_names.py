"""Fields whose name in JSON is not their name in the model, decoded at once and in steps."""

import json
from typing import Any

import attrs
import pytest

from katapult_async.core.decoding import decode
from katapult_async.core.decoding_errors import WrongShapeError
from katapult_async.core.endpoints import Endpoint
from katapult_async.core.stepwise_decoding import decode_in_steps, needs_steps
from katapult_async.models import AddressList
from katapult_async.models.field_names import json_name, named

ONE = Endpoint(path="/address_lists/address_list", answer="address_list", type=AddressList)
MANY = Endpoint(path="/address_lists", answer="address_lists", type=list[AddressList])


def row(**fields: Any) -> dict[str, Any]:
    return {"id": "adlst_1", "name": "offices", "global": True, **fields}


def test_field_has_its_own_name_in_json_unless_another_is_given() -> None:
    @attrs.frozen
    class Model:
        a: int
        b: int = attrs.field(metadata=named("from"))

    assert [json_name(field) for field in attrs.fields(Model)] == ["a", "from"]


@pytest.mark.parametrize("number", [1, 1000])
async def test_named_field_is_decoded_at_once_and_in_steps(number: int) -> None:
    body = json.dumps({"address_lists": [row()] * number}).encode()
    assert needs_steps(MANY, body) is (number > 1)
    decoded = [decode(MANY, body).value, (await decode_in_steps(MANY, body)).value]
    assert decoded == [[AddressList(id="adlst_1", name="offices", is_global=True)] * number] * 2


async def test_large_object_with_a_named_field_is_decoded_in_steps() -> None:
    entries = [{"id": f"adlste_{number}", "address": "198.51.100.7", "name": "office"} for number in range(1000)]
    body = json.dumps({"address_list": row(entries=entries)}).encode()
    value = (await decode_in_steps(ONE, body)).value
    assert value == decode(ONE, body).value
    assert (value.is_global, len(value.entries)) == (True, 1000)


@pytest.mark.parametrize("entries", [0, 1000], ids=["decoded at once", "decoded in steps"])
async def test_error_shows_the_name_that_the_field_has_in_the_model(entries: int) -> None:
    body = json.dumps({"address_list": row(**{"global": "yes"}, entries=[{"id": "adlste_1"}] * entries)}).encode()
    with pytest.raises(WrongShapeError, match=r"at `\$\.address_list\.is_global`"):
        await decode_in_steps(ONE, body)
