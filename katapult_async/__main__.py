"""The entry point of `katapult-async` and of ``python -m katapult_async``. It reports packages that are missing."""

import atexit
import gc
import importlib.util
import sys

from katapult_async.cli import signals
from katapult_async.cli.exit_codes import ExitCode

_PACKAGES = {"click": "click", "rich": "rich", "yaml": "PyYAML"}
"""The modules that the command needs besides the library's, and the package of each."""

_GC_THRESHOLD = 50_000
"""New objects between two garbage collections. With Python's default, such as 700 in 3.11, loading the modules would
cause many."""


def main() -> int:
    """Run the command with the arguments of this process, and return its exit code. A signal ends it."""
    gc.set_threshold(_GC_THRESHOLD)
    atexit.register(signals.ignore)  # the exit code stays as it is when another signal comes after the command
    try:
        with signals.signals_as_errors():
            missing = [package for module, package in _PACKAGES.items() if importlib.util.find_spec(module) is None]
            if missing:
                packages = " and ".join(missing)
                sys.stderr.write(f"error: the command also needs {packages}: in the clone, pip install '.[cli]'\n")
                return ExitCode.USAGE
            from katapult_async.cli.main import run  # noqa: PLC0415 # it needs click

            return run(sys.argv[1:])
    except signals.SignalError as error:
        return error.code


if __name__ == "__main__":
    sys.exit(main())
