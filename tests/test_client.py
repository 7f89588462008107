"""The client: how it is made, opened, shared and closed."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import aiohttp
import attrs
import pytest

from katapult_async import (
    AuthenticationError,
    BadResponseError,
    BadResponseReason,
    Batch,
    ClientClosedError,
    ConnectError,
    Endpoint,
    KatapultClient,
    SubDomain,
    Succeeded,
    UsageError,
    Zone,
    __version__,
)
from katapult_async.core.endpoints import Nothing

from .bodies import ORGANIZATION, free, pagination, refusal
from .exchanges import BASE_URL, TOKEN, Exchanges

ZONES = Endpoint(path="/zones", answer="zones", type=list[Zone])
ANSWER = {"zones": [{"id": "zone_1"}]}


async def test_a_client_is_used_inside_async_with(exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER)
    async with KatapultClient(TOKEN) as katapult:
        assert await katapult.call(ZONES) == [Zone(id="zone_1")]
    with pytest.raises(ClientClosedError, match="the client is closed; make a new one"):
        await katapult.call(ZONES)


async def test_a_client_is_used_between_open_and_aclose(exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER)
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
async def test_before_it_is_open_a_client_says_what_to_do(use: str) -> None:
    with pytest.raises(ClientClosedError, match="the client is not open; use it inside `async with`"):
        await USES[use](KatapultClient(TOKEN))


@pytest.mark.parametrize("use", ["call", "a method", "a list"])
async def test_after_it_was_closed_a_client_says_what_to_do(use: str) -> None:
    async with KatapultClient(TOKEN) as katapult:
        pass
    with pytest.raises(ClientClosedError, match="the client is closed; make a new one"):
        await USES[use](katapult)


async def test_the_rate_limit_is_known_only_while_it_is_open() -> None:
    katapult = KatapultClient(TOKEN)
    with pytest.raises(ClientClosedError, match="not open"):
        _ = katapult.rate_limit
    async with katapult:
        assert katapult.rate_limit.permitted is None
    with pytest.raises(ClientClosedError, match="closed"):
        _ = katapult.rate_limit


async def test_the_rate_limit_is_as_the_last_answer_told(exchanges: Exchanges) -> None:
    headers = {"X-Ratelimit-Permitted": "1000", "X-Ratelimit-Remaining": "987", "Date": "Fri, 01 Mar 2024 10:00:20 GMT"}
    exchanges.answers("/zones", ANSWER, headers=headers)
    async with KatapultClient(TOKEN) as katapult:
        await katapult.call(ZONES)
        limit = katapult.rate_limit
    assert (limit.permitted, limit.remaining, limit.queued, limit.in_flight) == (1000, 987, 0, 0)
    assert limit.resets_at == 1_709_287_260.0


async def test_a_client_is_entered_once() -> None:
    async with KatapultClient(TOKEN) as katapult:
        with pytest.raises(ClientClosedError, match="the client is open already"):
            await katapult.open()
    with pytest.raises(ClientClosedError, match="the client is closed; make a new one"):
        await katapult.open()


async def test_a_client_that_was_never_open_can_be_closed_and_not_opened_any_more() -> None:
    katapult = KatapultClient(TOKEN)
    await katapult.aclose()
    with pytest.raises(ClientClosedError, match="make a new one"):
        await katapult.open()


def test_a_client_may_be_made_where_no_loop_runs_and_used_where_one_does(exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER)
    katapult = KatapultClient(TOKEN)

    async def main() -> list[Zone]:
        async with katapult:
            return await katapult.call(ZONES)

    assert asyncio.run(main()) == [Zone(id="zone_1")]


def test_without_a_loop_a_client_says_what_to_do() -> None:
    with asyncio.Runner() as runner:
        katapult = runner.run(KatapultClient(TOKEN).open())
        with pytest.raises(ClientClosedError, match="no asyncio event loop is running"):
            _ = katapult.rate_limit
        runner.run(katapult.aclose())


def test_from_another_loop_a_client_says_what_to_do() -> None:
    with asyncio.Runner() as home, asyncio.Runner() as away:
        katapult = home.run(KatapultClient(TOKEN).open())
        with pytest.raises(ClientClosedError, match="the client belongs to another event loop"):
            away.run(katapult.call(ZONES))
        with pytest.raises(ClientClosedError, match="close it there"):
            away.run(katapult.aclose())
        home.run(katapult.aclose())


async def test_a_callers_session_is_used_and_stays_open(exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER)
    async with aiohttp.ClientSession() as session:
        async with KatapultClient(TOKEN, session=session) as katapult:
            await katapult.call(ZONES)
            assert katapult.rate_limit.in_flight == 0
        assert not session.closed


async def test_closing_ends_a_batch_with_every_item_accounted_for(exchanges: Exchanges) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    exchanges.answers("/zones", callback=hang, repeat=True)
    katapult = await KatapultClient(TOKEN).open()
    async with katapult.many(lambda _: katapult.call(ZONES), range(20), concurrency=3) as outcomes:
        await asyncio.sleep(0.01)
        await katapult.aclose()
        found = [outcome async for outcome in outcomes]
    assert sorted(outcome.key for outcome in found) == list(range(20))
    assert not any(isinstance(outcome, Succeeded) for outcome in found)


async def test_an_error_in_the_body_of_async_with_stays_itself() -> None:
    with pytest.raises(ZeroDivisionError):
        async with KatapultClient(TOKEN):
            raise ZeroDivisionError


def test_a_client_shows_where_it_leads_and_no_token() -> None:
    assert repr(KatapultClient(TOKEN)) == f"KatapultClient('***', base_url='{BASE_URL}')"


@pytest.mark.parametrize("name", ["organizations", "virtual_machine_network_interfaces", "ip_addresses", "tasks"])
def test_a_resource_is_made_once(name: str) -> None:
    katapult = KatapultClient(TOKEN)
    assert getattr(katapult, name) is getattr(katapult, name)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": ""}, "the token is empty"),
        ({"token": None}, "the token must be a string, not NoneType"),
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
        ({"session": "mine"}, "session must be "),
        ({"on_wait": 5}, "on_wait must be "),
        ({"on_retry": "print"}, "on_retry must be "),
    ],
)
def test_a_malformed_setting_is_refused_when_the_client_is_made(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}"):
        KatapultClient(settings.pop("token", TOKEN), **settings)


async def test_a_token_may_come_from_a_callable_that_is_asked_each_time(exchanges: Exchanges) -> None:
    tokens = iter(["first", " second\n", ""])
    exchanges.answers("/zones", ANSWER, repeat=True)
    async with KatapultClient(lambda: next(tokens)) as katapult:
        await katapult.call(ZONES)
        await katapult.call(ZONES)
        with pytest.raises(UsageError, match="the token is empty"):
            await katapult.call(ZONES)
    assert [str(sent.headers["Authorization"]) for sent in exchanges.sent] == ["Bearer first", "Bearer second"]


async def test_a_token_is_sent_without_the_white_space_around_it(exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER)
    async with KatapultClient(f"  {TOKEN}\n") as katapult:
        await katapult.call(ZONES)
    assert str(exchanges.sent[0].headers["Authorization"]) == f"Bearer {TOKEN}"


@pytest.mark.parametrize(("given", "sent"), [(None, f"katapult_async/{__version__}"), ("mine/2", "mine/2")])
async def test_the_user_agent_is_the_librarys_or_the_callers(
    exchanges: Exchanges, given: str | None, sent: str
) -> None:
    exchanges.answers("/zones", ANSWER)
    async with KatapultClient(TOKEN, user_agent=given) as katapult:
        await katapult.call(ZONES)
    assert exchanges.sent[0].headers["User-Agent"] == sent


async def test_an_answer_may_be_as_large_as_max_body_says(exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER, repeat=True)
    async with KatapultClient(TOKEN, max_body=10) as katapult:
        with pytest.raises(BadResponseError) as caught:
            await katapult.call(ZONES)
    assert caught.value.reason is BadResponseReason.TOO_LARGE


async def test_call_reaches_an_operation_that_has_no_method(katapult: KatapultClient, exchanges: Exchanges) -> None:
    start = Endpoint(path="/virtual_machines/virtual_machine/start", answer="task", type=Zone, method="POST")
    target = "/virtual_machines/virtual_machine/start?virtual_machine%5Bid%5D=vm_1"
    exchanges.answers(target, {"task": {"id": "task_1"}}, method="POST")
    assert await katapult.call(start, arguments={"virtual_machine[id]": "vm_1"}) == Zone(id="task_1")


async def test_call_sends_a_body_as_json_beside_the_query(katapult: KatapultClient, exchanges: Exchanges) -> None:
    rename = Endpoint(path="/zones/zone", answer=None, type=Nothing, method="PATCH")
    exchanges.answers("/zones/zone?zone%5Bid%5D=zone_1", {}, method="PATCH")
    body = {"properties": {"name": "Zone \u00fc", "group": None}}
    assert await katapult.call(rename, arguments={"zone[id]": "zone_1"}, body=body) == Nothing()
    [sent] = exchanges.sent
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.settings["data"] == b'{"properties": {"name": "Zone \\u00fc", "group": null}}'


async def test_call_without_a_body_sends_none_and_no_type_of_one(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.answers("/zones", ANSWER)
    await katapult.call(ZONES)
    [sent] = exchanges.sent
    assert sent.settings["data"] is None
    assert "Content-Type" not in sent.headers


async def test_a_body_is_what_it_was_when_the_call_was_made(katapult: KatapultClient, exchanges: Exchanges) -> None:
    exchanges.answers("/zones", ANSWER, method="POST")
    body: dict[str, object] = {"name": "first"}
    call = asyncio.create_task(katapult.call(attrs.evolve(ZONES, method="POST"), body=body))
    await asyncio.sleep(0)
    body["name"] = "second"
    await call
    assert exchanges.sent[0].settings["data"] == b'{"name": "first"}'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([1], "body must be Mapping, not a list"),
        ({"size": math.nan}, "body must be a JSON object of plain values: "),
        ({"at": object()}, "body must be a JSON object of plain values: "),
    ],
)
async def test_call_refuses_a_body_that_json_cannot_say(
    katapult: KatapultClient, exchanges: Exchanges, body: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=f"^{said}"):
        await katapult.call(ZONES, body=body)
    assert exchanges.sent == []


async def test_pages_reaches_a_list_that_has_no_method(katapult: KatapultClient, exchanges: Exchanges) -> None:
    tasks = Endpoint(path="/tasks", answer="tasks", type=list[Zone], paginated=True)
    for page, count in ((1, 200), (2, 1)):
        body = {"tasks": [{"id": f"task_{page}_{number}"} for number in range(count)]}
        beside = {"pagination": pagination(page, total=201)}
        exchanges.answers(f"/tasks?state=done&page={page}&per_page=200", body | beside)
    found = [task.id async for task in katapult.pages(tasks, arguments={"state": "done"})]
    assert (len(found), found[-1]) == (201, "task_2_0")
    with pytest.raises(UsageError, match=r"use katapult.pages\(endpoint\)"):
        await katapult.call(tasks)


@pytest.mark.parametrize("endpoint", [None, "/zones", Endpoint])
async def test_what_is_no_endpoint_is_refused(katapult: KatapultClient, endpoint: Endpoint[list[Zone]]) -> None:
    with pytest.raises(UsageError, match=r"^endpoint must be Endpoint, not "):
        await katapult.call(endpoint)
    with pytest.raises(UsageError, match=r"^endpoint must be Endpoint, not "):
        katapult.pages(endpoint)


async def test_call_refuses_arguments_that_are_no_strings(katapult: KatapultClient, exchanges: Exchanges) -> None:
    with pytest.raises(UsageError, match=r"^page must be a string, not 1"):
        await katapult.call(ZONES, arguments={"page": 1})  # type: ignore[dict-item] # the mistake that is tested
    assert exchanges.sent == []


async def test_many_makes_one_call_for_each_item(katapult: KatapultClient, exchanges: Exchanges) -> None:
    def target(network: str) -> str:
        return f"/networks/network/ips?network%5Bid%5D={network}"

    for number in range(5):
        exchanges.answers(target(f"netw_{number}"), free(number))
    ips = Endpoint(path="/networks/network/ips", answer="ip_addresses", type=list[dict[str, object]])

    async def count(network: str) -> int:
        return len(await katapult.call(ips, arguments={"network[id]": network}))

    made: Batch[str, int] = katapult.many(count, (f"netw_{number}" for number in range(5)), concurrency=2)
    async with made as outcomes:
        found = {outcome.key: outcome.value async for outcome in outcomes if isinstance(outcome, Succeeded)}
    assert found == {f"netw_{number}": number for number in range(5)}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"concurrency": 0}, "concurrency must be a whole number"),
        ({"max_wait": math.nan}, "max_wait must be 0 seconds or more"),
        ({"timeout": -1}, "timeout must be 0 seconds or more"),
    ],
)
def test_many_refuses_settings_that_are_no_such_thing_at_once(settings: dict[str, Any], said: str) -> None:
    katapult = KatapultClient(TOKEN)
    with pytest.raises(UsageError, match=f"^{said}"):
        katapult.many(katapult.virtual_machine_network_interfaces.get, ["vmnet_1"], **settings)
    with pytest.raises(UsageError, match=f"^{said}"):
        katapult.virtual_machine_network_interfaces.available_ips_many(["a"], address_versions=["ipv4"], **settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"organization": ""}, "organization must be"),
        ({"organization": 5}, "organization must be an id or SubDomain"),
        ({"concurrency": 1001}, "concurrency must be"),
    ],
)
def test_a_fleet_refuses_settings_that_are_no_such_thing_at_once(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}"):
        KatapultClient(TOKEN).fleet(**settings)


async def test_a_fleet_begins_with_the_organizations_of_the_token(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.answers("/organizations", {"organizations": [ORGANIZATION]})
    async with katapult.fleet() as interfaces:
        assert [interface async for interface in interfaces] == []  # nothing more is prepared
        assert [failure.key for failure in interfaces.failures] == [ORGANIZATION["id"]]
    async with katapult.fleet(organization=SubDomain("acme")) as interfaces:
        with pytest.raises(ConnectError):
            await anext(interfaces)
    assert [sent.url.removeprefix(BASE_URL).partition("&")[0] for sent in exchanges.sent] == [
        "/organizations",
        f"/organizations/organization/virtual_machines?organization%5Bid%5D={ORGANIZATION['id']}",
        "/organizations/organization/virtual_machines?organization%5Bsub_domain%5D=acme",
    ]


async def test_a_refused_token_is_an_authentication_error_whatever_was_asked(
    katapult: KatapultClient, exchanges: Exchanges
) -> None:
    exchanges.answers("/organizations", refusal("invalid_api_token"), status=403)
    exchanges.answers("/zones", refusal("missing_api_token"), status=400)
    with pytest.raises(AuthenticationError):
        await anext(aiter(katapult.organizations.list()))
    with pytest.raises(AuthenticationError):
        await katapult.call(ZONES)
