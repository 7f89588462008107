"""Errors in plain words: one line that begins with what went wrong. Pure."""

import shlex
from collections.abc import Mapping
from typing import Final

from katapult_async.cli.name_parsing import names_text
from katapult_async.environment import URL_VARIABLE
from katapult_async.errors import (
    AuthenticationError,
    BadResponseError,
    ConflictError,
    ConnectError,
    KatapultError,
    NotAcceptableError,
    NotFoundError,
    Problem,
    RateLimitWaitError,
    RequestError,
    RequestTimeoutError,
    TaskState,
    TaskTimeoutError,
)

_STATE_COMMANDS: Final[Mapping[str, str]] = {
    "build": "virtual-machine-builds wait {}",
    "object storage account": "object-storage-accounts wait --region {}",
    "object storage bucket": "object-storage-buckets wait {} --region ...",
    "task": "tasks wait {}",
}
"""By the kind of a `TaskState`: the command that waits for the end of the work. For other kinds it is ``get``."""


def short_message_of(error: KatapultError) -> str:
    """Return an error in one line without advice, for an error after which the command goes on."""
    return str(error.problem if isinstance(error, RequestError) else error)


def message_of(error: KatapultError, *, token_source: str) -> str:
    """Return an error in one line: what went wrong, the request, and what to do about it.

    Args:
        error: the error.
        token_source: where the token comes from; empty if that is unknown.
    """
    if isinstance(error, AuthenticationError) and token_source:
        return f"{error}; the token comes from {token_source}"
    advice = _advice(error)
    # `args[0]` is the text without the library's advice, which `str` adds.
    return f"{error.args[0]}; {advice}" if advice else str(error)


def _advice(error: KatapultError) -> str:
    """Return what a user of the command can do about an error; empty if the library's own advice fits."""
    advice = ""
    match error:
        case RequestError(problem=Problem(idempotent=False), may_have_happened=True):
            pass  # the library says what to check before the request is sent again
        case ConnectError(problem=Problem(failure="proxy")):
            advice = "check HTTPS_PROXY"
        case ConnectError(problem=Problem(failure="connect")):
            advice = f"check {URL_VARIABLE}, DNS and the network"
        case RequestTimeoutError():
            advice = "try again"
        case RateLimitWaitError():
            advice = "try again later"
        case NotFoundError() | BadResponseError(reason="unreadable" | "redirect"):
            advice = _advice_for_missing(error.problem)
        case NotAcceptableError(trash_object_id=str(trash_id)):
            advice = f"`katapult-async trash restore {shlex.quote(trash_id)}` brings it back"
        case ConflictError(code="no_available_addresses", method="GET"):
            advice = "use the other address version, or --new"
        case TaskTimeoutError(task=TaskState(kind=kind, id=name)):
            command = _STATE_COMMANDS.get(kind, f"{kind.replace(' ', '-')}s get {{}}")
            advice = f"it continues at Katapult: follow it with `katapult-async {command.format(shlex.quote(name))}`"
    return advice


def _advice_for_missing(problem: Problem) -> str:
    """Return the advice if the object was not found. Without a code, a server other than Katapult responded."""
    if problem.code in (None, "route_not_found"):
        report = "; report it if it persists" if problem.reason else ""
        return f"check the path, and KATAPULT_API_URL (Katapult's ends in /core/v1){report}"
    missing = problem.missing
    if missing is None or not missing.is_unlikely_id:
        return ""
    return f"name it by its {names_text(missing.id_prefix, missing.lookups)}"
