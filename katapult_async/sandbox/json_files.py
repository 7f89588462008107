"""JSON files: data of the sandbox that is kept beside its code."""

import json
from importlib.resources import files
from typing import Any


def read_json(name: str) -> Any:
    """Return the content of a file in the package of the sandbox."""
    # `files` also reads from a package in a zip archive.
    return json.loads(files("katapult_async.sandbox").joinpath(name).read_text(encoding="utf-8"))
