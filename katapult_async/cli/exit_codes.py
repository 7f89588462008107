"""The exit codes of the command, which scripts rely on. ``--help`` shows them, so this module loads nothing slow."""

import enum
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from katapult_async.errors import KatapultError


class ExitCode(enum.IntEnum):
    """What the command returns to the shell."""

    def __new__(cls, value: int, meaning: str) -> Self:
        """Make a member from its value and its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    meaning: str
    """What the code means, in a few words."""

    OK = 0, "every request succeeded"
    FAILURE = 1, "any other failure; also when the output cannot be written"
    USAGE = 2, "the command or an argument is wrong or ambiguous, or no token is set; nothing was changed"
    DENIED = 3, "the token is not accepted, or may not do this"
    NOT_FOUND = 4, "no such object, or none that the token can see"
    TOO_LATE = 5, "a deadline passed, or the rate limit did not allow the request in time"
    PARTIAL = 6, "some or all of several queries failed; the output says which"
    HUNG_UP = 129, "SIGHUP: the terminal was closed; the responses received until then have been written"
    INTERRUPTED = 130, "Ctrl-C; the responses received until then have been written"
    TERMINATED = 143, "SIGTERM; the responses received until then have been written"


EXIT_CODES_HELP: Final = "\b\nExit codes:\n" + "\n".join(f"  {code.value:<5}{code.meaning}" for code in ExitCode)
"""The table for ``--help``. The ``\\b`` keeps click from joining its lines."""


def exit_code_of(error: "KatapultError") -> ExitCode:
    """Return the exit code of a command that ends with one error."""
    from katapult_async import errors  # noqa: PLC0415 # --help needs none of them
    from katapult_async.cli.name_search import UnknownNameError  # noqa: PLC0415 # likewise

    match error:
        case errors.PermissionDeniedError() if (error.code or "").startswith("object_storage_"):
            pass  # the state of an account or a bucket forbids it, not the token
        case errors.AuthenticationError() | errors.PermissionDeniedError():
            return ExitCode.DENIED
        case errors.NotFoundError() | UnknownNameError():
            return ExitCode.NOT_FOUND
        case errors.RateLimitWaitError() | errors.RateLimitReachedError() | errors.TaskTimeoutError():
            return ExitCode.TOO_LATE
        case errors.RequestTimeoutError() if error.phase == "call":
            return ExitCode.TOO_LATE
        case errors.RequestError(may_have_happened=True):
            pass  # an earlier attempt may have changed something
        case errors.UsageError() | errors.BadRequestError() | errors.UnprocessableError(code="validation_error"):
            return ExitCode.USAGE
    return ExitCode.FAILURE
