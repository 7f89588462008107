"""Mistakes of the caller's. Each ends in an error that says what is wrong, before anything is sent."""

import asyncio
from collections.abc import Callable

import aiohttp

from katapult_async import (
    ClientClosedError,
    Endpoint,
    KatapultClient,
    KatapultError,
    RateLimitPolicy,
    RetryPolicy,
    Timeouts,
    UsageError,
)

from .outcomes import Misuse

_HERE = "http://127.0.0.1:1/core/v1"


async def _ask(client: KatapultClient, key: object = "vmnet_1", *, version: object = "ipv4") -> None:
    nics = client.virtual_machine_network_interfaces
    await nics.available_ips(key, address_version=version)  # type: ignore[arg-type] # the mistake itself


def _asking(key: object, *, version: object = "ipv4") -> Callable[[KatapultClient], object]:
    return lambda client: _ask(client, key, version=version)


async def _make(**settings: object) -> None:
    token = settings.pop("token", "token")
    KatapultClient(token, **{"base_url": _HERE, **settings})  # type: ignore[arg-type] # the mistake itself


async def _before_open(_: KatapultClient) -> None:
    await _ask(KatapultClient("token", base_url=_HERE))


async def _after_close(client: KatapultClient) -> None:
    await client.aclose()
    await _ask(client)


async def _enter_twice(client: KatapultClient) -> None:
    async with client:
        pass


async def _open_after_close(client: KatapultClient) -> None:
    await client.aclose()
    await client.open()


async def _another_loop(client: KatapultClient) -> None:
    await asyncio.to_thread(asyncio.run, _ask(client))


async def _close_in_another_loop(client: KatapultClient) -> None:
    await asyncio.to_thread(asyncio.run, client.aclose())


async def _session_closed(_: KatapultClient) -> None:
    session = aiohttp.ClientSession()
    await session.close()
    async with KatapultClient("token", base_url=_HERE, session=session) as client:
        await _ask(client)


async def _session_of_another_loop(_: KatapultClient) -> None:
    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    loop = asyncio.new_event_loop()
    session = await asyncio.to_thread(loop.run_until_complete, make())
    try:
        async with KatapultClient("token", base_url=_HERE, session=session) as client:
            await _ask(client)
    finally:
        await asyncio.to_thread(loop.run_until_complete, session.close())
        loop.close()


async def _token_callable(give: Callable[[], object]) -> None:
    async with KatapultClient(give, base_url=_HERE) as client:  # type: ignore[arg-type] # the mistake itself
        await _ask(client)


async def _batch_items(client: KatapultClient) -> None:
    async with client.many(client.virtual_machine_network_interfaces.get, "vmnet_1"):
        pass


async def _batch_not_entered(client: KatapultClient) -> None:
    async for _ in client.many(client.virtual_machine_network_interfaces.get, ["vmnet_1"]):
        pass


async def _batch_twice(client: KatapultClient) -> None:
    batch = client.many(client.virtual_machine_network_interfaces.get, list[str]())
    async with batch, batch:
        pass


async def _batch_concurrency(client: KatapultClient) -> None:
    client.many(client.virtual_machine_network_interfaces.get, ["vmnet_1"], concurrency=0)


async def _call_argument(client: KatapultClient) -> None:
    await client.call(Endpoint(path="/zones", answer="zones", type=list[str]), arguments={"page": 1.5})  # type: ignore[dict-item] # the mistake itself


async def _call_path(client: KatapultClient) -> None:
    await client.call(Endpoint(path="/zones/../secrets", answer="zones", type=list[str]))


async def _call_url(client: KatapultClient) -> None:
    await client.call(Endpoint(path="//evil.example/zones", answer="zones", type=list[str]))


def _usage(name: str, does: str, commit: Callable[[KatapultClient], object], says: str) -> Misuse:
    return _wrong(UsageError, name, does, commit, says)


def _wrong(
    kind: type[KatapultError], name: str, does: str, commit: Callable[[KatapultClient], object], says: str
) -> Misuse:
    async def committing(client: KatapultClient) -> object:
        result = commit(client)
        return await result if asyncio.iscoroutine(result) else result

    return Misuse(name=name, does=does, kind=kind, commit=committing, says=says)


MISUSES: tuple[Misuse, ...] = (
    _usage("id_empty", "An empty id", _asking(""), "interface_id must be"),
    _usage("id_not_text", "An id that is a number", _asking(7), "interface_id must be"),
    _usage("id_path", "An id that climbs out of the path", _asking("../organizations"), "interface_id must be"),
    _usage("id_encoded", "An id with percent signs", _asking("%2e%2e"), "interface_id must be"),
    _usage(
        "id_header",
        "An id with a line end, to smuggle in a header",
        _asking("vmnet_1\r\nX-Evil: 1"),
        "interface_id must be",
    ),
    _usage("version_both", 'An address version "both"', _asking("vmnet_1", version="both"), "'ipv4' or 'ipv6'"),
    _usage(
        "version_unhashable",
        "An address version that is a list",
        _asking("vmnet_1", version=["ipv4"]),
        "'ipv4' or 'ipv6'",
    ),
    _usage("token_empty", "An empty token", lambda _: _make(token=" \n"), "the token is empty"),
    _usage(
        "token_inner_space", "A token with a line end inside", lambda _: _make(token="a\nX-Evil: 1"), "printable ASCII"
    ),
    _usage("token_non_ascii", "A token with an umlaut", lambda _: _make(token="tök"), "printable ASCII"),
    _usage("token_bytes", "A token of bytes", lambda _: _make(token=b"token"), "not bytes"),
    _usage(
        "token_source_none",
        "A source of tokens that gives None",
        lambda _: _token_callable(lambda: None),
        "not NoneType",
    ),
    _usage(
        "token_source_empty",
        "A source of tokens that gives an empty one",
        lambda _: _token_callable(str),
        "the token is empty",
    ),
    _usage(
        "url_plain",
        "A base URL without TLS that is not loopback",
        lambda _: _make(base_url="http://api.katapult.io/core/v1"),
        "base_url must be",
    ),
    _usage(
        "url_with_user",
        "A base URL with a password",
        lambda _: _make(base_url="https://user:pass@api.katapult.io"),
        "the token is an argument of its own",
    ),
    _usage("url_scheme", "A base URL of a file", lambda _: _make(base_url="file:///etc/passwd"), "base_url must be"),
    _usage(
        "url_port",
        "A base URL whose port is no number",
        lambda _: _make(base_url="https://api.katapult.io:x/"),
        "base_url must be",
    ),
    _usage(
        "url_query",
        "A base URL with a query",
        lambda _: _make(base_url="https://api.katapult.io/?a=1"),
        "without a query",
    ),
    _usage(
        "user_agent_header",
        "A user agent with a line end",
        lambda _: _make(user_agent="a\r\nX-Evil: 1"),
        "user_agent must be",
    ),
    _usage("max_body_zero", "A body cap of nothing", lambda _: _make(max_body=0), "max_body must be"),
    _usage("timeout_zero", "A time limit of 0 s", lambda _: Timeouts(read=0), "read must be"),
    _usage(
        "timeout_nan", "A time limit that is no number", lambda _: Timeouts(attempt=float("nan")), "attempt must be"
    ),
    _usage("attempts_zero", "No attempts at all", lambda _: RetryPolicy(attempts=0), "attempts must be"),
    _usage(
        "in_flight_true",
        "True requests in flight",
        lambda _: RateLimitPolicy(max_in_flight=True),
        "max_in_flight must be",
    ),
    _usage("batch_of_text", "A string in place of a list of ids", _batch_items, "needs an iterable"),
    _usage("batch_not_entered", "A batch that is iterated without being entered", _batch_not_entered, "enter this"),
    _usage("batch_twice", "A batch that is entered twice", _batch_twice, "entered once"),
    _usage("batch_concurrency", "A batch without workers", _batch_concurrency, "concurrency must be"),
    _usage("argument_number", "A query argument that is a number", _call_argument, "page must be a string"),
    _usage("path_climbs", "A path that climbs", _call_path, "path must be like"),
    _usage("path_is_url", "A path that is a URL", _call_url, "path must be like"),
    _wrong(ClientClosedError, "before_open", "A call before the client is open", _before_open, "async with"),
    _wrong(ClientClosedError, "after_close", "A call after the client is closed", _after_close, "make a new one"),
    _wrong(ClientClosedError, "open_twice", "A client that is entered twice", _enter_twice, "enter it once"),
    _wrong(ClientClosedError, "open_after_close", "A client that is opened again", _open_after_close, "make a new one"),
    _wrong(ClientClosedError, "another_loop", "A call from another event loop", _another_loop, "another event loop"),
    _wrong(
        ClientClosedError,
        "close_in_another_loop",
        "Closing from another event loop",
        _close_in_another_loop,
        "another event loop",
    ),
    _wrong(
        ClientClosedError,
        "session_closed",
        "A session of the caller's that is closed",
        _session_closed,
        "session is closed",
    ),
    _usage(
        "session_of_another_loop",
        "A session of the caller's that belongs to another event loop",
        _session_of_another_loop,
        "event loop",
    ),
)
