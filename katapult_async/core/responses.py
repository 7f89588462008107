"""From an answer to an error: which class it is, what it says, and what it must not say.

Errors are read nested under ``"error"``, as all 498 recorded refusals have them, and flat, as the documentation
shows them. A code decides first, for one status carries both passing troubles and business answers; a status
decides where the code is unknown or a proxy answered in Katapult's place.
"""

import email.utils
import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from katapult_async.core.converter import UnreadableError, WrongShapeError, decode_json
from katapult_async.core.endpoints import Request
from katapult_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    BadResponseReason,
    ConflictError,
    KatapultError,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitReachedError,
    ServerError,
    ServiceUnavailableError,
    UnprocessableError,
)

_BY_CODE: Mapping[str, type[APIError]] = {
    "missing_api_token": AuthenticationError,
    "invalid_api_token": AuthenticationError,
    "invalid_capabilities_token": AuthenticationError,
    "unauthorized_network_for_api_token": AuthenticationError,
    "scope_not_granted": PermissionDeniedError,
    "rate_limit_reached": RateLimitReachedError,
    "service_unavailable": ServiceUnavailableError,
    "no_available_addresses": ConflictError,  # sent as 503, but no outage: the network is used up
}

_VOCABULARY = frozenset({*_BY_CODE, "object_in_trash", "object_storage_provisioning_error"})
"""Codes that decide something here, and so stay as they are, even where a token happens to be a part of them."""

_BY_STATUS: Mapping[int, type[APIError]] = {
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

_SAID_BY_NOBODY: Mapping[type[APIError], str] = {
    AuthenticationError: "the token was not accepted",
    PermissionDeniedError: "the token may not do this",
    NotFoundError: "nothing was found here",
    RateLimitReachedError: "the requests of this window are spent",
    ServiceUnavailableError: "the service is not available just now",
    ServerError: "the server failed",
}

_SHOWN = 200  # characters of a body or description: enough to recognise a proxy's page
_LONGEST_ESCAPE = 6  # characters for one, as in &quot;
_LARGEST_ERROR = 65536  # bytes; the largest recorded refusal has under 1,000, and a longer one is somebody else's
_DEEPEST_DETAIL = 16  # levels; the deepest documented detail has 3
_AUTHORITY = re.compile(r"([^:/?#]+:)?//([^/?#]*@)?(?P<host>[^/?#]*)")
_REDIRECT_STATUS, _ERROR_STATUS, _SERVER_ERROR_STATUS = 300, 400, 500


@attrs.frozen(kw_only=True)
class Response:
    """One whole HTTP answer."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    """By canonical name, or of any case where the mapping does not care."""

    body: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class RequestContext:
    """What was asked, and how it has gone so far: the half of a problem that is known before the answer."""

    request: Request[Any]
    attempts: int = 1
    earlier: tuple[KatapultError, ...] = ()

    hidden: str = attrs.field(default="", repr=False)
    """The token: cut out of everything that a server says."""

    @property
    def arguments(self) -> tuple[tuple[str, str], ...]:
        """What was asked, ready to be shown."""
        return tuple(
            (printable(name, hidden=self.hidden), printable(value, hidden=self.hidden))
            for name, value in self.request.asked
        )

    def problem(self, description: str) -> Problem:
        """Return what is known, with one sentence of ours about what went wrong."""
        return Problem(
            method=self.request.endpoint.method,
            path=self.request.endpoint.path,
            arguments=self.arguments,
            description=description,
            attempts=self.attempts,
            earlier=self.earlier,
        )

    def answered(self, answer: Response, description: str) -> Problem:
        """Return what is known with an answer at hand."""
        request_id = answer.headers.get("X-Request-Id")
        return attrs.evolve(
            self.problem(description),
            status=answer.status,
            request_id=printable(request_id, hidden=self.hidden) if request_id else None,
            retry_after=_retry_after(answer.headers),
        )

    def refusal(self, answer: Response) -> APIError | BadResponseError:
        """Return the error for an answer whose status is not a success."""
        if answer.status < _ERROR_STATUS:
            return self._digression(answer)
        found = _error_object(answer.body)
        code = found.get("code")
        code = code if isinstance(code, str) and code else None
        kind = _kind(code, answer.status)
        if code is not None and code not in _VOCABULARY:
            code = printable(code, hidden=self.hidden)
        description = found.get("description")
        if not isinstance(description, str) or not description.strip():
            description = _SAID_BY_NOBODY.get(kind, f"refused with status {answer.status}")
            if not found and answer.body.strip():
                description += f", in words that are not Katapult's: {shown(answer.body, hidden=self.hidden)}"
        return kind(
            attrs.evolve(
                self.answered(answer, printable(description, hidden=self.hidden)),
                code=code,
                detail=_scrubbed(found.get("detail"), self.hidden),
            )
        )

    def _digression(self, answer: Response) -> BadResponseError:
        """Return the error for an answer that is neither a success nor a refusal."""
        if answer.status < _REDIRECT_STATUS:
            said, reason = f"a change of protocol (status {answer.status})", BadResponseReason.UNREADABLE
        else:
            where = _host(answer.headers.get("Location", ""))
            said = f"a redirect{where and ' to '}{printable(where, hidden=self.hidden)}, which is not followed"
            reason = BadResponseReason.REDIRECT
        return BadResponseError(attrs.evolve(self.answered(answer, said), reason=reason))

    def distrust(self, answer: Response, error: UnreadableError | WrongShapeError) -> BadResponseError:
        """Return the error for a success whose body is not what was documented."""
        unreadable = isinstance(error, UnreadableError)
        reason = BadResponseReason.UNREADABLE if unreadable else BadResponseReason.WRONG_SHAPE
        what = "a body that is not JSON" if unreadable else "JSON of another shape"
        said = printable(f"{what}: {error}", hidden=self.hidden, most=2 * _SHOWN)
        return BadResponseError(
            attrs.evolve(
                self.answered(answer, f"{said}; it starts {shown(answer.body, hidden=self.hidden)}"), reason=reason
            )
        )


def _kind(code: str | None, status: int) -> type[APIError]:
    if code and code in _BY_CODE:
        return _BY_CODE[code]
    return _BY_STATUS.get(status) or (ServerError if status >= _SERVER_ERROR_STATUS else APIError)


def _error_object(body: bytes) -> dict[str, object]:
    """Return the error object of a body, nested or flat; empty when there is none."""
    if len(body) > _LARGEST_ERROR:
        return {}
    try:
        parsed = decode_json(body)
    except UnreadableError:
        return {}
    if isinstance(parsed, dict) and isinstance(parsed.get("error"), dict):
        parsed = parsed["error"]
    return parsed if isinstance(parsed, dict) and "code" in parsed else {}


def printable(text: str, *, hidden: str, most: int = _SHOWN) -> str:
    """Return a server's words made safe for one line of a log: no token, no control character, no flood."""
    clean = _without(text, hidden)
    cut = clean[:most]
    escaped = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut)
    return escaped if len(clean) <= most else f"{escaped}..."


def shown(body: bytes, *, hidden: str) -> str:
    """Return the start of a body between quotes, escaped."""
    margin = _LONGEST_ESCAPE * len(hidden)
    start = _without(body[: 4 * _SHOWN + margin].decode("utf-8", "backslashreplace"), hidden)
    if len(body) > 4 * _SHOWN + margin:
        start = start[: len(start) - margin]  # where half a token may stand
    return f"'{printable(start, hidden=hidden)}'"


def _scrubbed(value: object, hidden: str, *, levels: int = _DEEPEST_DETAIL) -> object:
    """Return any JSON with the token cut out of its strings, and what lies too deep left out."""
    match value:
        case str() if hidden:
            return _without(value, hidden)
        case list() | dict() if not levels:
            return None
        case list():
            return [_scrubbed(item, hidden, levels=levels - 1) for item in value]
        case dict():
            return {
                str(_scrubbed(key, hidden)): _scrubbed(item, hidden, levels=levels - 1) for key, item in value.items()
            }
    return value


def _without(text: str, hidden: str) -> str:
    """Return a text without the token, also where it is written as in HTML, in a URL or in JSON."""
    if hidden:
        for written in (hidden, html.escape(hidden), quote(hidden, safe=""), hidden.replace("/", "\\/")):
            text = text.replace(written, "***")
    return text


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``Retry-After``, RFC 9110 section 10.2.3: a number, or a date of the server's clock."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
        now = email.utils.parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _host(location: str) -> str:
    """Return the host of a redirect and nothing else: the rest may carry secrets."""
    found = _AUTHORITY.match(location)  # RFC 3986 appendix B
    return found["host"] if found else ""
