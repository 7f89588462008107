import pytest

from katapult_async.sandbox import Sandbox

from .plain_client import Asker

PATH = "/data_centers"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}])
async def test_without_a_bearer_token_comes_400(ask: Asker, headers: dict[str, str]) -> None:
    answer = await ask(PATH, token="", headers=headers)
    assert (answer.status, answer.code, answer.detail) == (400, "missing_api_token", {})


async def test_an_unknown_token_is_403_not_401(ask: Asker) -> None:
    answer = await ask(PATH, token="made-up")
    assert (answer.status, answer.code, answer.detail) == (403, "invalid_api_token", {"details": None})


async def test_the_scheme_is_read_without_regard_to_case(ask: Asker, sandbox: Sandbox) -> None:
    headers = {"Authorization": f"bearer {sandbox.token}"}
    assert (await ask(PATH, token="", headers=headers)).status == 200


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("invalid_api_token", {"details": None}),
        ("unauthorized_network_for_api_token", {"ip_address": "127.0.0.1"}),
        ("invalid_capabilities_token", {}),
    ],
)
async def test_a_revoked_token_is_refused_with_its_code(
    ask: Asker, sandbox: Sandbox, code: str, detail: dict[str, str | None]
) -> None:
    token = sandbox.issue_token()
    sandbox.revoke_token(token, code=code)
    answer = await ask(PATH, token=token)
    assert (answer.status, answer.code, answer.detail) == (403, code, detail)


async def test_only_known_tokens_and_codes_can_be_revoked(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no such token"):
        sandbox.revoke_token("made-up")
    with pytest.raises(ValueError, match="one of invalid_api_token"):
        sandbox.revoke_token(sandbox.token, code="scope_not_granted")


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("/organizations", ["organizations:read"]),
        ("/organizations/_", ["organizations:read"]),
        ("/organizations/_/virtual_machines", ["virtual_machines", "virtual_machines:read"]),
        ("/virtual_machines/_", ["virtual_machines", "virtual_machines:read"]),
        ("/virtual_machines/_/network_interfaces", ["virtual_machines", "virtual_machines:read"]),
        ("/virtual_machine_network_interfaces/_", ["virtual_machines", "virtual_machines:read"]),
        (
            "/virtual_machine_network_interfaces/_/available_ips/ipv4",
            ["ip_addresses", "ip_addresses:read"],
        ),
    ],
)
async def test_an_operation_needs_any_one_of_its_scopes(
    ask: Asker, sandbox: Sandbox, path: str, scopes: list[str]
) -> None:
    refused = await ask(path, token=sandbox.issue_token(scopes=["dns"]))
    assert (refused.status, refused.code, refused.detail) == (403, "scope_not_granted", {"scopes": scopes})
    for scope in scopes:
        assert (await ask(path, token=sandbox.issue_token(scopes=[scope]))).status in (200, 404)


@pytest.mark.parametrize(
    "path", ["/data_centers", "/data_centers/_", "/networks/_", "/organizations/_/available_networks"]
)
async def test_some_operations_need_no_scope(ask: Asker, sandbox: Sandbox, path: str) -> None:
    assert (await ask(path, token=sandbox.issue_token(scopes=()))).status in (200, 404)


async def test_a_remembered_answer_still_needs_its_scope(ask: Asker, sandbox: Sandbox) -> None:
    assert (await ask("/organizations")).status == 200
    assert (await ask("/organizations", token=sandbox.issue_token(scopes=()))).status == 403


def test_scopes_that_katapult_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="no such scopes: machines, volumes"):
        Sandbox().issue_token(scopes=["volumes", "machines", "dns:read"])


def test_equal_seeds_give_equal_tokens() -> None:
    assert Sandbox(seed=3).token == Sandbox(seed=3).token != Sandbox(seed=4).token
