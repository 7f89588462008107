"""The same over TLS, with certificates that are made for the occasion."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest

from katapult_async import ConnectError

from .answers import addresses, good, raw, whole
from .arena import LOOPS, TOKEN, arena, is_right, run
from .server import Received, Wire

on_every_loop = pytest.mark.parametrize("loop", LOOPS)


def _certificate(directory: Path, *, name: str, days: int = 2) -> tuple[Path, ssl.SSLContext]:
    """Make a self-signed certificate; return it and a server's context with it."""
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
    """Have aiohttp trust one more certificate, which it otherwise leaves to the operating system."""
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context(cafile=str(certificate)))


@on_every_loop
def test_a_certificate_that_nobody_trusts_is_refused_once(loop: str, tmp_path: Path) -> None:
    _, tls = _certificate(tmp_path, name="IP:127.0.0.1")
    run(loop, _refused(tls))


@on_every_loop
def test_a_certificate_of_another_host_is_refused_once(
    loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = _certificate(tmp_path, name="DNS:elsewhere.example")
    _trust(certificate, monkeypatch)
    run(loop, _refused(tls))


async def _refused(tls: ssl.SSLContext) -> None:
    async with arena(scheme="https", tls=tls) as stage:
        error = await stage.outcome()
        assert isinstance(error, ConnectError)
        assert error.problem.certificate
        assert error.attempts == 1
        assert "the certificate of" in str(error)
        assert not stage.server.ledger
        await asyncio.sleep(0.02)  # the server's half of the handshake ends


@on_every_loop
def test_connections_are_kept_and_checked(loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, tls = _certificate(tmp_path, name="IP:127.0.0.1")
    _trust(certificate, monkeypatch)

    async def unasked(wire: Wire, request: Received) -> None:
        await good(wire, request)
        await asyncio.sleep(0.002)
        await wire.send(whole(addresses("vmnet_of_somebody_else")))

    async def ask() -> None:
        async with arena(scheme="https", tls=tls) as stage:
            for number in range(5):
                assert is_right(await stage.outcome(f"vmnet_{number}"), f"vmnet_{number}")
                await asyncio.sleep(0.002)
            assert stage.server.connections <= 2  # session permits that arrive late may cost one
            stage.breaks(unasked)
            for number in range(5):
                assert is_right(await stage.outcome(f"vmnet_{number}"), f"vmnet_{number}")
                await asyncio.sleep(0.01)
            assert len(stage.server.ledger) == 10
            assert {entry.request.headers["authorization"] for entry in stage.server.ledger} == {f"Bearer {TOKEN}"}

    run(loop, ask())


@on_every_loop
@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_broken_connection_is_tried_again(
    loop: str, then: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = _certificate(tmp_path, name="IP:127.0.0.1")
    _trust(certificate, monkeypatch)

    async def ask() -> None:
        async with arena(scheme="https", tls=tls) as stage:
            first = raw(then=then)
            stage.server.choose = lambda _: ("broken", good if len(stage.server.ledger) else first)
            assert is_right(await stage.outcome())
            assert len(stage.server.ledger) == 2

    run(loop, ask())
