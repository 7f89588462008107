"""The base of all resources: from a method's arguments to the request of its operation."""

import inspect
from collections.abc import Callable, Coroutine, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

import attrs

from katapult_async.core.encoding import Convert, converter, query
from katapult_async.core.endpoints import Endpoint, Ref, Request
from katapult_async.errors import NotAcceptableError, NotFoundError, UsageError
from katapult_async.models.unset import UNSET
from katapult_async.options import CallOptions, check_options
from katapult_async.resources.pagination import Pages
from katapult_async.resources.references import REFS
from katapult_async.resources.resource_caller import ResourceCaller

T = TypeVar("T")
M = TypeVar("M", bound=Callable[..., object])

_NO_SUCH_ROUTE: Final = "route_not_found"
_OPERATION: Final = "operation"  # attribute of a method that is tied to one
_NOT_SENT: Final = {"self", "wait", "options"}  # ``wait`` says when a method returns


def calls(
    endpoint: Endpoint[Any],
    *,
    inside: str | None = None,
    beside: tuple[str, ...] = (),
    objects: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    refs: tuple[Ref, ...] = (),
    arguments_in: Literal["query", "body"] | None = None,
) -> Callable[[M], M]:
    """Tie a method to the operation that it calls, and return the method itself. See `Operations` and `endpoint_of`.

    Args:
        endpoint: the operation. Its ``refs`` need not contain those of `REFS`, which are found by the parameter's name.
        inside: the object of the body that holds the arguments, such as ``properties``. The objects that the path
            names, the annotations, and the parameters of ``beside`` are not in it, but beside it.
        beside: names of further parameters that are sent beside this object.
        objects: the objects inside this object: for each name, the parameters that the object holds.
        refs: references of parameters, or of the fields of their values, that `REFS` does not have or has differently.
        arguments_in: where the arguments are sent; None for the usual place of the HTTP method.
    """
    inner = {parameter: name for name, parameters in objects.items() for parameter in parameters}

    def tie(method: M) -> M:
        signature = inspect.signature(method).parameters
        references = {name: REFS[name] for name in signature if name in REFS}
        references |= {ref.parameter: ref for ref in (*endpoint.refs, *refs)}
        sent_in = arguments_in or endpoint.arguments_in
        operation = attrs.evolve(endpoint, refs=tuple(references.values()), arguments_in=sent_in)
        in_path = {ref.parameter for ref in operation.refs if ref.name in endpoint.path.split("/")}
        outer = {"annotations", *beside, *in_path}
        parameters = tuple(
            _Parameter(
                name=name,
                ref=references.get(name),
                inside=None if name in outer else inside,
                object=inner.get(name),
                convert=converter(parameter.annotation, ref=references.get(name), refs=operation.refs),
                default=parameter.default,
            )
            for name, parameter in signature.items()
            if name not in _NOT_SENT
        )
        method.__dict__[_OPERATION] = _Operation(operation, parameters)
        return method

    return tie


def endpoint_of(method: Callable[..., object]) -> Endpoint[Any] | None:
    """Return the operation that a method calls; None for a method that combines several."""
    operation: _Operation | None = method.__dict__.get(_OPERATION)
    return None if operation is None else operation.endpoint


@attrs.frozen(kw_only=True)
class _Parameter:
    """How a parameter of a method is sent."""

    name: str
    ref: Ref | None
    """The object that it names, if it names one."""

    inside: str | None
    """The object of the body that holds it; None for the body itself."""

    object: str | None
    """The object in `inside` that holds it; None if `inside` holds it itself."""

    convert: Convert
    default: Any
    """The value of an argument that is left out. It is recognized by its identity, and not sent."""


@attrs.frozen
class _Operation:
    """An operation, and the parameters of the method that is tied to it."""

    endpoint: Endpoint[Any]
    parameters: tuple[_Parameter, ...]


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
        ServiceUnavailableError: Katapult was not available in any attempt.
        ServerError: Katapult, or a proxy in front of it, failed in every attempt.
        BadResponseError: the response is not what the operation documents.

    A POST, or an update of a disk, is not retried after Katapult may have executed it, unless repeating it leads to the
    same state (``endpoint.idempotent``). Where ``error.may_have_happened`` is true, check with ``get`` or ``list``
    before you repeat it.
    """

    def __init__(self, caller: ResourceCaller) -> None:
        self._caller = caller

    async def _call(self, method: Callable[..., Coroutine[Any, Any, T]], arguments: Mapping[str, Any]) -> T:
        """Make the call of a method and return the result of its operation.

        Args:
            method: the method itself, which is tied to the operation.
            arguments: its ``locals()``: its parameters, which are sent unless they have their defaults, and the
                ``options`` of the call.
        """
        options: CallOptions = arguments["options"] and check_options(arguments["options"])
        request = self._request(method, arguments)
        del arguments  # the request hides what is named like a secret; a traceback could show this variable
        result: T = (await self._caller.call(request, **options)).value
        return result

    async def _delete(self, method: Callable[..., Coroutine[Any, Any, T]], arguments: Mapping[str, Any]) -> T | None:
        """Make the call of a method that deletes; return None when an attempt before the last has deleted the object.

        The response to that attempt was lost, and the last attempt found that the object is gone.
        """
        try:
            return await self._call(method, arguments)
        except (NotFoundError, NotAcceptableError) as error:
            if not (is_gone(error) and error.may_have_happened):
                raise
        return None

    def _list(self, method: Callable[..., Pages[T]], arguments: Mapping[str, Any]) -> Pages[T]:
        """Return the pages of a method's list operation; nothing is sent yet."""
        return Pages(self._caller, self._request(method, arguments), check_options(arguments["options"]))

    def _request(self, method: Callable[..., object], arguments: Mapping[str, Any]) -> Request[Any]:
        """Return the request of a call."""
        operation: _Operation = method.__dict__[_OPERATION]
        endpoint = operation.endpoint
        fields: dict[str, Any] = {}
        for parameter in operation.parameters:
            # Katapult requires the object around the arguments even if it is empty, but not the objects in it.
            holder = fields if parameter.inside is None else fields.setdefault(parameter.inside, {})
            value = arguments[parameter.name]
            if value is not parameter.default:
                if parameter.object is not None:
                    holder = holder.setdefault(parameter.object, {})
                field = parameter.name if parameter.ref is None else parameter.ref.name
                holder[field] = parameter.convert(parameter.name, value)
        if endpoint.method == "PATCH":
            _check_changes(operation.parameters, arguments)
        if endpoint.arguments_in == "body":
            return Request(endpoint=endpoint, body=fields)
        return Request(endpoint=endpoint, arguments=query(fields))


def _check_changes(parameters: Iterable[_Parameter], arguments: Mapping[str, Any]) -> None:
    """Check that an update changes something."""
    if any(parameter.default is inspect.Parameter.empty and parameter.ref is None for parameter in parameters):
        return  # a required argument is a new value
    optional = [parameter.name for parameter in parameters if parameter.default is UNSET]
    if optional and all(arguments[name] is UNSET for name in optional):
        *most, last = optional
        raise UsageError(f"give {', '.join(most)}{' or ' if most else ''}{last}: there is nothing to change")


def is_gone(error: Exception) -> bool:
    """Return whether an error says that an object is gone: it was deleted, or it is in the trash."""
    return (isinstance(error, NotFoundError) and error.code not in (None, _NO_SUCH_ROUTE)) or (
        isinstance(error, NotAcceptableError) and error.code == "object_in_trash"
    )
