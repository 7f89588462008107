"""Mistakes in the calling code. Each raises an error that says what is wrong, and no request is sent."""

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

from .fault import Misuse

_BASE_URL = "http://127.0.0.1:1/core/v1"


async def _call(client: KatapultClient, key: object = "vmnet_1", *, version: object = "ipv4") -> None:
    nics = client.virtual_machine_network_interfaces
    await nics.available_ips(key, address_version=version)  # type: ignore[arg-type] # the mistake itself


def _call_with(key: object, *, version: object = "ipv4") -> Callable[[KatapultClient], object]:
    return lambda client: _call(client, key, version=version)


async def _construct(**settings: object) -> None:
    token = settings.pop("token", "token")
    KatapultClient(token, **{"base_url": _BASE_URL, **settings})  # type: ignore[arg-type] # the mistake itself


async def _call_before_open(_: KatapultClient) -> None:
    await _call(KatapultClient("token", base_url=_BASE_URL))


async def _call_after_close(client: KatapultClient) -> None:
    await client.aclose()
    await _call(client)


async def _enter_client_twice(client: KatapultClient) -> None:
    async with client:
        pass


async def _open_after_close(client: KatapultClient) -> None:
    await client.aclose()
    await client.open()


async def _call_on_another_loop(client: KatapultClient) -> None:
    await asyncio.to_thread(asyncio.run, _call(client))


async def _close_on_another_loop(client: KatapultClient) -> None:
    await asyncio.to_thread(asyncio.run, client.aclose())


async def _session_closed(_: KatapultClient) -> None:
    session = aiohttp.ClientSession()
    await session.close()
    async with KatapultClient("token", base_url=_BASE_URL, session=session) as client:
        await _call(client)


async def _session_of_another_loop(_: KatapultClient) -> None:
    async def new_session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    loop = asyncio.new_event_loop()
    session = await asyncio.to_thread(loop.run_until_complete, new_session())
    try:
        async with KatapultClient("token", base_url=_BASE_URL, session=session) as client:
            await _call(client)
    finally:
        await asyncio.to_thread(loop.run_until_complete, session.close())
        loop.close()


async def _token_from(token: Callable[[], object]) -> None:
    async with KatapultClient(token, base_url=_BASE_URL) as client:  # type: ignore[arg-type] # the mistake itself
        await _call(client)


async def _iterate_string(client: KatapultClient) -> None:
    async with client.many(client.virtual_machine_network_interfaces.get, "vmnet_1"):
        pass


async def _iterate_without_entering(client: KatapultClient) -> None:
    async for _ in client.many(client.virtual_machine_network_interfaces.get, ["vmnet_1"]):
        pass


async def _enter_batch_twice(client: KatapultClient) -> None:
    batch = client.many(client.virtual_machine_network_interfaces.get, list[str]())
    async with batch, batch:
        pass


async def _make_batch_without_workers(client: KatapultClient) -> None:
    client.many(client.virtual_machine_network_interfaces.get, ["vmnet_1"], concurrency=0)


async def _call_with_number(client: KatapultClient) -> None:
    await client.call(Endpoint(path="/zones", answer="zones", type=list[str]), arguments={"page": 1.5})  # type: ignore[dict-item] # the mistake itself


async def _call_path_with_dots(client: KatapultClient) -> None:
    await client.call(Endpoint(path="/zones/../secrets", answer="zones", type=list[str]))


async def _call_url_as_path(client: KatapultClient) -> None:
    await client.call(Endpoint(path="//evil.example/zones", answer="zones", type=list[str]))


def _usage_error(name: str, description: str, make: Callable[[KatapultClient], object], text: str) -> Misuse:
    return _misuse(UsageError, name, description, make, text)


def _misuse(
    error: type[KatapultError], name: str, description: str, make: Callable[[KatapultClient], object], text: str
) -> Misuse:
    async def make_and_await(client: KatapultClient) -> object:
        result = make(client)
        return await result if asyncio.iscoroutine(result) else result

    return Misuse(name=name, description=description, error=error, make=make_and_await, text=text)


MISUSES: tuple[Misuse, ...] = (
    _usage_error("id_empty", "An empty id", _call_with(""), "interface_id must be"),
    _usage_error("id_integer", "An integer as id", _call_with(7), "interface_id must be"),
    _usage_error("id_path", "An id with `../`", _call_with("../organizations"), "interface_id must be"),
    _usage_error("id_percent_encoded", "A percent-encoded id", _call_with("%2e%2e"), "interface_id must be"),
    _usage_error(
        "id_with_line_end",
        "An id with a line end, to inject a header",
        _call_with("vmnet_1\r\nX-Evil: 1"),
        "interface_id must be",
    ),
    _usage_error(
        "version_both", 'The address version "both"', _call_with("vmnet_1", version="both"), "'ipv4' or 'ipv6'"
    ),
    _usage_error(
        "version_list",
        "A list as address version",
        _call_with("vmnet_1", version=["ipv4"]),
        "'ipv4' or 'ipv6'",
    ),
    _usage_error("token_empty", "An empty token", lambda _: _construct(token=" \n"), "the token is empty"),
    _usage_error(
        "token_with_line_end",
        "A line end inside a token",
        lambda _: _construct(token="a\nX-Evil: 1"),
        "printable ASCII",
    ),
    _usage_error("token_non_ascii", "A token that is not ASCII", lambda _: _construct(token="tök"), "printable ASCII"),
    _usage_error("token_bytes", "A token of bytes", lambda _: _construct(token=b"token"), "not bytes"),
    _usage_error(
        "token_function_none",
        "A token function that returns None",
        lambda _: _token_from(lambda: None),
        "not NoneType",
    ),
    _usage_error(
        "token_function_empty",
        "A token function that returns an empty token",
        lambda _: _token_from(str),
        "the token is empty",
    ),
    _usage_error(
        "url_plain_http",
        "A base URL with `http://` that is not loopback",
        lambda _: _construct(base_url="http://api.katapult.io/core/v1"),
        "base_url must be",
    ),
    _usage_error(
        "url_with_password",
        "A base URL with a password",
        lambda _: _construct(base_url="https://user:pass@api.katapult.io"),
        "the token does not belong in it",
    ),
    _usage_error(
        "url_file", "A base URL with `file:`", lambda _: _construct(base_url="file:///etc/passwd"), "base_url must be"
    ),
    _usage_error(
        "url_port",
        "A base URL whose port is not a number",
        lambda _: _construct(base_url="https://api.katapult.io:x/"),
        "base_url must be",
    ),
    _usage_error(
        "url_query",
        "A base URL with a query",
        lambda _: _construct(base_url="https://api.katapult.io/?a=1"),
        "without a query",
    ),
    _usage_error(
        "user_agent_with_line_end",
        "A user agent with a line end",
        lambda _: _construct(user_agent="a\r\nX-Evil: 1"),
        "user_agent must be",
    ),
    _usage_error("max_body_zero", "`max_body=0`", lambda _: _construct(max_body=0), "max_body must be"),
    _usage_error("timeout_zero", "A timeout of 0 s", lambda _: Timeouts(read=0), "read must be"),
    _usage_error(
        "timeout_nan",
        "A timeout that is not a number (NaN)",
        lambda _: Timeouts(attempt=float("nan")),
        "attempt must be",
    ),
    _usage_error("attempts_zero", "`attempts=0`", lambda _: RetryPolicy(attempts=0), "attempts must be"),
    _usage_error(
        "max_in_flight_true",
        "`max_in_flight=True`",
        lambda _: RateLimitPolicy(max_in_flight=True),
        "max_in_flight must be",
    ),
    _usage_error("batch_of_string", "A string in place of a list of ids", _iterate_string, "needs an iterable"),
    _usage_error(
        "batch_not_entered",
        "A batch that is iterated without `async with`",
        _iterate_without_entering,
        "enter the batch",
    ),
    _usage_error("batch_entered_twice", "A batch that is entered twice", _enter_batch_twice, "entered only once"),
    _usage_error(
        "batch_concurrency_zero", "A batch with `concurrency=0`", _make_batch_without_workers, "concurrency must be"
    ),
    _usage_error("argument_number", "A number as query argument", _call_with_number, "page must be a string"),
    _usage_error("path_with_dots", "A path with `../`", _call_path_with_dots, "path must be like"),
    _usage_error("path_is_url", "A URL as path", _call_url_as_path, "path must be like"),
    _misuse(ClientClosedError, "call_before_open", "A call before the client is open", _call_before_open, "async with"),
    _misuse(
        ClientClosedError, "call_after_close", "A call after the client is closed", _call_after_close, "make a new one"
    ),
    _misuse(
        ClientClosedError,
        "client_entered_twice",
        "A client that is entered twice",
        _enter_client_twice,
        "enter it once",
    ),
    _misuse(
        ClientClosedError,
        "open_after_close",
        "A client that is opened after it was closed",
        _open_after_close,
        "make a new one",
    ),
    _misuse(
        ClientClosedError,
        "call_on_another_loop",
        "A call on another event loop",
        _call_on_another_loop,
        "another event loop",
    ),
    _misuse(
        ClientClosedError,
        "close_on_another_loop",
        "`aclose()` on another event loop",
        _close_on_another_loop,
        "another event loop",
    ),
    _misuse(
        ClientClosedError,
        "session_closed",
        "The user's `session=` is closed",
        _session_closed,
        "session is closed",
    ),
    _usage_error(
        "session_of_another_loop",
        "The user's `session=` belongs to another event loop",
        _session_of_another_loop,
        "event loop",
    ),
)
