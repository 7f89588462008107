"""An answer of 254 addresses, from bytes to objects, against JSON parsers that stop at dicts."""

import json

import orjson

from katapult_async.resources.virtual_machine_network_interfaces import AVAILABLE_IPS
from katapult_async.sansio.decoding import decode
from tests.benchmarks.origin import answer_of
from tests.benchmarks.ratios import Ratio, compare


def measure(rounds: int) -> list[Ratio]:
    """Return the ratios to `json.loads` and `orjson.loads` of the same bytes."""
    body = answer_of(254)
    return [
        compare(
            f"decode 254 addresses / {name}",
            goal=goal,
            ours=lambda: decode(AVAILABLE_IPS, body),
            theirs=lambda loads=loads: loads(body),  # type: ignore[misc] # mypy cannot infer a lambda's default
            rounds=rounds,
            repeat=20,
        )
        for name, loads, goal in (("json.loads", json.loads, 0.9), ("orjson.loads", orjson.loads, 1.3))
    ]
