"""The aiohttp transport follows the public contract of transports, on both event loops, and the checks can fail."""

import asyncio

import aiohttp
import attrs
import pytest
import uvloop

from katapult_async import testing
from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.transport import TransportRequest, TransportResponse
from katapult_async.testing import CHECKS, check_transport

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.mark.parametrize("rule", CHECKS)
@pytest.mark.parametrize("loop", LOOPS)
def test_aiohttp_transport_follows_every_rule(loop: str, rule: str) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(check_transport(AiohttpTransport, rule=rule))


@attrs.define
class CarelessTransport:
    """Sends through an aiohttp session with default settings, which break several rules."""

    session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self.session = aiohttp.ClientSession()

    async def aclose(self) -> None:
        if self.session is not None:
            await self.session.close()

    async def send(self, request: TransportRequest) -> TransportResponse:
        assert self.session is not None
        async with self.session.request(
            request.method, request.url, headers=request.headers, data=request.body
        ) as response:
            return TransportResponse(status=response.status, headers=response.headers, body=await response.read())


@pytest.mark.parametrize(
    "rule",
    [
        "sends_the_request_unchanged",
        "follows_no_redirect",
        "sends_once_even_if_the_connection_breaks",
        "large_body_is_too_large",
        "fresh_connection_opens_a_new_connection",
        "never_reuses_a_connection_with_unread_bytes",
        "closed_transport_sends_nothing",
    ],
)
async def test_careless_transport_breaks_rules(rule: str) -> None:
    def make(**_: object) -> CarelessTransport:
        return CarelessTransport()

    with pytest.raises((AssertionError, aiohttp.ClientError, RuntimeError)):
        await check_transport(make, rule=rule)


async def test_transport_without_a_time_limit_fails_the_check_instead_of_blocking_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(testing, "_CHECK_TIMEOUT", 0.05)
    with pytest.raises(AssertionError, match=r"the check did not end within 0\.05 s"):
        await check_transport(lambda **_: CarelessTransport(), rule="missing_response_is_a_timeout")


@pytest.mark.slow
async def test_aclose_that_leaves_a_connection_open_is_named_as_the_cause() -> None:
    async with aiohttp.ClientSession() as session:

        class Unclosed(CarelessTransport):
            async def open(self) -> None:
                self.session = session

            async def aclose(self) -> None:
                pass

        with pytest.raises(AssertionError, match="aclose did not close a connection"):
            await check_transport(lambda **_: Unclosed(), rule="returns_any_status")
