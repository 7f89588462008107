"""How many functions of the package a warm call runs: a call after others, so that nothing is made for the first time.

Each function is counted once, including the ``__init__`` methods that attrs generates.
"""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import attrs

import katapult_async
from katapult_async import KatapultClient, ResponseNotice, TransportRequest, TransportResponse
from tests.bodies import available_ips_body, encoded

PACKAGE: Final = str(Path(katapult_async.__file__).parent)
LIMIT: Final = 42
"""How many functions a warm call may run."""

LIMIT_OF_ON_RESPONSE: Final = 13
"""How many more it may run if ``on_response`` is set: to make the notice, and its request id safe to show."""


@attrs.define
class Countdown:
    """A transport whose responses report a counter that falls from 900 to 897 in each window."""

    numbers: Iterator[int] = attrs.Factory(itertools.count)

    async def open(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""

    async def send(self, request: TransportRequest) -> TransportResponse:
        request.progress.sent = True
        number = next(self.numbers)
        headers = {
            "Date": f"Fri, 01 Mar 2024 10:00:{20 if number else 19} GMT",  # two dates show the server's clock
            "X-Ratelimit-Permitted": "1000",
            "X-Ratelimit-Remaining": str(900 - number % 4),
            "X-Request-Id": f"03ce-{number}",
        }
        return TransportResponse(status=200, headers=headers, body=encoded(available_ips_body(2)))


async def functions_of_warm_call(katapult: KatapultClient) -> set[tuple[str, str]]:
    functions: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith((PACKAGE, "<attrs generated")):
            functions.add((code.co_filename, code.co_qualname))

    async with katapult:
        nics = katapult.virtual_machine_network_interfaces
        for _ in range(7):  # the next call is the last of the second window
            await nics.available_ips("vmnet_1", address_version="ipv4")
        sys.setprofile(note)
        try:
            await nics.available_ips("vmnet_1", address_version="ipv4")
        finally:
            sys.setprofile(None)
    return functions


async def test_warm_call_runs_a_limited_number_of_functions() -> None:
    functions = await functions_of_warm_call(KatapultClient("a-token", transport=Countdown()))
    assert 20 < len(functions) <= LIMIT, sorted(functions)


async def test_on_response_adds_few_functions_to_a_warm_call() -> None:
    notices: list[ResponseNotice] = []
    katapult = KatapultClient("a-token", transport=Countdown(), on_response=notices.append)
    functions = await functions_of_warm_call(katapult)
    assert notices[-1].request_id == "03ce-7"
    assert 20 < len(functions) <= LIMIT + LIMIT_OF_ON_RESPONSE, sorted(functions)
