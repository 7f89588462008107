"""Neither a client nor the error of a wrong setting shows the token. For errors of calls, see `tests.faults`."""

import pickle
from typing import Any

import pytest

from katapult_async import AiohttpTransport, KatapultClient, UsageError

from .error_texts import texts_of

SECRET = "tok-s3cr3t-7Yq2Lm"


def secret() -> str:
    """Return the token, so that no local variable of a test has it."""
    return SECRET


async def test_client_and_its_attributes_do_not_show_the_token() -> None:
    async with KatapultClient(secret()) as katapult:
        objects: list[Any] = [
            katapult,
            katapult.organizations,
            katapult.fleet(),
            katapult.rate_limit,
            katapult.many(katapult.virtual_machine_network_interfaces.get, []),
        ]
        for shown in [*objects, *vars(katapult).values(), *vars(katapult._caller).values()]:
            assert SECRET not in repr(shown)
            assert SECRET not in str(shown)
        with pytest.raises(UsageError):
            pickle.dumps(katapult)


INVALID_SETTINGS: list[dict[str, Any]] = [
    {"base_url": "http://api.katapult.io"},
    {"user_agent": "a\nb"},
    {"max_body": 0},
]


@pytest.mark.parametrize("settings", INVALID_SETTINGS)
def test_invalid_setting_does_not_show_a_valid_token(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as raised:
        KatapultClient(secret(), **settings)
    assert SECRET not in texts_of(raised.value)


@pytest.mark.parametrize("url", ["ftp://x", "http://api.katapult.io"])
def test_invalid_url_in_the_environment_does_not_show_a_valid_token(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        KatapultClient.from_env(environ=environment(url))
    assert SECRET not in texts_of(raised.value)


def environment(url: str) -> dict[str, str]:
    """Return environment variables, so that no local variable of a test has the token."""
    return {"KATAPULT_API_KEY": SECRET, "KATAPULT_API_URL": url}


@pytest.mark.parametrize(
    ("form", "settings"),
    [
        ("http://user:{}@proxy.example:3128", {"max_body": 0}),
        ("socks5://user:{}@proxy.example:3128", {}),
        ("http://user:{}@proxy.example:99999999", {}),
    ],
)
def test_password_of_a_proxy_is_in_no_frame_of_an_invalid_setting(form: str, settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as raised:
        AiohttpTransport(proxy=form.format(secret()), **settings)
    assert SECRET not in texts_of(raised.value)


def test_malformed_token_is_not_quoted() -> None:
    for token in (f"{SECRET} {SECRET}", f"{SECRET}\0", f"{SECRET}é"):
        with pytest.raises(UsageError) as raised:
            KatapultClient(token)
        assert SECRET not in str(raised.value) + repr(raised.value) + repr(pickle.dumps(raised.value))
