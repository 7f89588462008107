"""The subcommand `sandbox`: its options. The server is `katapult_async.sandbox`."""

import click

from katapult_async.cli.exit_codes import ExitCode

_SHARE = click.FloatRange(0, 1)


@click.command(name="sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--permitted", default=1000, show_default=True, type=int, help="Requests that a window permits.")
@click.option("--window", default=60.0, show_default=True, type=float, help="Seconds of a rate-limit window.")
@click.option("--machines", default=60, show_default=True, type=int, help="Virtual machines.")
@click.option("--interfaces", default=100, show_default=True, type=int, help="Network interfaces of all machines.")
@click.option("--seed", default=1, show_default=True, type=int, help="Equal seeds make equal clouds and tokens.")
@click.option("--task-duration", default=1.0, show_default=True, type=float, help="Seconds that a task takes.")
@click.option("--unavailable", default=0.0, type=_SHARE, help="Share of requests answered 503.")
@click.option("--rate-limited", default=0.0, type=_SHARE, help="Share answered 429 although budget is left.")
@click.option("--drop", default=0.0, type=_SHARE, help="Share whose connection is closed before execution.")
@click.option("--truncate", default=0.0, type=_SHARE, help="Share whose response body is cut in half.")
@click.option("--lost-response", default=0.0, type=_SHARE, help="Share executed and closed without a response.")
@click.option("--latency", default=0.0, type=float, help="Seconds from a request to its response.")
@click.option("--latency-jitter", default=0.0, type=float, help="Seconds of extra latency, at most.")
@click.option("--clock-offset", default=0.0, type=float, help="Seconds that the server's clock runs ahead.")
def sandbox(
    *,
    host: str,
    port: int,
    permitted: int,
    window: float,
    machines: int,
    interfaces: int,
    seed: int,
    task_duration: float,
    unavailable: float,
    rate_limited: float,
    drop: float,
    truncate: float,
    lost_response: float,
    latency: float,
    latency_jitter: float,
    clock_offset: float,
) -> ExitCode:
    """Serve a made-up cloud that behaves like the Katapult API, until Ctrl-C or SIGTERM.

    As soon as it listens, it writes two lines to standard output: exports for the shell that shall use it. Paste
    them, or let a script read them from a file.

    \b
    Examples:
      katapult-async sandbox
      katapult-async sandbox > sandbox.env &
      until [ -s sandbox.env ]; do sleep 0.1; done; . ./sandbox.env
      katapult-async sandbox --port 8080 --permitted 200 --window 10 --unavailable 0.05
      katapult-async sandbox --task-duration 30 --lost-response 0.1
    """  # noqa: D301 # \b is click's mark for a paragraph whose lines it shall keep
    from katapult_async.cli.serving import serve  # noqa: PLC0415 # aiohttp costs 0.2 s, and --help needs none of it
    from katapult_async.sandbox import Faults, Sandbox  # noqa: PLC0415 # likewise

    try:
        server = Sandbox(
            host=host,
            port=port,
            permitted=permitted,
            window=window,
            machines=machines,
            interfaces=interfaces,
            seed=seed,
            clock_offset=clock_offset,
            task_duration=task_duration,
            faults=Faults(
                service_unavailable=unavailable,
                rate_limited=rate_limited,
                drop=drop,
                truncate=truncate,
                lost_response=lost_response,
                latency=latency,
                latency_jitter=latency_jitter,
            ),
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return serve(server, window=window)
