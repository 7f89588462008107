"""`KatapultClient.from_env`: the token and the URL come from environment variables."""

import inspect
from typing import Any

import pytest

from katapult_async import Endpoint, KatapultClient, NotFoundError, RetryPolicy, UsageError, Zone

from .exchanges import BASE_URL, TOKEN, Exchanges

ZONES = Endpoint(path="/zones", answer="zones", type=list[Zone])
SETTINGS = sorted(inspect.signature(KatapultClient).parameters.keys() - {"token", "base_url"})
ENVIRONMENTS: list[tuple[dict[str, str], str, str]] = [
    ({"KATAPULT_API_KEY": "key"}, "key", BASE_URL),
    ({"KATAPULT_API_TOKEN": "token"}, "token", BASE_URL),
    ({"KATAPULT_API_KEY": "key", "KATAPULT_API_TOKEN": "token"}, "key", BASE_URL),
    ({"KATAPULT_API_KEY": "  ", "KATAPULT_API_TOKEN": "token"}, "token", BASE_URL),
    ({"KATAPULT_API_KEY": "", "KATAPULT_API_TOKEN": " token\n"}, "token", BASE_URL),
    ({"KATAPULT_API_KEY": "key", "KATAPULT_API_URL": ""}, "key", BASE_URL),
    ({"KATAPULT_API_KEY": "key", "KATAPULT_API_URL": " http://localhost:1/x/ "}, "key", "http://localhost:1/x"),
]


@pytest.mark.parametrize(("environ", "token", "base_url"), ENVIRONMENTS)
async def test_from_env_reads_the_token_and_the_url(
    exchanges: Exchanges, environ: dict[str, str], token: str, base_url: str
) -> None:
    async with KatapultClient.from_env(environ=environ, retry=RetryPolicy(attempts=1)) as katapult:
        exchanges.respond("/zones", status=404, base_url=base_url)
        with pytest.raises(NotFoundError):
            await katapult.call(ZONES)
    [sent] = exchanges.sent
    assert (sent.url, str(sent.headers["Authorization"])) == (f"{base_url}/zones", f"Bearer {token}")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "no token: set KATAPULT_API_KEY or KATAPULT_API_TOKEN in the environment"),
        ({"KATAPULT_API_KEY": " ", "KATAPULT_API_TOKEN": ""}, "no token: set KATAPULT_API_KEY or KATAPULT_API_TOKEN"),
        ({"KATAPULT_API_KEY": "S3CRET S3CRET"}, "the token must be printable ASCII"),
        ({"KATAPULT_API_KEY": "S3CRET", "KATAPULT_API_URL": "ftp://x"}, "KATAPULT_API_URL must be https://"),
    ],
)
def test_error_of_an_invalid_variable_does_not_quote_the_token(environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}") as raised:
        KatapultClient.from_env(environ=environ)
    assert "S3CRET" not in str(raised.value)


@pytest.mark.parametrize("environ", ["KATAPULT_API_KEY=S3CRET", 5, ["KATAPULT_API_KEY"]])
def test_environment_that_is_not_a_mapping_raises_usage_error(environ: Any) -> None:
    with pytest.raises(UsageError, match=r"^environ must be a mapping, not (str|int|list)$"):
        KatapultClient.from_env(environ=environ)


async def test_from_env_reads_the_process_environment_when_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KATAPULT_API_TOKEN", raising=False)
    monkeypatch.setenv("KATAPULT_API_KEY", TOKEN)
    monkeypatch.setenv("KATAPULT_API_URL", "http://localhost:9/v1")
    assert "localhost:9" in repr(KatapultClient.from_env())
    monkeypatch.delenv("KATAPULT_API_KEY")
    with pytest.raises(UsageError, match="no token"):
        KatapultClient.from_env()


@pytest.mark.parametrize("name", SETTINGS)
def test_from_env_passes_every_other_setting_to_the_client(name: str) -> None:
    invalid: dict[str, Any] = {name: object()}
    with pytest.raises(UsageError, match=f"^{name} must be "):
        KatapultClient.from_env(environ={"KATAPULT_API_KEY": TOKEN}, **invalid)
