"""The token of a client, its replacement while the client is in use, and the headers of a request."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from katapult_async.config import is_async
from katapult_async.core import validation
from katapult_async.core.redaction import Secret
from katapult_async.errors import UsageError
from katapult_async.rate_limit.limiter import RateLimiter
from katapult_async.rate_limit.registry import RateLimiterRegistry

__all__ = ["Credentials", "CredentialsSource"]

_HEADERS: Final[Mapping[str, str]] = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


@attrs.frozen
class Credentials:
    """A token, with its rate limiter and headers."""

    token: Secret
    limiter: RateLimiter
    """The rate limiter of all clients of the token."""

    headers: Mapping[str, str] = attrs.field(repr=False)
    """The headers of a request without a body."""

    headers_with_body: Mapping[str, str] = attrs.field(repr=False)
    """The headers of a request with a body."""


class CredentialsSource:
    """Gives each attempt the credentials of the current token.

    Args:
        token: an API token, or a function that returns the current one.
        user_agent: the name of the program, sent as ``User-Agent``.
        limiters: the rate limiters of the client.

    Raises:
        UsageError: the token is malformed.
    """

    def __init__(self, token: str | Callable[[], str], *, user_agent: str, limiters: RateLimiterRegistry) -> None:
        if is_async(token):
            raise UsageError("the token must be a string or an ordinary function, not an `async def`")
        self._token_or_function = token if callable(token) else validation.token(token)
        self._user_agent = user_agent
        self._limiters = limiters
        self._last: Credentials | None = None
        self.fixed: Credentials | None = None
        """The credentials if the token is a string; None before the first attempt, and if the token is a function."""

    def token(self) -> Secret:
        """Return the current token.

        Raises:
            UsageError: the function returned a malformed token.
        """
        if isinstance(self._token_or_function, Secret):
            return self._token_or_function
        # No local variable has the token: a traceback could show it.
        return validation.token(self._token_or_function())

    def current(self, loop: asyncio.AbstractEventLoop) -> Credentials:
        """Return the credentials of the current token, for an event loop. New ones are made only for another token."""
        token = self.token()
        if self._last is None or token != self._last.token:
            headers = {**_HEADERS, "User-Agent": self._user_agent, "Authorization": Secret(f"Bearer {token}")}
            with_body = {**headers, "Content-Type": "application/json"}  # without it Katapult ignores a body
            self._last = Credentials(token, self._limiters.of(token, loop), headers, with_body)
            self.fixed = self._last if isinstance(self._token_or_function, Secret) else None
        return self._last
