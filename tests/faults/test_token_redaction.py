"""The token is in nothing that is logged, raised, pickled or printed, even when the server echoes it."""

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from katapult_async import (
    AuthenticationError,
    BadResponseError,
    ClientClosedError,
    DisconnectedError,
    Failed,
    KatapultClient,
    KatapultError,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitReachedError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    ServiceUnavailableError,
    Timeouts,
    TransportRequest,
    TransportResponse,
)
from katapult_async.core import redaction
from tests.error_texts import texts_of
from tests.scripted_transport import ScriptedTransport

from .fault import Fails, Fault
from .harness import TOKEN, Harness, on_every_loop, run, start_harness
from .responses import error_body, send, send_raw
from .server import Connection, ReceivedRequest, Responder
from .table import FAULTS


def _raw(*lines: str) -> Responder:
    return send_raw("\r\n".join(lines).encode(), then="close")


# The class of the error shows that the client has read the part of the response that the name says.
ECHOES: dict[str, tuple[Responder, type[KatapultError]]] = {
    "description": (send(error_body("x", f"Bearer {TOKEN} is not known"), "404 Not Found"), NotFoundError),
    "code": (send(error_body(f"x_{TOKEN}"), "404 Not Found"), NotFoundError),
    "detail": (send(error_body("x", detail={TOKEN: [{"a": f"<{TOKEN}>"}]}), "404 Not Found"), NotFoundError),
    "reason of the status": (send(error_body(TOKEN), f"403 {TOKEN}"), PermissionDeniedError),
    "limit": (
        send(error_body("rate_limit_reached", TOKEN, {"total_permitted": TOKEN}), "429 Too Many Requests"),
        RateLimitReachedError,
    ),
    "HTML body": (send(f"<p>Authorization: Bearer {TOKEN}</p>".encode(), "502 Bad Gateway"), ServerError),
    "text that is cut inside the token": (send(b"x" * 190 + TOKEN.encode() * 3, "502 Bad Gateway"), ServerError),
    "request id": (send(error_body("x"), "404 Not Found", {"X-Request-Id": TOKEN}), NotFoundError),
    "redirect": (
        send(b"", "302 Found", {"Location": f"https://{TOKEN}:{TOKEN}@{TOKEN}.example/{TOKEN}"}),
        BadResponseError,
    ),
    "body that is not JSON": (send(f"token={TOKEN}".encode()), BadResponseError),
    "value of a wrong type": (
        send(f'{{"ip_addresses": [{{"id": "{TOKEN}", "address": 5}}]}}'.encode()),
        BadResponseError,
    ),
    "name of an unknown field": (send(f'{{"{TOKEN}": 1}}'.encode()), BadResponseError),
    "truncated body": (_raw("HTTP/1.1 200 OK", "Content-Length: 999", "", f"{{{TOKEN}"), BadResponseError),
    "invalid gzip": (_raw("HTTP/1.1 200 OK", "Content-Encoding: gzip", "", TOKEN), BadResponseError),
    "not HTTP": (_raw(TOKEN, "", ""), BadResponseError),
    "header of 80 kB": (_raw("HTTP/1.1 200 OK", f"X: {TOKEN * 2200}", "", ""), BadResponseError),
    "no bytes": (send_raw(then="close"), DisconnectedError),
    "Retry-After": (
        send(error_body("service_unavailable"), "503 Service Unavailable", {"Retry-After": TOKEN}),
        ServiceUnavailableError,
    ),
    "Date and rate-limit headers": (
        send(error_body("x"), "404 Not Found", {"X-Ratelimit-Remaining": TOKEN, "Date": TOKEN}),
        NotFoundError,
    ),
}


async def _error_of(harness: Harness, responder: Responder) -> KatapultError | None:
    """Return the error that a call raises; None if it raises none."""
    harness.respond_with(responder)
    outcome = await harness.outcome()
    return outcome if isinstance(outcome, KatapultError) else None


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """The records of every logger, at level DEBUG."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@on_every_loop
@pytest.mark.parametrize(("echo", "kind"), ECHOES.values(), ids=ECHOES)
def test_token_that_the_server_echoes_is_not_shown(
    loop: str, echo: Responder, kind: type[KatapultError], logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    async def call() -> tuple[KatapultError | None, str]:
        asyncio.get_running_loop().slow_callback_duration = 0.0  # so that asyncio logs every callback
        async with start_harness() as harness:
            error = await _error_of(harness, echo)
            return error, repr((harness, harness.client, harness.client.rate_limit))

    error, shown = run(loop, call(), debug=True)
    assert type(error) is kind
    assert TOKEN not in texts_of(error) + shown
    assert logged.getvalue()
    assert TOKEN not in logged.getvalue() + "".join(capsys.readouterr())


def _one_fault_of_each_kind() -> list[Fault]:
    """Return one fault for each kind of expected error in each family."""
    kinds: dict[object, Fault] = {}
    for fault in FAULTS:
        if isinstance(fault.expected, Fails) and fault.method == "GET":
            kinds.setdefault((fault.family, fault.expected.error, fault.expected.phase, fault.expected.reason), fault)
    return list(kinds.values())


@pytest.mark.slow
@on_every_loop
def test_error_of_a_fault_of_each_kind_does_not_show_the_token(loop: str, logged: io.StringIO) -> None:
    async def call(fault: Fault) -> KatapultError | None:
        settings = {"timeouts": fault.timeouts, "rate_limit": fault.rate_limit}
        async with start_harness(scheme="https" if fault.tls else "http", **settings) as harness:  # type: ignore[arg-type] # each has its own type
            harness.server.on_connect = fault.on_connect
            if not fault.listening:
                await harness.server.stop_listening()
            return await _error_of(harness, fault.responder)

    for fault in _one_fault_of_each_kind():
        error = run(loop, call(fault), debug=True)
        assert error is not None, fault.name
        assert TOKEN not in texts_of(error), fault.name
    assert TOKEN not in logged.getvalue()


def test_error_of_a_call_timeout_does_not_show_the_token() -> None:
    async def call() -> KatapultError | None:
        async with start_harness(timeouts=Timeouts(call=0.1)) as harness:
            return await _error_of(harness, send_raw(then="stay_silent"))

    error = run("asyncio", call())
    assert type(error) is RequestTimeoutError
    assert TOKEN not in texts_of(error)


def test_error_of_a_client_that_is_closed_during_a_call_does_not_show_the_token() -> None:
    received = asyncio.Event()

    async def stay_silent(connection: Connection, _: ReceivedRequest) -> None:
        received.set()
        await connection.stay_silent()

    async def call() -> KatapultError | None:
        async with start_harness() as harness:
            calling = asyncio.create_task(_error_of(harness, stay_silent))
            await received.wait()
            await harness.client.aclose()
            return await calling

    error = run("asyncio", call())
    assert type(error) is ClientClosedError
    assert TOKEN not in texts_of(error)


def test_outcomes_of_a_batch_do_not_show_the_token() -> None:
    async def outcomes() -> list[object]:
        async with start_harness() as harness:
            harness.respond_with(send(error_body("invalid_api_token", TOKEN), "403 Forbidden"))
            nics = harness.client.virtual_machine_network_interfaces
            async with nics.available_ips_many(["a", "b", "c"], address_versions=["ipv4"], concurrency=1) as batch:
                return [outcome async for outcome in batch]

    failures = [outcome for outcome in run("asyncio", outcomes()) if isinstance(outcome, Failed)]
    assert [type(failure.error) for failure in failures] == [
        AuthenticationError,
        AuthenticationError,
        NotAttemptedError,
    ]
    assert TOKEN not in repr(failures) + "".join(texts_of(failure.error) for failure in failures)


def test_token_of_a_function_is_hidden_in_every_attempt() -> None:
    tokens = iter(["first-secret-token", "second-secret-token", "third-secret-token"])

    async def call_with_rotating_tokens() -> tuple[KatapultError | None, list[str]]:
        async with start_harness() as harness:
            echo = send(lambda request: request.headers["authorization"].encode(), "502 Bad Gateway")
            client = KatapultClient(
                lambda: next(tokens),
                base_url=f"http://127.0.0.1:{harness.server.port}/",
                retry=RetryPolicy(attempts=2, wait_initial=0.001),
            )
            async with client:
                error = await _error_of(Harness(harness.server, client), echo)
            return error, [entry.request.headers["authorization"] for entry in harness.server.request_log]

    error, sent = run("asyncio", call_with_rotating_tokens())
    assert sent == ["Bearer first-secret-token", "Bearer second-secret-token"]
    assert type(error) is ServerError
    assert "secret-token" not in texts_of(error)


def test_without_the_redacted_repr_the_token_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction.Secret, "__repr__", str.__repr__)

    async def fails(_: TransportRequest) -> TransportResponse:
        raise LookupError("a bug of a transport, whose traceback has the frames of the attempt")

    async def call() -> Exception | None:
        async with KatapultClient(TOKEN, transport=ScriptedTransport((fails,))) as katapult:
            try:
                await katapult.zones.list()
            except LookupError as error:
                return error
        return None

    error = asyncio.run(call())
    assert error is not None
    assert TOKEN in texts_of(error)
