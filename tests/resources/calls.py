"""Calls of the client's methods as rows: a call, its request and its result, or the error of a wrong argument.

`test_calls` checks the rows of all modules of this folder: those in ``CALLS``, by name, and those in ``MISTAKES``.
"""

import datetime
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import attrs
import pytest
from yarl import URL

from katapult_async import KatapultClient, UsageError
from katapult_async.core.pagination import Pages
from katapult_async.models.field_names import json_name
from tests.bodies import Json
from tests.exchanges import BASE_URL, Exchanges

Query = Sequence[tuple[str, str]]
PAGED: Final[Query] = (("page", "1"), ("per_page", "200"))
"""The arguments of the first page of a list."""


def available_ips_target(interface_id: str = "vmnet_1", version: str = "ipv4") -> str:
    """Return the path and the query of the request for the available addresses of an interface."""
    path = "/virtual_machine_network_interfaces/virtual_machine_network_interface/available_ips/address_version"
    return f"{path}?virtual_machine_network_interface%5Bid%5D={interface_id}&address_version={version}"


@attrs.frozen(kw_only=True)
class Row:
    """One call, the request that it makes, and the response."""

    call: Callable[[KatapultClient], Awaitable[Any] | Pages[Any]]
    method: str = "GET"
    path: str
    query: Query = ()
    body: Json | None = None
    response: Json
    """The body of the response."""

    result: object = None
    """The part of the body that the result contains, as JSON."""


async def result_of(call: Awaitable[Any] | Pages[Any]) -> Any:
    """Return the result of a call; of pages, the whole list."""
    return [item async for item in call] if isinstance(call, Pages) else await call


def json_of(value: Any) -> Any:
    """Return a model as Katapult's JSON, without fields that are null or empty."""
    if isinstance(value, datetime.datetime):
        assert value.tzinfo is datetime.UTC
        return int(value.timestamp())
    if isinstance(value, list | tuple):
        return [json_of(item) for item in value]
    if attrs.has(type(value)):
        value = {json_name(field): getattr(value, field.name) for field in attrs.fields(type(value))}
    if isinstance(value, dict):
        return {name: json_of(inner) for name, inner in value.items() if inner is not None and inner not in ((), [])}
    return value


def bytes_of(data: object) -> bytes:
    """Return a body; check that it is bytes."""
    assert isinstance(data, bytes)
    return data


@attrs.frozen
class Mistake:
    """A call with a wrong argument, and the beginning of the error's text."""

    call: Callable[[KatapultClient], Awaitable[Any] | Pages[Any]]
    error: str


@attrs.frozen
class Checker:
    """Checks calls of a client, to whose requests ``exchanges`` responds."""

    katapult: KatapultClient
    exchanges: Exchanges

    async def call(self, row: Row) -> None:
        """Check that a call sends only the request of its row, and that the result has the whole response."""
        target = URL(BASE_URL + row.path).with_query(row.query)
        self.exchanges.respond(str(target).removeprefix(BASE_URL), row.response, method=row.method)
        value = await result_of(row.call(self.katapult))
        assert json_of(value) == json_of(row.result)
        [sent] = self.exchanges.sent
        url = URL(sent.url)
        assert (sent.method, str(url.with_query(None))) == (row.method, BASE_URL + row.path)
        assert tuple(url.query.items()) == tuple(row.query)
        data = sent.settings["data"]
        if row.body is None:
            assert data is None
            assert "Content-Type" not in sent.headers
        else:
            assert json.loads(bytes_of(data)) == row.body
            assert sent.headers["Content-Type"] == "application/json"

    async def usage_error(self, mistake: Mistake) -> None:
        """Check that a call raises the error of its row, a `UsageError`, before anything is sent."""
        with pytest.raises(UsageError, match=f"^{re.escape(mistake.error)}"):
            await result_of(mistake.call(self.katapult))
        assert self.exchanges.sent == []
