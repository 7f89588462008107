"""The FastAPI example, in this process, with the sandbox."""

import contextlib
from collections.abc import AsyncGenerator

import fastapi_lifespan
import httpx
import pytest
from fastapi_lifespan import app, lifespan

from katapult_async import ClientClosedError
from katapult_async.sandbox import Faults, Sandbox

from .web_app.app_server import MID_WINDOW


@contextlib.asynccontextmanager
async def visitor() -> AsyncGenerator[httpx.AsyncClient]:
    async with (
        lifespan(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://example") as client,
    ):
        yield client


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Sandbox]:
    """A sandbox that permits three requests, with its URL and token in the environment."""
    async with Sandbox(permitted=3, clock=lambda: MID_WINDOW) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        yield sandbox


@pytest.mark.parametrize("version", ["ipv4", "ipv6"])
async def test_available_ips_returns_the_free_addresses_of_an_interface(sandbox: Sandbox, version: str) -> None:
    interface_id = sandbox.store.interfaces[5].id
    async with visitor() as client:
        response = await client.get(f"/interfaces/{interface_id}/available_ips", params={"address_version": version})
    assert response.status_code == 200
    assert response.json() == [free["address"] for free in sandbox.store.available_ips(interface_id, version)]


async def test_used_up_window_returns_503_with_retry_after(sandbox: Sandbox) -> None:
    path = f"/interfaces/{sandbox.store.interfaces[5].id}/available_ips"
    async with visitor() as client:
        responses = [await client.get(path) for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 503]
    assert 45 <= int(responses[-1].headers["Retry-After"]) <= 55


async def test_call_without_a_response_returns_504_after_its_timeout(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fastapi_lifespan, "TIMEOUT", 0.1)
    sandbox.faults = Faults(latency=60.0)
    async with visitor() as client:
        response = await client.get(f"/interfaces/{sandbox.store.interfaces[5].id}/available_ips")
    assert response.status_code == 504


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("version", "status"), [("ipv4", 404), ("ipv5", 422)])
async def test_invalid_request_returns_its_status_and_a_detail(version: str, status: int) -> None:
    async with visitor() as client:
        response = await client.get("/interfaces/vmnet_unknown/available_ips", params={"address_version": version})
    assert response.status_code == status
    assert response.json()["detail"]


async def test_sandbox_variable_makes_the_application_use_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATAPULT_SANDBOX", "1")
    store = Sandbox().store  # its addresses are those of every sandbox with the same settings
    interface_id = store.interfaces[5].id
    async with visitor() as client:
        response = await client.get(f"/interfaces/{interface_id}/available_ips")
    assert response.json()
    assert response.json() == [free["address"] for free in store.available_ips(interface_id, "ipv4")]


@pytest.mark.usefixtures("sandbox")
async def test_client_is_closed_with_the_application() -> None:
    async with visitor():
        katapult = app.state.katapult
    with pytest.raises(ClientClosedError):
        await katapult.virtual_machine_network_interfaces.available_ips("vmnet_1", address_version="ipv4")
