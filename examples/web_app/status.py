"""What the page shows besides the results: the request budget of the token, and an outage of Katapult."""

from typing import Final

import attrs
from aiohttp import web
from outages import OutageMonitor

from katapult_async import KatapultClient

CLIENT: Final = web.AppKey("katapult", KatapultClient)
OUTAGES: Final = web.AppKey("outages", OutageMonitor)


def status_json(app: web.Application) -> dict[str, object]:
    """Return the request budget and the outage (None if there is none), as JSON."""
    katapult = app[CLIENT]
    budget = katapult.rate_limit
    outage = app[OUTAGES].current(katapult.outages, in_flight=budget.in_flight)
    return {
        "budget": {
            "permitted": budget.permitted,
            "remaining": budget.remaining,
            "resets_in": budget.resets_in,
            "queued": budget.queued,
            "in_flight": budget.in_flight,
        },
        "outage": None if outage is None else attrs.asdict(outage),
    }
