"""Routes: the target of a method and a path, and the values of the path's segments."""

import pytest

from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.routes import Routes

ROUTES = Routes(
    [
        ("GET", "/things", "list"),
        ("POST", "/things", "create"),
        ("GET", "/things/:thing", "get"),
        ("GET", "/things/builds/:build/log", "log"),
        ("GET", "/things/:thing/parts/:part", "part"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "target", "segments"),
    [
        ("GET", "/things", "list", {}),
        ("POST", "/things/", "create", {}),
        ("GET", "/things/_", "get", {"thing": "_"}),
        ("GET", "/things/thing", "get", {"thing": "thing"}),
        ("GET", "/things/:thing/", "get", {"thing": ":thing"}),
        ("GET", "/things/a%2Fb", "get", {"thing": "a/b"}),
        ("GET", "/things/:", "get", {"thing": ":"}),
        ("GET", "/things/t_1/parts/p_2", "part", {"thing": "t_1", "part": "p_2"}),
        ("GET", "/things/builds/b_1/log", "log", {"build": "b_1"}),
    ],
)
def test_path_leads_to_its_target(method: str, path: str, target: str, segments: dict[str, str]) -> None:
    assert ROUTES.find(method, path) == (target, segments)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/other"),
        ("GET", "//things"),
        ("GET", "/things//"),
        ("GET", "/things//parts/p"),
        ("DELETE", "/things"),
        ("GET", "/things/t_1/parts"),
        ("GET", "/things/builds/parts/p_1"),  # `builds` is the literal segment: `:thing` is not tried then
    ],
)
def test_request_that_no_route_matches_raises_route_not_found(method: str, path: str) -> None:
    with pytest.raises(APIError, match=r"^route_not_found$"):
        ROUTES.find(method, path)
