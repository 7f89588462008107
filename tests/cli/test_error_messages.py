"""The message of an error: first what happened, then the request, then what to do."""

import re
from pathlib import Path

import attrs
import pytest

import katapult_async
from katapult_async import (
    AuthenticationError,
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    KatapultError,
    MissingObject,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitWait,
    RateLimitWaitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    TaskState,
    TaskTimeoutError,
)
from katapult_async.cli.error_messages import message_of, short_message_of
from tests.cli.conftest import Command

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
def test_message_begins_with_what_happened(error: KatapultError, message: str) -> None:
    assert short_message_of(error) == message
    assert message_of(error, token_source="KATAPULT_API_KEY").startswith(message)


MISSING_NETWORK = MissingObject(kind="network", key="id", value="public", id_prefix="netw_", lookups=("Permalink",))
TASK = TaskState(id="task_1", status="running")
WAIT = RateLimitWait(permitted=1, remaining=0, resets_at=None, retry_after=9.0, max_wait=1.0)
TRASH_DETAIL = {"trash_object": {"id": "trsh_1"}}


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NotFoundError(attrs.evolve(PROBLEM, missing=MISSING_NETWORK)), "name it by its id (netw_...) or permalink"),
        (
            NotFoundError(
                attrs.evolve(PROBLEM, missing=attrs.evolve(MISSING_NETWORK, lookups=("IPv4Address", "IPv6Address")))
            ),
            "name it by its id (netw_...) or IP address",
        ),
        (
            NotFoundError(attrs.evolve(PROBLEM, missing=attrs.evolve(MISSING_NETWORK, value="netw_1"))),
            "check the id, and that the token can see the object",
        ),
        (
            NotFoundError(
                attrs.evolve(PROBLEM, missing=attrs.evolve(MISSING_NETWORK, key="api_reference", id_prefix=""))
            ),
            "check the API reference, and that the token can see the object",
        ),
        (
            NotFoundError(attrs.evolve(PROBLEM, code="route_not_found")),
            "check the path, and KATAPULT_API_URL (Katapult's ends in /core/v1)",
        ),
        (
            NotAcceptableError(attrs.evolve(PROBLEM, code="object_in_trash", detail=TRASH_DETAIL)),
            "`katapult-async trash restore trsh_1` brings it back",
        ),
        (  # quoted, because users paste the command into a shell
            NotAcceptableError(
                attrs.evolve(PROBLEM, code="object_in_trash", detail={"trash_object": {"id": "$(reboot)"}})
            ),
            "`katapult-async trash restore '$(reboot)'` brings it back",
        ),
        (
            TaskTimeoutError(attrs.evolve(TASK, id="a; reboot")),
            "it continues at Katapult: follow it with `katapult-async tasks wait 'a; reboot'`",
        ),
        (
            ConflictError(attrs.evolve(PROBLEM, code="no_available_addresses")),
            "use the other address version, or --new",
        ),
        (
            ConnectError(attrs.evolve(PROBLEM, sent=False, failure="connect")),
            "check KATAPULT_API_URL, DNS and the network",
        ),
        (ConnectError(attrs.evolve(PROBLEM, sent=False, failure="proxy")), "check HTTPS_PROXY"),
        (
            ConnectError(attrs.evolve(PROBLEM, sent=False, failure="local")),
            "check the limits and permissions of this process",
        ),
        (
            BadResponseError(attrs.evolve(PROBLEM, code=None, reason=BadResponseReason.REDIRECT)),
            "check the path, and KATAPULT_API_URL (Katapult's ends in /core/v1); report it if it persists",
        ),
        (
            BadResponseError(attrs.evolve(PROBLEM, code=None, reason=BadResponseReason.UNREADABLE)),
            "check the path, and KATAPULT_API_URL (Katapult's ends in /core/v1); report it if it persists",
        ),
        (RequestTimeoutError(PROBLEM), "try again"),
        (
            RequestTimeoutError(attrs.evolve(PROBLEM, method="POST", idempotent=False, status=None)),
            "Katapult may have done it: check before you send it again",
        ),
        (RequestTimeoutError(attrs.evolve(PROBLEM, method="POST", idempotent=True)), "try again"),
        (RateLimitWaitError(WAIT), "try again later"),
        (TaskTimeoutError(TASK), "it continues at Katapult: follow it with `katapult-async tasks wait task_1`"),
    ],
)
def test_advice_names_commands_and_options_instead_of_methods(error: KatapultError, advice: str) -> None:
    assert message_of(error, token_source="") == f"{error.args[0]}; {advice}"


def test_description_from_the_server_is_quoted_unchanged() -> None:
    error = ServiceUnavailableError(attrs.evolve(PROBLEM, description="Down: check the proxy, check the base URL"))
    assert "Down: check the proxy, check the base URL (" in message_of(error, token_source="")


DENIED = attrs.evolve(PROBLEM, code="scope_not_granted", description="no", detail={"scopes": ["a", "b"]})


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ServiceUnavailableError(PROBLEM), "; try again later"),
        (AuthenticationError(PROBLEM), "; the token comes from KATAPULT_API_KEY"),
        (PermissionDeniedError(DENIED), "; give the token one of the scopes a, b, or use another"),
        (
            DisconnectedError(attrs.evolve(PROBLEM, method="POST", idempotent=False, status=None)),
            "; Katapult may have done it: check before you send it again",
        ),
    ],
)
def test_message_ends_with_what_to_do(error: KatapultError, advice: str) -> None:
    assert message_of(error, token_source="KATAPULT_API_KEY").endswith(advice)
    assert advice not in short_message_of(error)


KINDS = sorted(
    {
        kind
        for file in Path(katapult_async.__file__).with_name("resources").glob("*.py")
        for kind in re.findall(r'TaskState\(kind="([^"]+)"', file.read_text(encoding="utf-8"))
    }
)
"""The kinds of objects that methods of the resources wait for."""


@pytest.mark.parametrize("kind", [*KINDS, "task"])
def test_error_of_a_wait_names_the_command_that_continues_the_wait(kind: str, command: Command) -> None:
    message = message_of(TaskTimeoutError(TaskState(kind=kind, id="a_1")), token_source="")
    [line] = re.findall(r"; it continues at Katapult: follow it with `katapult-async (.* a_1.*)`$", message)
    result = command(*line.split(), "--help")
    assert result.code == 0
    assert all(option in result.out for option in re.findall(r"--\S+", line))
