"""The group `tasks`."""

from typing import Final

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import TASK
from katapult_async.cli.options import Asking, asks, examples, seconds
from katapult_async.cli.runner import one
from katapult_async.models.tasks import Task

_COLUMNS: Final = ("id", "name", "status", "progress", "created_at", "started_at", "finished_at")


@click.group(name="tasks", no_args_is_help=False)
def tasks() -> None:
    """What Katapult does after it has answered."""


@tasks.command(epilog=examples("tasks get task_a4ONAZ0jJ5pBFCJr", "tasks get task_a4ONAZ0jJ5pBFCJr -o json"))
@click.argument("task_id", callback=TASK)
@asks(Task, columns=_COLUMNS)
def get(asking: Asking, *, task_id: str) -> ExitCode:
    """Show one task as it is now."""
    return one(asking, thing=lambda katapult: katapult.tasks.get(task_id))


@tasks.command(epilog=examples("tasks wait task_a4ONAZ0jJ5pBFCJr --timeout 60"))
@click.argument("task_id", callback=TASK)
@click.option(
    "--timeout",
    type=float,
    callback=seconds,
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="Seconds until the wait is given up; the task goes on.",
)
@asks(Task, columns=_COLUMNS)
def wait(asking: Asking, *, task_id: str, timeout: float) -> ExitCode:
    """Wait until a task is completed, and show it.

    The exit code is 1 if the task fails, and 5 if it is not finished in time.
    """
    return one(asking, thing=lambda katapult: katapult.tasks.wait(task_id, timeout=timeout))
