"""Routes: the target of a method and a path, and the values of the path's segments."""

import pytest

from katapult_async.sandbox.errors import APIError
from katapult_async.sandbox.routes import Routes

ROUTES = Routes(
    [
        ("GET", "/tags", "list"),
        ("POST", "/tags", "create"),
        ("GET", "/tags/:tag", "get"),
        ("GET", "/tags/builds/:build/log", "log"),
        ("GET", "/tags/:tag/parts/:part", "part"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "target", "segments"),
    [
        ("GET", "/tags", "list", {}),
        ("POST", "/tags/", "create", {}),
        ("GET", "/tags/_", "get", {"tag": "_"}),
        ("GET", "/tags/tag", "get", {"tag": "tag"}),
        ("GET", "/tags/:tag/", "get", {"tag": ":tag"}),
        ("GET", "/tags/a%2Fb", "get", {"tag": "a/b"}),
        ("GET", "/tags/:", "get", {"tag": ":"}),
        ("GET", "/tags/tag_1/parts/p_2", "part", {"tag": "tag_1", "part": "p_2"}),
        ("GET", "/tags/builds/b_1/log", "log", {"build": "b_1"}),
    ],
)
def test_path_leads_to_its_target(method: str, path: str, target: str, segments: dict[str, str]) -> None:
    assert ROUTES.find(method, path) == (target, segments)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/other"),
        ("GET", "//tags"),
        ("GET", "/tags//"),
        ("GET", "/tags//parts/p"),
        ("DELETE", "/tags"),
        ("GET", "/tags/tag_1/parts"),
        ("GET", "/tags/builds/parts/p_1"),  # `builds` is the literal segment: `:tag` is not tried then
    ],
)
def test_request_that_no_route_matches_raises_route_not_found(method: str, path: str) -> None:
    with pytest.raises(APIError, match=r"^route_not_found$"):
        ROUTES.find(method, path)
