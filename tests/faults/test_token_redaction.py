"""The token is in nothing that is logged, raised, pickled or printed, even when the server echoes it."""

import asyncio
import io
import logging
import pickle
import traceback
from collections.abc import Iterator

import pytest

from katapult_async import KatapultClient, KatapultError, RetryPolicy
from katapult_async.core import redaction

from .fault import Fails, Fault
from .harness import TOKEN, Harness, on_every_loop, run, start_harness
from .responses import error_body, send
from .server import Responder
from .table import FAULTS

ECHOES: dict[str, Responder] = {
    "description": send(error_body("x", f"Bearer {TOKEN} is not known"), "404 Not Found"),
    "code": send(error_body(f"x_{TOKEN}"), "404 Not Found"),
    "detail": send(error_body("x", detail={TOKEN: [{"a": f"<{TOKEN}>"}]}), "404 Not Found"),
    "HTML body": send(f"<p>Authorization: Bearer {TOKEN}</p>".encode(), "502 Bad Gateway"),
    "text that is cut inside the token": send(b"x" * 190 + TOKEN.encode() * 3, "502 Bad Gateway"),
    "request id": send(error_body("x"), "404 Not Found", {"X-Request-Id": TOKEN}),
    "redirect": send(b"", "302 Found", {"Location": f"https://{TOKEN}:{TOKEN}@{TOKEN}.example/{TOKEN}"}),
    "body that is not JSON": send(f"token={TOKEN}".encode()),
    "value of a wrong type": send(f'{{"ip_addresses": [{{"id": "{TOKEN}", "address": 5}}]}}'.encode()),
    "name of an unknown field": send(f'{{"{TOKEN}": 1}}'.encode()),
    "Retry-After": send(error_body("service_unavailable"), "503 Service Unavailable", {"Retry-After": TOKEN}),
    "Date and rate-limit headers": send(
        error_body("x"), "404 Not Found", {"X-Ratelimit-Remaining": TOKEN, "Date": TOKEN}
    ),
}


def all_texts_of(error: BaseException) -> Iterator[str]:
    """Yield every text that an error can be shown as: its own, its causes', its pickle's, and the local variables."""
    seen: set[int] = set()
    pending: list[BaseException] = [error]
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield from (str(current), repr(current), repr(current.args), repr(vars(current)))
        yield from traceback.TracebackException.from_exception(current, capture_locals=True).format()
        yield from (repr(frame.f_locals) for frame, _ in traceback.walk_tb(current.__traceback__))
        pending += [cause for cause in (current.__cause__, current.__context__) if cause is not None]
        if isinstance(current, KatapultError):
            pickled = pickle.dumps(current)
            yield pickled.decode("latin-1")
            yield str(pickle.loads(pickled))
            problem = getattr(current, "problem", None)
            yield repr(problem)
            pending += problem.earlier if problem is not None else ()


async def _texts_of_the_error(harness: Harness, responder: Responder) -> list[str]:
    """Return the texts of the error that a call raises; an empty list if it raises none."""
    harness.respond_with(responder)
    try:
        await harness.call()
    except KatapultError as error:
        return list(all_texts_of(error))
    return []


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
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_token_that_the_server_echoes_is_not_shown(
    loop: str, echo: Responder, logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    async def call() -> list[str]:
        asyncio.get_running_loop().slow_callback_duration = 0.0  # so that asyncio logs every callback
        async with start_harness() as harness:
            return [
                *await _texts_of_the_error(harness, echo),
                repr(harness.client),
                repr(harness),
                repr(harness.client.rate_limit),
            ]

    texts = run(loop, call(), debug=True)
    assert len(texts) > 8
    assert [text for text in texts if TOKEN in text] == []
    assert TOKEN not in logged.getvalue()
    assert "404" in logged.getvalue() or "not tried again" in logged.getvalue()
    assert TOKEN not in "".join(capsys.readouterr())


def _one_fault_of_each_kind() -> list[Fault]:
    """Return one fault for each kind of expected error in each family."""
    kinds: dict[object, Fault] = {}
    for fault in FAULTS:
        if isinstance(fault.expected, Fails) and fault.method == "GET":
            kinds.setdefault((fault.family, fault.expected.error, fault.expected.phase, fault.expected.reason), fault)
    return list(kinds.values())


@pytest.mark.slow
@on_every_loop
def test_no_error_of_any_fault_shows_the_token(loop: str, logged: io.StringIO) -> None:
    async def call(fault: Fault) -> list[str]:
        settings = {"timeouts": fault.timeouts, "rate_limit": fault.rate_limit}
        async with start_harness(scheme="https" if fault.tls else "http", **settings) as harness:  # type: ignore[arg-type] # each has its own type
            harness.server.on_connect = fault.on_connect
            if not fault.listening:
                await harness.server.stop_listening()
            return await _texts_of_the_error(harness, fault.responder)

    for fault in _one_fault_of_each_kind():
        texts = run(loop, call(fault), debug=True)
        assert len(texts) > 8, fault.name
        assert [text for text in texts if TOKEN in text] == [], fault.name
    assert TOKEN not in logged.getvalue()


def test_token_of_a_callable_is_hidden_in_every_attempt() -> None:
    tokens = iter(["first-secret-token", "second-secret-token", "third-secret-token"])

    async def call_with_rotating_tokens() -> tuple[list[str], list[str]]:
        async with start_harness() as harness:
            harness.respond_with(send(lambda request: request.headers["authorization"].encode(), "502 Bad Gateway"))
            client = KatapultClient(
                lambda: next(tokens),
                base_url=f"http://127.0.0.1:{harness.server.port}/",
                retry=RetryPolicy(attempts=2, wait_initial=0.001),
            )
            async with client:
                texts = await _texts_of_the_error(Harness(harness.server, client), harness.server.choose(None)[1])  # type: ignore[arg-type] # unused
            return texts, [entry.request.headers["authorization"] for entry in harness.server.request_log]

    texts, sent = run("asyncio", call_with_rotating_tokens())
    assert sent == ["Bearer first-secret-token", "Bearer second-secret-token"]
    assert [text for text in texts if "secret-token" in text] == []


def test_without_the_redacted_repr_the_token_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction.Secret, "__repr__", str.__repr__)

    async def call() -> list[str]:
        async with start_harness() as harness:
            return await _texts_of_the_error(harness, send(error_body("x"), "404 Not Found"))

    assert any(TOKEN in text for text in run("asyncio", call()))


def test_secret_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="a secret is not pickled"):
        pickle.dumps(redaction.Secret(TOKEN))
