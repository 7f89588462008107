"""The server that a command sends requests to: the API that the environment names, or a sandbox in this process.

Also what else the environment says about the server: its proxy, and the default organization.
"""

import contextlib
import os
from collections.abc import AsyncGenerator, Callable
from typing import Final, cast
from urllib.request import getproxies, proxy_bypass

import attrs
import click

from katapult_async.cli.name_parsing import ORGANIZATION
from katapult_async.client import BASE_URL, KatapultClient
from katapult_async.config import RateLimitPolicy, RetryPolicy
from katapult_async.core.hooks import Outage, RetryNotice
from katapult_async.core.redaction import Secret
from katapult_async.environment import ORGANIZATION_VARIABLE, TOKEN_VARIABLES, URL_VARIABLE, token_and_url
from katapult_async.errors import UsageError
from katapult_async.http.aiohttp_transport import AiohttpTransport
from katapult_async.http.transport import Transport
from katapult_async.models.lookups import SubDomain
from katapult_async.rate_limit.status import WaitNotice

_SANDBOX_WINDOW: Final = 5.0  # seconds, so that a demonstration does not wait for a minute


@attrs.frozen(kw_only=True)
class Connection:
    """The server to send requests to, and the settings of the client."""

    window: float | None = None
    """Seconds of the server's rate-limit window; None for the default."""

    outage_timeout: float | None = None
    """Seconds to wait for the end of an outage; None for the client's default."""

    use_sandbox: bool = False
    """Whether the server is a sandbox in this process."""

    token: Secret | None = attrs.field(default=None, repr=False)
    """The token of an option; None for that of the environment."""

    def default_organization(self) -> str | SubDomain | None:
        """Return the organization that the environment names; None if it names none, and for a sandbox.

        Raises:
            UsageError: the text cannot name an organization.
        """
        name = "" if self.use_sandbox else os.environ.get(ORGANIZATION_VARIABLE, "").strip()
        try:
            return cast("str | SubDomain", ORGANIZATION.convert(name, None, None)) if name else None
        except click.BadParameter as error:
            raise UsageError(f"{ORGANIZATION_VARIABLE}: {error.message}") from error

    @property
    def token_source(self) -> str:
        """Where the token comes from: the name of a variable, or options; empty without a token."""
        if self.token is not None:
            return "--token-file or --token-command"
        return next((name for name in TOKEN_VARIABLES if os.environ.get(name, "").strip()), "")

    def http_transport(self) -> AiohttpTransport:
        """Return a transport that uses the proxy of ``HTTPS_PROXY`` for a server that ``NO_PROXY`` does not name.

        Without TLS there is no proxy: the server is on this machine.

        Raises:
            click.UsageError: ``HTTPS_PROXY`` is not the URL of an HTTP proxy.
        """
        url = "" if self.use_sandbox else (token_and_url(None)[1] or BASE_URL).lower()
        host = url.removeprefix("https://").partition("/")[0]
        proxy = getproxies().get("https")
        if not proxy or not url.startswith("https://") or proxy_bypass(host):
            return AiohttpTransport()
        try:
            return AiohttpTransport(proxy=proxy if "://" in proxy else f"http://{proxy}")
        except UsageError as error:
            raise click.UsageError(f"HTTPS_PROXY: {error}") from None

    @contextlib.asynccontextmanager
    async def client(
        self,
        *,
        transport: Transport | None = None,
        on_retry: Callable[[RetryNotice], object],
        on_wait: Callable[[WaitNotice], object],
        on_outage: Callable[[Outage], object] | None = None,
    ) -> AsyncGenerator[KatapultClient]:
        """Open a client.

        Args:
            transport: what sends the requests; None for the default.
            on_retry: called before an attempt is repeated.
            on_wait: called when the rate limit makes calls wait.
            on_outage: called when an outage begins or ends.

        Raises:
            UsageError: there is no token, or a setting is wrong.
        """
        window = self.window or (_SANDBOX_WINDOW if self.use_sandbox else RateLimitPolicy().window)
        token, url = token_and_url(None)
        token = self.token or token
        async with contextlib.AsyncExitStack() as stack:
            if self.use_sandbox:
                from katapult_async.sandbox import Sandbox  # noqa: PLC0415 # takes as long to load as aiohttp

                sandbox = await stack.enter_async_context(Sandbox(window=window))
                token, url = Secret(sandbox.token), sandbox.base_url
            elif token is None:
                raise UsageError(f"no token: set {' or '.join(TOKEN_VARIABLES)}, or use --token-file or --sandbox")
            katapult = KatapultClient.from_env(
                environ={TOKEN_VARIABLES[0]: token, URL_VARIABLE: url},
                transport=transport or self.http_transport(),
                retry=RetryPolicy(outage_timeout=self.outage_timeout),
                rate_limit=RateLimitPolicy(window=window),
                on_wait=on_wait,
                on_retry=on_retry,
                on_outage=on_outage,
            )
            yield await stack.enter_async_context(katapult)
