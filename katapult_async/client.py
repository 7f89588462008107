"""The client: how it is made, opened and closed, and its resources."""

import importlib
import math
import typing
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar, Unpack

import attrs

import katapult_async.resources as resources  # noqa: PLR0402 # `from katapult_async` would load all public names
from katapult_async.batch import Batch
from katapult_async.call_limits import CallLimits
from katapult_async.config import RateLimitPolicy, RetryPolicy, Timeouts
from katapult_async.core import validation
from katapult_async.core.decoding import check_type
from katapult_async.core.encoding import Argument, json_object, query, reference
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.core.hooks import Hooks, Outage, ResponseNotice, RetryNotice
from katapult_async.core.pagination import Pages
from katapult_async.core.redaction import Secret
from katapult_async.environment import TOKEN_VARIABLES, URL_VARIABLE, token_and_url
from katapult_async.errors import UsageError
from katapult_async.http.aiohttp_transport import MAX_BODY, AiohttpTransport, ClientSession
from katapult_async.http.transport import Transport
from katapult_async.models.lookups import SubDomain
from katapult_async.options import CallOptions, check_options
from katapult_async.rate_limit.status import RateLimit, WaitNotice
from katapult_async.resources.references import ORGANIZATION
from katapult_async.similar_names import missing_attribute
from katapult_async.version import __version__

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

BASE_URL: Final = "https://api.katapult.io/core/v1"


class _ResourceAttribute:
    """A resource of a client, which is loaded and made when it is first used.

    An attribute of the class itself is the class of the resource: `unittest.mock.create_autospec` and `help` read it.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name, self._class_name = name, owner.__annotations__[name].removeprefix("resources.")

    def __get__(self, client: "KatapultClient | None", _: type) -> object:
        kind = getattr(importlib.import_module(f"katapult_async.resources.{self._name}"), self._class_name)
        if client is None:
            return kind
        resource = client.__dict__[self._name] = kind(client._caller)  # noqa: SLF001 # of the same file
        return resource


_resource: Callable[[], Any] = _ResourceAttribute
"""Makes the attribute for a resource. Its annotation names the class, for type checkers and for the import."""


class KatapultClient:
    """A client of the Katapult Core API.

    ::

        async with KatapultClient("token") as katapult:
            nics = katapult.virtual_machine_network_interfaces
            addresses = await nics.available_ips("vmnet_1", address_version="ipv4")

    Make one for a program and share it: it may be used by any number of tasks of one event loop. All clients of
    one token in a loop share one rate limit. When the client is closed, calls that still run or wait end with
    `ClientClosedError`.

    Args:
        token: an API token, or a function that returns the current one: it is called before each attempt, so a token
            may be replaced while the client is in use. A request whose token is rejected is sent again if the function
            returns another token by then. The function is not ``async``; the call raises its exceptions.
        base_url: where the API is. Only loopback addresses may be used without TLS.
        transport: what sends the requests: ``AiohttpTransport(proxy=..., ssl=...)`` for a proxy or a private CA, or a
            `Transport` of your own. The client opens and closes it.
        session: an aiohttp session of your own, which you close yourself. It keeps its connector, so idle
            connections are not checked for unread bytes, and a retry may use one of them. Its middlewares are not run.
        timeouts: time limits of connections, attempts and calls.
        retry: how often to try again.
        rate_limit: how to use the limit on requests in a window.
        max_body: bytes that a decompressed response may have, up to 1 GiB, and 4 MiB unless given; a larger one is a
            `BadResponseError`.
        user_agent: the ``User-Agent`` header; None for this library's name and version.
        on_wait: called with one `WaitNotice` for all calls that wait for the rate limit: immediately if they wait
            until the window resets or a proxy's ``Retry-After`` is over, and after a second for any other reason. It
            and ``on_outage`` run in the context (``contextvars``) of any call, ``on_retry`` and ``on_response`` in
            that of their call.
        on_retry: called with a `RetryNotice` before a call makes another attempt.
        on_response: called with a `ResponseNotice` after each attempt, for metrics and tracing.
        on_outage: called with an `Outage` when the client sends only probes to an endpoint, or to all endpoints,
            because requests fail, and again when they succeed.

    Raises:
        UsageError: the token, the URL or a setting is malformed. Nothing was sent.
    """

    address_list_entries: "resources.AddressListEntries" = _resource()
    """Entries of address lists."""

    address_lists: "resources.AddressLists" = _resource()
    """Address lists: IP addresses and networks that security group rules can name."""

    api_tokens: "resources.APITokens" = _resource()
    """API tokens of organizations."""

    certificates: "resources.Certificates" = _resource()
    """Certificates for HTTPS."""

    countries: "resources.Countries" = _resource()
    """Countries."""

    country_states: "resources.CountryStates" = _resource()
    """States, provinces and counties of countries."""

    currencies: "resources.Currencies" = _resource()
    """Currencies."""

    data_centers: "resources.DataCenters" = _resource()
    """Data centers: the locations of virtual machines."""

    disk_backup_policies: "resources.DiskBackupPolicies" = _resource()
    """Disk backup policies: when disks are backed up."""

    disk_io_profiles: "resources.DiskIOProfiles" = _resource()
    """Disk IO profiles: speed limits for disks."""

    disk_templates: "resources.DiskTemplates" = _resource()
    """Disk templates: images that disks are built from."""

    disks: "resources.Disks" = _resource()
    """Disks."""

    dns_records: "resources.DNSRecords" = _resource()
    """Records of DNS zones."""

    dns_zones: "resources.DNSZones" = _resource()
    """DNS zones: domains whose records Katapult serves."""

    file_storage_volumes: "resources.FileStorageVolumes" = _resource()
    """File storage volumes, which virtual machines mount over NFS."""

    gpu_types: "resources.GPUTypes" = _resource()
    """Types of graphics processors for virtual machines."""

    ip_addresses: "resources.IPAddresses" = _resource()
    """IP addresses: the addresses that an organization owns."""

    load_balancer_rules: "resources.LoadBalancerRules" = _resource()
    """Rules of load balancers: ports that they listen on."""

    load_balancers: "resources.LoadBalancers" = _resource()
    """Load balancers."""

    managed_organizations: "resources.ManagedOrganizations" = _resource()
    """Organizations that another one manages."""

    network_speed_profiles: "resources.NetworkSpeedProfiles" = _resource()
    """Network speed profiles: bandwidth limits for network interfaces."""

    networks: "resources.Networks" = _resource()
    """Networks that Katapult provides."""

    object_storage_access_keys: "resources.ObjectStorageAccessKeys" = _resource()
    """Access keys for object storage."""

    object_storage_accounts: "resources.ObjectStorageAccounts" = _resource()
    """The object storage of an organization in one region."""

    object_storage_buckets: "resources.ObjectStorageBuckets" = _resource()
    """Object storage buckets, and the objects in them."""

    operating_systems: "resources.OperatingSystems" = _resource()
    """Operating systems that disk templates install."""

    organizations: "resources.Organizations" = _resource()
    """Organizations: the owners of all other resources."""

    security_group_rules: "resources.SecurityGroupRules" = _resource()
    """Rules of security groups."""

    security_groups: "resources.SecurityGroups" = _resource()
    """Security groups: firewall rules for virtual machines."""

    ssh_keys: "resources.SSHKeys" = _resource()
    """SSH keys: public keys that virtual machines can be built with."""

    tags: "resources.Tags" = _resource()
    """Tags: labels with a color on virtual machines."""

    tasks: "resources.Tasks" = _resource()
    """Tasks: background work that Katapult started for a request."""

    trash_objects: "resources.TrashObjects" = _resource()
    """Objects in the trash, until Katapult purges them."""

    users: "resources.Users" = _resource()
    """The user that the token belongs to."""

    virtual_machine_builds: "resources.VirtualMachineBuilds" = _resource()
    """Builds of virtual machines."""

    virtual_machine_groups: "resources.VirtualMachineGroups" = _resource()
    """Groups of virtual machines to keep on different hypervisors."""

    virtual_machine_network_interfaces: "resources.VirtualMachineNetworkInterfaces" = _resource()
    """Network interfaces of virtual machines, and the addresses that are or could be allocated to them."""

    virtual_machine_packages: "resources.VirtualMachinePackages" = _resource()
    """Sizes of virtual machines that can be bought."""

    virtual_machines: "resources.VirtualMachines" = _resource()
    """Virtual machines."""

    virtual_networks: "resources.VirtualNetworks" = _resource()
    """Virtual networks: private networks of an organization."""

    zones: "resources.Zones" = _resource()
    """Zones: the parts of data centers."""

    def __init__(
        self,
        token: str | Callable[[], str],
        *,
        base_url: str = BASE_URL,
        transport: Transport | None = None,
        session: ClientSession | None = None,
        timeouts: Timeouts = Timeouts(),
        retry: RetryPolicy = RetryPolicy(),
        rate_limit: RateLimitPolicy = RateLimitPolicy(),
        max_body: int | None = None,
        user_agent: str | None = None,
        on_wait: Callable[[WaitNotice], object] | None = None,
        on_retry: Callable[[RetryNotice], object] | None = None,
        on_response: Callable[[ResponseNotice], object] | None = None,
        on_outage: Callable[[Outage], object] | None = None,
    ) -> None:
        if isinstance(token, str):
            token = Secret(token)  # an error in another setting shows this frame's local variables to error trackers
        self._base_url = validation.base_url(base_url)
        validation.instance("timeouts", timeouts, Timeouts)
        validation.instance("retry", retry, RetryPolicy)
        validation.instance("rate_limit", rate_limit, RateLimitPolicy)
        validation.instance("transport", transport, Transport | None)
        if isinstance(transport, type):  # a class has the methods of its instances
            raise UsageError(f"transport must be an instance, such as {transport.__name__}(...), not a class")
        user_agent = f"katapult_async/{__version__}" if user_agent is None else user_agent
        hooks = Hooks(on_wait=on_wait, on_retry=on_retry, on_response=on_response, on_outage=on_outage)
        if transport is None:
            transport = AiohttpTransport(
                session,
                connect_timeout=timeouts.connect,
                read_timeout=timeouts.read,
                max_body=MAX_BODY if max_body is None else max_body,
            )
        elif (session, max_body, timeouts.connect, timeouts.read) != (None, None, Timeouts().connect, Timeouts().read):
            raise UsageError(
                "session, max_body, timeouts.connect and timeouts.read are settings of the default transport: "
                "give them to the transport"
            )
        if isinstance(transport, AiohttpTransport) and transport.connection_limit is not None:
            # Requests without a free connection wait in the rate limiter: there the network's time limits do not run.
            most = min(rate_limit.max_in_flight, transport.connection_limit)
            rate_limit = attrs.evolve(rate_limit, max_in_flight=most)
        from katapult_async.core.caller import Caller  # loads tenacity and the rate limiter, which only a client needs

        self._caller = Caller(
            transport=transport,
            token=token,
            base_url=self._base_url,
            user_agent=validation.header("user_agent", user_agent),
            timeouts=timeouts,
            retry=retry,
            rate_limit=rate_limit,
            hooks=hooks,
        )

    @classmethod
    def from_env(
        cls,
        *,
        environ: Mapping[str, str] | None = None,
        transport: Transport | None = None,
        session: ClientSession | None = None,
        timeouts: Timeouts = Timeouts(),
        retry: RetryPolicy = RetryPolicy(),
        rate_limit: RateLimitPolicy = RateLimitPolicy(),
        max_body: int | None = None,
        user_agent: str | None = None,
        on_wait: Callable[[WaitNotice], object] | None = None,
        on_retry: Callable[[RetryNotice], object] | None = None,
        on_response: Callable[[ResponseNotice], object] | None = None,
        on_outage: Callable[[Outage], object] | None = None,
    ) -> Self:
        """Return a client whose token and URL come from the environment. All other arguments are those of the class.

        The token is ``KATAPULT_API_KEY``, or else ``KATAPULT_API_TOKEN``; the base URL is ``KATAPULT_API_URL``,
        or else Katapult's own. Empty variables count as absent. ``environ`` is read in place of ``os.environ``.
        ``KATAPULT_RATE_LIMIT_WINDOW``, which ``katapult-async sandbox`` prints too, is for commands: for a server
        other than Katapult's, set the window with ``rate_limit=RateLimitPolicy(window=...)``.

        Raises:
            UsageError: neither variable holds a token, or one of the values is malformed.
        """
        settings = dict(locals())
        del settings["cls"], settings["environ"]
        if not isinstance(environ, Mapping | None):
            raise UsageError(f"environ must be a mapping, not {type(environ).__name__}")  # its text may hold a token
        token, url = token_and_url(environ)
        del environ  # it holds the token: an error of a setting shows the locals of this frame to error trackers
        if token is None:
            raise UsageError(f"no token: set {' or '.join(TOKEN_VARIABLES)} in the environment")
        return cls(token, base_url=validation.base_url(url or BASE_URL, name=URL_VARIABLE), **settings)

    if not typing.TYPE_CHECKING:  # type checkers would take any name for an attribute
        __getattr__ = missing_attribute

    def __repr__(self) -> str:
        # A client has no `_base_url` if its __init__ raised; a traceback may show such a client.
        return f"KatapultClient('***', base_url={getattr(self, '_base_url', None)!r})"

    async def open(self) -> Self:
        """Open the client in the running event loop, where ``async with`` does not fit; then `aclose` closes it.

        Raises:
            ClientClosedError: it was opened or closed before.
        """
        await self._caller.open()
        return self

    async def aclose(self) -> None:
        """Close the client. Calls that run or wait end with `ClientClosedError`; closing twice is harmless."""
        await self._caller.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def base_url(self) -> str:
        """URL of the API, without a slash at the end."""
        return self._base_url

    @property
    def rate_limit(self) -> RateLimit:
        """The rate limit of this token as last reported, for all clients of the token in this loop."""
        return self._caller.limiter().snapshot()

    @property
    def rate_limits(self) -> Mapping[str, RateLimit]:
        """The rate limits of endpoints that have one of their own, by method and path, such as ``POST /disks``."""
        return self._caller.limiter().snapshots()

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The current outages: endpoints, or the whole host, whose requests fail, so that only probes are sent."""
        return self._caller.breakers.outages

    def many(
        self,
        call: Callable[[K], Awaitable[V]],
        items: Iterable[K] | AsyncIterable[K],
        *,
        concurrency: int = 50,
        max_wait: float = math.inf,
        timeout: float = math.inf,
    ) -> Batch[K, V]:
        """Return a batch that makes one call for each item: ``katapult.many(nics.get, interface_ids)``.

        Args:
            call: called with one item; any method of any resource, or a coroutine function that uses them.
            items: the items, or an asynchronous input such as ``katapult.tags.list(...)``. Each is read only when it is
                needed, so the input may be endless.
            concurrency: calls made at a time, and items held in memory, from 1 to 1,000; up to three more while calls
                keep failing.
            max_wait: seconds that all requests of one item together may wait for the rate limit.
            timeout: seconds for all requests of one item together.

        Raises:
            UsageError: an argument is of the wrong type or value.
        """
        validation.instance("call", call, Callable)
        limits = CallLimits(max_wait=max_wait, timeout=timeout)
        return Batch(call, items, concurrency=concurrency, limits=limits, limiter=self._caller.limiter)

    def fleet(
        self, *, organization: str | SubDomain | None = None, concurrency: int = 20, **options: Unpack[CallOptions]
    ) -> "resources.Fleet":
        """Return all network interfaces that the token can see; enter the result, then iterate over it.

        Each list of the interfaces of a machine, and each page of the lists of machines and organizations, has the
        limits ``timeout`` and ``max_wait``. Without them there are no limits, as in a batch.

        Args:
            organization: id of the only organization to include, or ``SubDomain("acme")``; None for all.
            concurrency: virtual machines whose interfaces are listed at a time, from 1 to 1,000.

        Raises:
            UsageError: an argument is of the wrong type or value.
        """
        from katapult_async.resources.fleet import Fleet

        if organization is not None:
            reference(ORGANIZATION, "organization", organization)
        check_options(options)
        return Fleet(self._caller, organization=organization, concurrency=concurrency, options=options)

    def pages(
        self,
        endpoint: Endpoint[list[T]],
        *,
        arguments: Mapping[str, "Argument"] = MappingProxyType({}),  # in quotes: help() would show its 15 types
        **options: Unpack[CallOptions],
    ) -> Pages[T]:
        """Return the list of any endpoint, even of one without a method: iterate over it, or await all of it.

        Args:
            endpoint: the operation, and the type of its list. Without ``paginated=True``, one request gets the list.
            arguments: query arguments as for `call`, without ``page`` and ``per_page``.

        Raises:
            UsageError: an argument is of the wrong type or value, or the endpoint's type is not a list.
        """
        try:
            validation.instance("endpoint", endpoint, Endpoint)
            if endpoint.type is not list and typing.get_origin(endpoint.type) is not list:
                text = f"pages needs an endpoint whose type is a list, such as list[Zone], not {endpoint.type}"
                raise UsageError(text)  # noqa: TRY301 # so that `arguments` is deleted
            check_type(endpoint.type)
            pairs = query(json_object("arguments", arguments, refs=endpoint.refs))
        except UsageError as error:
            raise error.with_traceback(None)  # noqa: B904 # as in `call`
        finally:
            del arguments  # as in `call`
        if endpoint.paginated and not {"page", "per_page"}.isdisjoint(dict(pairs)):
            raise UsageError("arguments must not have page and per_page: the list requests its pages itself")
        return Pages(self._caller, Request(endpoint=endpoint, arguments=pairs), check_options(options))

    async def call(
        self,
        endpoint: Endpoint[T],
        *,
        arguments: Mapping[str, "Argument"] = MappingProxyType({}),  # in quotes, as in `pages`
        body: Mapping[str, object] | None = None,
        **options: Unpack[CallOptions],
    ) -> T:
        """Call any endpoint, even one without a method, with the retries, rate limit and errors of all other calls.

        ::

            zones = Endpoint(path="/zones", answer="zones", type=list[Zone])
            await katapult.call(zones)

        Args:
            endpoint: the operation, and the type of its result.
            arguments: query arguments by Katapult's names: ``{"network": Permalink("public"), "default": True}``, or
                flat: ``{"network[permalink]": "public"}``. An id is ``{"network": {"id": "netw_1"}}``, or a plain
                string if the endpoint's ``refs`` name the object. A list is sent as a repeated argument.
            body: arguments that go as a JSON object: ``{"virtual_machine": {"id": "vm_1"}}``; lookups work as in
                ``arguments``. Errors show both, but not the values that are named like secrets, such as ``password``,
                ``api_key`` or ``disk_template_options``.

        Raises:
            KatapultError: as for every other call.
        """
        try:
            validation.instance("endpoint", endpoint, Endpoint)
            if endpoint.paginated:
                text = "a paginated endpoint returns pages: use katapult.pages(endpoint)"
                raise UsageError(text)  # noqa: TRY301 # as in `pages`
            check_type(endpoint.type)
            arguments = json_object("arguments", arguments, refs=endpoint.refs)
            body = None if body is None else json_object("body", body, refs=endpoint.refs)
            request = Request(endpoint=endpoint, arguments=query(arguments), body=body)
        except UsageError as error:
            raise error.with_traceback(None)  # noqa: B904 # the frames of the conversions hold the values
        finally:  # the request hides what is named like a secret; no local variable is left that a traceback could show
            del arguments, body
        return (await self._caller.call(request, **check_options(options))).value
