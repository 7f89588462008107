"""The comparison with the document reports every kind of difference."""

import copy
from typing import Any

import pytest

from .comparison import all_differences, differences
from .document import DOCUMENT, Document, table
from .library import ENDPOINTS

LIST = "GET /organizations/organization/ip_addresses"
CREATE = "POST /organizations/organization/ip_addresses"
GET = "GET /virtual_machines/virtual_machine"
BALANCERS = "GET /organizations/organization/load_balancers"
UNALLOCATE = "POST /ip_addresses/ip_address/unallocate"
MACHINE = ("response", "virtual_machine*")


def differences_after_change(name: str, *path: str, **changes: Any) -> list[str]:
    """Return the differences of an operation when its documentation is changed.

    Args:
        name: name of the operation.
        path: names of the objects around the change.
        changes: new values, by their marked names, with ``__`` for ``*`` and ``LIST`` for ``[]``; None removes a name.
    """
    facts = copy.deepcopy(table()[name])
    inside = facts
    for step in path:
        inside = inside.setdefault(step, {})
    for key, value in changes.items():
        marked = key.replace("__", "*").replace("LIST", "[]")
        inside.pop(marked, None)
        if value is not None:
            inside[marked] = value
    return [difference.removeprefix(f"{name}: ") for difference in differences(name, facts)]


CHANGES = {
    "the scopes are ['compute'], not ['virtual_machines', 'virtual_machines:read']": differences_after_change(
        GET, scopes=["compute"]
    ),
    "the response has pages": differences_after_change(GET, "query", page="integer"),
    "the response has no pages": differences_after_change(LIST, "query", page=None),
    "the argument sort of the query is not sent": differences_after_change(LIST, "query", sort="string"),
    "allocated is not an argument of the query": differences_after_change(LIST, "query", allocated=None),
    "the argument note of the body is not sent": differences_after_change(CREATE, "body", note="string"),
    "label is not an argument of the body": differences_after_change(CREATE, "body", label=None),
    "the argument vip has the type string": differences_after_change(CREATE, "body", vip="string"),
    "the argument version is one of ipv5": differences_after_change(CREATE, "body", version__="string=ipv5"),
    "the argument version is one of ipv4|ipv6|ipv8": differences_after_change(
        CREATE, "body", version__="string=ipv4|ipv6|ipv8"
    ),
    "the argument label is required": differences_after_change(CREATE, "body", label=None, label__="string"),
    "the argument network is optional": differences_after_change(
        CREATE, "body", network__=None, network={"id": "string"}
    ),
    "no model has the field mood of the response": differences_after_change(GET, *MACHINE, mood="string"),
    "no model has the field zone.mood of the response": differences_after_change(GET, *MACHINE, "zone", mood="string"),
    "the field fqdn has the type integer": differences_after_change(GET, *MACHINE, fqdn="integer"),
    "the field fqdn is a list": differences_after_change(GET, *MACHINE, fqdn=None, fqdnLIST="string"),
    "the field fqdn is an enum: a|b": differences_after_change(GET, *MACHINE, fqdn="string=a|b"),
    "the field state is one of on|off": differences_after_change(GET, *MACHINE, state="string=on|off"),
    "the field resource_type is an enum: a|b": differences_after_change(
        BALANCERS, "response", "load_balancers[]*", resource_type="string=a|b"
    ),
    "the response has no field ip_address": differences_after_change(
        CREATE, "response", ip_address__=None, address__={}
    ),
    "the field task of the response is ignored": differences_after_change(CREATE, "response", task__={}),
    "the field ip_address is a list": differences_after_change(
        CREATE, "response", ip_address__=None, ip_addressLIST__={}
    ),
    "the response is empty": differences_after_change(CREATE, response=None),
    "the response is text": differences_after_change(CREATE, response="text"),
    "the error 406 object_in_trash is not named (NotAcceptableError)": differences_after_change(
        UNALLOCATE, "errors", **{"406": ["object_in_trash"]}
    ),
}


@pytest.mark.parametrize("line", CHANGES)
def test_change_of_the_document_is_reported(line: str) -> None:
    assert line in CHANGES[line]


@pytest.mark.skipif(not DOCUMENT.exists(), reason="the OpenAPI document is not part of the repository")
def test_new_and_removed_operations_are_reported() -> None:
    content = copy.deepcopy(Document.read(DOCUMENT).content)
    content["paths"]["/moods"] = {"get": content["paths"]["/zones"]["get"]}
    del content["paths"]["/zones"]
    del content["paths"]["/tasks/task"]
    lines = list(all_differences(Document(content)))
    assert lines == [
        "GET /moods: new in the document",
        "GET /tasks/task: no longer in the document",
        "GET /zones: no longer in the document",
    ]
    assert {"GET /tasks/task", "GET /zones"} <= set(ENDPOINTS)
