"""Error responses: of Katapult, and of a proxy in front of it."""

import email.utils
from functools import partial

from katapult_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
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

from .fault import MAX_ATTEMPTS, SHORT_TIMEOUTS, Fails, Family, Fault
from .responses import error_body, head, send, send_error, send_raw, standard_headers

_fault = partial(Fault, Family.ERRORS)

_SHORT_WINDOW = RateLimitPolicy(window=0.05)
_NO_WAIT = RateLimitPolicy(max_wait=0.0)
_HTML_BODY = b"<html>\r\n<head><title>Oops</title></head>\r\n<body>nginx</body>\r\n</html>"
_HTML_TYPE = {"Content-Type": "text/html"}
_RATE_LIMIT_BODY = error_body("rate_limit_reached", detail={"total_permitted": 1000})
_NONE_REMAINING = {"X-Ratelimit-Remaining": "0"}
_UNAVAILABLE_BODY = error_body("service_unavailable")
_UNAVAILABLE = Fails(error=ServiceUnavailableError, status=503, attempts=MAX_ATTEMPTS)
_RATE_LIMITED = Fails(error=RateLimitReachedError, status=429, attempts=MAX_ATTEMPTS)


def _flat_body(code: str) -> bytes:
    return b'{"code": "%b", "description": "Flat", "detail": {}}' % code.encode()


def _html_error(status: int) -> Fails:
    return Fails(
        error=ServerError, status=status, attempts=MAX_ATTEMPTS, text="the response is not Katapult's (text/html"
    )


FAULTS: tuple[Fault, ...] = (
    _fault(
        "token_missing",
        "400 missing_api_token",
        send_error("400 Bad Request", "missing_api_token"),
        Fails(error=AuthenticationError, status=400, code="missing_api_token"),
    ),
    _fault(
        "token_unknown",
        "403 invalid_api_token",
        send_error("403 Forbidden", "invalid_api_token", {"details": "expired"}),
        Fails(error=AuthenticationError, status=403, code="invalid_api_token"),
    ),
    _fault(
        "token_network",
        "403 unauthorized_network_for_api_token",
        send_error("403 Forbidden", "unauthorized_network_for_api_token"),
        Fails(error=AuthenticationError, status=403),
    ),
    _fault(
        "scope_missing",
        "403 scope_not_granted",
        send_error("403 Forbidden", "scope_not_granted", {"scopes": ["ip_addresses:read"]}),
        Fails(error=PermissionDeniedError, status=403, code="scope_not_granted"),
    ),
    _fault(
        "forbidden",
        "403 with an undocumented code",
        send_error("403 Forbidden", "undocumented_code"),
        Fails(error=PermissionDeniedError, status=403, code="undocumented_code"),
    ),
    _fault(
        "unauthorized",
        "401, which Katapult does not document",
        send(b"", "401 Unauthorized", {"WWW-Authenticate": 'Basic realm="x"'}),
        Fails(error=AuthenticationError, status=401),
    ),
    _fault(
        "argument_missing",
        "400 missing_required_argument",
        send_error("400 Bad Request", "missing_required_argument", {"path": ["x"]}),
        Fails(error=BadRequestError, status=400),
    ),
    _fault(
        "not_found",
        "404 virtual_machine_network_interface_not_found",
        send_error("404 Not Found", "virtual_machine_network_interface_not_found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "not_found_html",
        "404 with an HTML body",
        send(_HTML_BODY, "404 Not Found", _HTML_TYPE),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "in_trash",
        "406 object_in_trash",
        send_error("406 Not Acceptable", "object_in_trash", {"trash_object": {"id": "trsh_1"}}),
        Fails(error=NotAcceptableError, status=406),
    ),
    _fault(
        "proxy_authentication",
        "407 Proxy Authentication Required",
        send(b"", "407 Proxy Authentication Required"),
        Fails(error=APIError, status=407),
    ),
    _fault(
        "request_timeout",
        "408 Request Timeout",
        send(b"", "408 Request Timeout"),
        Fails(error=APIError, status=408, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "conflict",
        "409 deletion_restricted",
        send_error("409 Conflict", "deletion_restricted", {"errors": ["no"]}),
        Fails(error=ConflictError, status=409),
    ),
    _fault(
        "teapot",
        "418 I'm a teapot",
        send(b"short and stout", "418 I'm a teapot"),
        Fails(error=APIError, status=418, text="the response is not Katapult's (application/json"),
    ),
    _fault(
        "validation",
        "422 validation_error",
        send_error("422 Unprocessable Entity", "validation_error", {"errors": ["no"]}),
        Fails(error=UnprocessableError, status=422),
    ),
    _fault(
        "provisioning",
        "422 object_storage_provisioning_error, which is temporary",
        send_error("422 Unprocessable Entity", "object_storage_provisioning_error"),
        Fails(error=UnprocessableError, status=422, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "rate_limit",
        "429 for every request, with no requests remaining",
        send(_RATE_LIMIT_BODY, "429 Too Many Requests", _NONE_REMAINING),
        _RATE_LIMITED,
        rate_limit=_SHORT_WINDOW,
    ),
    _fault(
        "rate_limit_with_remaining",
        "429 for every request, with requests remaining",
        send(_RATE_LIMIT_BODY, "429 Too Many Requests"),
        _RATE_LIMITED,
        rate_limit=_SHORT_WINDOW,
    ),
    _fault(
        "rate_limit_html",
        "429 with an HTML body and without rate-limit headers",
        send_raw(head("429 Too Many Requests", {"Content-Length": str(len(_HTML_BODY))}) + _HTML_BODY),
        _RATE_LIMITED,
        rate_limit=_SHORT_WINDOW,
    ),
    _fault(
        "rate_limit_max_wait_0",
        "429, and the call has max_wait=0",
        send(_RATE_LIMIT_BODY, "429 Too Many Requests", _NONE_REMAINING),
        Fails(error=RateLimitWaitError),
        rate_limit=_NO_WAIT,
    ),
    _fault(
        "error_500_null",
        "500 unhandled_exception with description null",
        send(error_body("unhandled_exception", None), "500 Internal Server Error"),
        Fails(error=ServerError, status=500, attempts=MAX_ATTEMPTS, text="the server failed"),
    ),
    _fault(
        "error_500_list",
        "500 manifest_error with a list as detail",
        send(error_body("manifest_error", detail=[1]), "500 Internal Server Error"),
        Fails(error=ServerError, status=500, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "error_500_empty",
        "500 with an empty body",
        send(b"", "500 Internal Server Error"),
        Fails(error=ServerError, status=500, attempts=MAX_ATTEMPTS),
    ),
    _fault("error_501", "501 Not Implemented", send(b"", "501 Not Implemented"), Fails(error=ServerError, status=501)),
    _fault(
        "error_502_html", "502 with an HTML body", send(_HTML_BODY, "502 Bad Gateway", _HTML_TYPE), _html_error(502)
    ),
    _fault(
        "error_502_huge",
        "502 with a body above the size limit",
        send(_HTML_BODY + b" " * 3_000_000, "502 Bad Gateway", _HTML_TYPE),
        _html_error(502),
    ),
    _fault(
        "error_502_truncated",
        "502 with a truncated HTML body",
        send_raw(head("502 Bad Gateway", {"Content-Length": "900"}) + _HTML_BODY, then="close"),
        Fails(error=ServerError, status=502, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "error_503",
        "503 service_unavailable",
        send_error("503 Service Unavailable", "service_unavailable"),
        _UNAVAILABLE,
    ),
    _fault(
        "error_503_html", "503 with an HTML body", send(_HTML_BODY, "503 Service Unavailable", _HTML_TYPE), _UNAVAILABLE
    ),
    _fault(
        "error_503_no_addresses",
        "503 no_available_addresses, which is not an outage",
        send_error("503 Service Unavailable", "no_available_addresses"),
        Fails(error=ConflictError, status=503),
    ),
    _fault(
        "error_504_html",
        "504 with an HTML body",
        send(_HTML_BODY, "504 Gateway Timeout", _HTML_TYPE),
        _html_error(504),
    ),
    _fault(
        "error_504",
        "504 network_error",
        send_error("504 Gateway Timeout", "network_error"),
        Fails(error=ServerError, status=504, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "error_599",
        "599, a status that is not defined",
        send(b"", "599 What"),
        Fails(error=ServerError, status=599, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "error_503_post",
        "503 service_unavailable in response to a POST",
        send_error("503 Service Unavailable", "service_unavailable"),
        Fails(error=ServiceUnavailableError, status=503),
        method="POST",
    ),
    _fault(
        "rate_limit_post",
        "429 in response to a POST: the request had no effect",
        send(_RATE_LIMIT_BODY, "429 Too Many Requests", _NONE_REMAINING),
        _RATE_LIMITED,
        method="POST",
        rate_limit=_SHORT_WINDOW,
    ),
    _fault(
        "retry_after_zero",
        "503 with Retry-After: 0",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": "0"}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_malformed",
        "503 with a malformed Retry-After",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": "soon, perhaps"}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_negative",
        "503 with a negative Retry-After",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": "-5"}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_5000_digits",
        "503 with a Retry-After of 5,000 digits",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": "9" * 5000}),
        Fails(error=ServiceUnavailableError, status=503),
    ),
    _fault(
        "retry_after_past",
        "503 with a Retry-After date in the past",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": email.utils.formatdate(0, usegmt=True)}),
        _UNAVAILABLE,
    ),
    _fault(
        "retry_after_thousand_days",
        "503 with a Retry-After of 1,000 days",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": "86400000"}),
        Fails(error=ServiceUnavailableError, status=503),
    ),
    _fault(
        "retry_after_year_9999",
        "503 with a Retry-After date in the year 9999",
        send(_UNAVAILABLE_BODY, "503 Service Unavailable", {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}),
        Fails(error=ServiceUnavailableError, status=503),
    ),
    _fault(
        "rate_limit_retry_after",
        "429 with a Retry-After of 1,000 days",
        send(_RATE_LIMIT_BODY, "429 Too Many Requests", {"Retry-After": "86400000"}),
        Fails(error=RateLimitReachedError, status=429),
        rate_limit=_SHORT_WINDOW,
    ),
    _fault(
        "flat_error",
        "404 with a flat error object, as the documentation shows it",
        send(_flat_body("ip_address_not_found"), "404 Not Found"),
        Fails(error=NotFoundError, status=404, code="ip_address_not_found", text="Flat"),
    ),
    _fault(
        "error_is_string",
        "404 with a string as error",
        send(b'{"error": "gone"}', "404 Not Found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "error_is_list",
        "404 with a list as error",
        send(b'[{"error": {"code": "x"}}]', "404 Not Found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "code_is_null",
        "404 with code null",
        send(error_body(None), "404 Not Found"),
        Fails(error=NotFoundError, status=404, text="Not possible"),
    ),
    _fault(
        "code_is_number",
        "404 with a number as code",
        send(error_body(404), "404 Not Found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "code_is_long",
        "404 with a code of 10,000 letters",
        send(error_body("x" * 10_000), "404 Not Found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "description_is_object",
        "404 with an object as description",
        send(error_body("x", {"a": 1}), "404 Not Found"),
        Fails(error=NotFoundError, status=404, text="not found"),
    ),
    _fault(
        "description_with_control_characters",
        "404 with line ends and terminal escapes in its description",
        send(error_body("x", "a\r\nb\x1b[31mc"), "404 Not Found"),
        Fails(error=NotFoundError, status=404, text=r"a\r\nb\x1b[31mc"),
    ),
    _fault(
        "error_deep",
        "404 with an error nested 30,000 levels deep",
        send(b'{"error": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "404 Not Found"),
        Fails(error=NotFoundError, status=404, attempts=MAX_ATTEMPTS),
    ),
    _fault(
        "detail_deep",
        "404 with a detail nested 400 levels deep",
        send(error_body("x").replace(b"{}", b"[" * 400 + b"]" * 400), "404 Not Found"),
        Fails(error=NotFoundError, status=404, code="x"),
    ),
    _fault(
        "error_invalid_gzip",
        "503 with invalid gzip",
        send(b"\x1f\x8bgarbage", "503 Service Unavailable", {"Content-Encoding": "gzip"}),
        _UNAVAILABLE,
    ),
    _fault(  # notatallshaw/nab#698: a wrong encoding of the body hid the status
        "error_invalid_gzip_post",
        "404 with invalid gzip in response to a POST: the status shows that the request had no effect",
        send(b"\x1f\x8bgarbage", "404 Not Found", {"Content-Encoding": "gzip"}),
        Fails(error=NotFoundError, status=404, attempts=MAX_ATTEMPTS),
        method="POST",
    ),
    _fault(
        "error_truncated_post",
        "409 with a truncated body in response to a POST",
        send_raw(head("409 Conflict", standard_headers(Content_Length="900")) + b"{", then="close"),
        Fails(error=ConflictError, status=409, attempts=MAX_ATTEMPTS),
        method="POST",
    ),
    _fault(
        "error_404_empty",
        "404 with an empty body: it has no code",
        send(b"", "404 Not Found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "error_404_empty_chunked",
        "404 with an empty chunked body",
        send_raw(head("404 Not Found", {**standard_headers(), "Transfer-Encoding": "chunked"}) + b"0\r\n\r\n"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "error_404_text",
        "404 with the JSON media type, but a body of other text",
        send(b"Not Found", "404 Not Found"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "error_too_large_post",
        "422 with a JSON body of more than 64 KiB in response to a POST",
        send(error_body("validation_error", "x" * 70_000), "422 Unprocessable Entity"),
        Fails(error=UnprocessableError, status=422, text="the response is too large (application/json, 65536 bytes)"),
        method="POST",
    ),
    _fault(
        "error_truncated_html",
        "404 with a truncated HTML body: it has no code of Katapult",
        send_raw(head("404 Not Found", {**_HTML_TYPE, "Content-Length": "900"}) + _HTML_BODY, then="close"),
        Fails(error=NotFoundError, status=404),
    ),
    _fault(
        "rate_limit_truncated_post",
        "429 with a truncated body in response to a POST",
        send_raw(head("429 Too Many Requests", {**_NONE_REMAINING, "Content-Length": "900"}) + b"{", then="close"),
        _RATE_LIMITED,
        method="POST",
        rate_limit=_SHORT_WINDOW,
    ),
    _fault(
        "error_silence",
        "503, and the body never comes",
        send_raw(head("503 Service Unavailable", standard_headers(Content_Length="9")), then="stay_silent"),
        Fails(error=RequestTimeoutError, phase="read", attempts=MAX_ATTEMPTS),
        timeouts=SHORT_TIMEOUTS,
    ),
)
