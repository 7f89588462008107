"""The dry run (``--dry-run``): GET requests are sent; the first other request is shown, and the command ends.

`command_transport` raises the error in place of sending the request.
"""

import attrs

from katapult_async.cli.given_options import Options
from katapult_async.cli.messages import show
from katapult_async.cli.output import single_writer, standard_output


class UnsentRequestError(Exception):
    """The command would send a request that changes something.

    Args:
        method: HTTP method.
        url: URL to which it would be sent.
        body: the body that would be sent, as JSON; None without one.

    Values that are named like secrets are ``***``.
    """

    def __init__(self, *, method: str, url: str, body: object) -> None:
        super().__init__()
        self.method: str = method
        self.url: str = url
        self.body: object = body


def write_unsent(request: UnsentRequestError, options: Options, *, base_url: str) -> None:
    """Write a request with its path after the base URL, in the format of the command, and show that it was not sent."""
    record = {"method": request.method, "path": request.url.removeprefix(base_url), "body": request.body}
    all_fields = attrs.evolve(options, fields=tuple(record))
    writer = single_writer(options.output_format, standard_output(), columns=all_fields.titles)
    writer.write(all_fields.record(record))
    writer.close()
    show("dry run: this was not sent")
