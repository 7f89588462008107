"""The environment variables that settings are read from: the token, the base URL, and the command's organization."""

import os
from collections.abc import Mapping
from typing import Final

from katapult_async.core.redaction import Secret

TOKEN_VARIABLES: Final = ("KATAPULT_API_KEY", "KATAPULT_API_TOKEN")
"""The variables that may have the token: the one of the Terraform provider, and the one of katapult-cli."""

URL_VARIABLE: Final = "KATAPULT_API_URL"
"""The variable for another base URL."""

ORGANIZATION_VARIABLE: Final = "KATAPULT_ORGANIZATION"
"""The variable for the organization of the commands that need one."""


def token_and_url(environ: Mapping[str, str] | None) -> tuple[Secret | None, str]:
    """Return the token, or None, and the base URL, or an empty text. A blank variable counts as absent.

    Args:
        environ: the environment; None for that of this process.
    """
    environ = os.environ if environ is None else environ
    token = next((Secret(environ[name]) for name in TOKEN_VARIABLES if environ.get(name, "").strip()), None)
    return token, environ.get(URL_VARIABLE, "").strip()
