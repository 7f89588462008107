"""A client of the sandbox that sends each request once and returns the response as it is."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import attrs

from katapult_async.sandbox import Sandbox
from tests.conditions import wait_until

TASK_DURATION = 1.0
"""Seconds that a task of the sandbox takes, by default."""


@attrs.define
class ManualClock:
    """A clock that stands still until a test moves it."""

    now: float = 1_800_000_000.0  # a multiple of 60: a window of the rate limit begins at this time

    def __call__(self) -> float:
        return self.now


async def wait_until_received(sandbox: Sandbox, *, requests: int) -> None:
    """Wait until the sandbox has received this number of requests."""
    await wait_until(lambda: sandbox.requests >= requests)


async def wait_until_handled(sandbox: Sandbox) -> None:
    """Wait until the sandbox has handled all requests that it has received."""
    listener = sandbox._listener
    assert listener is not None
    await wait_until(lambda: not listener._handling)


@attrs.frozen
class PlainResponse:
    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])

    @property
    def detail(self) -> Any:
        return self.json["error"]["detail"]

    @property
    def remaining(self) -> int:
        return int(self.headers["X-Ratelimit-Remaining"])


@attrs.define
class PlainClient:
    sandbox: Sandbox
    session: aiohttp.ClientSession

    async def __call__(
        self,
        path: str,
        *,
        method: str = "GET",
        token: str | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | str | None = None,
        json: Any = None,
    ) -> PlainResponse:
        """Send a request, by default with the sandbox's token; an empty token sends no Authorization header."""
        token = self.sandbox.token if token is None else token
        credentials = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.session.request(
            method,
            self.sandbox.base_url + path,
            params=params,
            headers={**credentials, **(headers or {})},
            data=data,
            json=json,
            allow_redirects=False,
        ) as response:
            return PlainResponse(response.status, response.headers.copy(), await response.json())
