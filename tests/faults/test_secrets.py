"""The token in nothing that is logged, raised, pickled or printed, even when the server echoes it."""

import asyncio
import io
import logging
import pickle
import traceback
from collections.abc import Iterator

import pytest

from katapult_async import KatapultClient, KatapultError, RetryPolicy
from katapult_async.core import redaction

from .answers import refusal, says
from .arena import LOOPS, TOKEN, Arena, arena, run
from .outcomes import Fails, Fault
from .server import Act
from .table import FAULTS

on_every_loop = pytest.mark.parametrize("loop", LOOPS)

ECHOES: dict[str, Act] = {
    "description": says(refusal("x", f"Bearer {TOKEN} is not known"), "404 Not Found"),
    "code": says(refusal(f"x_{TOKEN}"), "404 Not Found"),
    "detail": says(refusal("x", detail={TOKEN: [{"a": f"<{TOKEN}>"}]}), "404 Not Found"),
    "page": says(f"<p>Authorization: Bearer {TOKEN}</p>".encode(), "502 Bad Gateway"),
    "page at the cut": says(b"x" * 190 + TOKEN.encode() * 3, "502 Bad Gateway"),
    "request id": says(refusal("x"), "404 Not Found", {"X-Request-Id": TOKEN}),
    "redirect": says(b"", "302 Found", {"Location": f"https://{TOKEN}:{TOKEN}@{TOKEN}.example/{TOKEN}"}),
    "no JSON": says(f"token={TOKEN}".encode()),
    "a wrong shape": says(f'{{"ip_addresses": [{{"id": "{TOKEN}", "address": 5}}]}}'.encode()),
    "a wrong place": says(f'{{"{TOKEN}": 1}}'.encode()),
    "retry-after": says(refusal("service_unavailable"), "503 Service Unavailable", {"Retry-After": TOKEN}),
    "counters": says(refusal("x"), "404 Not Found", {"X-Ratelimit-Remaining": TOKEN, "Date": TOKEN}),
}


def everything_about(error: BaseException) -> Iterator[str]:
    """Yield all that anybody could show of an error: itself, what led to it, and the variables on the way."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)))
        yield from traceback.TracebackException.from_exception(one, capture_locals=True).format()
        yield from (repr(frame.f_locals) for frame, _ in traceback.walk_tb(one.__traceback__))
        waiting += [each for each in (one.__cause__, one.__context__) if each is not None]
        if isinstance(one, KatapultError):
            pickled = pickle.dumps(one)
            yield pickled.decode("latin-1")
            yield str(pickle.loads(pickled))
            problem = getattr(one, "problem", None)
            yield repr(problem)
            waiting += problem.earlier if problem is not None else ()


async def _raised(stage: Arena, fault: Act) -> list[str]:
    stage.breaks(fault)
    try:
        await stage.ask()
    except KatapultError as error:
        return list(everything_about(error))
    return []


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger writes at DEBUG."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@on_every_loop
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_a_server_that_echoes_the_token_is_not_quoted(
    loop: str, echo: Act, logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    async def echoed() -> list[str]:
        asyncio.get_running_loop().slow_callback_duration = 0.0  # whatever runs is logged
        async with arena() as stage:
            return [*await _raised(stage, echo), repr(stage.client), repr(stage), repr(stage.client.rate_limit)]

    shown = run(loop, echoed(), debug=True)
    assert len(shown) > 8
    assert [text for text in shown if TOKEN in text] == []
    assert TOKEN not in logged.getvalue()
    assert "404" in logged.getvalue() or "not tried again" in logged.getvalue()
    assert TOKEN not in "".join(capsys.readouterr())


def _worth_a_search() -> list[Fault]:
    """Return one fault of each kind of outcome in each family."""
    kinds: dict[object, Fault] = {}
    for fault in FAULTS:
        if isinstance(fault.outcome, Fails) and fault.method == "GET":
            kinds.setdefault((fault.family, fault.outcome.kind, fault.outcome.phase, fault.outcome.reason), fault)
    return list(kinds.values())


@on_every_loop
def test_no_error_of_any_kind_shows_the_token(loop: str, logged: io.StringIO) -> None:
    async def search(fault: Fault) -> list[str]:
        settings = {"timeouts": fault.timeouts, "rate_limit": fault.rate_limit}
        async with arena(scheme="https" if fault.tls else "http", **settings) as stage:  # type: ignore[arg-type] # of two types
            stage.server.greet = fault.greet
            if not fault.listening:
                await stage.server.refuse()
            return await _raised(stage, fault.act)

    for fault in _worth_a_search():
        shown = run(loop, search(fault), debug=True)
        assert len(shown) > 8, fault.name
        assert [text for text in shown if TOKEN in text] == [], fault.name
    assert TOKEN not in logged.getvalue()


def test_a_token_that_is_asked_for_each_attempt_is_hidden_each_time() -> None:
    tokens = iter(["first-secret-token", "second-secret-token", "third-secret-token"])

    async def rotate() -> tuple[list[str], list[str]]:
        async with arena() as stage:
            stage.breaks(says(lambda request: request.headers["authorization"].encode(), "502 Bad Gateway"))
            client = KatapultClient(
                lambda: next(tokens),
                base_url=f"http://127.0.0.1:{stage.server.port}/",
                retry=RetryPolicy(attempts=2, wait_initial=0.001),
            )
            async with client:
                shown = await _raised(Arena(stage.server, client), stage.server.choose(None)[1])  # type: ignore[arg-type] # unused
            return shown, [entry.request.headers["authorization"] for entry in stage.server.ledger]

    shown, sent = run("asyncio", rotate())
    assert sent == ["Bearer first-secret-token", "Bearer second-secret-token"]
    assert [text for text in shown if "secret-token" in text] == []


def test_without_the_wrapper_the_token_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction.Secret, "__repr__", str.__repr__)

    async def search() -> list[str]:
        async with arena() as stage:
            return await _raised(stage, says(refusal("x"), "404 Not Found"))

    assert any(TOKEN in text for text in run("asyncio", search()))


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="a secret is not pickled"):
        pickle.dumps(redaction.Secret(TOKEN))
