"""When the application reports an outage, and when it does not."""

import attrs
import pytest
from outages import Outage, OutageMonitor

import katapult_async
from katapult_async import (
    BadResponseError,
    ConnectError,
    NotFoundError,
    Problem,
    RateLimitReachedError,
    RequestError,
    RetryNotice,
    ServerError,
    ServiceUnavailableError,
)

PROBLEM = Problem(method="GET", path="/x", description="no", status=503)


@attrs.define
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def retried(monitor: OutageMonitor, error: type[RequestError] = ConnectError) -> None:
    monitor.retried(RetryNotice(error=error(PROBLEM), wait=0.5))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monitor(clock: Clock) -> OutageMonitor:
    return OutageMonitor(timeout=75.0, clock=clock)


@pytest.mark.parametrize("error", [ConnectError, BadResponseError, ServerError, ServiceUnavailableError])
def test_failures_without_a_successful_response_for_a_second_are_an_outage(
    monitor: OutageMonitor, clock: Clock, error: type[RequestError]
) -> None:
    with monitor.calling():
        retried(monitor, error)
        clock.now += 0.9
        retried(monitor, error)
        assert monitor.current((), in_flight=0) is None
        clock.now += 0.1
        assert monitor.current((), in_flight=0) == Outage(since=1000.0, until=1075.0)


def test_silence_for_two_seconds_is_an_outage(monitor: OutageMonitor, clock: Clock) -> None:
    with monitor.calling():
        assert monitor.current((), in_flight=1) is None
        clock.now += 1.9
        assert monitor.current((), in_flight=1) is None
        clock.now += 0.1
        assert monitor.current((), in_flight=1) == Outage(since=1000.0, until=1075.0)


def test_wait_for_the_rate_limit_is_not_an_outage(monitor: OutageMonitor, clock: Clock) -> None:
    with monitor.calling():
        for _ in range(100):
            assert monitor.current((), in_flight=0) is None
            clock.now += 0.5
        assert monitor.current((), in_flight=1) is None


@pytest.mark.parametrize("in_flight", [0, 1])
def test_successful_response_ends_an_outage(monitor: OutageMonitor, clock: Clock, in_flight: int) -> None:
    with monitor.calling():
        retried(monitor)
        clock.now += 5.0
        monitor.responded()
        assert monitor.current((), in_flight=in_flight) is None


@pytest.mark.parametrize("error", [RateLimitReachedError, NotFoundError])
def test_error_response_of_a_working_server_ends_an_outage(
    monitor: OutageMonitor, clock: Clock, error: type[RequestError]
) -> None:
    with monitor.calling():
        retried(monitor)
        clock.now += 5.0
        retried(monitor, error)
        assert monitor.current((), in_flight=0) is None


def test_outage_is_forgotten_after_the_last_call(monitor: OutageMonitor, clock: Clock) -> None:
    with monitor.calling():
        with monitor.calling():
            retried(monitor)
        clock.now += 5.0
        assert monitor.current((), in_flight=0) is not None
    clock.now += 3600.0
    with monitor.calling():
        assert monitor.current((), in_flight=0) is None


def reported(since: float, *, endpoint: str | None) -> katapult_async.Outage:
    return katapult_async.Outage(endpoint=endpoint, since=since, until=None, last_error=ConnectError(PROBLEM))


def test_outage_that_the_client_reports_is_shown_at_once(monitor: OutageMonitor) -> None:
    with monitor.calling():
        monitor.responded()
        outages = [reported(990.0, endpoint=None), reported(980.0, endpoint="GET /organizations")]
        assert monitor.current(outages, in_flight=0) == Outage(since=980.0, until=1055.0)


def test_outage_of_some_endpoints_is_partial(monitor: OutageMonitor) -> None:
    with monitor.calling():
        outages = [reported(990.0, endpoint="GET /organizations")]
        assert monitor.current(outages, in_flight=0) == Outage(since=990.0, until=1065.0, partial=True)


def test_outage_whose_retries_have_ended_is_not_shown_again(monitor: OutageMonitor) -> None:
    with monitor.calling():
        assert monitor.current([reported(925.0, endpoint=None)], in_flight=0) is None
