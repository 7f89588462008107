"""Calls over TLS, with certificates that the tests make."""

import asyncio
import itertools
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from katapult_async import ConnectError, KatapultClient, RequestTimeoutError

from .harness import TOKEN, is_correct, on_every_loop, run, start_harness
from .responses import addresses_body, full_response, send_correct_response, send_raw
from .server import Connection, ReceivedRequest


def _certificate(directory: Path, *, name: str, days: int = 2) -> tuple[Path, ssl.SSLContext]:
    """Make a self-signed certificate; return its path and a server's TLS context with it."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days {days}"
        f" -subj /CN=fault-server -addext subjectAltName={name} -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


def _trust(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make aiohttp trust only this certificate."""
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context(cafile=str(certificate)))


@pytest.fixture
def trusted_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS context, with a certificate that aiohttp trusts."""
    certificate, tls = _certificate(tmp_path, name="IP:127.0.0.1")
    _trust(certificate, monkeypatch)
    return tls


@on_every_loop
def test_untrusted_certificate_raises_connect_error_after_one_attempt(loop: str, tmp_path: Path) -> None:
    _, tls = _certificate(tmp_path, name="IP:127.0.0.1")
    run(loop, _check_refused_certificate(tls, reason="self-signed certificate"))


@on_every_loop
def test_certificate_of_another_host_raises_connect_error_after_one_attempt(
    loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = _certificate(tmp_path, name="DNS:elsewhere.example")
    _trust(certificate, monkeypatch)
    reason = "IP address mismatch, certificate is not valid for '127.0.0.1'"
    run(loop, _check_refused_certificate(tls, reason=reason))


async def _check_refused_certificate(tls: ssl.SSLContext, *, reason: str) -> None:
    """Check that the error says why: encode/httpx#242, pywbem/pywbem#2036."""
    async with start_harness(scheme="https", tls=tls) as harness:
        error = await harness.outcome()
        assert isinstance(error, ConnectError)
        assert error.problem.failure == "certificate"
        assert error.attempts == 1
        assert f"the certificate of 127.0.0.1:{harness.server.port} was rejected ({reason})" in str(error)
        assert not harness.server.request_log
        await asyncio.sleep(0.02)  # until the server has ended its part of the handshake


@on_every_loop
def test_tls_connections_are_reused_and_checked_before_reuse(loop: str, trusted_tls: ssl.SSLContext) -> None:

    async def send_unsolicited(connection: Connection, request: ReceivedRequest) -> None:
        await send_correct_response(connection, request)
        await asyncio.sleep(0.002)
        await connection.send(full_response(addresses_body("vmnet_of_another_call")))

    async def call() -> None:
        async with start_harness(scheme="https", tls=trusted_tls) as harness:
            for number in range(5):
                assert is_correct(await harness.outcome(f"vmnet_{number}"), f"vmnet_{number}")
                await asyncio.sleep(0.002)
            # a TLS session ticket that arrives late looks unsolicited, and costs one connection
            assert harness.server.connections <= 2
            harness.respond_with(send_unsolicited)
            for number in range(5):
                assert is_correct(await harness.outcome(f"vmnet_{number}"), f"vmnet_{number}")
                await asyncio.sleep(0.01)
            assert len(harness.server.request_log) == 10
            assert {entry.request.headers["authorization"] for entry in harness.server.request_log} == {
                f"Bearer {TOKEN}"
            }

    run(loop, call())


@on_every_loop
@pytest.mark.parametrize("then", ["close", "reset"])
def test_broken_tls_connection_is_retried(loop: str, then: str, trusted_tls: ssl.SSLContext) -> None:

    async def call() -> None:
        async with start_harness(scheme="https", tls=trusted_tls) as harness:
            break_connection = send_raw(then=then)
            responders = itertools.chain([break_connection], itertools.repeat(send_correct_response))
            harness.server.choose = lambda _: ("broken", next(responders))
            assert is_correct(await harness.outcome())
            assert len(harness.server.request_log) == 2

    run(loop, call())


def _read_silently(listener: socket.socket, tls: ssl.SSLContext) -> None:
    """Take part in one TLS handshake, then send nothing, and return when the client has closed its socket.

    Raises:
        TimeoutError: the client has not closed it within 15 s. Without its own limit, it would after 30 s.
    """
    accepted, _ = listener.accept()
    encrypted = tls.wrap_socket(accepted, server_side=True)
    with socket.socket(fileno=encrypted.detach()) as connection:
        connection.settimeout(15)
        while connection.recv(65536):
            pass


@on_every_loop
def test_connection_to_a_silent_tls_peer_is_closed_when_its_call_ends(loop: str, trusted_tls: ssl.SSLContext) -> None:
    """The end of the TLS session needs no reply of the peer: aio-libs/aiohttp#6490."""

    async def call(listener: socket.socket) -> None:
        server = asyncio.create_task(asyncio.to_thread(_read_silently, listener, trusted_tls))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/core/v1"
        async with KatapultClient(TOKEN, base_url=url) as katapult:
            with pytest.raises(RequestTimeoutError):
                await katapult.organizations.list(timeout=1)
            await server

    with socket.create_server(("127.0.0.1", 0)) as listener:
        run(loop, call(listener))
