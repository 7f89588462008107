"""The command `sandbox`: its options, what it prints, and how it ends. The server is `katapult_async.sandbox`."""
# ruff: noqa: PLC0415 # asyncio and aiohttp are slow to load, and --help does not need them

from typing import TYPE_CHECKING, Any

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lazy_group import Command
from katapult_async.cli.messages import show, show_error
from katapult_async.cli.server_options import WINDOW_VARIABLE, Decorator
from katapult_async.cli.shared_options import seconds_option
from katapult_async.cli.usage_errors import usage_error

if TYPE_CHECKING:
    from katapult_async.sandbox import Sandbox


def _share(*names: str, of: str) -> Decorator:
    """Return an option that takes a share of requests."""
    return click.option(*names, default=0.0, type=float, help=f"Share of requests {of}, from 0 to 1.")


@click.command(cls=Command, name="sandbox")
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=0, type=int, help="Port; 0 takes a free one.")
@click.option("--permitted", default=1000, type=int, help="Number of requests that a rate-limit window permits.")
@seconds_option("--window", default=60.0, help="Seconds of a rate-limit window.")
@click.option("--organizations", default=2, type=int, help="Number of organizations, 1 to 3.")
@click.option("--machines", default=60, type=int, help="Number of virtual machines.")
@click.option("--interfaces", default=100, type=int, help="Number of network interfaces of all machines.")
@click.option("--seed", default=1, type=int, help="Equal seeds give equal objects and tokens.")
@click.option("--task-duration", metavar="SECONDS", default=1.0, type=float, help="Seconds that a task takes.")
@_share("--unavailable", "service_unavailable", of="that get a 503")
@_share("--rate-limited", of="that get a 429 although requests are left")
@_share("--drop", of="whose connection is closed before anything is done")
@_share("--truncate", of="whose response is cut in half")
@_share("--lost-response", of="that are executed, but get no response")
@click.option("--latency", metavar="SECONDS", default=0.0, type=float, help="Seconds from a request to its response.")
@click.option(
    "--latency-jitter", metavar="SECONDS", default=0.0, type=float, help="Seconds of the longest extra latency."
)
@click.option("--clock-offset", default=0.0, type=float, help="Seconds that the server's clock is ahead.")
def sandbox(*, window: float, **options: Any) -> ExitCode:
    """Serve a simulated cloud that behaves like Katapult. Ctrl-C or SIGTERM ends it.

    As soon as it listens, it writes export commands to standard output, for the shell that will use it.
    Paste them, or let a script read them from a file.

    \b
    Examples:
      katapult-async sandbox
      katapult-async sandbox > sandbox.env &
      until [ -s sandbox.env ]; do sleep 0.1; done; . ./sandbox.env
      katapult-async sandbox --port 8080 --permitted 200 --window 10 --unavailable 0.05
      katapult-async sandbox --task-duration 30 --lost-response 0.1
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it must keep
    import attrs

    from katapult_async.sandbox import Faults, Sandbox

    try:
        faults = Faults(**{name: options.pop(name) for name in attrs.fields_dict(Faults)})
        server = Sandbox(window=window, faults=faults, **options)
    except ValueError as error:
        raise usage_error(error) from error
    return _serve(server, window=window, address=f"{options['host']} port {options['port']}")


def _serve(server: "Sandbox", *, window: float, address: str) -> ExitCode:
    """Serve until a signal comes, and return the exit code."""
    from katapult_async.cli import error_or_signal
    from katapult_async.cli.output import standard_output
    from katapult_async.environment import TOKEN_VARIABLES, URL_VARIABLE

    output = standard_output()

    async def main() -> None:
        import asyncio

        async with server:
            show(f"Katapult sandbox at {server.base_url}. Paste the exports into another shell, then for example:")
            show("  katapult-async available-ips --all")
            variables = {URL_VARIABLE: server.base_url, TOKEN_VARIABLES[0]: server.token, WINDOW_VARIABLE: window}
            output.write("".join(f"export {name}={value}\n" for name, value in variables.items()))
            await asyncio.get_running_loop().create_future()

    try:
        if (end := error_or_signal.run(main)) is not None:
            end.show(state="the sandbox has ended")
            return end.code
    except (OSError, UnicodeError) as error:  # UnicodeError: a host with a label that DNS does not have
        reason = str(getattr(error, "strerror", None) or error).rpartition("): ")[2]  # asyncio repeats the address
        show_error(f"the sandbox cannot listen on {address}: {reason}")
    return ExitCode.FAILURE
