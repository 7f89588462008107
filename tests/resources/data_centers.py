"""Data centers: requests and results."""

from katapult_async import Permalink
from tests.bodies import DATA_CENTER
from tests.resources.calls import Mistake, Row
from tests.resources.responses import BRIEF_COUNTRY, BRIEF_NETWORK

SHOWN = DATA_CENTER | {"country": BRIEF_COUNTRY}
CALLS = {
    "list": Row(
        call=lambda katapult: katapult.data_centers.list(),
        path="/data_centers",
        response={"data_centers": [SHOWN]},
        result=[SHOWN],
    ),
    "get": Row(
        call=lambda katapult: katapult.data_centers.get("dc_1"),
        path="/data_centers/data_center",
        query=[("data_center[id]", "dc_1")],
        response={"data_center": SHOWN},
        result=SHOWN,
    ),
    "get, by an id with the prefix loc": Row(
        call=lambda katapult: katapult.data_centers.get("loc_1"),
        path="/data_centers/data_center",
        query=[("data_center[id]", "loc_1")],
        response={"data_center": {"id": "loc_1"}},
        result={"id": "loc_1"},
    ),
    "get, by permalink": Row(
        call=lambda katapult: katapult.data_centers.get(Permalink("is-rey-01")),
        path="/data_centers/data_center",
        query=[("data_center[permalink]", "is-rey-01")],
        response={"data_center": SHOWN},
        result=SHOWN,
    ),
    "default_network": Row(
        call=lambda katapult: katapult.data_centers.default_network("dc_1"),
        path="/data_centers/data_center/default_network",
        query=[("data_center[id]", "dc_1")],
        response={"network": BRIEF_NETWORK},
        result=BRIEF_NETWORK,
    ),
}
MISTAKES = [
    Mistake(lambda katapult: katapult.data_centers.get(""), "data_center must be an id"),
    Mistake(lambda katapult: katapult.data_centers.get(None), "data_center must be an id or Permalink"),  # type: ignore[arg-type] # the mistake
    Mistake(lambda katapult: katapult.data_centers.get("dc_1", max_wait=-1), "max_wait must be"),
    Mistake(lambda katapult: katapult.data_centers.default_network("a b"), "data_center must be an id"),
    Mistake(lambda katapult: katapult.data_centers.default_network("dc_1", timeout=-1), "timeout must be"),
]
