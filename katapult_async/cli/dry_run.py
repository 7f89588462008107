"""The dry run (``--dry-run``): GET requests are sent; the first other request is shown, and the command ends.

`command_transport` raises the error in place of sending the request.
"""

import attrs

from katapult_async.cli.given_options import Options
from katapult_async.cli.messages import show
from katapult_async.cli.output import single_writer, standard_output
from katapult_async.cli.plain_values import plain


@attrs.define(kw_only=True)
class UnsentRequestError(Exception):
    """The command would send a request that changes something. Values that are named like secrets are ``***``."""

    method: str
    """HTTP method."""

    url: str
    """URL to which it would be sent."""

    body: object
    """The body that would be sent, as JSON; None without one."""


def write_unsent(request: UnsentRequestError, options: Options, *, base_url: str) -> None:
    """Write a request with its path after the base URL, in the format of the command, and show that it was not sent."""
    record = {"method": request.method, "path": request.url.removeprefix(base_url), "body": plain(request.body)}
    writer = single_writer(options.output_format, standard_output(), columns=tuple(record))
    writer.write(record)
    writer.close()
    show("dry run: this was not sent")
