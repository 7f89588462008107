"""Katapult in a FastAPI application: one client, opened and closed with the application.

Serve it with ``uvicorn --app-dir examples fastapi_lifespan:app``. It needs KATAPULT_API_KEY in the environment, or
KATAPULT_SANDBOX=1 to use the bundled sandbox.
"""

import contextlib
import math
import os
from collections.abc import AsyncGenerator
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from katapult_async import KatapultClient, NotFoundError, RateLimitWaitError, RequestTimeoutError, UsageError
from katapult_async.sandbox import Sandbox


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with contextlib.AsyncExitStack() as stack:
        if os.environ.get("KATAPULT_SANDBOX"):
            sandbox = await stack.enter_async_context(Sandbox())
            client = KatapultClient(sandbox.token, base_url=sandbox.base_url)
        else:
            client = KatapultClient.from_env()
        app.state.katapult = await stack.enter_async_context(client)
        yield


async def shared_client(request: Request) -> KatapultClient:
    client: KatapultClient = request.app.state.katapult
    return client


TIMEOUT: float = 5.0
"""Seconds for a call, with its wait for the rate limit."""

app = FastAPI(title="Free addresses", lifespan=lifespan)
Version = Literal["ipv4", "ipv6"]
Katapult = Annotated[KatapultClient, Depends(shared_client)]


@app.get("/interfaces/{interface_id}/available_ips")
async def available_ips(katapult: Katapult, interface_id: str, address_version: Version = "ipv4") -> list[str]:
    nics = katapult.virtual_machine_network_interfaces
    free = await nics.available_ips(interface_id, address_version=address_version, timeout=TIMEOUT)
    return [address.address for address in free]


@app.exception_handler(RateLimitWaitError)
async def rate_limit_used_up(_: Request, error: RateLimitWaitError) -> JSONResponse:
    headers = {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return JSONResponse({"detail": str(error.wait)}, status_code=503, headers=headers)


@app.exception_handler(RequestTimeoutError)
async def no_response_in_time(_: Request, __: RequestTimeoutError) -> JSONResponse:
    return JSONResponse({"detail": "Katapult did not respond in time"}, status_code=504)


@app.exception_handler(NotFoundError)
async def no_such_interface(_: Request, __: NotFoundError) -> JSONResponse:
    return JSONResponse({"detail": "no such interface"}, status_code=404)


@app.exception_handler(UsageError)
async def invalid_request(_: Request, error: UsageError) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=400)
