"""The operations of the library: their endpoints and methods, found in its modules, by the names of the document."""

import asyncio
import contextlib
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import attrs

from katapult_async import resources
from katapult_async.call_limits import CallLimits, SharedLimits
from katapult_async.core.decoding import Decoded, decode
from katapult_async.core.endpoints import Endpoint, Request
from katapult_async.options import CallOptions
from katapult_async.resources.resource import Resource
from tests.tied_methods import endpoint_of

T = TypeVar("T")

MODULES: Final = [
    importlib.import_module(f"{resources.__name__}.{path.name}") for path in pkgutil.iter_modules(resources.__path__)
]
RESOURCES: Final = [
    member
    for module in MODULES
    for member in vars(module).values()
    if inspect.isclass(member) and issubclass(member, Resource) and member.__module__ == module.__name__
    if member is not Resource
]
"""The class of every resource."""


def module_of(resource: type[Resource]) -> str:
    """Return the name of the module of a resource, which is also the name of the client's attribute."""
    return resource.__module__.rpartition(".")[2]


@attrs.frozen
class Method:
    """A method of a resource that is tied to an operation."""

    resource: type[Resource]
    name: str
    endpoint: Endpoint[Any]

    @property
    def function(self) -> Any:
        """The method itself."""
        return getattr(self.resource, self.name)

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """Its parameters, without ``self`` and the options."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return [parameter for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]


def _methods() -> Iterator[tuple[str, Method]]:
    for resource in RESOURCES:
        for name, member in vars(resource).items():
            endpoint = endpoint_of(member) if callable(member) else None
            if endpoint is not None:
                yield f"{endpoint.method} {endpoint.path}", Method(resource, name, endpoint)


METHODS: Final = dict(_methods())
"""The method of every operation, by its name: ``GET /organizations``."""

ENDPOINTS: Final = {name: method.endpoint for name, method in METHODS.items()}
"""Every operation."""


class NotSentError(Exception):
    """A request was recorded instead of being sent."""


@attrs.define
class RecordingCaller:
    """Records the requests of resources instead of sending them."""

    body: bytes | None = None
    """The body of the response to each request; without one, `NotSentError` is raised."""

    requests: list[Request[Any]] = attrs.Factory(list)

    async def call(self, request: Request[T], **options: object) -> Decoded[T]:
        assert options.keys() <= {"contradiction"}
        self.requests.append(request)
        if self.body is None:
            raise NotSentError
        return decode(request.endpoint, self.body)

    def shared_limits(self, options: CallOptions) -> SharedLimits:
        assert set(options.values()) <= {None}
        return SharedLimits(CallLimits())


def request_of(method: Method, arguments: dict[str, Any]) -> Request[Any]:
    """Return the one request that a call makes."""
    caller = RecordingCaller()
    with contextlib.suppress(NotSentError):
        asyncio.run(_called(method, arguments, caller))
    [request] = caller.requests
    return request


def result_of(method: Method, arguments: dict[str, Any], *, body: bytes) -> Any:
    """Return what a call returns when the response has this body."""
    return asyncio.run(_called(method, arguments, RecordingCaller(body)))


async def _called(method: Method, arguments: dict[str, Any], caller: RecordingCaller) -> Any:
    return await getattr(method.resource(typing.cast("Any", caller)), method.name)(**arguments)
