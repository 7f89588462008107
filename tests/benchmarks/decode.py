"""Decoding a response with 254 addresses, from bytes to objects, against JSON parsers that stop at dicts."""

import functools
import json
from collections.abc import Callable

import orjson

from katapult_async.core.decoding import decode
from tests.benchmarks.minimal_server import AVAILABLE_IPS, addresses_body
from tests.benchmarks.ratios import Candidate, Ratio, compare

Work = Callable[[], object]


def measure(rounds: int) -> list[Ratio]:
    """Return the ratios to `json.loads` and `orjson.loads` of the same bytes."""
    from tests.benchmarks.peers import DECODERS  # noqa: PLC0415 # its imports make garbage collections longer

    body = addresses_body(254)
    peers = [
        Candidate[Work](f"{name}: decode 254 addresses / json.loads", functools.partial(decoder, body))
        for name, decoder in DECODERS.items()
    ]
    ratios = []
    for name, loads, goal, others in (("json.loads", json.loads, 0.9, peers), ("orjson.loads", orjson.loads, 1.3, [])):
        ours = Candidate[Work](f"decode 254 addresses / {name}", lambda: decode(AVAILABLE_IPS, body), goal)
        ratios += compare([ours, *others], by_hand=functools.partial(loads, body), rounds=2 * rounds, repeat=10)
    return ratios
