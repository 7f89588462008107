"""The responses of the sandbox have the names and types of recorded responses of the live API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.operations import OPERATIONS

from .plain_client import PlainClient
from .samples import WRITES, add_rare_objects, read_queries

SAMPLES = Path(__file__).parents[3] / "shared" / "katapult" / "samples.jsonl"
SINCE = "2025"
"""Older recordings lack names that the live API sends now."""

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded samples are not part of the repository")


def leaves(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """Yield the JSON path and the type of each value without names inside.

    Null and an empty list have the type ``nothing``.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, f"{path}[]")
    else:
        yield path, "nothing" if value in (None, []) else type(value).__name__


def covered(path: str, others: dict[str, set[str]]) -> bool:
    """Return whether a path can be in other responses, given the paths and types of their values.

    It can if the responses have a value with this path or a longer path, or ``nothing`` with a shorter path.
    """
    if path in others or any(_is_below(other, path) for other in others):
        return True
    return any("nothing" in types and _is_below(path, other) for other, types in others.items())


def _is_below(path: str, other: str) -> bool:
    return path.startswith((f"{other}.", f"{other}[]"))


def recorded() -> dict[tuple[str, str], list[Any]]:
    """Return the recorded responses of each operation since `SINCE`, without errors."""
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


def types_by_path(responses: list[Any]) -> dict[str, set[str]]:
    """Return the types that the values of some responses have at each JSON path."""
    types: dict[str, set[str]] = {}
    for response in responses:
        for path, type_name in leaves(response):
            types.setdefault(path, set()).add(type_name)
    return types


@pytest.mark.parametrize(("method", "path"), [operation for operation in SERVED if operation in RECORDED])
async def test_responses_have_the_names_and_types_of_the_recordings(
    send: PlainClient, sandbox: Sandbox, method: str, path: str
) -> None:
    add_rare_objects(sandbox.store)
    body = None if method == "GET" else WRITES[method, path](sandbox.store)
    queries = read_queries(sandbox.store, path) if method == "GET" else [{}]
    served = types_by_path([(await send(path, method=method, params=query, json=body)).json for query in queries])
    live = types_by_path(RECORDED[method, path])
    missing = {json_path for json_path in live if not covered(json_path, served)}
    extra = {json_path for json_path in served if not covered(json_path, live)}
    other_types = {
        json_path: (served[json_path], live[json_path])
        for json_path in served.keys() & live.keys()
        if len((served[json_path] | live[json_path]) - {"nothing"}) > 1
    }
    always_null = {
        json_path for json_path in served if served[json_path] == {"nothing"} and live.get(json_path) == {"int"}
    }
    assert (missing, extra, other_types) == (set(), set(), {})
    assert always_null <= {"$.task.started_at"}  # the only task of the sandbox is pending
