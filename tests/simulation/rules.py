"""Rules of a simulated server, and of proxies in front of it: which requests fail, are refused or are delayed."""

import asyncio
import math
import random
from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

import msgspec

from katapult_async import TransportFailure, TransportRequest, TransportResponse
from tests.bodies import Json, encoded, pagination
from tests.simulation.server import Server
from tests.simulation.transport import HangError, Rule, counted_response, dated, error_response, key_of, now, path_of


def fails(path: str, kind: str, *, since: float = 0.0, until: float = math.inf) -> Rule:
    """Fail every request to a path within a time; the empty path means all paths."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | TransportFailure | None:
        is_affected = path in ("", path_of(request))
        if not (is_affected and since <= now() < until):
            return None
        match kind:
            case "500":
                return counted_response(server, status=500, code="unhandled_exception")
            case "503":
                return counted_response(server, status=503, code="service_unavailable")
            case "503 of a proxy" | "maintenance":
                return error_response(503, None, server, {"Retry-After": "300"} if kind == "maintenance" else {})
            case "disconnect":
                server.handle()
                return TransportFailure("disconnect", sent=True)
            case "connect":
                return TransportFailure("connect", sent=False)
            case _:
                raise HangError

    return rule


def delays(path: str, seconds: float) -> Rule:
    """Delay the responses to the requests to a path."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:
        if path_of(request) != path:
            return None
        response = counted_response(server)
        return msgspec.structs.replace(response, headers={**response.headers, "X-Delay": str(seconds)})

    return rule


def delays_at_random(path: str, seconds: float, seed: int) -> Rule:
    """Delay the response to each request to a path by a random time, from 0.5 to 1.5 times the seconds."""
    source = random.Random(f"delays {seed}")

    def rule(request: TransportRequest, server: Server) -> TransportResponse | TransportFailure | None:
        return delays(path, source.uniform(0.5, 1.5) * seconds)(request, server)

    return rule


class LimitedEndpoint:
    """A limit of requests in a window for one path, beside the limit of the token."""

    def __init__(self, path: str, permitted: int, counters: str, *, window: float = 60.0, used: int = 0) -> None:
        self._path = path
        self._permitted = permitted
        self._counters = counters  # which counter its 429 has: "own", "token" or "no"
        self._window = window
        self._index: int | None = None
        self._used = used

    def __call__(self, request: TransportRequest, server: Server) -> TransportResponse | None:
        if path_of(request) != self._path:
            return None
        index = math.floor(server.clock(asyncio.get_running_loop().time()) / self._window)
        if self._index is not None and index != self._index:
            self._used = 0
        self._index = index
        refused = self._used >= self._permitted
        if not refused:
            self._used += 1
        own = {
            "X-Ratelimit-Permitted": str(self._permitted),
            "X-Ratelimit-Remaining": str(max(0, self._permitted - self._used)),
        }
        if not refused and self._counters == "own":
            return TransportResponse(status=200, headers=dated(server, own), body=b"{}")
        if not refused:
            return counted_response(server)
        token = {
            "X-Ratelimit-Permitted": str(server.settings.permitted),
            "X-Ratelimit-Remaining": str(server.left),
        }
        headers = {"own": own, "token": token, "no": {}}[self._counters]
        return error_response(429, "rate_limit_reached", server, headers)


class LimitedInFlight:
    """A limit on the requests to one path, or to all, that are in flight at once, as of nginx's ``limit_conn``."""

    def __init__(self, path: str, most: int, seconds: float, refusal: str) -> None:
        self._path = path  # "" for all paths
        self._most = most
        self._seconds = seconds  # of each request
        self._refusal = refusal  # "true" or "no": the counter of Katapult's 429; "429" or "503": the status of a proxy
        self._ends_at: list[float] = []  # of the requests in flight

    def __call__(self, request: TransportRequest, server: Server) -> TransportResponse | None:
        if self._path not in ("", path_of(request)):
            return None
        self._ends_at = [end for end in self._ends_at if end > now()]
        if len(self._ends_at) >= self._most:
            if self._refusal.isdecimal():
                return error_response(int(self._refusal), None, server)
            headers = {
                "X-Ratelimit-Permitted": str(server.settings.permitted),
                "X-Ratelimit-Remaining": str(server.left),
            }
            return error_response(429, "rate_limit_reached", server, headers if self._refusal == "true" else None)
        self._ends_at.append(now() + self._seconds)
        response = counted_response(server)
        return msgspec.structs.replace(response, headers={**response.headers, "X-Delay": str(self._seconds)})


def refuses_key(key: str, counters: str) -> Rule:
    """Refuse the requests for one key with 429 forever, with a "true", a "zero" or "no" counter."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:
        if key_of(request) != key:
            return None
        left = {"true": str(server.left), "zero": "0"}.get(counters)
        permitted = str(server.settings.permitted)
        headers = {} if left is None else {"X-Ratelimit-Permitted": permitted, "X-Ratelimit-Remaining": left}
        return error_response(429, "rate_limit_reached", server, headers)

    return rule


def refuses_at_random(share: float, seed: int) -> Rule:
    """Refuse a share of all requests with 429 and the true counter."""
    source = random.Random(f"refusals {seed}")

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:  # noqa: ARG001 # a rule's signature
        if server.left < 2 or source.random() >= share:
            return None
        return counted_response(server, status=429, code="rate_limit_reached")

    return rule


def forbids_key(key: str) -> Rule:
    """Reject the requests for one key as if the token were not allowed from this network."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:
        forbidden = key_of(request) == key
        return counted_response(server, status=403, code="unauthorized_network_for_api_token") if forbidden else None

    return rule


def for_keys(keys: Collection[str], rule: Rule) -> Rule:
    """Apply a rule to the requests for some keys."""
    return lambda request, server: rule(request, server) if key_of(request) in keys else None


def breaks_key(key: str) -> Rule:
    """Fail the requests for one key with 500."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:
        return counted_response(server, status=500, code="unhandled_exception") if key_of(request) == key else None

    return rule


def hangs_key(key: str) -> Rule:
    """Never respond to the requests for one key."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:  # noqa: ARG001 # a rule's signature
        if key_of(request) == key:
            raise HangError
        return None

    return rule


class Inventory:
    """Organizations with virtual machines, one interface each, for the fleet."""

    def __init__(self, organizations: int, machines: int) -> None:
        self._organizations = organizations
        self._machines = machines

    def __call__(self, request: TransportRequest, server: Server) -> TransportResponse | None:
        query = dict(parse_qsl(urlsplit(request.url).query))
        match path_of(request):
            case "/organizations":
                body: Json = {"organizations": [{"id": f"org_{number}"} for number in range(self._organizations)]}
            case "/organizations/organization/virtual_machines":
                organization, page = query["organization[id]"], int(query["page"])
                names = [f"vm_{organization}_{number}" for number in range(self._machines)]
                body = {
                    "virtual_machines": [{"id": name} for name in names[200 * (page - 1) : 200 * page]],
                    "pagination": pagination(page, total=self._machines),
                }
            case "/virtual_machines/virtual_machine/network_interfaces":
                machine = query["virtual_machine[id]"]
                interfaces: list[Json] = [{"id": f"vmnet_{machine}"}]
                body = {"virtual_machine_network_interfaces": interfaces, "pagination": pagination(1, total=1)}
            case _:
                return None
        response = counted_response(server)
        return response if response.status == 429 else msgspec.structs.replace(response, body=encoded(body))


class FixedWindowProxy:
    """A proxy that permits a number of requests in each period, and refuses with an HTML page and ``Retry-After``."""

    def __init__(self, permitted: int, seconds: float) -> None:
        self._permitted = permitted
        self._seconds = seconds
        self._index = -1
        self._used = 0

    def __call__(self, request: TransportRequest, server: Server) -> TransportResponse | None:  # noqa: ARG002 # a rule's
        index = math.floor(now() / self._seconds)
        if index != self._index:
            self._index, self._used = index, 0
        self._used += 1
        if self._used <= self._permitted:
            return None
        wait = math.ceil((index + 1) * self._seconds - now())
        return error_response(429, None, server, {"Retry-After": str(wait), "Content-Type": "text/html"})


def refuses_everything(*, at: float, seconds: float) -> Rule:
    """Refuse everything for a time, as a proxy that names the end of that time in ``Retry-After``."""

    def rule(request: TransportRequest, server: Server) -> TransportResponse | None:  # noqa: ARG001 # a rule's signature
        left = at + seconds - now()
        if not 0 < left <= seconds:
            return None
        return error_response(429, None, server, {"Retry-After": str(math.ceil(left))})

    return rule


class NginxProxy:
    """nginx's ``limit_req``: a leaky bucket that lets ``burst`` requests wait, or pass at once with ``nodelay``."""

    def __init__(self, rate: float, burst: int, *, nodelay: bool, status: int) -> None:
        self._status = status
        self._rate = rate
        self._burst = burst
        self._nodelay = nodelay
        self._excess = 0.0
        self._last_at = -math.inf
        self.refused = 0
        self.received = 0

    def __call__(self, request: TransportRequest, server: Server) -> TransportResponse | None:  # noqa: ARG002 # a rule's
        self.received += 1
        received_at = now()
        excess = (
            0.0
            if self._last_at == -math.inf
            else max(0.0, self._excess - self._rate * (received_at - self._last_at) + 1.0)
        )
        if excess > self._burst:
            self.refused += 1
            return error_response(self._status, None, server, {"Content-Type": "text/html"})
        self._excess, self._last_at = excess, received_at
        response = counted_response(server)
        delay = 0.0 if self._nodelay else excess / self._rate
        return msgspec.structs.replace(response, headers={**response.headers, "X-Delay": str(delay)})
