"""The base of all resources: from a method's arguments to the request of its operation."""

import inspect
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, ClassVar, Final, TypeVar

import attrs

from katapult_async.core.encoding import Convert, converter, query
from katapult_async.core.endpoints import Endpoint, Ref, Request
from katapult_async.errors import NotAcceptableError, NotFoundError, UsageError
from katapult_async.models.unset import UNSET
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.resource_caller import ResourceCaller

T = TypeVar("T")
M = TypeVar("M", bound=Callable[..., object])

_NO_SUCH_ROUTE: Final = "route_not_found"


def calls(endpoint: Endpoint[Any]) -> Callable[[M], M]:
    """Tie a method to the operation that it calls; the method itself stays as it is. See `endpoint_of`."""

    def tie(method: M) -> M:
        method.__dict__["endpoint"] = endpoint
        return method

    return tie


def endpoint_of(method: Callable[..., object]) -> Endpoint[Any] | None:
    """Return the operation that a method calls; None for a method that combines several."""
    endpoint: Endpoint[Any] | None = getattr(method, "endpoint", None)
    return endpoint


@attrs.frozen
class _Parameter:
    """How a parameter of a method is sent."""

    field: str
    """Katapult's name of the argument."""

    convert: Convert
    default: object
    """The value that is not sent."""

    @classmethod
    def of(cls, parameter: inspect.Parameter, refs: tuple[Ref, ...]) -> "_Parameter":
        for ref in refs:
            if ref.parameter == parameter.name:
                return cls(ref.name, converter(parameter.annotation, ref=ref), parameter.default)
        return cls(parameter.name, converter(parameter.annotation, refs=refs), parameter.default)


class Resource:
    """One kind of object, and a method for each of its operations.

    Every method takes the options of `CallOptions` as keyword arguments (``max_wait``, ``timeout``). Beside the errors
    that its own documentation names, every method can raise:

    Raises:
        UsageError: an argument is of the wrong type or value; nothing was sent.
        NotFoundError: there is no such object, or the token cannot see it.
        AuthenticationError: the token is not accepted.
        PermissionDeniedError: the token has none of the operation's scopes, or the organization is suspended, not
            activated, or not allowed to have more.
        RateLimitWaitError: the rate limit has no room within ``max_wait``.
        TransportError: the network failed every attempt, or the timeout ended the call.
        ServiceUnavailableError: Katapult was not available in any attempt; `ServerError` likewise.
        BadResponseError: the response is not what the operation documents.

    A POST is not retried once the request may have reached Katapult, unless repeating it leads to the same state
    (``endpoint.idempotent``). Where ``error.may_have_happened`` is true, check with ``get`` or ``list`` before you
    repeat it.
    """

    _parameters: ClassVar[dict[str, dict[str, _Parameter]]] = {}  # by the route of the operation

    def __init__(self, caller: ResourceCaller) -> None:
        self._caller = caller

    def __init_subclass__(cls) -> None:
        """Read from the methods how their parameters are sent."""
        cls._parameters = {
            endpoint.route: {
                each.name: _Parameter.of(each, endpoint.refs)
                for each in list(inspect.signature(method).parameters.values())[1:]
                if each.kind is not each.VAR_KEYWORD
            }
            for method in vars(cls).values()
            if callable(method) and (endpoint := endpoint_of(method)) is not None
        }

    async def _call(
        self, endpoint: Endpoint[T], *, max_wait: float | None = None, timeout: float | None = None, **arguments: object
    ) -> T:
        """Make the call of a method and return its result.

        Args:
            endpoint: the operation that the method is tied to.
            max_wait: option of the call.
            timeout: option of the call.
            arguments: values by the names of the method's parameters; one that is its parameter's default is not sent.
                A dict under another name, such as ``properties``, is an object of the request that contains values.
        """
        request = self._request(endpoint, arguments)
        del arguments  # the request hides what is named like a secret; a traceback could show this variable
        return (await self._caller.call(request, max_wait=max_wait, timeout=timeout)).value

    async def _delete(
        self, endpoint: Endpoint[T], *, max_wait: float | None = None, timeout: float | None = None, **arguments: object
    ) -> T | None:
        """Make the call of a method that deletes; return None when an attempt before the last has deleted the object.

        The response to that attempt was lost, and the last attempt found that the object is gone.
        """
        try:
            return await self._call(endpoint, max_wait=max_wait, timeout=timeout, **arguments)
        except (NotFoundError, NotAcceptableError) as error:
            if not (is_gone(error) and error.may_have_happened):
                raise
        return None

    def _list(
        self,
        endpoint: Endpoint[list[T]],
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
        **arguments: object,
    ) -> Pages[T]:
        """Return the list of a method."""
        options = CallOptions(max_wait=max_wait, timeout=timeout)
        return Pages(self._caller, self._request(endpoint, arguments), options)

    def _request(self, endpoint: Endpoint[T], arguments: Mapping[str, object]) -> Request[T]:
        parameters = self._parameters[endpoint.route]
        fields = _fields(parameters, arguments)
        if endpoint.method == "PATCH":
            _check_changes(parameters, fields, refs=endpoint.refs)
        if endpoint.arguments_in == "body":
            return Request(endpoint=endpoint, body=fields)
        return Request(endpoint=endpoint, arguments=query(fields))


def _fields(
    parameters: Mapping[str, _Parameter], values: Mapping[str, object], *, inside: bool = False
) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in values.items():
        parameter = parameters.get(name)
        if parameter is not None:
            if value is not parameter.default:
                fields[parameter.field] = parameter.convert(name, value)
        elif isinstance(value, dict):
            content = _fields(parameters, value, inside=True)
            if content or not inside:  # `properties` is required, also without values; an object inside of it is not
                fields[name] = content
        else:
            raise TypeError(f"unexpected keyword argument {name!r}; the options of a call are timeout and max_wait")
    return fields


def _check_changes(
    parameters: Mapping[str, _Parameter], fields: Mapping[str, object], *, refs: tuple[Ref, ...]
) -> None:
    """Check that an update changes something."""
    objects = {ref.name for ref in refs}
    if any(each.default is inspect.Parameter.empty and each.field not in objects for each in parameters.values()):
        return  # it has a new value that every call gives
    optional = {parameter.field: name for name, parameter in parameters.items() if parameter.default is UNSET}
    if optional and not any(True for _ in _sent(fields, optional, objects)):
        *most, last = optional.values()
        raise UsageError(f"give {', '.join(most)}{' or ' if most else ''}{last}: there is nothing to change")


def _sent(fields: Mapping[str, object], names: Container[str], objects: Container[str]) -> Iterator[str]:
    """Yield those of some fields that are sent, at any depth, but not inside of what identifies an object."""
    for name, value in fields.items():
        if name in names:
            yield name
        elif isinstance(value, dict) and name not in objects:
            yield from _sent(value, names, objects)


def is_gone(error: Exception) -> bool:
    """Return whether an error says that the object is not there any more: deleted, or in the trash."""
    return (isinstance(error, NotFoundError) and error.code not in (None, _NO_SUCH_ROUTE)) or (
        isinstance(error, NotAcceptableError) and error.code == "object_in_trash"
    )
