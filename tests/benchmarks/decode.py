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
    to_json_loads = [
        Candidate[Work]("decode 254 addresses / json.loads", lambda: decode(AVAILABLE_IPS, body), 0.9),
        *(
            Candidate[Work](f"{name}: decode 254 addresses / json.loads", functools.partial(decoder, body))
            for name, decoder in DECODERS.items()
        ),
    ]
    to_orjson_loads = [Candidate[Work]("decode 254 addresses / orjson.loads", lambda: decode(AVAILABLE_IPS, body), 1.3)]
    return [
        *compare(to_json_loads, by_hand=functools.partial(json.loads, body), rounds=2 * rounds, repeat=10),
        *compare(to_orjson_loads, by_hand=functools.partial(orjson.loads, body), rounds=2 * rounds, repeat=10),
    ]
