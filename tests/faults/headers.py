"""Invalid Date and rate-limit headers. None of them may change the result of a call."""

import email.utils
import time
from functools import partial

from .fault import Family, Fault, Succeeds
from .responses import addresses_body, head, standard_headers
from .server import Connection, ReceivedRequest, Responder

_fault = partial(Fault, Family.HEADERS)


def _send_headers(**changed: str | None) -> Responder:
    """Return a responder that sends the correct body with other headers; arguments as for `standard_headers`."""

    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        body = addresses_body(request.key)
        await connection.send(head(headers=standard_headers(Content_Length=str(len(body)), **changed)) + body)

    return respond


def _date(offset: float) -> str:
    return email.utils.formatdate(time.time() + offset, usegmt=True)


def _send_jumping_date(*offsets: float) -> Responder:
    """Return a responder whose clock is off by these numbers of seconds in turn."""
    count = 0

    async def respond(connection: Connection, request: ReceivedRequest) -> None:
        nonlocal count
        count += 1
        await _send_headers(Date=_date(offsets[count % len(offsets)]))(connection, request)

    return respond


FAULTS: tuple[Fault, ...] = tuple(
    _fault(name, description, responder, Succeeds())
    for name, description, responder in (
        ("date_missing", "No Date", _send_headers(Date=None)),
        ("date_empty", "An empty Date", _send_headers(Date="")),
        ("date_malformed", "A malformed Date", _send_headers(Date="yesterday")),
        ("date_impossible", "A Date of 31 February", _send_headers(Date="Wed, 31 Feb 2026 25:61:61 GMT")),
        ("date_year_1", "A Date in the year 1", _send_headers(Date="Mon, 01 Jan 0001 00:00:00 GMT")),
        ("date_year_1970", "A Date in the year 1970", _send_headers(Date="Thu, 01 Jan 1970 00:00:00 GMT")),
        ("date_year_9999", "A Date in the year 9999", _send_headers(Date="Fri, 31 Dec 9999 23:59:59 GMT")),
        ("date_without_zone", "A Date without a time zone", _send_headers(Date="Fri, 31 Jul 2026 23:59:59")),
        (
            "date_zone_of_99_hours",
            "A Date in a time zone of 99 hours",
            _send_headers(Date="Fri, 31 Jul 2026 23:59:59 +9959"),
        ),
        ("date_of_5000_digits", "A Date of 5,000 digits", _send_headers(Date="9" * 5000)),
        ("clock_a_day_ahead", "The server's clock is a day ahead", _send_headers(Date=_date(86_400))),
        ("clock_a_day_behind", "The server's clock is a day behind", _send_headers(Date=_date(-86_400))),
        ("clock_jumps", "The server's clock jumps by an hour, forward and back", _send_jumping_date(0, 3600, -3600)),
        (
            "rate_limit_missing",
            "No rate-limit headers",
            _send_headers(X_Ratelimit_Permitted=None, X_Ratelimit_Remaining=None),
        ),
        (
            "rate_limit_empty",
            "Empty rate-limit headers",
            _send_headers(X_Ratelimit_Permitted="", X_Ratelimit_Remaining=""),
        ),
        (
            "rate_limit_negative",
            "Negative rate-limit headers",
            _send_headers(X_Ratelimit_Permitted="-1", X_Ratelimit_Remaining="-1"),
        ),
        (
            "rate_limit_words",
            "Words in the rate-limit headers",
            _send_headers(X_Ratelimit_Permitted="plenty", X_Ratelimit_Remaining="some"),
        ),
        (
            "rate_limit_fractions",
            "Fractions in the rate-limit headers",
            _send_headers(X_Ratelimit_Permitted="1e3", X_Ratelimit_Remaining="0.5"),
        ),
        (
            "rate_limit_5000_digits",
            "Rate-limit headers of 5,000 digits",
            _send_headers(X_Ratelimit_Permitted="9" * 5000, X_Ratelimit_Remaining="9" * 5000),
        ),
        (
            "rate_limit_superscript_digits",
            "Superscript digits in the rate-limit headers",
            _send_headers(X_Ratelimit_Permitted="\xb2\xb3", X_Ratelimit_Remaining="\xb2"),
        ),
        (
            "permitted_zero",
            "X-Ratelimit-Permitted: 0",
            _send_headers(X_Ratelimit_Permitted="0", X_Ratelimit_Remaining="5"),
        ),
        (
            "remaining_above_permitted",
            "More requests remaining than permitted",
            _send_headers(X_Ratelimit_Permitted="10", X_Ratelimit_Remaining="9999"),
        ),
    )
)
