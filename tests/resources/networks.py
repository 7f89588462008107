"""Networks: requests and results."""

from katapult_async import Permalink, SubDomain
from tests.bodies import NETWORK
from tests.resources.calls import Mistake, Row
from tests.resources.responses import BRIEF_DATA_CENTER, BRIEF_NETWORK, VIRTUAL_NETWORK

AVAILABLE = {
    "networks": [BRIEF_NETWORK],
    "virtual_networks": [VIRTUAL_NETWORK | {"data_center": BRIEF_DATA_CENTER}],
}
CALLS = {
    "get": Row(
        call=lambda katapult: katapult.networks.get("netw_1"),
        path="/networks/network",
        query=[("network[id]", "netw_1")],
        response={"network": NETWORK},
        result=NETWORK,
    ),
    "get, by a permalink with a slash": Row(
        call=lambda katapult: katapult.networks.get(Permalink("is-rey/public")),
        path="/networks/network",
        query=[("network[permalink]", "is-rey/public")],
        response={"network": NETWORK},
        result=NETWORK,
    ),
    "available": Row(
        call=lambda katapult: katapult.networks.available(organization="org_1"),
        path="/organizations/organization/available_networks",
        query=[("organization[id]", "org_1")],
        response=AVAILABLE,
        result=AVAILABLE,
    ),
    "available, to an organization without networks": Row(
        call=lambda katapult: katapult.networks.available(organization=SubDomain("acme")),
        path="/organizations/organization/available_networks",
        query=[("organization[sub_domain]", "acme")],
        response={"networks": [], "virtual_networks": []},
        result={},
    ),
}
MISTAKES = [
    Mistake(lambda katapult: katapult.networks.get("a b"), "network must be an id"),
    Mistake(lambda katapult: katapult.networks.get(SubDomain("a")), "network must be an id or Permalink"),  # type: ignore[arg-type] # the mistake
    Mistake(lambda katapult: katapult.networks.get("netw_1", timeout=-1), "timeout must be"),
    Mistake(lambda katapult: katapult.networks.available(organization=""), "organization must be an id"),
    Mistake(lambda katapult: katapult.networks.available(organization="org_1", max_wait=-1), "max_wait must be"),
]
