"""The command group `tasks`."""

from typing import Final

import click

from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.lookups import TASK
from katapult_async.cli.options import Options, examples, seconds_option, shared_options
from katapult_async.cli.runner import run_single
from katapult_async.models.tasks import Task

_COLUMNS: Final = ("id", "name", "status", "progress", "created_at", "started_at", "finished_at")


@click.group(name="tasks", no_args_is_help=False)
def tasks() -> None:
    """Tasks: background work that Katapult started for a request."""


@tasks.command(epilog=examples("tasks get task_a4ONAZ0jJ5pBFCJr", "tasks get task_a4ONAZ0jJ5pBFCJr -o json"))
@click.argument("task_id", callback=TASK)
@shared_options(Task, columns=_COLUMNS)
def get(options: Options, *, task_id: str) -> ExitCode:
    """Show one task as it is now."""
    return run_single(options, record=lambda katapult: katapult.tasks.get(task_id))


@tasks.command(epilog=examples("tasks wait task_a4ONAZ0jJ5pBFCJr --timeout 60"))
@click.argument("task_id", callback=TASK)
@seconds_option("--timeout", default=600, help_text="Seconds to wait; the task itself goes on after them.")
@shared_options(Task, columns=_COLUMNS)
def wait(options: Options, *, task_id: str, timeout: float) -> ExitCode:
    """Wait until a task is completed, and show it.

    The exit code is 1 if the task fails, and 5 if it is not finished in time.
    """
    return run_single(options, record=lambda katapult: katapult.tasks.wait(task_id, timeout=timeout))
