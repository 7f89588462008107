"""Every documented argument of every operation is sent by its method, under its name, as its type, where it belongs."""

import contextlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from yarl import URL

from katapult_async import AddressVersion, KatapultClient, KatapultError
from tests.exchanges import BASE_URL, Exchanges
from tests.resources.calls import outcome

from .document import Shape
from .endpoints import ENDPOINTS, OPERATIONS, plain
from .uses import USES

KINDS: Final[dict[str, type]] = {"string": str, "integer": int, "boolean": bool}
SAID_OTHERWISE: Final = {
    "interface_id": "virtual_machine_network_interface",
    "virtual_network_id": "virtual_network",
    "task_id": "task",
    "name": "properties",  # which holds the name and nothing else
}
"""Names of parameters that are not those of the document."""


def documented(shape: Shape, before: str = "") -> Iterator[tuple[str, str]]:
    """Return the names and types of arguments, flat, as a query writes them."""
    for marked, inner in shape.items():
        name = f"{before}[{plain(marked)}]" if before else plain(marked)
        if isinstance(inner, dict):
            yield from documented(inner, name)
        else:
            yield name, inner


def flat(body: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Return the names and values of a body, flat, as a query writes them."""
    for key, value in body.items():
        name = f"{before}[{key}]" if before else key
        if isinstance(value, dict):
            yield from flat(value, name)
        else:
            yield name, value


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_argument_is_sent_under_its_name_and_no_other(
    katapult: KatapultClient, exchanges: Exchanges, name: str
) -> None:
    facts = OPERATIONS[name]
    for arguments in USES[name].calls:
        with contextlib.suppress(KatapultError):  # no answer is prepared
            await outcome(USES[name].of(katapult)(**arguments))
    assert {f"{sent.method} {URL(sent.url).path.removeprefix('/core/v1')}" for sent in exchanges.sent} == {name}
    assert all(sent.url.startswith(BASE_URL) for sent in exchanges.sent)
    queried = {key for sent in exchanges.sent for key in URL(sent.url).query}
    bodies = [json.loads(data) for sent in exchanges.sent if isinstance(data := sent.settings["data"], bytes)]
    written = [pair for body in bodies for pair in flat(body)]
    in_query = {key.rstrip("*") for key in facts.get("query", {})}
    in_body = dict(documented(facts.get("body", {})))
    if name.startswith("DELETE "):  # whose bodies some proxies drop; a lookup in the query does as well
        in_query, in_body = set(in_body), {}
    assert queried == in_query
    assert {key for key, _ in written} == set(in_body)
    for key, value in written:
        assert type(value) is KINDS[in_body[key].partition("=")[0]], key


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_list_is_walked_page_by_page_where_the_operation_has_pages(name: str) -> None:
    assert ENDPOINTS[name].paginated is ("page" in OPERATIONS[name].get("query", {}))


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_required_and_what_names_an_object_can_not_be_left_out_and_nothing_else(name: str) -> None:
    facts = OPERATIONS[name]
    marked = {plain(key) for part in ("query", "body") for key in facts.get(part, {}) if key.endswith("*")}
    lookups = {key.removesuffix("[id]") for key in facts.get("query", {}) if key.endswith("[id]")}
    parameters = inspect.signature(USES[name].of(KatapultClient("t"))).parameters.values()
    needed = {each.name for each in parameters if each.default is inspect.Parameter.empty}
    assert {SAID_OTHERWISE.get(key, key) for key in needed} == marked | lookups


def test_the_families_are_the_documented_ones() -> None:
    found = set(re.findall(r'"(?:version|address_version)\*": "string=([^"]*)"', json.dumps(OPERATIONS)))
    assert found == {"|".join(AddressVersion)}
