"""Clocks and counters that tell nonsense. None of it may change an answer."""

import email.utils
import time
from functools import partial

from .fault import Family, Fault, Right, fault
from .responses import addresses, head, standard_headers
from .server import Act, Received, Wire

_fault = partial(fault, Family.CLOCK)


def _headed(**changed: str | None) -> Act:
    """Return an act that answers well, under other headers."""

    async def act(wire: Wire, request: Received) -> None:
        body = addresses(request.key)
        await wire.send(head(headers=standard_headers(Content_Length=str(len(body)), **changed)) + body)

    return act


def _at(offset: float) -> str:
    return email.utils.formatdate(time.time() + offset, usegmt=True)


def _stepping(*offsets: float) -> Act:
    """Return an act whose clock is set between answers."""
    turn = 0

    async def act(wire: Wire, request: Received) -> None:
        nonlocal turn
        turn += 1
        await _headed(Date=_at(offsets[turn % len(offsets)]))(wire, request)

    return act


FAULTS: tuple[Fault, ...] = tuple(
    _fault(name, does, act, Right())
    for name, does, act in (
        ("date_missing", "No Date", _headed(Date=None)),
        ("date_empty", "An empty Date", _headed(Date="")),
        ("date_garbage", "A Date that is none", _headed(Date="yesterday")),
        ("date_impossible", "The 31st of February", _headed(Date="Wed, 31 Feb 2026 25:61:61 GMT")),
        ("date_before_time", "A Date in the year 1", _headed(Date="Mon, 01 Jan 0001 00:00:00 GMT")),
        ("date_at_the_epoch", "A Date of 1970", _headed(Date="Thu, 01 Jan 1970 00:00:00 GMT")),
        ("date_at_the_end", "A Date in the year 9999", _headed(Date="Fri, 31 Dec 9999 23:59:59 GMT")),
        ("date_without_zone", "A Date without a time zone", _headed(Date="Fri, 31 Jul 2026 23:59:59")),
        ("date_absurd_zone", "A Date in a time zone of 99 hours", _headed(Date="Fri, 31 Jul 2026 23:59:59 +9959")),
        ("date_digits", "A Date of 5,000 digits", _headed(Date="9" * 5000)),
        ("clock_a_day_ahead", "The server's clock is a day ahead", _headed(Date=_at(86_400))),
        ("clock_a_day_behind", "The server's clock is a day behind", _headed(Date=_at(-86_400))),
        ("clock_steps", "The server's clock is set by an hour, to and fro", _stepping(0, 3600, -3600)),
        ("no_counters", "No rate-limit headers", _headed(X_Ratelimit_Permitted=None, X_Ratelimit_Remaining=None)),
        ("counters_empty", "Empty rate-limit headers", _headed(X_Ratelimit_Permitted="", X_Ratelimit_Remaining="")),
        (
            "counters_negative",
            "Negative rate-limit headers",
            _headed(X_Ratelimit_Permitted="-1", X_Ratelimit_Remaining="-1"),
        ),
        (
            "counters_text",
            "Rate-limit headers in words",
            _headed(X_Ratelimit_Permitted="plenty", X_Ratelimit_Remaining="some"),
        ),
        (
            "counters_fractions",
            "Rate-limit headers with fractions",
            _headed(X_Ratelimit_Permitted="1e3", X_Ratelimit_Remaining="0.5"),
        ),
        (
            "counters_digits",
            "Rate-limit headers of 5,000 digits",
            _headed(X_Ratelimit_Permitted="9" * 5000, X_Ratelimit_Remaining="9" * 5000),
        ),
        (
            "counters_other_digits",
            "Rate-limit headers in superscript digits",
            _headed(X_Ratelimit_Permitted="\xb2\xb3", X_Ratelimit_Remaining="\xb2"),
        ),
        (
            "permitted_zero",
            "A window that permits nothing",
            _headed(X_Ratelimit_Permitted="0", X_Ratelimit_Remaining="5"),
        ),
        (
            "remaining_above_permitted",
            "More requests left than permitted",
            _headed(X_Ratelimit_Permitted="10", X_Ratelimit_Remaining="9999"),
        ),
    )
)
