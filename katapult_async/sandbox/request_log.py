"""The record of what was asked and answered; for tests and benchmarks to look at afterwards."""

import attrs


@attrs.frozen
class LoggedRequest:
    """One request that the sandbox received."""

    at: float
    """Server time at which it was counted, in seconds since the Unix epoch."""
    method: str
    """HTTP method."""
    path: str
    """The request target as it was sent, query included."""
    argument: str | None
    """The lookup value that the operation used, such as an interface's id; None when it got no further."""
    status: int
    """HTTP status of the answer; 0 when the connection was closed without one."""
    remaining: int
    """What was left in the token's window after it."""
    token: str = attrs.field(repr=False)
    """The sandbox's token that paid for it; empty when there was none."""
    lost: int | None = None
    """HTTP status of the answer that was lost after everything was done; None when none was lost."""
