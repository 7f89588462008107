"""Other ways to request addresses as typed objects. None of them limits its rate or retries."""

import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Final

import aiohttp
import cattrs
import httpx
import pydantic

from katapult_async.models import IPAddress

Request = Callable[[str, Mapping[str, str]], Awaitable[object]]


class _Country(pydantic.BaseModel):
    id: str
    name: str | None = None
    iso_code2: str | None = None
    iso_code3: str | None = None
    eu: bool | None = None


class _DataCenter(pydantic.BaseModel):
    id: str
    name: str | None = None
    permalink: str | None = None
    country: _Country | None = None


class _Network(pydantic.BaseModel):
    id: str
    name: str | None = None
    permalink: str | None = None
    data_center: _DataCenter | None = None


class _Address(pydantic.BaseModel):
    id: str
    address: str
    reverse_dns: str | None = None
    vip: bool | None = None
    label: str | None = None
    address_with_mask: str | None = None
    network: _Network | None = None
    allocation_id: str | None = None
    allocation_type: str | None = None


class _AddressList(pydantic.BaseModel):
    ip_addresses: list[_Address]


_CATTRS: Final = cattrs.Converter()

DECODERS: Final[dict[str, Callable[[bytes], object]]] = {
    "plain cattrs": lambda body: _CATTRS.structure(json.loads(body)["ip_addresses"], list[IPAddress]),
    "pydantic": _AddressList.model_validate_json,
}


@contextlib.asynccontextmanager
async def clients(session: aiohttp.ClientSession) -> AsyncGenerator[dict[str, Request]]:
    """Yield a function for each peer that sends one request; the peers on aiohttp use this session."""
    headers = {"Authorization": "Bearer token", "Accept": "application/json", "User-Agent": "httpx"}

    def on_aiohttp(decoder: Callable[[bytes], object]) -> Request:
        async def request(url: str, query: Mapping[str, str]) -> object:
            async with session.get(url, params=query, allow_redirects=False) as response:
                response.raise_for_status()
                return decoder(await response.read())

        return request

    async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as httpx_client:

        async def request_with_httpx(url: str, query: Mapping[str, str]) -> object:
            response = await httpx_client.get(url, params=dict(query))
            response.raise_for_status()
            return _AddressList.model_validate_json(response.content)

        requests = {f"aiohttp + {name}": on_aiohttp(decoder) for name, decoder in DECODERS.items()}
        yield requests | {"httpx + pydantic": request_with_httpx}
