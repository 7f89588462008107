"""The request log: one entry for each request that the sandbox received."""

import attrs


@attrs.frozen
class LoggedRequest:
    """One request and the status of its response."""

    at: float
    """Server time at which the request was counted, in seconds since the Unix epoch."""
    method: str
    """HTTP method."""
    path: str
    """Request target as it was sent, with the query."""
    argument: str | None
    """Value of the first lookup argument, such as the id of an interface; None when no lookup was read."""
    status: int
    """HTTP status of the response; 0 when the connection was closed without a response."""
    remaining: int
    """Requests left in the token's window after this one."""
    token: str = attrs.field(repr=False)
    """The token of the request; empty when the request had no known token."""
    lost: int | None = None
    """HTTP status of the response that was lost after the request was executed; None when no response was lost."""
