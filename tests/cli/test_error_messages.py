"""Errors in plain words: the fact first, then the request, then what to do."""

import attrs
import pytest

import katapult_async
from katapult_async import (
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    ServiceUnavailableError,
    UnprocessableError,
)
from katapult_async.cli.error_messages import KINDS, kind_of, message_of, short_message_of

PROBLEM = Problem(
    method="GET",
    path="/virtual_machines/virtual_machine",
    arguments=(("page", "1"), ("virtual_machine[fqdn]", "nope.larch.example")),
    description="No virtual machine was found.",
    status=404,
    code="virtual_machine_not_found",
    request_id="r",
    attempts=2,
)
DETAILS = "404 virtual_machine_not_found, request r, 2 attempts"
REQUEST = "GET /virtual_machines/virtual_machine?page=1&virtual_machine[fqdn]=nope.larch.example"


def test_every_class_of_error_has_words_of_its_own() -> None:
    classes = {
        name
        for name in katapult_async.__all__
        if isinstance(each := getattr(katapult_async, name), type) and issubclass(each, KatapultError)
    }
    assert set(KINDS) == classes
    assert len(set(KINDS.values())) == len(KINDS)
    assert not [words for words in KINDS.values() if "Error" in words]


def test_class_without_words_has_those_of_its_base() -> None:
    class NewError(ConnectError):
        pass

    assert kind_of(NewError(PROBLEM)) == "no connection"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NotFoundError(PROBLEM), f"No virtual machine was found ({DETAILS}): {REQUEST}"),
        (
            ConnectError(Problem(method="GET", path="/x", description="Cannot connect.")),
            "Cannot connect (1 attempt): GET /x",
        ),
        (ClientClosedError("the client is closed"), "the client is closed"),
    ],
)
def test_message_begins_with_the_fact(error: KatapultError, message: str) -> None:
    assert short_message_of(error) == message
    assert message_of(error, token_source="KATAPULT_API_KEY").startswith(message)


def test_rejected_values_come_first() -> None:
    detail = {"errors": ["Label can't be blank", "Name is taken"]}
    error = UnprocessableError(attrs.evolve(PROBLEM, detail=detail))
    assert message_of(error, token_source="") == f"Label can't be blank; Name is taken: {error}"


def test_what_is_wrong_with_a_specification_comes_first() -> None:
    """The description of ``invalid_spec_xml`` names nothing; its detail does."""
    detail = {"errors": "Package does not name a virtual machine package: smal"}
    error = BadRequestError(attrs.evolve(PROBLEM, detail=detail))
    assert message_of(error, token_source="") == f"Package does not name a virtual machine package: smal: {error}"


DENIED = attrs.evolve(PROBLEM, code="scope_not_granted", description="no", detail={"scopes": ["a", "b"]})


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ServiceUnavailableError(PROBLEM), "; try again later"),
        (AuthenticationError(PROBLEM), "; the token comes from KATAPULT_API_KEY"),
        (PermissionDeniedError(DENIED), "; the token needs one of the scopes a, b"),
        (
            DisconnectedError(attrs.evolve(PROBLEM, method="POST")),
            "; Katapult may have done it: check before you send it again",
        ),
    ],
)
def test_message_ends_with_what_to_do(error: KatapultError, advice: str) -> None:
    assert message_of(error, token_source="KATAPULT_API_KEY").endswith(advice)
    assert advice not in short_message_of(error)
