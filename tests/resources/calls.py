"""Calls of methods as rows: what is asked of the client, what is sent for it, and what comes back."""

import datetime
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import attrs
import pytest
from yarl import URL

from katapult_async import KatapultClient, UsageError
from katapult_async.resources.pages import Pages
from tests.bodies import Json
from tests.exchanges import BASE_URL, Exchanges

Query = Sequence[tuple[str, str]]
PAGED: Final[Query] = (("page", "1"), ("per_page", "200"))
"""What follows the arguments of a list in pages."""


@attrs.frozen(kw_only=True)
class Row:
    """One call, the request that it makes, and its answer."""

    call: Callable[[KatapultClient], Awaitable[Any] | Pages[Any]]
    """What the caller writes."""

    method: str = "GET"
    path: str
    query: Query = ()
    body: Json | None = None
    answer: Json
    """The whole answer."""

    said: object = None
    """The part of it that the value says, in Katapult's words."""


async def outcome(made: Awaitable[Any] | Pages[Any]) -> Any:
    """Return what a method gives; of pages, the whole list."""
    return [each async for each in made] if isinstance(made, Pages) else await made


def words(value: Any) -> Any:
    """Return what a value says in Katapult's words: plain JSON, without what is null or empty."""
    if isinstance(value, datetime.datetime):
        assert value.tzinfo is datetime.UTC
        return int(value.timestamp())
    if isinstance(value, list | tuple):
        return [words(each) for each in value]
    if attrs.has(type(value)):
        value = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    if isinstance(value, dict):
        return {name: words(each) for name, each in value.items() if each is not None and each not in ((), [])}
    return value


async def check(row: Row, katapult: KatapultClient, exchanges: Exchanges) -> None:
    """Hold a call against its row: exactly one request, exactly as written, and all of the answer in the value."""
    target = URL(BASE_URL + row.path).with_query(row.query)
    exchanges.respond(str(target).removeprefix(BASE_URL), row.answer, method=row.method)
    value = await outcome(row.call(katapult))
    assert words(value) == words(row.said)
    [sent] = exchanges.sent
    url = URL(sent.url)
    assert (sent.method, str(url.with_query(None))) == (row.method, BASE_URL + row.path)
    assert tuple(url.query.items()) == tuple(row.query)
    assert sent.headers.get("Content-Type") == (None if row.body is None else "application/json")
    data = sent.settings["data"]
    assert (None if data is None else json.loads(bytes_of(data))) == row.body


def bytes_of(data: object) -> bytes:
    """Return a body, which is bytes: nothing else would be sent as it is."""
    assert isinstance(data, bytes)
    return data


@attrs.frozen
class Mistake:
    """A call with an argument that is no such thing, and how the refusal begins."""

    call: Callable[[KatapultClient], Awaitable[Any] | Pages[Any]]
    said: str


async def refuse(mistake: Mistake, katapult: KatapultClient, exchanges: Exchanges) -> None:
    """Hold a mistaken call to being refused before anything is sent."""
    with pytest.raises(UsageError, match=f"^{re.escape(mistake.said)}"):
        await outcome(mistake.call(katapult))
    assert exchanges.sent == []
