"""Faults: how a test makes the sandbox fail. Each field of `Faults` says what happens to a request.

Random faults: `Faults` has the share of requests with each fault, and the latency. The sandbox has it as the argument
and attribute ``faults``.

Scripted faults: ``fail_next``, ``drop_next`` and ``lose_next`` of the sandbox append a fault to the `FaultScript`. The
first request that matches takes it, in place of its random fault.

``fail_next_task`` of the sandbox makes a task fail: see `Store.begin_task`.
"""

from itertools import accumulate
from typing import Final, Literal, get_args

import attrs

from .responses import Response
from .setting_checks import check, integer, number, setting

Fault = Literal["service_unavailable", "rate_limited", "drop", "truncate", "lost_response"]
"""A fault of one request: the field of `Faults` that has its share."""

_FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)


@attrs.frozen(kw_only=True)
class Faults:
    """The share of requests with each fault, and the latency. No faults and no latency by default."""

    service_unavailable: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests with the response 503 ``service_unavailable``, between 0 and 1."""
    rate_limited: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests with the response 429 although budget is left, between 0 and 1."""
    drop: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests whose connection is closed before they are executed, between 0 and 1. They count against the
    rate limit."""
    truncate: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests whose connection is closed after half of the response body, between 0 and 1."""
    lost_response: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests that are executed and whose connection is closed without a response, between 0 and 1."""
    latency: float = setting(number, 0.0, minimum=0.0)
    """Seconds from the arrival of a request to its response. After half of this time the request is counted and
    executed, and the ``Date`` of the response is set."""
    latency_jitter: float = setting(number, 0.0, minimum=0.0)
    """Maximum of the extra latency in seconds; the extra latency is uniformly distributed."""

    def __attrs_post_init__(self) -> None:
        # It is rounded because 0.2 + 0.4 + 0.3 + 0.1 is slightly more than 1.
        total = round(sum(getattr(self, fault) for fault in _FAULTS), 9)
        number("the sum of the shares", total, maximum=1.0)

    def choose(self, draw: float) -> Fault | None:
        """Return the fault of a request, or None.

        Args:
            draw: random number in [0, 1). Each fault has a range as long as its share.
        """
        ends = accumulate(getattr(self, fault) for fault in _FAULTS)
        return next((fault for fault, end in zip(_FAULTS, ends, strict=True) if draw < end), None)


@attrs.define
class FaultScript:
    """The scripted faults of future requests, in order. Each is a fault, or a response to send."""

    _faults: list[tuple[str, Fault | Response]] = attrs.field(factory=list, init=False)

    def add(self, fault: Fault | Response, *, times: int, matching: str) -> None:
        """Script a fault.

        Args:
            fault: the fault, or the response of a request that is not executed.
            times: number of requests that get it.
            matching: text that method and target of these requests contain; empty for any request.

        Raises:
            ValueError: ``times`` is below 1, or ``matching`` is not text.
        """
        check("matching", "text", matching, holds=isinstance(matching, str))
        self._faults.extend([(matching, fault)] * integer("times", times, minimum=1))

    def next_fault(self, request_line: str, *, random_fault: Fault | None) -> Fault | Response | None:
        """Remove and return the first scripted fault that matches a request; if there is none, return the random fault.

        Args:
            request_line: method and target, such as ``GET /core/v1/organizations``.
            random_fault: the random fault of the request, or None.
        """
        for index, (matching, fault) in enumerate(self._faults):
            if matching in request_line:
                del self._faults[index]
                return fault
        return random_fault
