"""What Katapult, or a proxy before it, answers in place of what was asked for."""

import email.utils
from functools import partial

from katapult_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BadResponseError,
    BadResponseReason,
    ConflictError,
    NotAcceptableError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitPolicy,
    RateLimitReachedError,
    RateLimitWaitError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
    UnprocessableError,
)

from .answers import head, raw, refusal, refuses, says, standard_headers
from .outcomes import ATTEMPTS, HASTY, Fails, Family, Fault, fault

_fault = partial(fault, Family.SERVER)

_QUICK = RateLimitPolicy(window=0.05)
_NO_WAIT = RateLimitPolicy(max_wait=0.0)
_PAGE = b"<html>\r\n<head><title>Oops</title></head>\r\n<body>nginx</body>\r\n</html>"
_HTML = {"Content-Type": "text/html"}
_LIMIT = refusal("rate_limit_reached", detail={"total_permitted": 1000})
_SPENT = {"X-Ratelimit-Remaining": "0"}
_BUSY = refusal("service_unavailable")
_UNAVAILABLE = Fails(kind=ServiceUnavailableError, status=503, attempts=ATTEMPTS)
_REFUSED = Fails(kind=RateLimitReachedError, status=429, attempts=ATTEMPTS)


def _flat(code: str) -> bytes:
    return b'{"code": "%b", "description": "Flat", "detail": {}}' % code.encode()


def _page(status: str) -> Fails:
    number = int(status[:3])
    return Fails(kind=ServerError, status=number, attempts=ATTEMPTS, says="the response is not Katapult's (text/html")


FAULTS: tuple[Fault, ...] = (
    _fault(
        "token_missing",
        "400 missing_api_token",
        refuses("400 Bad Request", "missing_api_token"),
        Fails(kind=AuthenticationError, status=400, code="missing_api_token"),
    ),
    _fault(
        "token_unknown",
        "403 invalid_api_token",
        refuses("403 Forbidden", "invalid_api_token", {"details": "expired"}),
        Fails(kind=AuthenticationError, status=403, code="invalid_api_token"),
    ),
    _fault(
        "token_elsewhere",
        "403 unauthorized_network_for_api_token",
        refuses("403 Forbidden", "unauthorized_network_for_api_token"),
        Fails(kind=AuthenticationError, status=403),
    ),
    _fault(
        "scope_missing",
        "403 scope_not_granted",
        refuses("403 Forbidden", "scope_not_granted", {"scopes": ["ip_addresses:read"]}),
        Fails(kind=PermissionDeniedError, status=403, code="scope_not_granted"),
    ),
    _fault(
        "forbidden",
        "403 with a code that nobody documented",
        refuses("403 Forbidden", "not_on_a_monday"),
        Fails(kind=PermissionDeniedError, status=403, code="not_on_a_monday"),
    ),
    _fault(
        "unauthorized",
        "401, which Katapult never sends",
        says(b"", "401 Unauthorized", {"WWW-Authenticate": 'Basic realm="x"'}),
        Fails(kind=AuthenticationError, status=401),
    ),
    _fault(
        "argument_missing",
        "400 missing_required_argument",
        refuses("400 Bad Request", "missing_required_argument", {"path": ["x"]}),
        Fails(kind=BadRequestError, status=400),
    ),
    _fault(
        "not_found",
        "404 of an interface",
        refuses("404 Not Found", "virtual_machine_network_interface_not_found"),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "not_found_page",
        "404 as a page of HTML",
        says(_PAGE, "404 Not Found", _HTML),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "in_trash",
        "406 object_in_trash",
        refuses("406 Not Acceptable", "object_in_trash", {"trash_object": {"id": "trsh_1"}}),
        Fails(kind=NotAcceptableError, status=406),
    ),
    _fault(
        "proxy_asks_for_a_password",
        "407 Proxy Authentication Required",
        says(b"", "407 Proxy Authentication Required"),
        Fails(kind=APIError, status=407),
    ),
    _fault(
        "request_timeout",
        "408 Request Timeout",
        says(b"", "408 Request Timeout"),
        Fails(kind=APIError, status=408, attempts=ATTEMPTS),
    ),
    _fault(
        "conflict",
        "409 deletion_restricted",
        refuses("409 Conflict", "deletion_restricted", {"errors": ["no"]}),
        Fails(kind=ConflictError, status=409),
    ),
    _fault(
        "teapot",
        "418 I'm a teapot",
        says(b"short and stout", "418 I'm a teapot"),
        Fails(kind=APIError, status=418, says="the response is not Katapult's (application/json"),
    ),
    _fault(
        "validation",
        "422 validation_error",
        refuses("422 Unprocessable Entity", "validation_error", {"errors": ["no"]}),
        Fails(kind=UnprocessableError, status=422),
    ),
    _fault(
        "provisioning",
        "422 object_storage_provisioning_error: try again later",
        refuses("422 Unprocessable Entity", "object_storage_provisioning_error"),
        Fails(kind=UnprocessableError, status=422, attempts=ATTEMPTS),
    ),
    _fault(
        "rate_limit",
        "429 for ever, the window's budget spent",
        says(_LIMIT, "429 Too Many Requests", _SPENT),
        _REFUSED,
        rate_limit=_QUICK,
    ),
    _fault(
        "rate_limit_with_budget_left",
        "429 for ever, though the budget is not spent",
        says(_LIMIT, "429 Too Many Requests"),
        _REFUSED,
        rate_limit=_QUICK,
    ),
    _fault(
        "rate_limit_page",
        "429 as a page of HTML, without any number",
        raw(head("429 Too Many Requests", {"Content-Length": str(len(_PAGE))}) + _PAGE),
        _REFUSED,
        rate_limit=_QUICK,
    ),
    _fault(
        "rate_limit_without_patience",
        "429, and the caller does not want to wait",
        says(_LIMIT, "429 Too Many Requests", _SPENT),
        Fails(kind=RateLimitWaitError),
        rate_limit=_NO_WAIT,
    ),
    _fault(
        "error_500_null",
        "500 unhandled_exception with description null",
        says(refusal("unhandled_exception", None), "500 Internal Server Error"),
        Fails(kind=ServerError, status=500, attempts=ATTEMPTS, says="the server failed"),
    ),
    _fault(
        "error_500_list",
        "500 manifest_error whose detail is a list",
        says(refusal("manifest_error", detail=[1]), "500 Internal Server Error"),
        Fails(kind=ServerError, status=500, attempts=ATTEMPTS),
    ),
    _fault(
        "error_500_empty",
        "500 without a body",
        says(b"", "500 Internal Server Error"),
        Fails(kind=ServerError, status=500, attempts=ATTEMPTS),
    ),
    _fault("error_501", "501 Not Implemented", says(b"", "501 Not Implemented"), Fails(kind=ServerError, status=501)),
    _fault("error_502_page", "502 as a page of HTML", says(_PAGE, "502 Bad Gateway", _HTML), _page("502")),
    _fault(
        "error_502_huge",
        "502 as a page larger than an answer may be",
        says(_PAGE + b" " * 3_000_000, "502 Bad Gateway", _HTML),
        _page("502"),
    ),
    _fault(
        "error_502_cut",
        "502 as a page that is cut",
        raw(head("502 Bad Gateway", {"Content-Length": "900"}) + _PAGE, then="close"),
        Fails(kind=BadResponseError, reason=BadResponseReason.TRUNCATED, status=502, attempts=ATTEMPTS),
    ),
    _fault(
        "error_503", "503 service_unavailable", refuses("503 Service Unavailable", "service_unavailable"), _UNAVAILABLE
    ),
    _fault("error_503_page", "503 as a page of HTML", says(_PAGE, "503 Service Unavailable", _HTML), _UNAVAILABLE),
    _fault(
        "error_503_business",
        "503 no_available_addresses: an answer, no outage",
        refuses("503 Service Unavailable", "no_available_addresses"),
        Fails(kind=ConflictError, status=503),
    ),
    _fault("error_504_page", "504 as a page of HTML", says(_PAGE, "504 Gateway Timeout", _HTML), _page("504")),
    _fault(
        "error_504",
        "504 network_error",
        refuses("504 Gateway Timeout", "network_error"),
        Fails(kind=ServerError, status=504, attempts=ATTEMPTS),
    ),
    _fault(
        "error_599",
        "599, a status that does not exist",
        says(b"", "599 What"),
        Fails(kind=ServerError, status=599, attempts=ATTEMPTS),
    ),
    _fault(
        "error_post",
        "503 service_unavailable in answer to a POST",
        refuses("503 Service Unavailable", "service_unavailable"),
        Fails(kind=ServiceUnavailableError, status=503),
        method="POST",
    ),
    _fault(
        "rate_limit_post",
        "429 in answer to a POST, which has not been acted on",
        says(_LIMIT, "429 Too Many Requests", _SPENT),
        _REFUSED,
        method="POST",
        rate_limit=_QUICK,
    ),
    _fault(
        "retry_after_zero",
        "503 with Retry-After: 0",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": "0"}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_garbage",
        "503 with a Retry-After that is nonsense",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": "soon, perhaps"}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_negative",
        "503 with a negative Retry-After",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": "-5"}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_digits",
        "503 with a Retry-After of 5,000 digits",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": "9" * 5000}),
        Fails(kind=ServiceUnavailableError, status=503),
    ),
    _fault(
        "retry_after_past",
        "503 with a Retry-After in the past",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": email.utils.formatdate(0, usegmt=True)}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_thousand_days",
        "503 with a Retry-After of a thousand days",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": "86400000"}),
        Fails(kind=ServiceUnavailableError, status=503),
    ),
    _fault(
        "retry_after_far_date",
        "503 with a Retry-After at the end of time",
        says(_BUSY, "503 Service Unavailable", {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}),
        Fails(kind=ServiceUnavailableError, status=503),
    ),
    _fault(
        "rate_limit_retry_after",
        "429 with a Retry-After of a thousand days",
        says(_LIMIT, "429 Too Many Requests", {"Retry-After": "86400000"}),
        Fails(kind=RateLimitReachedError, status=429),
        rate_limit=_QUICK,
    ),
    _fault(
        "flat_error",
        "404, flat as the documentation shows it",
        says(_flat("ip_address_not_found"), "404 Not Found"),
        Fails(kind=NotFoundError, status=404, code="ip_address_not_found", says="Flat"),
    ),
    _fault(
        "error_is_text",
        "404 whose error is a string",
        says(b'{"error": "gone"}', "404 Not Found"),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "error_is_list",
        "404 whose error is a list",
        says(b'[{"error": {"code": "x"}}]', "404 Not Found"),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "code_is_null",
        "404 whose code is null",
        says(refusal(None), "404 Not Found"),
        Fails(kind=NotFoundError, status=404, says="Nothing doing"),
    ),
    _fault(
        "code_is_number",
        "404 whose code is a number",
        says(refusal(404), "404 Not Found"),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "code_is_long",
        "404 whose code has 10,000 letters",
        says(refusal("x" * 10_000), "404 Not Found"),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "description_is_object",
        "404 whose description is an object",
        says(refusal("x", {"a": 1}), "404 Not Found"),
        Fails(kind=NotFoundError, status=404, says="not found"),
    ),
    _fault(
        "description_with_controls",
        "404 whose description has line ends and terminal codes",
        says(refusal("x", "a\r\nb\x1b[31mc"), "404 Not Found"),
        Fails(kind=NotFoundError, status=404, says=r"a\r\nb\x1b[31mc"),
    ),
    _fault(
        "error_deep",
        "404, nested 10,000 levels deep",
        says(b'{"error": ' * 5_000 + b"1" + b"}" * 5_000, "404 Not Found"),
        Fails(kind=NotFoundError, status=404),
    ),
    _fault(
        "detail_deep",
        "404 whose detail is nested 400 levels deep",
        says(refusal("x").replace(b"{}", b"[" * 400 + b"]" * 400), "404 Not Found"),
        Fails(kind=NotFoundError, status=404, code="x"),
    ),
    _fault(
        "error_bad_gzip",
        "503 whose body cannot be decompressed",
        says(b"\x1f\x8bgarbage", "503 Service Unavailable", {"Content-Encoding": "gzip"}),
        Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, status=503, attempts=ATTEMPTS),
    ),
    _fault(
        "error_silence",
        "503 whose body never comes",
        raw(head("503 Service Unavailable", standard_headers(Content_Length="9")), then="hush"),
        Fails(kind=RequestTimeoutError, phase="read", attempts=ATTEMPTS),
        timeouts=HASTY,
    ),
)
