"""The entry point of `katapult-async` and of ``python -m katapult_async``; says what to install when it cannot run."""

import importlib.util
import signal
import sys
from types import FrameType
from typing import NoReturn

_NEEDED = {"click": "click", "rich": "rich", "yaml": "PyYAML"}  # modules, and what brings them
_USAGE = 2
_SIGNALLED = 128  # and the number of the signal: what shells say of a process that it ended


def main() -> int:
    """Run the command with the arguments of this process, and return its exit code. A signal at any time makes one."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGTERM, _end)
        if before[signal.SIGINT] is signal.default_int_handler:  # a shell lets its background jobs ignore it
            signal.signal(signal.SIGINT, _end)
        missing = [package for name, package in _NEEDED.items() if importlib.util.find_spec(name) is None]
        if missing:
            sys.stderr.write(
                f"error: the command also needs {' and '.join(missing)}: in the clone, pip install '.[cli]'\n"
            )
            return _USAGE
        from katapult_async.cli.main import run  # noqa: PLC0415 # it needs click, which was just looked for

        signal.signal(signal.SIGINT, before[signal.SIGINT])
        return run(sys.argv[1:])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End the process while it loads modules: nothing has been begun that would have to be completed."""
    sys.exit(_SIGNALLED + number)


if __name__ == "__main__":
    sys.exit(main())
