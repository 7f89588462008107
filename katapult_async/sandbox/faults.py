"""What goes wrong on purpose: shares of requests that fail, delays, and answers written beforehand."""

import enum
from collections.abc import Mapping

import attrs

from . import validation


class Fault(enum.Enum):
    """What happens to one request instead of its proper answer; a draw walks through them in this order."""

    SERVICE_UNAVAILABLE = "service_unavailable"
    RATE_LIMITED = "rate_limited"
    DROP = "drop"
    TRUNCATE = "truncate"
    LOST_ANSWER = "lost_answer"


@attrs.frozen(kw_only=True)
class Faults:
    """How unreliable the server is. The default is a server without faults or delay."""

    service_unavailable: float = 0.0
    """Share of requests answered 503 ``service_unavailable``, between 0 and 1."""
    rate_limited: float = 0.0
    """Share of requests answered 429 although budget is left, between 0 and 1."""
    drop: float = 0.0
    """Share of requests whose connection is closed before anything is done, between 0 and 1. They count as spent."""
    truncate: float = 0.0
    """Share of requests whose body is cut in half before the connection closes, between 0 and 1."""
    lost_answer: float = 0.0
    """Share of requests that are carried out and whose connection is closed without an answer, between 0 and 1."""
    latency: float = 0.0
    """Seconds from the arrival of a request to its answer. The request is counted and dated half way."""
    latency_jitter: float = 0.0
    """Seconds of extra latency at most, drawn evenly for each request."""

    def __attrs_post_init__(self) -> None:
        for fault in Fault:
            validation.real(fault.value, getattr(self, fault.value), least=0.0, most=1.0)
        # A thousandth of a millionth of tolerance: ten shares of 0.1 add up to a little more than 1.
        validation.real("the sum of the shares", sum(getattr(self, each.value) for each in Fault), most=1 + 1e-9)
        validation.real("latency", self.latency, least=0.0)
        validation.real("latency_jitter", self.latency_jitter, least=0.0)

    def strike(self, draw: float) -> Fault | None:
        """Return what happens to a request that drew this number.

        Args:
            draw: a number in [0, 1); each fault owns a stretch as long as its share.
        """
        edge = 0.0
        for fault in Fault:
            edge += getattr(self, fault.value)
            if draw < edge:
                return fault
        return None

    def delay(self, draw: float) -> float:
        """Return the seconds between arrival and answer for a request that drew this number in [0, 1)."""
        return self.latency + self.latency_jitter * draw


@attrs.frozen(kw_only=True)
class Script:
    """What becomes of one request that is still to come: an answer written beforehand, or none at all."""

    matching: str = ""
    """Text that method and target, such as ``GET /core/v1/organizations``, must contain; empty for any request."""
    fault: Fault | None = None
    """``DROP`` or ``LOST_ANSWER`` to give no answer; None gives this one."""
    status: int = 503
    """HTTP status of the answer."""
    body: bytes = b""
    """The body, sent as it is."""
    headers: Mapping[str, str | None] = attrs.field(factory=dict)
    """Headers that are set after all others; None leaves one out."""
