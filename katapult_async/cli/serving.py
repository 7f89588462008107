"""A sandbox in the foreground: what it prints, and how it ends."""

import asyncio
from typing import Final

import click

from katapult_async.cli import signals
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.messages import say, say_error
from katapult_async.sandbox import Sandbox

_KATAPULTS_WINDOW: Final = 60.0  # seconds


def serve(sandbox: Sandbox, *, window: float) -> ExitCode:
    """Serve until Ctrl-C or SIGTERM, which is how it is meant to end.

    Args:
        sandbox: not started yet.
        window: seconds of its rate-limit window, for the hint how to ask it.
    """
    try:
        signals.run(lambda: _serve(sandbox, window=window))
    except KeyboardInterrupt:
        say("the sandbox has ended")
        return ExitCode.OK
    except OSError as error:
        say_error(f"the sandbox cannot listen: {error.strerror or error}")
    return ExitCode.FAILURE


async def _serve(sandbox: Sandbox, *, window: float) -> None:
    async with sandbox:
        option = "" if window == _KATAPULTS_WINDOW else f" --rate-limit-window {window:g}"
        say(f"Katapult sandbox at {sandbox.base_url}. Paste the exports into another shell, then for example:")
        say(f"  katapult-async available-ips --all{option}")
        click.echo(f"export KATAPULT_API_URL={sandbox.base_url}\nexport KATAPULT_API_KEY={sandbox.token}")
        await asyncio.get_running_loop().create_future()
