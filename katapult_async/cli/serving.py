"""A sandbox in the foreground: what it prints, and how it ends."""

import asyncio
from typing import Final

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.terminal import say, say_error
from katapult_async.sandbox import Sandbox

_KATAPULTS_WINDOW: Final = 60.0  # seconds


def serve(sandbox: Sandbox, *, window: float) -> ExitCode:
    """Serve until Ctrl-C, which is how it is meant to end.

    Args:
        sandbox: not started yet.
        window: seconds of its rate-limit window, for the hint how to ask it.
    """
    try:
        asyncio.run(_serve(sandbox, window=window))
    except KeyboardInterrupt:
        say("the sandbox has ended")
        return ExitCode.OK
    except OSError as error:
        say_error(f"the sandbox cannot listen: {error.strerror or error}")
    return ExitCode.FAILURE


async def _serve(sandbox: Sandbox, *, window: float) -> None:
    async with sandbox:
        option = "" if window == _KATAPULTS_WINDOW else f" --rate-limit-window {window:g}"
        say("Katapult sandbox. Paste the exports into another shell, then for example:")
        say(f"  katapult-async available-ips --all{option}")
        click.echo(sandbox.base_url)
        click.echo(f"export KATAPULT_API_URL={sandbox.base_url}")
        click.echo(f"export KATAPULT_API_KEY={sandbox.token}")
        await asyncio.get_running_loop().create_future()
