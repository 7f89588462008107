"""Recorded responses of the live API, decoded value for value. Skipped where the recordings are missing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from katapult_async.core.decoding import decode
from katapult_async.core.decoding_errors import DecodingError
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.error_mapping import RequestContext
from katapult_async.errors import APIError
from katapult_async.http.transport import TransportResponse
from katapult_async.models.field_names import json_name
from tests.bodies import encoded
from tests.core.json_mutations import Place, places, value_at, with_value, without_field
from tests.resources.calls import json_of

from .library import ENDPOINTS

SAMPLES: Final = Path(__file__).parents[3] / "shared" / "katapult" / "samples.jsonl"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded responses are not part of the repository")

ROWS: Final = (
    [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()] if SAMPLES.exists() else []
)
# Request and response of this row are of a load balancer: the recording names the wrong operation.
MISLABELED: Final = ("post:organization_virtual_machines_build_from_spec", "2024-06")
COVERED: Final = [
    row
    for row in ROWS
    if f"{row['method']} {row['path']}" in ENDPOINTS and (row["operation"], row["month"]) != MISLABELED
]

DROPPED: Final = re.compile(
    r"^\$\.load_balancers?(\[\])?\.resources\[\]\.value\.(?!id$|name$)"  # whole virtual machines, passwords included
    r"|^\$\.build\."  # the same as virtual_machine_build
    r"|^\$\.(organization\.personal|disk_template\.latest_version\.(stable|size_in_gb))$"  # of 2021 only
    r"|^\$\.pagination\."  # only `Pages` reads it
)
"""Fields of responses that the library does not return, each with its reason."""


def paths(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Yield every value of a body that is not null or empty, with its path."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from paths(inner, f"{path}.{name}")
        case list():
            for inner in value:
                yield from paths(inner, f"{path}[]")
        case None:
            pass
        case _:
            yield path, value


@pytest.mark.parametrize("row", [row for row in COVERED if row["status"] < 300], ids=lambda row: row["operation"])
def test_recorded_response_is_decoded_value_for_value(row: dict[str, Any]) -> None:
    endpoint = ENDPOINTS[f"{row['method']} {row['path']}"]
    value = json_of(decode(endpoint, encoded(row["answer"])).value)
    beside = {name: value[name] for name in endpoint.beside if value.get(name)}
    decoded = list(paths(value if endpoint.answer is None else {endpoint.answer: value, **beside}))
    assert [pair for pair in paths(row["answer"]) if pair not in decoded and not DROPPED.match(pair[0])] == []


NEVER_FILLED: Final = {
    *(f"file_storage_volume.{name}" for name in ("atime_update", "nfs_root_squash", "nfs_all_squash")),
    *(f"file_storage_volume.{name}" for name in ("nfs_anon_uid", "nfs_anon_gid")),
    *(f"object_storage_bucket.{name}" for name in ("custom_domains", "cors_origins")),
}
"""Undocumented fields of responses since August 2026 that were null or an empty list in each of them: their types are
not known, so no model has them."""


def test_fields_that_are_dropped_without_a_reason_were_never_filled() -> None:
    dropped = set()
    for row in COVERED:
        endpoint = ENDPOINTS[f"{row['method']} {row['path']}"]
        body = row["answer"].get(endpoint.answer)
        if row["status"] < 300 and isinstance(body, dict):
            known = {json_name(field) for field in attrs.fields(endpoint.type)}
            dropped |= {f"{endpoint.answer}.{name}" for name in body if name not in known}
    assert {name for name in dropped if not DROPPED.match(f"$.{name}")} == NEVER_FILLED


@pytest.mark.parametrize("row", [row for row in ROWS if row["status"] >= 400], ids=lambda row: row["operation"])
def test_recorded_error_has_its_code_and_description(row: dict[str, Any]) -> None:
    context = RequestContext(request=Request(endpoint=_ANY))
    error = context.error(TransportResponse(status=row["status"], headers=row["headers"], body=encoded(row["answer"])))
    assert isinstance(error, APIError)
    assert (error.status, error.code) == (row["status"], row["answer"]["error"]["code"])
    assert error.detail == row["answer"]["error"]["detail"]


_ANY: Final = next(iter(ENDPOINTS.values()))


def error_place(endpoint: Endpoint[Any], body: object) -> str | None:
    """Return the place of the invalid value if a response cannot be decoded, and None if it can."""
    try:
        decode(endpoint, encoded(body))
    except DecodingError as error:
        return str(error).rpartition("`")[0].rpartition("`")[2]
    return None


def shown(place: Place) -> str:
    """Return a place as errors show it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)


IDENTIFYING: Final = frozenset({"id", "address", "disk", "key", "name", "region", "virtual_machine_id"})
"""Fields that identify an object inside a response. Without one, it cannot be decoded; other fields may be missing."""


@pytest.mark.parametrize("row", [row for row in COVERED if row["status"] < 300], ids=lambda row: row["operation"])
def test_recorded_response_with_one_change_is_decoded_or_raises_an_error_with_the_place(row: dict[str, Any]) -> None:
    endpoint, body = ENDPOINTS[f"{row['method']} {row['path']}"], row["answer"]
    recorded = decode(endpoint, encoded(body))
    required = set()
    for place in places(body)[1:]:
        value, name = value_at(body, place), place[-1]
        match value:
            case dict():
                # A new field is ignored.
                assert (
                    decode(endpoint, encoded(with_value(body, place, {**value, "new_field": [{"x": None}]})))
                    == recorded
                )
            case str():
                # Another text is accepted.
                decode(endpoint, encoded(with_value(body, place, "a_new_value")))
        # Null in place of the value, and then a missing field, are accepted or are an error.
        assert error_place(endpoint, with_value(body, place, None)) in (None, shown(place))
        if isinstance(name, str) and error_place(endpoint, without_field(body, place)) and len(place) > 1:
            required.add(name)
    assert required <= IDENTIFYING
