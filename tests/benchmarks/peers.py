"""How else one could ask for addresses and get typed objects: none of these limits its rate or tries again."""

import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Final

import aiohttp
import cattrs
import httpx
import pydantic

from katapult_async.models import IPAddress

Ask = Callable[[str, Mapping[str, str]], Awaitable[object]]


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


class _Answer(pydantic.BaseModel):
    ip_addresses: list[_Address]


_CATTRS: Final = cattrs.Converter()

DECODERS: Final[dict[str, Callable[[bytes], object]]] = {
    "plain cattrs": lambda body: _CATTRS.structure(json.loads(body)["ip_addresses"], list[IPAddress]),
    "pydantic": _Answer.model_validate_json,
}


@contextlib.asynccontextmanager
async def clients(session: aiohttp.ClientSession) -> AsyncGenerator[dict[str, Ask]]:
    """Yield what asks one question, for each peer; those on aiohttp use this session."""
    headers = {"Authorization": "Bearer token", "Accept": "application/json", "User-Agent": "generated"}

    def on_aiohttp(decoder: Callable[[bytes], object]) -> Ask:
        async def ask(url: str, query: Mapping[str, str]) -> object:
            async with session.get(url, params=query, allow_redirects=False) as response:
                response.raise_for_status()
                return decoder(await response.read())

        return ask

    async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as generated:

        async def ask_generated(url: str, query: Mapping[str, str]) -> object:
            response = await generated.get(url, params=dict(query))
            response.raise_for_status()
            return _Answer.model_validate_json(response.content)

        asking = {f"aiohttp + {name}": on_aiohttp(decoder) for name, decoder in DECODERS.items()}
        yield asking | {"httpx + pydantic": ask_generated}
