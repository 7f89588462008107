"""Random requests, mostly valid: the server never fails, and no object refers to an object that was removed."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from katapult_async.sandbox import Sandbox
from katapult_async.sandbox.documented_operations import unmarked
from katapult_async.sandbox.kinds import Object, model_of
from katapult_async.sandbox.models import (
    AddressList,
    ObjectStorageAccessKey,
    Tag,
    Task,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
)
from katapult_async.sandbox.operations import OPERATIONS
from katapult_async.sandbox.store import Store

from .plain_client import ManualClock, PlainClient
from .samples import SPEC, add_rare_objects, snapshot

CLASSES_BY_ARGUMENT: dict[str, tuple[type[Object], ...]] = {
    "associations": (VirtualMachine, VirtualMachineGroup, Tag),
    "resource_ids": (VirtualMachine,),
    "standby_vms": (VirtualMachine,),
    "read_key_ids": (ObjectStorageAccessKey,),
    "write_key_ids": (ObjectStorageAccessKey,),
    "targets": (AddressList, VirtualMachine, VirtualMachineGroup, Tag),
    "virtual_machine_id": (VirtualMachine,),
}
"""For the name of an argument whose values are ids, the classes of the objects with these ids."""

TEXTS = {"xml": [SPEC], "ip_address": ["203.0.113.7"]}
NUMBERS = [1, 2, 10, 443, 1_800_001_000]


def random_value(rng: random.Random, store: Store, marked: str, expected: Any) -> Any:
    """Return a random value for an argument, in one case of 50 of a wrong type.

    Args:
        rng: source of the random numbers.
        store: the store, which has the ids for lookups.
        marked: name of the argument with its marks, such as ``targets[]``.
        expected: documented type of the argument, or the names inside and their types.
    """
    name = unmarked(marked)
    if rng.random() < 0.02:
        return rng.choice([None, "", [], {}, -1])
    if "[]" in marked:
        return [random_value(rng, store, name, expected) for _ in range(rng.randrange(3))]
    if not isinstance(expected, dict):
        return rng.choice(scalars(store, name, expected))
    model = model_of(name, expected)
    if model is not None and store.with_trash(model):
        key = rng.choice(model.kind.keys)
        return {key: getattr(rng.choice(store.with_trash(model)), key)}
    return {
        unmarked(inner): random_value(rng, store, inner, expected[inner]) for inner in expected if rng.random() < 0.7
    }


def scalars(store: Store, name: str, expected: str) -> Sequence[object]:
    """Return some values that an argument can have, given its name and its documented type."""
    if name in CLASSES_BY_ARGUMENT:
        return [obj.id for model in CLASSES_BY_ARGUMENT[name] for obj in store.with_trash(model)] or ["none"]
    if choices := expected.partition("=")[2]:
        return choices.split("|")
    if name in TEXTS:
        return TEXTS[name]
    if expected == "boolean":
        return [True, False]
    return NUMBERS if expected == "integer" else [f"name-{number}" for number in range(30)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
async def test_random_requests_leave_no_reference_to_a_removed_object(
    send: PlainClient, sandbox: Sandbox, clock: ManualClock, seed: int
) -> None:
    rng, store = random.Random(seed), sandbox.store
    add_rare_objects(store)
    operations = [operation for operation in OPERATIONS if operation.method != "GET" or rng.random() < 0.3]
    ids, removed = {obj.id for obj in snapshot(store)}, set[str]()
    for _ in range(300):
        operation = rng.choice(operations)
        clock.now += rng.choice([0.0, 0.5, 1.0, 400.0])
        if rng.random() < 0.05:
            sandbox.fail_next_task()
        expected = operation.documented.arguments
        body = {unmarked(name): random_value(rng, store, name, expected[name]) for name in expected}
        response = await send(operation.path.replace("/:", "/"), method=operation.method, json=body)
        # 429 and the codes of a server that fails would make the test meaningless; one code of 503 is a valid response.
        assert response.status < 429 or response.code == "no_available_addresses", (operation.path, body)
        objects = snapshot(store)
        removed |= ids - {obj.id for obj in objects}
        ids = {obj.id for obj in objects}
    # A task and a build keep the id of their object.
    texts = [repr(obj) for obj in objects if not isinstance(obj, Task | VirtualMachineBuild)]
    assert len(removed) > 5  # otherwise the requests removed too little
    assert [text for text in texts if any(object_id in text for object_id in removed)] == []
