"""Faults: shares of requests that fail, delays, and faults that are scripted for the next requests.

The methods that script them are in ``server``: ``fail_next``, ``drop_next``, ``lose_next``. ``fail_next_task`` makes a
task fail; ``scheduler`` does so.
"""

import enum
from itertools import accumulate

import attrs

from .responses import Response
from .validation import integer, number, setting


class Fault(enum.Enum):
    """A fault of one request. The value is the field of `Faults` that has its share."""

    SERVICE_UNAVAILABLE = "service_unavailable"
    RATE_LIMITED = "rate_limited"
    DROP = "drop"
    TRUNCATE = "truncate"
    LOST_RESPONSE = "lost_response"


@attrs.frozen(kw_only=True)
class Faults:
    """The share of requests with each fault, and the latency. No faults and no latency by default."""

    service_unavailable: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests with the response 503 ``service_unavailable``, between 0 and 1."""
    rate_limited: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests with the response 429 although budget is left, between 0 and 1."""
    drop: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests whose connection is closed before they are executed, between 0 and 1. They count."""
    truncate: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests whose connection is closed after half of the response body, between 0 and 1."""
    lost_response: float = setting(number, 0.0, minimum=0.0, maximum=1.0)
    """Share of requests that are executed and whose connection is closed without a response, between 0 and 1."""
    latency: float = setting(number, 0.0, minimum=0.0)
    """Seconds from the arrival of a request to its response. The request is counted and dated after half of it."""
    latency_jitter: float = setting(number, 0.0, minimum=0.0)
    """Maximum of the extra latency in seconds; it is uniformly distributed."""

    def __attrs_post_init__(self) -> None:
        # The tolerance is for rounding: ten shares of 0.1 add up to slightly more than 1.
        total = sum(getattr(self, fault.value) for fault in Fault)
        number("the sum of the shares", total, maximum=1 + 1e-9)

    def choose(self, draw: float) -> Fault | None:
        """Return the fault of a request, or None.

        Args:
            draw: random number in [0, 1). Each fault has a range as long as its share.
        """
        ends = accumulate(getattr(self, fault.value) for fault in Fault)
        return next((fault for fault, end in zip(Fault, ends, strict=True) if draw < end), None)

    def delay(self, draw: float) -> float:
        """Return the latency of a request in seconds, given a random number in [0, 1)."""
        return self.latency + self.latency_jitter * draw


@attrs.frozen(kw_only=True)
class ScriptedFault:
    """The response or the fault of one request, in place of a random fault."""

    matching: str = ""
    """Text that method and target, such as ``GET /core/v1/organizations``, must contain; empty for any request."""
    fault: Fault | None = None
    """The fault; None for no fault, or for the response below."""
    response: Response | None = None
    """The response, without execution of the request; None to execute it."""


@attrs.define
class FaultScript:
    """The scripted faults of future requests, in order."""

    _faults: list[ScriptedFault] = attrs.field(factory=list, init=False)

    def add(self, fault: ScriptedFault, *, times: int) -> None:
        """Script a fault for so many requests.

        Raises:
            ValueError: ``times`` is below 1.
        """
        self._faults.extend([fault] * integer("times", times, minimum=1))

    def pop(self, request_line: str) -> ScriptedFault | None:
        """Take out and return the first fault that matches a request, or None."""
        for index, scripted in enumerate(self._faults):
            if scripted.matching in request_line:
                return self._faults.pop(index)
        return None
