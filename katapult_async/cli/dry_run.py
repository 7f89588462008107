"""The dry run (``--dry-run``): GET requests are sent; the first other request is shown, and the command ends."""

import json

import attrs

from katapult_async.cli.change_recorder import ChangeRecorder
from katapult_async.cli.given_options import Options
from katapult_async.cli.messages import show
from katapult_async.cli.output import single_writer, standard_output
from katapult_async.cli.plain_values import plain
from katapult_async.core.redaction import url_without_secret_values, without_secret_values
from katapult_async.http.transport import TransportRequest, TransportResponse


@attrs.define(kw_only=True)
class UnsentRequestError(Exception):
    """The command would send a request that changes something. Values that are named like secrets are ``***``."""

    method: str
    """HTTP method."""

    url: str
    """URL to which it would be sent."""

    body: object
    """The body that would be sent, as JSON; None without one."""


class DryRunTransport(ChangeRecorder):
    """Sends GET requests only, so it records no change."""

    async def send(self, request: TransportRequest) -> TransportResponse:
        """Send a GET request.

        Raises:
            UnsentRequestError: the request is not a GET.
        """
        if request.method == "GET":
            return await super().send(request)
        request.progress.sent = False  # otherwise the rate limiter would count the request as lost
        body = None if request.body is None else without_secret_values(json.loads(request.body))
        raise UnsentRequestError(method=request.method, url=url_without_secret_values(request.url), body=body)


def write_unsent(request: UnsentRequestError, options: Options, *, base_url: str) -> None:
    """Write a request in the format of the command, with its path below the base URL, and show that it was not sent."""
    record = {"method": request.method, "path": request.url.removeprefix(base_url), "body": plain(request.body)}
    writer = single_writer(options.output_format, standard_output(), columns=tuple(record))
    writer.write(record)
    writer.close()
    show("dry run: this was not sent")
