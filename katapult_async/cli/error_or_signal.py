"""The end of a command by an error or a signal, as an exit code and one line."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

import attrs

from katapult_async.cli import messages, signals
from katapult_async.cli.error_messages import message_of
from katapult_async.cli.exit_codes import ExitCode, exit_code_of
from katapult_async.errors import KatapultError

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class EarlyEnd:
    """The error or signal that stopped a command."""

    code: ExitCode
    """The exit code of the command."""

    message: str
    """The error or signal, in one line."""

    @property
    def by_signal(self) -> bool:
        """Whether a signal stopped the command."""
        return self.code >= ExitCode.HUNG_UP

    def show(self, *, state: str = "") -> None:
        """Write the line.

        Args:
            state: how much of the work was done.
        """
        separator, show = (": ", messages.show) if self.by_signal else ("; ", messages.show_error)
        show(f"{self.message}{separator}{state}" if state else self.message)


def run(main: Callable[[], Coroutine[object, object, T]], *, token_source: str = "") -> T | EarlyEnd:
    """Return what a coroutine function returns, or the error or signal that stopped it.

    Args:
        main: the function.
        token_source: where the token comes from, for the message that it was not accepted.
    """
    try:
        return signals.run(main)
    except signals.SignalError as error:
        return EarlyEnd(code=error.code, message=str(error))
    except KatapultError as error:
        return EarlyEnd(code=exit_code_of(error), message=message_of(error, token_source=token_source))
