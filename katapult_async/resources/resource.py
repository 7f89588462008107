"""The base of all resources: a method declares its arguments, and its decorator makes the request of its operation."""

import functools
import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypedDict, TypeVar, Unpack

import attrs

from katapult_async.core import lazy_classes
from katapult_async.core.encoding import Convert, converter, query
from katapult_async.core.endpoints import Endpoint, Ref, Request
from katapult_async.core.pagination import Pages
from katapult_async.core.redaction import is_secret_name, with_hidden_secrets
from katapult_async.errors import NotAcceptableError, NotFoundError, UsageError
from katapult_async.models.unset_argument import UNSET
from katapult_async.options import CallOptions, check_options
from katapult_async.resources.references import REFS
from katapult_async.similar_names import missing_attribute

M = TypeVar("M", bound=Callable[..., object])

EMPTY: Final[Mapping[str, str]] = MappingProxyType({})
"""Default of a parameter that takes a mapping, such as annotations. It is recognized by its identity, and not sent."""

_NOT_SENT: Final = {"self", "wait", "options"}  # ``wait`` says when a method returns


class Details(TypedDict, total=False):
    """Optional settings of `calls`, for operations that differ from most."""

    outside: tuple[str, ...]
    """Names of parameters that are sent beside the object ``inside``, which holds the others. See `calls`."""

    objects: Mapping[str, tuple[str, ...]]
    """Further objects within ``inside``: the name of each, with the names of the parameters that it holds."""

    refs: tuple[Ref, ...]
    """References that `REFS` lacks or defines differently, for parameters or for fields of their values."""

    arguments_in: Literal["query", "body"]
    """Where the arguments are sent; without this setting, the HTTP method decides."""

    adjust: Callable[[dict[str, Any]], None]
    """Checks the arguments as they are to be sent, or changes them in place."""

    result: Callable[[Any], object]
    """Takes the result of the operation, and returns the result of the method."""

    deletes: bool
    """Whether the operation deletes its object. The method then returns None if the last attempt finds that the object
    is gone, and an earlier attempt, whose response was lost, may have deleted it."""


def calls(endpoint: Endpoint[Any], *, inside: str | None = None, **details: Unpack[Details]) -> Callable[[M], M]:
    """Return a decorator that ties a method to an operation, so that a call of the method requests the operation.

    Such a method has a signature and a docstring, and no further body. If it is ``async``, it returns the result of the
    operation; None if its annotation is None. Otherwise it returns the `Pages` of a list. See `Operations`.

    Args:
        endpoint: the operation. Its ``refs`` need not contain those of `REFS`, which are found by the parameter's name.
        inside: the object of the body that holds the arguments, such as ``properties``; None for the body itself.
            Annotations, and the objects that the path names, are always outside of it.
        details: optional settings.
    """

    def tie(method: M) -> M:
        operation = _Operation(endpoint, method, inside=inside, details=details)

        def denial_in(response: "lazy_classes.Decoded[Any]") -> str | None:
            """Return the text for a response that denies success; None for any other response."""
            return None if response.value else f"the response denies success: {endpoint.answer} is false"

        contradiction = denial_in if endpoint.type is bool else None

        async def call(self: Resource, *subject: object, **arguments: Any) -> Any:
            """Return the result of the operation."""
            try:
                await operation.method(self, *subject, **arguments)  # has no body: only checks the arguments' names
            except TypeError:
                subject, arguments = (), {}  # a traceback could show them
                raise
            request = operation.request(subject, arguments)
            value = (await self._caller.call(request, contradiction=contradiction, **arguments)).value
            return value if operation.result is None else operation.result(value)

        async def delete(self: Resource, *subject: object, **arguments: object) -> Any:
            """Return the result; None if the object is gone, and an attempt without a response may have deleted it."""
            try:
                return await call(self, *subject, **arguments)
            except (NotFoundError, NotAcceptableError) as error:
                if not (is_gone(error) and error.may_have_happened):
                    raise
            return None

        def pages(self: Resource, *subject: object, **arguments: Any) -> Pages[Any]:
            """Return the list that the operation returns page by page."""
            operation.method(self, *subject, **arguments)  # has no body, as in `call`
            request = operation.request(subject, arguments)
            return Pages(self._caller, request, typing.cast("CallOptions", arguments))

        operation.call = call
        coroutine = delete if details.get("deletes") else call
        tied = functools.wraps(method)(coroutine if inspect.iscoroutinefunction(method) else pages)
        tied.__dict__["operation"] = operation
        return typing.cast("M", tied)

    return tie


@attrs.frozen(kw_only=True)
class _Parameter:
    """How a parameter of a method is sent."""

    sent_name: str
    """Katapult's name of the argument."""

    inside: str | None
    """The object of the body that holds it; None for the body itself."""

    inner_object: str | None
    """The object within `inside` that holds it; None if `inside` itself holds it."""

    convert: Convert
    default: Any
    """The value of an argument that is omitted. It is recognized by its identity, and not sent."""


def _hiding(name: str, convert: Convert) -> Convert:
    """Return a conversion that also hides the value if the parameter is named like a secret."""
    if not is_secret_name(name):
        return convert
    return lambda name, value: with_hidden_secrets(convert(name, value), name)


class _Operation:
    """An operation, and the method that is tied to it."""

    call: Callable[..., Awaitable[Any]]
    """Calls the method, but always raises the error of an object that is gone: see `Details.deletes`."""

    def __init__(
        self, endpoint: Endpoint[Any], method: Callable[..., Any], *, inside: str | None, details: Details
    ) -> None:
        self.method = method
        signature = inspect.signature(method)
        declared = {name: parameter for name, parameter in signature.parameters.items() if name not in _NOT_SENT}
        references = {name: REFS[name] for name in declared if name in REFS}
        references |= {ref.parameter: ref for ref in (*endpoint.refs, *details.get("refs", ()))}
        sent_in = details.get("arguments_in", endpoint.arguments_in)
        refs = tuple(references.values())
        self.endpoint = attrs.evolve(endpoint, refs=refs, arguments_in=sent_in)
        in_path = {ref.parameter for ref in references.values() if ref.name in endpoint.path.split("/")}
        outside = {"annotations", *details.get("outside", ()), *in_path}
        inner_objects = {parameter: name for name, held in details.get("objects", {}).items() for parameter in held}
        self.parameters = {
            name: _Parameter(
                sent_name=references[name].name if name in references else name,
                inside=None if name in outside else inside,
                inner_object=inner_objects.get(name),
                convert=_hiding(name, converter(parameter.annotation, ref=references.get(name), refs=refs)),
                default=parameter.default,
            )
            for name, parameter in declared.items()
        }
        required = {name for name, parameter in declared.items() if parameter.default is inspect.Parameter.empty}
        optional = tuple(name for name, parameter in declared.items() if parameter.default is UNSET)
        self.changes = optional if required <= references.keys() else ()
        """The parameters of an update of which a call must give at least one.

        Empty if a required parameter, such as a new name, is a change already.
        """

        self.adjust = details.get("adjust")
        self.result = (lambda _: None) if signature.return_annotation is None else details.get("result")

    def request(self, subject: tuple[object, ...], arguments: dict[str, Any]) -> Request[Any]:
        """Return the request of a call, whose positional and keyword arguments are given.

        The arguments that are sent are removed from `arguments`, because a traceback could show them; the request hides
        those that are named like secrets. Only the options of the call remain in `arguments`; they are checked. After a
        mistake none remains, and the traceback ends here.
        """
        arguments |= zip(self.parameters, subject, strict=False)
        changes_nothing = self.changes and all(arguments.get(name, UNSET) is UNSET for name in self.changes)
        sent: dict[str, Any] = {}
        try:
            for name, parameter in self.parameters.items():
                # Katapult requires the object `inside` even if it is empty, but not the objects within it.
                holder = sent if parameter.inside is None else sent.setdefault(parameter.inside, {})
                value = arguments.pop(name, parameter.default)
                if value is not parameter.default:
                    if parameter.inner_object is not None:
                        holder = holder.setdefault(parameter.inner_object, {})
                    holder[parameter.sent_name] = parameter.convert(name, value)
        except UsageError as error:
            value = None
            arguments.clear()
            raise error.with_traceback(None)  # noqa: B904 # the frames of the conversions hold the values
        if arguments:  # most calls have none, so the check is not called for them
            check_options(arguments, called=f"{self.method.__qualname__}()", names=self.parameters)
        if changes_nothing:
            *most, last = self.changes
            raise UsageError(f"give {', '.join(most)}{' or ' if most else ''}{last}: there is nothing to change")
        if self.adjust is not None:
            self.adjust(sent)
        if self.endpoint.arguments_in == "body":
            return Request(endpoint=self.endpoint, body=sent)
        return Request(endpoint=self.endpoint, arguments=query(sent))


class Resource:
    """One kind of object, and a method for each of its operations.

    Every method takes the options of `CallOptions` as keyword arguments (``max_wait``, ``timeout``). Besides the errors
    that its own documentation names, every method can raise:

    Raises:
        UsageError: an argument is of the wrong type or value; nothing was sent.
        ClientClosedError: the client is not open.
        NotFoundError: there is no such object, or the token cannot see it.
        AuthenticationError: the token is not accepted.
        PermissionDeniedError: the token has none of the operation's scopes, or may not do this, or the organization is
            suspended, not activated, or not permitted to create resources.
        BadRequestError: Katapult did not understand an argument (``invalid_argument``).
        RateLimitWaitError: the rate limit has no room within ``max_wait``.
        RateLimitReachedError: Katapult refused the call repeatedly, because the rate limit was reached.
        TransportError: the network failed every attempt, or the timeout ended the call.
        ServiceUnavailableError: Katapult was not available in any attempt.
        ServerError: Katapult, or a proxy in front of it, failed in every attempt.
        BadResponseError: the response is not what the operation documents, or denies success.

    A POST or PATCH is not retried once Katapult may have executed it, unless a second request leads to the same state
    (``endpoint.idempotent``). If ``error.may_have_happened`` is true, check with ``get`` or ``list`` before you repeat
    the call.
    """

    def __init__(self, caller: "lazy_classes.Caller") -> None:
        self._caller = caller

    if not typing.TYPE_CHECKING:  # type checkers would take any name for an attribute
        __getattr__ = missing_attribute


def is_gone(error: Exception) -> bool:
    """Return whether an error says that an object is gone: it was deleted, or it is in the trash."""
    if isinstance(error, NotFoundError):
        return error.code not in (None, "route_not_found")
    return isinstance(error, NotAcceptableError) and error.code == "object_in_trash"
