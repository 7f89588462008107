"""The responses of the sandbox have the names and types of recorded responses of the live API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.operations import OPERATIONS

from .plain_client import PlainClient
from .samples import WRITES, add_rare_objects, reads

SAMPLES = Path(__file__).parents[3] / "shared" / "katapult" / "samples.jsonl"
SINCE = "2025"
"""Older recordings lack names that the live API sends now."""

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded samples are not part of the repository")


def leaves(value: Any, at: str = "$") -> Iterator[tuple[str, str]]:
    """Return the place and the type of each value. Null and an empty list have the type ``nothing``."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{at}.{name}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, f"{at}[]")
    else:
        yield at, "nothing" if value in (None, []) else type(value).__name__


def covered(place: str, others: dict[str, set[str]]) -> bool:
    """Return whether a place is among the others, is below one that has ``nothing``, or has one of them below it."""
    return place in others or any(
        ("nothing" in types and _is_below(place, other)) or _is_below(other, place) for other, types in others.items()
    )


def _is_below(place: str, other: str) -> bool:
    return place.startswith((f"{other}.", f"{other}[]"))


def recorded() -> dict[tuple[str, str], list[Any]]:
    if not SAMPLES.exists():
        return {}
    samples: dict[tuple[str, str], list[Any]] = {}
    for line in SAMPLES.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        if sample["status"] < 300 and sample["month"] >= SINCE:
            samples.setdefault((sample["method"], sample["path"]), []).append(sample["answer"])
    return samples


RECORDED = recorded()
SERVED = [(operation.method, operation.path.replace("/:", "/")) for operation in OPERATIONS]


def collect(values: list[Any]) -> dict[str, set[str]]:
    places: dict[str, set[str]] = {}
    for value in values:
        for place, type_name in leaves(value):
            places.setdefault(place, set()).add(type_name)
    return places


@pytest.mark.parametrize(("method", "path"), [operation for operation in SERVED if operation in RECORDED])
async def test_responses_have_names_and_types_of_recordings(
    send: PlainClient, sandbox: Sandbox, method: str, path: str
) -> None:
    add_rare_objects(sandbox.store)
    body = None if method == "GET" else WRITES[method, path](sandbox.store)
    queries = reads(sandbox.store, path) if method == "GET" else [{}]
    served = collect([(await send(path, method=method, params=query, json=body)).json for query in queries])
    live = collect(RECORDED[method, path])
    missing = {place for place in live if not covered(place, served)}
    invented = {place for place in served if not covered(place, live)}
    other_types = {
        place: (served[place], live[place])
        for place in served.keys() & live.keys()
        if len((served[place] | live[place]) - {"nothing"}) > 1
    }
    never_filled = {place for place in served if served[place] == {"nothing"} and live.get(place) == {"int"}}
    assert (missing, invented, other_types) == (set(), set(), {})
    assert never_filled <= {"$.task.started_at"}  # the only task of the sandbox is pending
