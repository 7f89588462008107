"""The client: construction, opening, closing, settings, and the methods `call`, `pages`, `many` and `fleet`."""

import asyncio
import concurrent.futures
import copy
import enum
import functools
import gc
import inspect
import ipaddress
import math
import pickle
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from unittest.mock import AsyncMock, Mock, create_autospec

import aiohttp
import attrs
import pytest

from katapult_async import (
    AiohttpTransport,
    AuthenticationError,
    BadResponseError,
    BadResponseReason,
    Batch,
    ClientClosedError,
    ConnectError,
    Endpoint,
    IncompleteListError,
    KatapultClient,
    NotFoundError,
    Permalink,
    Problem,
    Ref,
    RetryPolicy,
    SubDomain,
    Succeeded,
    Tag,
    UnprocessableError,
    UsageError,
    VirtualMachine,
    Zone,
    __version__,
)
from katapult_async.core.endpoints import EmptyResponse
from katapult_async.sandbox import Sandbox

from .bodies import ORGANIZATION, available_ips_body, error_body, pagination
from .exchanges import BASE_URL, TOKEN, Exchanges

T = TypeVar("T")

ZONES = Endpoint(path="/zones", answer="zones", type=list[Zone])
ZONES_BODY = {"zones": [{"id": "zone_1"}]}


class AwaitedHook:
    """A hook whose call has to be awaited."""

    async def __call__(self, notice: object) -> None: ...


async def test_client_works_inside_async_with(exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    async with KatapultClient(TOKEN) as katapult:
        assert await katapult.call(ZONES) == [Zone(id="zone_1")]


async def test_client_works_between_open_and_aclose(exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    katapult = await KatapultClient(TOKEN).open()
    assert len(await katapult.call(ZONES)) == 1
    await katapult.aclose()
    await katapult.aclose()
    with pytest.raises(ClientClosedError, match="the client is closed"):
        await katapult.call(ZONES)


USES: dict[str, Callable[[KatapultClient], Any]] = {
    "call": lambda katapult: katapult.call(ZONES),
    "a method": lambda katapult: katapult.virtual_machine_network_interfaces.get("vmnet_1"),
    "a list": lambda katapult: anext(aiter(katapult.organizations.list())),
    "a batch": lambda katapult: katapult.many(
        katapult.virtual_machine_network_interfaces.get, ["vmnet_1"]
    ).__aenter__(),
}


@pytest.mark.parametrize("use", ["call", "a method", "a list", "a batch"])
async def test_client_that_is_not_open_raises_client_closed_error(use: str) -> None:
    with pytest.raises(ClientClosedError, match="the client is not open; use it inside `async with`"):
        await USES[use](KatapultClient(TOKEN))


@pytest.mark.parametrize("use", ["call", "a method", "a list"])
async def test_client_that_was_closed_raises_client_closed_error(use: str) -> None:
    async with KatapultClient(TOKEN) as katapult:
        pass
    with pytest.raises(ClientClosedError, match="the client is closed; make a new one"):
        await USES[use](katapult)


async def test_rate_limit_of_a_client_that_is_not_open_raises_client_closed_error() -> None:
    katapult = KatapultClient(TOKEN)
    with pytest.raises(ClientClosedError, match="not open"):
        _ = katapult.rate_limit
    async with katapult:
        assert katapult.rate_limit.permitted is None
    with pytest.raises(ClientClosedError, match="closed"):
        _ = katapult.rate_limit


async def test_rate_limit_shows_the_headers_of_the_last_response(exchanges: Exchanges) -> None:
    headers = {"X-Ratelimit-Permitted": "1000", "X-Ratelimit-Remaining": "987", "Date": "Fri, 01 Mar 2024 10:00:20 GMT"}
    exchanges.respond("/zones", ZONES_BODY, headers=headers)
    async with KatapultClient(TOKEN) as katapult:
        await katapult.call(ZONES)
        limit = katapult.rate_limit
    assert (limit.permitted, limit.remaining, limit.queued, limit.in_flight) == (1000, 987, 0, 0)
    assert limit.resets_at == 1_709_287_260.0


async def test_204_is_accepted_only_for_an_operation_without_a_result(exchanges: Exchanges) -> None:
    exchanges.respond("/ip_addresses/ip_address/unallocate", body=b"", status=204, method="POST")
    exchanges.respond("/zones", body=b"", status=204)
    async with KatapultClient(TOKEN, retry=RetryPolicy(attempts=1)) as katapult:
        await katapult.ip_addresses.unallocate("ip_1")
        with pytest.raises(BadResponseError, match="the body is not JSON"):
            await katapult.call(ZONES)


async def test_client_can_be_opened_only_once() -> None:
    async with KatapultClient(TOKEN) as katapult:
        with pytest.raises(ClientClosedError, match="the client is open already"):
            await katapult.open()
    with pytest.raises(ClientClosedError, match="the client is closed; make a new one"):
        await katapult.open()


async def test_client_whose_transport_could_not_be_opened_can_be_opened_again(exchanges: Exchanges) -> None:
    errors = [OSError("not ready")]

    class NotReady(AiohttpTransport):
        async def open(self) -> None:
            if errors:
                raise errors.pop()
            await super().open()

    exchanges.respond("/zones", {"zones": []})
    katapult = KatapultClient(TOKEN, transport=NotReady())
    with pytest.raises(OSError, match="not ready"):
        await katapult.open()
    with pytest.raises(ClientClosedError, match="the client is not open"):
        await katapult.call(ZONES)
    async with katapult:
        assert await katapult.call(ZONES) == []


async def test_client_closed_before_it_was_opened_cannot_be_opened() -> None:
    katapult = KatapultClient(TOKEN)
    await katapult.aclose()
    with pytest.raises(ClientClosedError, match="make a new one"):
        await katapult.open()


async def test_hooks_of_a_closed_client_are_freed_while_another_client_of_the_token_is_open(
    exchanges: Exchanges,
) -> None:
    class Application:
        def note(self, _: object) -> None: ...

    async def use_a_client() -> "weakref.ref[Application]":
        application = Application()
        async with KatapultClient(TOKEN, on_wait=application.note) as first:
            await first.call(ZONES)
        return weakref.ref(application)

    exchanges.respond("/zones", ZONES_BODY)
    async with KatapultClient(TOKEN) as second:
        reference = await use_a_client()
        gc.collect()
        assert reference() is None
        assert second.rate_limit.in_flight == 0


def test_client_constructed_without_a_loop_works_in_a_loop(exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    katapult = KatapultClient(TOKEN)

    async def main() -> list[Zone]:
        async with katapult:
            return await katapult.call(ZONES)

    assert asyncio.run(main()) == [Zone(id="zone_1")]


def test_open_client_used_without_a_loop_raises_client_closed_error() -> None:
    with asyncio.Runner() as runner:
        katapult = runner.run(KatapultClient(TOKEN).open())
        with pytest.raises(ClientClosedError, match="no asyncio event loop is running"):
            _ = katapult.rate_limit
        runner.run(katapult.aclose())


def test_client_used_on_another_loop_raises_client_closed_error() -> None:
    with asyncio.Runner() as home, asyncio.Runner() as away:
        katapult = home.run(KatapultClient(TOKEN).open())
        with pytest.raises(ClientClosedError, match="the client belongs to another event loop"):
            away.run(katapult.call(ZONES))
        with pytest.raises(ClientClosedError, match="the client belongs to another event loop"):
            away.run(katapult.open())
        with pytest.raises(ClientClosedError, match="close it there"):
            away.run(katapult.aclose())
        home.run(katapult.aclose())


def test_threads_make_calls_in_the_loop_of_one_thread() -> None:
    loop = asyncio.new_event_loop()

    def run(call: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(call, loop).result(10.0)

    of_loop = threading.Thread(target=loop.run_forever, daemon=True)
    of_loop.start()
    with concurrent.futures.ThreadPoolExecutor() as threads:
        sandbox = run(Sandbox(seed=1).open())
        katapult = run(KatapultClient(sandbox.token, base_url=sandbox.base_url).open())
        zones = [*threads.map(run, [katapult.zones.list() for _ in range(8)])]
        run(katapult.aclose())
        run(sandbox.aclose())
    loop.call_soon_threadsafe(loop.stop)
    of_loop.join(10.0)
    loop.close()
    assert zones[0]
    assert zones == [zones[0]] * 8


async def test_users_session_stays_open_after_the_client_is_closed(exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    async with aiohttp.ClientSession() as session:
        async with KatapultClient(TOKEN, session=session) as katapult:
            await katapult.call(ZONES)
            assert katapult.rate_limit.in_flight == 0
        assert not session.closed


async def test_closing_the_client_during_a_batch_gives_every_item_an_outcome(exchanges: Exchanges) -> None:
    sent = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        sent.set()
        await asyncio.Event().wait()

    exchanges.respond("/zones", callback=hang, repeat=True)
    katapult = await KatapultClient(TOKEN).open()
    async with katapult.many(lambda _: katapult.call(ZONES), range(20), concurrency=3) as outcomes:
        await sent.wait()
        await katapult.aclose()
        results = [outcome async for outcome in outcomes]
    assert sorted(outcome.key for outcome in results) == list(range(20))
    assert not any(isinstance(outcome, Succeeded) for outcome in results)


async def test_exception_inside_async_with_is_raised_unchanged() -> None:
    with pytest.raises(ZeroDivisionError):
        async with KatapultClient(TOKEN):
            raise ZeroDivisionError


@pytest.mark.parametrize(
    "part",
    [
        lambda katapult: katapult,
        lambda katapult: katapult.zones,
        lambda katapult: katapult.zones.list(),
        lambda katapult: katapult.fleet(),
    ],
)
@pytest.mark.parametrize("copy_function", [pickle.dumps, copy.deepcopy])
async def test_client_cannot_be_copied_into_another_process(
    part: Callable[[KatapultClient], object], copy_function: Callable[[object], object]
) -> None:
    async with KatapultClient(TOKEN) as katapult:
        with pytest.raises(UsageError, match=r"^a client belongs to one event loop: make one in each process"):
            copy_function(part(katapult))


def test_repr_shows_the_base_url_and_no_token() -> None:
    assert repr(KatapultClient(TOKEN)) == f"KatapultClient('***', base_url='{BASE_URL}')"


async def test_autospec_of_the_class_has_the_methods_of_each_resource_with_their_signatures() -> None:
    katapult = create_autospec(KatapultClient, instance=True)
    katapult.virtual_machines.get.return_value = VirtualMachine(id="vm_1")
    assert await katapult.virtual_machines.get("vm_1", timeout=5) == VirtualMachine(id="vm_1")
    with pytest.raises(TypeError, match="too many positional arguments"):
        katapult.virtual_machines.get("vm_1", "vm_2")
    with pytest.raises(AttributeError, match="no attribute 'search'"):
        katapult.virtual_machines.search("vm_1")
    gone = Problem(method="GET", path="/zones/zone", description="no such zone", status=404)
    katapult.zones.get.side_effect = NotFoundError(gone)
    with pytest.raises(NotFoundError, match="no such zone"):
        await katapult.zones.get("zone_1")


async def test_list_of_an_autospec_is_iterated_or_awaited_as_the_readme_says() -> None:
    mock = create_autospec(KatapultClient, instance=True)
    mock.tags.list.return_value.__aiter__.return_value = [Tag(id="tag_1")]
    assert [tag async for tag in mock.tags.list(organization="org_1")] == [Tag(id="tag_1")]
    mock.tags.list = AsyncMock(return_value=[Tag(id="tag_1")])
    assert await mock.tags.list(organization="org_1") == [Tag(id="tag_1")]


async def test_client_in_any_state_can_be_inspected_and_be_the_spec_of_a_mock() -> None:
    katapult = KatapultClient(TOKEN)
    for change in (katapult.open, katapult.aclose, katapult.aclose):  # the client is new, then open, then closed
        assert {"call", "zones"} <= {name for name, _ in inspect.getmembers(katapult)}
        assert hasattr(Mock(spec=katapult), "rate_limit")
        create_autospec(katapult).call.assert_not_awaited()
        await change()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"token": ""}, "the token is empty"),
        ({"token": None}, "the token must be a string, not NoneType"),
        ({"token": asyncio.sleep}, "the token must be a string or an ordinary function, not an `async def`"),
        ({"token": "a b"}, "the token must be printable ASCII"),
        ({"base_url": "http://api.katapult.io"}, "base_url must be https://"),
        ({"base_url": "https://me:pw@api.katapult.io"}, "base_url must be https://"),
        ({"user_agent": "a\r\nb"}, "user_agent must be"),
        ({"max_body": 0}, "max_body must be a whole number from 1"),
        ({"max_body": 1.5}, "max_body must be a whole number from 1"),
        ({"timeouts": None}, "timeouts must be Timeouts, not None"),
        ({"timeouts": 5}, "timeouts must be Timeouts, not 5"),
        ({"retry": 3}, "retry must be RetryPolicy, not 3"),
        ({"rate_limit": {}}, "rate_limit must be RateLimitPolicy, not a dict"),
        ({"user_agent": ""}, "user_agent must be 1 to 200 printable ASCII characters, not ''"),
        ({"session": "mine"}, "session must be an aiohttp.ClientSession, not str"),
        ({"transport": aiohttp.ClientSession}, "transport must be Transport or None, not a type"),
        ({"transport": AiohttpTransport}, "transport must be an instance, such as "),
        ({"on_wait": 5}, "on_wait must be an ordinary function or None, not 5$"),
        ({"on_retry": "print"}, "on_retry must be "),
        ({"on_response": asyncio.sleep}, "on_response must be an ordinary function or None, not an `async def`$"),
        (
            {"on_outage": functools.partial(asyncio.sleep)},
            "on_outage must be an ordinary function or None, not an `async def`$",
        ),
        ({"on_wait": AwaitedHook()}, "on_wait must be an ordinary function or None, not an `async def`$"),
    ],
)
def test_invalid_setting_raises_usage_error_at_construction(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        KatapultClient(settings.pop("token", TOKEN), **settings)


async def test_token_function_is_called_for_every_attempt(exchanges: Exchanges) -> None:
    tokens = iter(["first", " second\n", ""])
    exchanges.respond("/zones", ZONES_BODY, repeat=True)
    async with KatapultClient(lambda: next(tokens)) as katapult:
        await katapult.call(ZONES)
        await katapult.call(ZONES)
        with pytest.raises(UsageError, match="the token is empty"):
            await katapult.call(ZONES)
    assert [str(sent.headers["Authorization"]) for sent in exchanges.sent] == ["Bearer first", "Bearer second"]


async def test_white_space_around_the_token_is_not_sent(exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    async with KatapultClient(f"  {TOKEN}\n") as katapult:
        await katapult.call(ZONES)
    assert str(exchanges.sent[0].headers["Authorization"]) == f"Bearer {TOKEN}"


async def test_token_that_is_an_enum_is_sent_as_its_value(exchanges: Exchanges) -> None:
    class Token(str, enum.Enum):  # noqa: UP042 # the str() of a StrEnum is its value
        PRODUCTION = TOKEN

    exchanges.respond("/zones", ZONES_BODY)
    async with KatapultClient(Token.PRODUCTION) as katapult:
        await katapult.call(ZONES)
    assert str(exchanges.sent[0].headers["Authorization"]) == f"Bearer {TOKEN}"


@pytest.mark.parametrize(("user_agent", "expected"), [(None, f"katapult_async/{__version__}"), ("mine/2", "mine/2")])
async def test_user_agent_is_the_default_or_the_given_one(
    exchanges: Exchanges, user_agent: str | None, expected: str
) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    async with KatapultClient(TOKEN, user_agent=user_agent) as katapult:
        await katapult.call(ZONES)
    assert exchanges.sent[0].headers["User-Agent"] == expected


async def test_response_larger_than_max_body_raises_bad_response_error(exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY, repeat=True)
    async with KatapultClient(TOKEN, max_body=10) as katapult:
        with pytest.raises(BadResponseError) as raised:
            await katapult.call(ZONES)
    assert raised.value.reason is BadResponseReason.TOO_LARGE


async def test_call_sends_a_request_to_any_endpoint(katapult: KatapultClient, exchanges: Exchanges) -> None:
    start = Endpoint(path="/virtual_machines/virtual_machine/start", answer="task", type=Zone, method="POST")
    target = "/virtual_machines/virtual_machine/start?virtual_machine%5Bid%5D=vm_1"
    exchanges.respond(target, {"task": {"id": "task_1"}}, method="POST")
    assert await katapult.call(start, arguments={"virtual_machine[id]": "vm_1"}) == Zone(id="task_1")


async def test_call_sends_a_body_as_json_beside_the_query(katapult: KatapultClient, exchanges: Exchanges) -> None:
    rename = Endpoint(path="/zones/zone", answer=None, type=EmptyResponse, method="PATCH")
    exchanges.respond("/zones/zone?zone%5Bid%5D=zone_1", {}, method="PATCH")
    body = {"properties": {"name": "Zone \u00fc", "group": None}}
    assert await katapult.call(rename, arguments={"zone[id]": "zone_1"}, body=body) == EmptyResponse()
    [sent] = exchanges.sent
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.settings["data"] == b'{"properties": {"name": "Zone \\u00fc", "group": null}}'


async def test_call_without_a_body_sends_no_content_type(katapult: KatapultClient, exchanges: Exchanges) -> None:
    exchanges.respond("/zones", ZONES_BODY)
    await katapult.call(ZONES)
    [sent] = exchanges.sent
    assert sent.settings["data"] is None
    assert "Content-Type" not in sent.headers


async def test_later_changes_of_a_body_do_not_change_the_request(exchanges: Exchanges) -> None:
    rename = Endpoint(path="/zones/zone", answer=None, type=EmptyResponse, method="PATCH", idempotent=True)
    exchanges.respond("/zones/zone", error_body("service_unavailable"), status=503, method="PATCH")
    exchanges.respond("/zones/zone", {}, method="PATCH")
    body: dict[str, object] = {"name": "first"}
    retry = RetryPolicy(wait_initial=0.001)
    async with KatapultClient(TOKEN, retry=retry, on_retry=lambda _: body.update(name="second")) as katapult:
        await katapult.call(rename, body=body)
    assert body == {"name": "second"}
    assert [sent.settings["data"] for sent in exchanges.sent] == [b'{"name": "first"}'] * 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([1], "body must be a mapping of names to values, not a list"),
        ({"size": math.nan}, "body must be a JSON object of plain values: "),
        ({"at": object()}, "body must be a JSON object of plain values: "),
    ],
)
async def test_body_that_is_not_json_raises_usage_error_and_is_not_sent(
    katapult: KatapultClient, exchanges: Exchanges, body: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        await katapult.call(ZONES, body=body)
    assert exchanges.sent == []


async def test_pages_requests_every_page_of_any_endpoint(katapult: KatapultClient, exchanges: Exchanges) -> None:
    tasks = Endpoint(path="/tasks", answer="tasks", type=list[Zone], paginated=True)
    for page, count in ((1, 200), (2, 1)):
        body = {"tasks": [{"id": f"task_{page}_{number}"} for number in range(count)]}
        page_info = {"pagination": pagination(page, total=201)}
        exchanges.respond(f"/tasks?state=done&page={page}&per_page=200", body | page_info)
    ids = [task.id async for task in katapult.pages(tasks, arguments={"state": "done"})]
    assert (len(ids), ids[-1]) == (201, "task_2_0")
    with pytest.raises(UsageError, match=r"use katapult.pages\(endpoint\)"):
        await katapult.call(tasks)


@pytest.mark.parametrize("endpoint", [None, "/zones", Endpoint])
async def test_call_and_pages_raise_usage_error_for_anything_but_an_endpoint(
    katapult: KatapultClient, endpoint: Endpoint[list[Zone]]
) -> None:
    with pytest.raises(UsageError, match=r"^endpoint must be Endpoint, not "):
        await katapult.call(endpoint)
    with pytest.raises(UsageError, match=r"^endpoint must be Endpoint, not "):
        katapult.pages(endpoint)


async def test_argument_that_no_query_can_have_raises_usage_error_and_is_not_sent(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    with pytest.raises(UsageError, match=r"^page must be a string, a whole number or a boolean in a query, not 1\.5"):
        await katapult.call(ZONES, arguments={"page": 1.5})  # type: ignore[dict-item] # the mistake that is tested
    assert exchanges.sent == []


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"network": Permalink("public")}, "network%5Bpermalink%5D=public"),
        ({"ip_address": ipaddress.ip_address("198.51.100.7")}, "ip_address%5Baddress%5D=198.51.100.7"),
        ({"zone": "zone_1"}, "zone%5Bid%5D=zone_1"),
        ({"zone": {"permalink": "a/b"}}, "zone%5Bpermalink%5D=a%2Fb"),
        ({"default": True, "page": 2}, "default=true&page=2"),
        ({"tags": ["a", "b"]}, "tags%5B%5D=a&tags%5B%5D=b"),
        ({"annotations": [{"key": "a", "value": "b"}]}, "annotations%5B%5D%5Bkey%5D=a&annotations%5B%5D%5Bvalue%5D=b"),
    ],
)
async def test_call_takes_lookups_booleans_numbers_and_repeated_arguments(
    katapult: KatapultClient, exchanges: Exchanges, arguments: dict[str, Any], query: str
) -> None:
    zones = Endpoint(path="/zones", answer="zones", type=list[Zone], refs=(Ref("zone"),))
    exchanges.respond(f"/zones?{query}", {"zones": [{"id": "zone_1"}]})
    assert await katapult.call(zones, arguments=arguments) == [Zone(id="zone_1")]
    exchanges.respond(f"/zones?{query}", {"zones": []})
    assert await katapult.pages(zones, arguments=arguments) == []
    assert [sent.url for sent in exchanges.sent] == [f"{BASE_URL}/zones?{query}"] * 2


async def test_body_takes_lookups_too(katapult: KatapultClient, exchanges: Exchanges) -> None:
    move = Endpoint(path="/move", answer=None, type=EmptyResponse, method="POST", refs=(Ref("zone"),))
    exchanges.respond("/move", {}, method="POST")
    await katapult.call(move, body={"zone": "zone_1", "networks": [Permalink("public")]})
    [sent] = exchanges.sent
    assert sent.settings["data"] == b'{"zone": {"id": "zone_1"}, "networks": [{"permalink": "public"}]}'


async def test_text_response_is_returned_as_a_string(katapult: KatapultClient, exchanges: Exchanges) -> None:
    keys = Endpoint(path="/virtual_machine/authorized_keys", answer=None, type=str)
    exchanges.respond(keys.path, body=b"ssh-ed25519 AAAA me\n", headers={"Content-Type": "text/plain"})
    assert await katapult.call(keys) == "ssh-ed25519 AAAA me\n"


@pytest.mark.parametrize("argument", ["page", "per_page"])
async def test_page_or_per_page_in_the_arguments_of_pages_raises_usage_error(
    katapult: KatapultClient, argument: str
) -> None:
    with pytest.raises(UsageError, match=r"^arguments must not have page and per_page"):
        katapult.pages(attrs.evolve(ZONES, paginated=True), arguments={argument: 5})


async def test_pages_need_an_endpoint_whose_type_is_a_list(katapult: KatapultClient) -> None:
    zone: Endpoint[Any] = Endpoint(path="/zones/zone", answer="zone", type=Zone)
    with pytest.raises(UsageError, match=r"^pages needs an endpoint whose type is a list, such as list\[Zone\], not "):
        katapult.pages(zone)


@pytest.mark.parametrize(("idempotent", "attempts"), [(True, 2), (False, 1)])
async def test_idempotent_endpoint_is_retried_whatever_its_method(
    exchanges: Exchanges, *, idempotent: bool, attempts: int
) -> None:
    generate = Endpoint(path="/generate", answer=None, type=EmptyResponse, method="POST", idempotent=idempotent)
    exchanges.respond(
        "/generate", error_body("object_storage_provisioning_error"), status=422, method="POST", repeat=True
    )
    async with KatapultClient(TOKEN, retry=RetryPolicy(attempts=2, wait_initial=0.001)) as katapult:
        with pytest.raises(UnprocessableError):
            await katapult.call(generate, body={})
    assert len(exchanges.sent) == attempts


async def test_many_makes_one_call_for_each_item(katapult: KatapultClient, exchanges: Exchanges) -> None:
    def target(network: str) -> str:
        return f"/networks/network/ips?network%5Bid%5D={network}"

    for number in range(5):
        exchanges.respond(target(f"netw_{number}"), available_ips_body(number))
    ips = Endpoint(path="/networks/network/ips", answer="ip_addresses", type=list[dict[str, object]])

    async def count(network: str) -> int:
        return len(await katapult.call(ips, arguments={"network[id]": network}))

    batch: Batch[str, int] = katapult.many(count, (f"netw_{number}" for number in range(5)), concurrency=2)
    async with batch as outcomes:
        counts = {outcome.key: outcome.value async for outcome in outcomes if isinstance(outcome, Succeeded)}
    assert counts == {f"netw_{number}": number for number in range(5)}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"concurrency": 0}, "concurrency must be a whole number"),
        ({"max_wait": math.nan}, "max_wait must be 0 seconds or more"),
        ({"timeout": -1}, "timeout must be 0 seconds or more"),
    ],
)
def test_invalid_setting_of_a_batch_raises_usage_error_at_once(settings: dict[str, Any], message: str) -> None:
    katapult = KatapultClient(TOKEN)
    with pytest.raises(UsageError, match=f"^{message}"):
        katapult.many(katapult.virtual_machine_network_interfaces.get, ["vmnet_1"], **settings)
    with pytest.raises(UsageError, match=f"^{message}"):
        katapult.virtual_machine_network_interfaces.available_ips_many(["a"], address_versions=["ipv4"], **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"organization": ""}, "organization must be"),
        ({"organization": 5}, "organization must be an id or SubDomain"),
        ({"concurrency": 1001}, "concurrency must be"),
        ({"timeout": math.nan}, "timeout must be"),
        ({"max_wait": -1.0}, "max_wait must be"),
    ],
)
def test_invalid_setting_of_a_fleet_raises_usage_error_at_once(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        KatapultClient(TOKEN).fleet(**settings)


@pytest.mark.parametrize(
    "call",
    [
        lambda katapult, options: katapult.fleet(**options),
        lambda katapult, options: katapult.pages(attrs.evolve(ZONES, paginated=True), **options),
        lambda katapult, options: katapult.tags.list(organization="org_1", **options),
    ],
)
def test_unknown_option_of_a_list_raises_type_error_at_once(
    call: Callable[[KatapultClient, dict[str, Any]], object],
) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'timeuot'"):
        call(KatapultClient(TOKEN), {"timeuot": 5})


async def test_fleet_requests_organizations_and_then_their_machines(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond("/organizations", {"organizations": [ORGANIZATION]})
    async with katapult.fleet() as interfaces:
        with pytest.raises(IncompleteListError, match=ORGANIZATION["id"]):  # no other response is prepared
            await anext(interfaces)
        assert [failure.key for failure in interfaces.failures] == [ORGANIZATION["id"]]
    async with katapult.fleet(organization=SubDomain("acme")) as interfaces:
        with pytest.raises(ConnectError):
            await anext(interfaces)
    assert [sent.url.removeprefix(BASE_URL).partition("&")[0] for sent in exchanges.sent] == [
        "/organizations",
        f"/organizations/organization/virtual_machines?organization%5Bid%5D={ORGANIZATION['id']}",
        "/organizations/organization/virtual_machines?organization%5Bsub_domain%5D=acme",
    ]


async def test_rejected_token_raises_authentication_error_for_any_endpoint(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.respond("/organizations", error_body("invalid_api_token"), status=403)
    exchanges.respond("/zones", error_body("missing_api_token"), status=400)
    with pytest.raises(AuthenticationError):
        await anext(aiter(katapult.organizations.list()))
    with pytest.raises(AuthenticationError):
        await katapult.call(ZONES)
