"""Makes the error for a response or a failed attempt: its class, its text, and nothing secret in it.

Errors are read nested under ``"error"``, as all 498 recorded ones are, and flat, as the documentation shows them. The
code decides the class first, because one status has several meanings: 503 can be a transient failure, or mean "no
addresses left". The status decides where the code is unknown, or where a proxy responded in Katapult's place.
"""

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from katapult_async.core.decoding import decode_json
from katapult_async.core.decoding_errors import DecodingError
from katapult_async.core.endpoints import Ref, Request
from katapult_async.core.redaction import masked_json, masking, printable
from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    BadResponseReason,
    ClientClosedError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    FailureKind,
    KatapultError,
    MissingObject,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    TransportError,
    UnprocessableError,
)
from katapult_async.http.transport import MAX_ERROR_BODY, TransportFailure, TransportResponse
from katapult_async.rate_limit.headers import retry_after

_CLASS_BY_CODE: Final[Mapping[str, type[APIError]]] = {
    "missing_api_token": AuthenticationError,
    "invalid_api_token": AuthenticationError,
    "invalid_capabilities_token": AuthenticationError,
    "unauthorized_network_for_api_token": AuthenticationError,
    "scope_not_granted": PermissionDeniedError,
    "rate_limit_reached": RateLimitReachedError,
    "service_unavailable": ServiceUnavailableError,
    "no_available_addresses": ConflictError,  # sent as 503, but the service works: Katapult has none left
}

_KNOWN_CODES: Final = frozenset(
    {*_CLASS_BY_CODE, "invalid_argument", "ip_address_not_found", "ip_already_allocated", "object_in_trash"}
    | {"object_storage_account_not_provisioned", "object_storage_provisioning_error", "route_not_found"}
)
"""Codes that this library acts on. They are no secrets: they stay whole, even if the token occurs in one."""

_CLASS_BY_STATUS: Final[Mapping[int, type[APIError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    406: NotAcceptableError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitReachedError,
    503: ServiceUnavailableError,
}

_DEFAULT_DESCRIPTION: Final[Mapping[type[APIError], str]] = {
    AuthenticationError: "the token was not accepted",
    PermissionDeniedError: "the token may not do this",
    NotFoundError: "not found",
    RateLimitReachedError: "too many requests were sent",
    ServiceUnavailableError: "the service is not available at present",
    ServerError: "the server failed",
}

_OUTCOME_OF_FAILURE: Final[Mapping[FailureKind, type[TransportError] | BadResponseReason]] = {
    "timeout": RequestTimeoutError,
    "disconnect": DisconnectedError,
    "truncated": BadResponseReason.TRUNCATED,
    "invalid": BadResponseReason.UNREADABLE,
    "too_large": BadResponseReason.TOO_LARGE,
}
"""The error class of a kind of transport failure, or the reason of its `BadResponseError`. All other kinds are a
`ConnectError`."""

_MAX_MISTAKES: Final = 2000  # characters that are shown of what a server says about the mistakes in a request
_NOT_FOUND: Final = "_not_found"
_ACRONYMS: Final = frozenset({"api", "dns", "gpu", "io", "ip", "ssh"})
_AUTHORITY: Final = re.compile(r"([^:/?#]+:)?//([^/?#]*@)?(?P<host>[^/?#]*)")  # RFC 3986 appendix B
_REDIRECT_STATUS, _ERROR_STATUS, _SERVER_ERROR_STATUS = 300, 400, 500


@attrs.frozen(kw_only=True)
class RequestContext:
    """A request and its attempts so far: the part of an error that is known before the response."""

    request: Request[Any]
    """The request."""

    attempts: int = 1
    """Attempts so far, the current one included."""

    earlier: tuple[KatapultError, ...] = ()
    """The errors of the attempts before the current one."""

    token: str = attrs.field(default="", repr=False)
    """The token, which is masked in all texts of the server."""

    received_at: float = 0.0
    """When the response was received, in Unix seconds of this machine's clock."""

    @functools.cached_property
    def _masked(self) -> Callable[[str], str]:
        """Masks the token, and the arguments that are named like secrets: a server may quote them."""
        return masking(self.token, *self.request.secrets)

    @property
    def arguments(self) -> tuple[tuple[str, str], ...]:
        """The arguments of the request, printable."""
        return tuple((self._printable(name), self._printable(value)) for name, value in self.request.shown_arguments)

    def _printable(self, text: str) -> str:
        return printable(text, masked=self._masked)

    def problem(self, description: str, *, response: TransportResponse | None = None, sent: bool = True) -> Problem:
        """Return what is known about the failed request.

        Args:
            description: one sentence about what happened.
            response: the response, or what arrived of it.
            sent: whether the server may have received the last attempt.
        """
        return Problem(
            method=self.request.endpoint.method,
            path=self.request.endpoint.path,
            idempotent=self.request.endpoint.idempotent,
            arguments=self.arguments,
            description=description,
            attempts=self.attempts,
            earlier=self.earlier,
            sent=sent,
            status=None if response is None else response.status,
            request_id=self.request_id(response),
            retry_after=None if response is None else retry_after(response.headers, self.received_at),
        )

    def request_id(self, response: TransportResponse | None) -> str | None:
        """Return the id that Katapult gave to the request, printable; None if the response has none."""
        value = None if response is None else response.headers.get("X-Request-Id")
        return self._printable(value) if value else None

    def error(self, response: TransportResponse) -> APIError | BadResponseError:
        """Return the error for a response whose status is not a success."""
        if response.status < _ERROR_STATUS:
            return self._unexpected_status(response)
        fields, reason = _error_object(response)
        code = fields.get("code")
        code = code if isinstance(code, str) and code else None
        other_class = ServerError if response.status >= _SERVER_ERROR_STATUS else APIError
        error_class = _CLASS_BY_CODE.get(code or "") or _CLASS_BY_STATUS.get(response.status, other_class)
        missing = self._missing_object(code) if error_class is NotFoundError else None
        description = str(missing) if missing else (_object_in_trash(code, fields) or fields.get("description"))
        if not isinstance(description, str) or not description.strip():
            description = _DEFAULT_DESCRIPTION.get(error_class, f"refused with status {response.status}")
            if not fields and response.body.strip():
                what = reason.replace("_", " ") if reason else "not Katapult's"
                description += f"; the response is {what} ({_media_type(response)})"
        mistakes = printable(_mistakes(fields.get("detail")), masked=self._masked, limit=_MAX_MISTAKES)
        text = self._printable(description)
        return error_class(
            attrs.evolve(
                self.problem(f"{mistakes}: {text}" if mistakes else text, response=response),
                code=code if code is None or code in _KNOWN_CODES else self._printable(code),
                reason=reason,
                missing=missing,
                detail=masked_json(fields.get("detail"), self._masked),
            )
        )

    def _missing_object(self, code: str | None) -> MissingObject | None:
        """Return which object does not exist, if code and request identify it. Katapult's own text names no object."""
        if code is None or not code.endswith(_NOT_FOUND):
            return None
        kind = code.removesuffix(_NOT_FOUND)
        named = [(*_name_and_key(argument), value) for argument, value in self.arguments]
        exact = [(name, key, value) for name, key, value in named if name == kind]
        candidates = exact or [(name, key, value) for name, key, value in named if _is_short_form(name, kind)]
        if len(candidates) != 1:
            return None
        [(name, key, value)] = candidates
        ref = next((ref for ref in self.request.endpoint.refs if ref.name == name), Ref(name))
        return MissingObject(
            kind=" ".join(word.upper() if word in _ACRONYMS else word for word in kind.split("_")),
            key=key or ref.key,
            value=value,
            id_prefix=ref.id_prefix,
            lookups=tuple(lookup.__name__ for lookup in ref.by),
        )

    def _unexpected_status(self, response: TransportResponse) -> BadResponseError:
        """Return the error for a response that is neither a success nor an error."""
        if response.status < _REDIRECT_STATUS:
            text, reason = f"a change of protocol (status {response.status})", BadResponseReason.UNREADABLE
        else:
            location = _AUTHORITY.match(response.headers.get("Location", ""))
            host = location and location["host"]  # nothing else of it: the rest may carry secrets
            target = f" to {self._printable(host)}" if host else ""
            text, reason = f"a redirect{target}, which is not followed", BadResponseReason.REDIRECT
        return self.untrusted(response, text, reason)

    def invalid_body(self, response: TransportResponse, error: DecodingError) -> BadResponseError:
        """Return the error for a success whose body is not what is documented. It quotes nothing of the body."""
        return self.untrusted(response, f"{error.summary} ({_media_type(response)}): {error}", error.reason)

    def untrusted(
        self, response: TransportResponse, description: str, reason: BadResponseReason = BadResponseReason.WRONG_SHAPE
    ) -> BadResponseError:
        """Return the error for a response that cannot be trusted, such as one that contradicts the request."""
        return BadResponseError(attrs.evolve(self.problem(description, response=response), reason=reason))

    def transport_error(self, failure: TransportFailure) -> TransportError | BadResponseError | ClientClosedError:
        """Return the error for an attempt without a whole response."""
        text = self._printable(failure.detail or failure.kind)
        if failure.kind == "closed":
            return ClientClosedError(text)
        problem = self.problem(text, response=failure.partial, sent=failure.sent)
        problem = attrs.evolve(problem, failure=failure.kind, phase=failure.phase)
        outcome = _OUTCOME_OF_FAILURE.get(failure.kind, ConnectError)
        if isinstance(outcome, BadResponseReason):
            return BadResponseError(attrs.evolve(problem, reason=outcome))
        return outcome(problem)


def _name_and_key(argument: str) -> tuple[str, str]:
    """Return which object an argument names, and by what: (``network``, ``id``) for ``properties[network][id]``."""
    *outer, last = argument.replace("]", "").split("[")
    return (outer[-1], last) if outer else (last, "")


def _is_short_form(argument: str, kind: str) -> bool:
    """Return whether one name is short for the other, as ``package`` is for ``virtual_machine_package``."""
    return kind.endswith(f"_{argument}") or argument.endswith(f"_{kind}")


def _error_object(response: TransportResponse) -> tuple[dict[str, object], BadResponseReason | None]:
    """Return the error object of a body, nested or flat; an empty one if the body has none, or cannot be read.

    The second value says why the body of an error object cannot be read: for example, it was cut.
    """
    try:
        parsed = decode_json(response.body)
    except DecodingError as error:
        # Of a body that was cut, cannot be decompressed, or is too large, the start is here. An empty body, or other
        # text, such as a proxy's "Forbidden", is no error object: it would be the same at the next attempt.
        is_object = response.body.startswith(b"{") and "/json" in _media_type(response)
        reason = error.reason if len(response.body) < MAX_ERROR_BODY else BadResponseReason.TOO_LARGE
        return {}, reason if is_object else None
    if isinstance(parsed, dict) and isinstance(parsed.get("error"), dict):
        parsed = parsed["error"]
    return (parsed if isinstance(parsed, dict) and "code" in parsed else {}), None


def _mistakes(detail: object) -> str:
    """Return what is wrong, for example with the arguments of a request; empty if the detail has no words about it."""
    match detail:
        case {"errors": [_, *_] as mistakes}:
            return "; ".join(str(mistake).rstrip(".") for mistake in mistakes)
        # the description of invalid_spec_xml is always the same; invalid_argument describes the mistake in the value
        case {"errors": str() as text} | {"issue_description": str() as text} | {"details": str() as text}:
            return text.rstrip(".")
    return ""


def _object_in_trash(code: object, fields: Mapping[str, object]) -> str | None:
    """Return which object is in the trash, if code and detail identify it."""
    match code, fields.get("detail"):
        case "object_in_trash", {"trash_object": {"id": str(), "object_type": str(kind), "object_id": str(object_id)}}:
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
            return f"{words} {object_id} is in the trash"
    return None


def _media_type(response: TransportResponse) -> str:
    media_type = re.match(r"\s*([a-z]+/[a-z0-9.+-]+)\s*(;|$)", response.headers.get("Content-Type", ""))
    return f"{media_type[1] if media_type else 'no media type'}, {len(response.body)} bytes"
