"""The entry point of `katapult-async` and of ``python -m katapult_async``; says what to install when it cannot run."""

import importlib.util
import sys

_NEEDED = ("click", "rich")
_USAGE = 2


def main() -> int:
    """Run the command with the arguments of this process, and return its exit code."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"error: the command needs {' and '.join(missing)}, which the library alone does not: "
            "pip install 'katapult_async[cli]'\n"
        )
        return _USAGE
    from katapult_async.cli.main import run  # noqa: PLC0415 # it needs click, which was just looked for

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
