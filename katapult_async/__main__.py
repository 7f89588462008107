"""The entry point of `katapult-async` and of ``python -m katapult_async``. It reports packages that are missing."""

import gc
import importlib.util
import signal
import sys
from types import FrameType
from typing import NoReturn

_PACKAGES = {"click": "click", "rich": "rich", "yaml": "PyYAML"}
"""The modules that the command needs besides the library's, and the package of each."""

_USAGE_ERROR = 2
"""The exit code; see `katapult_async.cli.exit_codes`."""

_GC_THRESHOLD = 50_000
"""New objects between two garbage collections. Python's 700 would cause a hundred collections while modules load."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SIGNAL_EXIT_CODE = 128
"""Shells add the number of a signal to this: the exit code of a process that the signal ended."""


def main() -> int:
    """Run the command with the arguments of this process, and return its exit code. SIGINT and SIGTERM end it."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    thresholds = gc.get_threshold()
    try:
        gc.set_threshold(_GC_THRESHOLD)
        for number in _SIGNALS:
            if before[number] is not signal.SIG_IGN:  # shells let commands in the background ignore Ctrl-C
                signal.signal(number, _exit)
        missing = [package for module, package in _PACKAGES.items() if importlib.util.find_spec(module) is None]
        if missing:
            sys.stderr.write(
                f"error: the command also needs {' and '.join(missing)}: in the clone, pip install '.[cli]'\n"
            )
            return _USAGE_ERROR
        from katapult_async.cli.main import run  # noqa: PLC0415 # it needs click

        return run(sys.argv[1:])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        gc.set_threshold(*thresholds)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    """End the process at once: it still loads modules, so no work has begun that must be completed."""
    sys.exit(_SIGNAL_EXIT_CODE + number)


if __name__ == "__main__":
    sys.exit(main())
