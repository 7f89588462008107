"""The FastAPI example, in this process and against the sandbox."""

import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi_lifespan import app, lifespan

from katapult_async import ClientClosedError
from katapult_async.sandbox import Sandbox

from .app_server import MID_WINDOW


@contextlib.asynccontextmanager
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        lifespan(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://example") as client,
    ):
        yield client


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """A sandbox whose window has room for three requests, and the environment that leads to it."""
    async with Sandbox(permitted=3, clock=lambda: MID_WINDOW) as sandbox:
        monkeypatch.setenv("KATAPULT_API_URL", sandbox.base_url)
        monkeypatch.setenv("KATAPULT_API_KEY", sandbox.token)
        yield sandbox


@pytest.mark.parametrize("version", ["ipv4", "ipv6"])
async def test_it_answers_with_the_free_addresses_of_an_interface(sandbox: Sandbox, version: str) -> None:
    interface_id = sandbox.store.interfaces[5].id
    async with visitor() as client:
        answer = await client.get(f"/interfaces/{interface_id}/available_ips", params={"address_version": version})
    assert answer.status_code == 200
    assert answer.json() == [each["address"] for each in sandbox.store.available_ips(interface_id, version)]


async def test_it_answers_503_and_when_to_come_back_while_the_window_is_spent(sandbox: Sandbox) -> None:
    path = f"/interfaces/{sandbox.store.interfaces[5].id}/available_ips"
    async with visitor() as client:
        answers = [await client.get(path) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
    assert 45 <= int(answers[-1].headers["Retry-After"]) <= 55


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("version", "status"), [("ipv4", 404), ("ipv5", 400)])
async def test_it_answers_a_wrong_question_with_the_status_that_says_so(version: str, status: int) -> None:
    async with visitor() as client:
        answer = await client.get("/interfaces/vmnet_nobody/available_ips", params={"address_version": version})
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_it_runs_without_an_account_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATAPULT_SANDBOX", "1")
    interface_id = Sandbox().store.interfaces[5].id
    async with visitor() as client:
        answer = await client.get(f"/interfaces/{interface_id}/available_ips")
    assert len(answer.json()) == 5


@pytest.mark.usefixtures("sandbox")
async def test_the_client_ends_with_the_application() -> None:
    async with visitor():
        katapult = app.state.katapult
    with pytest.raises(ClientClosedError):
        await katapult.virtual_machine_network_interfaces.available_ips("vmnet_1", address_version="ipv4")
